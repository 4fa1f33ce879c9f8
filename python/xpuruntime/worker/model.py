# SPDX-License-Identifier: Apache-2.0
"""What a loaded model is, whatever runs it."""

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .dtypes import number_of
from .errors import invalid
from .options import Options
from .tensors import Tensor

TENSOR, NONE, SEQUENCE, MAP = 1, 0, 2, 3


@dataclass
class TensorSpec:
    """An input or output. ``dtype`` 0 and ``shape`` None: not known before a run."""

    name: str
    dtype: int = 0
    shape: list[int] | None = None
    dim_names: list[str] = field(default_factory=list)
    kind: int = TENSOR
    min_shape: list[int | None] = field(default_factory=list)  #: of notes; None: no bound
    max_shape: list[int | None] = field(default_factory=list)

    def body(self) -> dict:
        body = {"name": self.name, "kind": self.kind, "dtype": self.dtype, "shape": self.shape}
        return body | ({"dim_names": self.dim_names} if any(self.dim_names) else {})


@dataclass
class LoadRequest:
    """What a load asks for. One of ``path`` and ``data`` is there."""

    device: str
    threads: int
    options: Options
    path: Path | None = None
    data: memoryview | None = None
    shapes: dict[str, list[int]] = field(default_factory=dict)
    progress: Callable[[str, int, int], None] = lambda phase, done, total: None

    @property
    def name(self) -> str:
        return str(self.path) if self.path is not None else "<bytes>"


@dataclass
class Copy:
    what: str
    bytes: int
    why: str


class Model(ABC):
    """Runs one at a time."""

    version = ""  #: what runs it, as "torch 2.15.0"
    device = "cpu"
    inputs: list[TensorSpec]
    outputs: list[TensorSpec]
    metadata: dict[str, str]
    opset = 0
    producer = ""
    module: Any = None  #: a torch.nn.Module, where it is one that runs

    @abstractmethod
    def run(self, inputs: list[Tensor], copies: list[Copy]) -> dict[str, Tensor]:
        """Outputs by name; notes what it copied. Raises whatever the model raises."""

    def cancel(self) -> None:
        """Ends a run soon, where Python itself cannot; on another thread."""
        return None


_SPEC = re.compile(r"\s*([^:\[\],\s]+)\s*(?::\s*(\w+))?\s*(?:\[([^\]]*)\])?\s*(?:,|$)")


def parse_specs(option: str, text: str) -> list[TensorSpec]:
    """Of 'ids:int64[N,128], mask'. Raises TypedError."""
    specs, at = [], 0
    while at < len(text):
        found = _SPEC.match(text, at)
        if found is None:
            raise invalid(
                f"option '{option}': expected a form as 'ids:int64[N,128], mask', got '{text}'"
            )
        name, dtype, dims = found.groups()
        spec = TensorSpec(name, number_of(dtype) if dtype else 0)
        if dims is not None:
            words = [each.strip() for each in dims.split(",") if each.strip()]
            spec.shape = [int(each) if each.isdecimal() else -1 for each in words]
            spec.dim_names = ["" if each.isdecimal() or each == "-1" else each for each in words]
        specs.append(spec)
        at = found.end()
    return specs


def parameter_specs(function: Callable) -> list[TensorSpec]:
    """Of a function's parameters, up to the first that has a default. Empty where it has *args."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    specs = []
    for each in parameters:
        if each.kind is each.VAR_POSITIONAL or each.default is not each.empty:
            break
        if each.kind is not each.VAR_KEYWORD:
            specs.append(TensorSpec(each.name))
    return specs
