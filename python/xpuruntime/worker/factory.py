# SPDX-License-Identifier: Apache-2.0
"""Functions that users name as package.module:function."""

import difflib
import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .errors import TypedError, describe, invalid, not_installed

NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def add_python_path(folders: str) -> None:
    """`folders` come first; the current one comes last, where it hides no package."""
    sys.path[:0] = [each for each in folders.split(os.pathsep) if each]
    here = str(Path.cwd())
    sys.path[:] = [each for each in sys.path if each not in ("", here)] + [here]


def find(name: str, what: str) -> Callable:
    """`what`: the option or model that names it. Raises TypedError."""
    if NAME.fullmatch(name) is None:
        raise invalid(f"{what} '{name}': expected package.module:function")
    module_name, _, path = name.partition(":")
    found: Any = _import(module_name, f"{what} '{name}'")
    for part in path.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, [x for x in dir(found) if x[0] != "_"], 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise invalid(f"{what} '{name}': {module_name} has no '{part}'{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise invalid(f"{what} '{name}': expected a function, found a {type(found).__name__}")
    return found


def _import(name: str, where: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(missing + "."):
            raise invalid(
                f"{where}: there is no module '{missing}'; looked in {', '.join(sys.path)}; add "
                "its folder by option python_path"
            ) from None
        raise not_installed(missing.partition(".")[0], f"{where} needs '{missing}'") from None
    except Exception as error:
        raise invalid(f"{where}: importing {name} failed: {describe(error)}") from error


def _takes_weights(factory: Callable) -> bool:
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(each.default is each.empty and each.kind in positional for each in parameters)


def make(name: str, weights: Mapping[str, Any] | None) -> tuple[Any, bool]:
    """What the factory makes, and whether it has the weights already. Raises TypedError."""
    factory = find(name, "model_factory")
    gives = weights is not None and _takes_weights(factory)
    try:
        model = factory(weights) if gives else factory()
    except (TypedError, MemoryError):
        raise
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        raise not_installed(missing, f"model_factory '{name}' needs '{missing}'") from None
    except Exception as error:
        raise invalid(f"model_factory '{name}' failed: {describe(error)}") from error
    if not callable(model):
        raise invalid(
            f"model_factory '{name}': expected a model that can be called, got a "
            f"{type(model).__name__}"
        )
    return model, gives
