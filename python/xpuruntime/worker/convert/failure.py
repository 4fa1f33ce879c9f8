# SPDX-License-Identifier: Apache-2.0
"""Why an export failed: what was said, the operator, and the line of the user's code."""

import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from ..errors import TypedError, unsupported

_MOST_LINES = 3
_MOST_CHARACTERS = 500
_OPERATOR = re.compile(
    r"OpOverload\(op='([^']+)'|operator '([^']+)'|((?:aten|prim|torchvision|quantized)(?:::|\.)\w+)"
)
_LINE = re.compile(r'File "([^"]+)", line (\d+)')
_WORKER = Path(__file__).resolve().parents[1]
#: Code between the user's and the failure.
_TOOLS = ("torch", "onnx", "onnxscript", "onnx_ir", "executorch", "torchgen", "sympy")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """It, what it came from, and so on."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _is_users(file: str) -> bool:
    path = Path(file)
    if not path.is_file() or path.resolve().is_relative_to(_WORKER):
        return False
    parts = path.parts
    packages = [i for i, part in enumerate(parts) if part in ("site-packages", "dist-packages")]
    if packages:
        return parts[packages[-1] + 1].removesuffix(".py") not in _TOOLS
    return f"/lib/python{sys.version_info.major}.{sys.version_info.minor}/" not in file


def users_line(error: BaseException) -> str:
    """The innermost of the user's code, as "model.py:12"; "" where it is not known."""
    for each in _chain(error):
        said = [(file, int(line)) for file, line in _LINE.findall(str(each))]
        passed = [(x.filename, x.lineno or 0) for x in traceback.extract_tb(each.__traceback__)]
        for file, line in reversed(said + passed):
            if _is_users(file):
                return f"{file}:{line}"
    return ""


def _words(error: BaseException) -> str:
    lines = [each.strip() for each in str(error).splitlines()]
    lines = [each for each in lines if each and not each.startswith(("File ", "Traceback"))]
    text = " ".join(lines[:_MOST_LINES])[:_MOST_CHARACTERS]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def explain(error: Exception, what: str) -> TypedError:
    """`what` failed: "torch.export of model.pth"."""
    if isinstance(error, TypedError):
        return error
    chain = list(_chain(error))
    root = chain[-1]
    text = f"{what} failed: {_words(root)}"
    found = [x for each in reversed(chain) for x in _OPERATOR.findall(str(each))]
    operator = next((name for names in found for name in names if name), "")
    if operator and operator not in text:
        text += f"; operator {operator}"
    if line := users_line(error):
        text += f"; at {line}"
    return unsupported(text)
