# SPDX-License-Identifier: Apache-2.0
"""What <name>_info.json says of a conversion (docs/model_notes.md), but for the agreement."""

import platform
from typing import Any

from ..dtypes import name_of
from ..tensors import Tensor
from .request import ConvertRequest
from .result import Result
from .samples import Dimension, Input, dimensions


def _note(name: str, dtype: int, dims: list[int | Dimension | None]) -> dict[str, Any]:
    """A dimension of None is dynamic, and nothing more is known of it."""
    note: dict[str, Any] = {
        "name": name,
        "dtype": name_of(dtype),
        "shape": [each if isinstance(each, int) else -1 for each in dims],
    }
    if all(isinstance(each, int) for each in dims):
        return note
    named = [each if isinstance(each, Dimension) else None for each in dims]
    sizes = [each if isinstance(each, int) else None for each in dims]
    return note | {
        "min": [d.least if d else size for d, size in zip(named, sizes, strict=True)],
        "max": [d.most if d else size for d, size in zip(named, sizes, strict=True)],
        "dim_names": [d.name if d else "" for d in named],
    }


def _output(
    name: str, runs: list[Tensor], ways: list[dict[str, int]], known: dict[str, Dimension]
) -> dict[str, Any]:
    """A dimension that was the same in all runs is fixed, and one that went as a dimension of the
    inputs did is that one."""
    dims: list[int | Dimension | None] = []
    for axis, size in enumerate(runs[0].shape):
        sizes = [each.shape[axis] for each in runs]
        if all(each == size for each in sizes):
            dims.append(size)
            continue
        same = [d for n, d in known.items() if [way[n] for way in ways] == sizes]
        dims.append(same[0] if len(same) == 1 else None)
    return _note(name, runs[0].dtype, dims)


def of(
    request: ConvertRequest,
    result: Result,
    inputs: list[Input],
    samples: list[list[Tensor]],
    outputs: list[dict[str, Tensor]],
) -> dict[str, Any]:
    ways = [
        {
            dim.name: size
            for each, tensor in zip(inputs, sample, strict=True)
            for dim, size in zip(each.dims, tensor.shape, strict=True)
            if isinstance(dim, Dimension)
        }
        for sample in samples
    ]
    known = dimensions(inputs)
    names = [each for each in outputs[0] if all(each in run for run in outputs)]
    about = {
        "format": request.format,
        "source": request.load.path.name,
        "precision": "fp16" if request.fp16 else "fp32",
        "exporter": result.exporter,
        "tools": {"python": platform.python_version()} | result.tools,
        "warnings": result.warnings,
    }
    if request.format == "onnx":
        about["opset"] = request.opset
    return {
        "inputs": [_note(each.name, each.dtype, list(each.dims)) for each in inputs],
        "outputs": [_output(n, [run[n] for run in outputs], ways, known) for n in names],
        "conversion": about,
    }
