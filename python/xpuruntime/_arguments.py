# SPDX-License-Identifier: Apache-2.0
"""What the toolkit's functions take, as its module takes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

import numpy as np

from ._core import Tensor

if TYPE_CHECKING:
    from ._toolkit import Tolerance
    from .typing import TensorLike

StrPath: TypeAlias = str | os.PathLike[str]
Policy: TypeAlias = Literal["exact", "strict", "relaxed"]


def tensor_pairs(tensors: Mapping[str, TensorLike]) -> list[tuple[str, Tensor]]:
    return [(name, tensor_of(value)) for name, value in tensors.items()]


class InputArguments(TypedDict):
    """What says which inputs a model is run on."""

    inputs: list[tuple[str, Tensor]]
    input_path: str
    shapes: dict[str, list[int]]
    batch: int
    seed: int


def input_arguments(
    inputs: Mapping[str, TensorLike] | StrPath | None,
    shapes: Mapping[str, Sequence[int]] | None,
    batch: int,
    seed: int,
) -> InputArguments:
    given = {} if inputs is None or isinstance(inputs, str | os.PathLike) else inputs
    return {
        "inputs": tensor_pairs(given),
        "input_path": os.fspath(inputs) if isinstance(inputs, str | os.PathLike) else "",
        "shapes": {name: list(shape) for name, shape in (shapes or {}).items()},
        "batch": batch,
        "seed": seed,
    }


def python_path() -> dict[str, str]:
    """So that a worker of this Python finds what this process could import."""
    folders = [each for each in sys.path if each and os.pathsep not in each]
    return {"python_path": os.pathsep.join(folders)}


def tolerance_of(tolerance: Policy | Tolerance) -> Tolerance:
    from . import _toolkit

    return _toolkit.Tolerance.of_policy(tolerance) if isinstance(tolerance, str) else tolerance


def tensor_of(value: TensorLike) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if isinstance(value, np.ndarray):
        return Tensor.from_numpy(value)
    return Tensor.from_dlpack(value)
