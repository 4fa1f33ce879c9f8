# SPDX-License-Identifier: Apache-2.0
"""Names, types and shapes that neither file nor code may tell: of options, of notes, of a trial.

Notes are the file ``<name>_info.json`` beside a model, which a conversion writes: lists ``inputs``
and ``outputs`` of objects with ``name`` and, where known, ``dtype`` and ``shape``, of which
``min``, ``max`` and ``dim_names`` tell more.
"""

import json
from pathlib import Path
from typing import Any

from .dtypes import number_of
from .errors import TypedError, invalid
from .model import LoadRequest, TensorSpec, parse_specs

_MOST_BYTES = 16 << 20


def _spec(note: dict) -> TensorSpec:
    shape = note.get("shape")
    if shape is not None:
        shape = [each if type(each) is int and each >= 0 else -1 for each in shape]
    name = note["name"]
    if not isinstance(name, str):
        raise ValueError("a name is no text")
    spec = TensorSpec(name, number_of(note["dtype"]) if "dtype" in note else 0, shape)
    spec.dim_names = [str(each) for each in _as_long(shape, note.get("dim_names"))]
    spec.min_shape = [_bound(each) for each in _as_long(shape, note.get("min"))]
    spec.max_shape = [_bound(each) for each in _as_long(shape, note.get("max"))]
    return spec


def _as_long(shape: list[int] | None, told: list | None) -> list:
    if told and len(told) != len(shape or []):
        raise ValueError("min, max and dim_names are as long as shape")
    return told or []


def _bound(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def read_beside(model: Path | None) -> dict[str, list[TensorSpec]]:
    """Empty lists where there are no notes. Raises TypedError for a file that is not as above."""
    none: dict[str, list[TensorSpec]] = {"inputs": [], "outputs": []}
    if model is None:
        return none
    path = model.with_name(f"{model.stem}_info.json")
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return none
        notes = json.loads(path.read_text("utf-8"))
        return {each: [_spec(note) for note in notes.get(each, [])] for each in none}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise invalid(f"notes {path}: {type(error).__name__}: {error}") from None
    except TypedError as error:
        raise invalid(f"notes {path}: {error}") from None


def input_specs(request: LoadRequest, own: list[TensorSpec]) -> list[TensorSpec]:
    """`own`: what the model says of itself. Raises TypedError where nobody says."""
    told = (
        parse_specs("inputs", request.options.inputs)
        or read_beside(request.path)["inputs"]
        or own
        or [TensorSpec(each) for each in request.shapes]
    )
    if not told:
        raise invalid(
            f"{request.name}: its inputs are not known, as what it calls takes any; name them by "
            "option inputs, as 'ids:int64[N,128], mask'"
        )
    for spec in told:
        if spec.shape is None and spec.name in request.shapes:
            spec.shape = [-1] * len(request.shapes[spec.name])
    return told


def output_specs(request: LoadRequest, own: list[TensorSpec]) -> list[TensorSpec]:
    """Empty where nobody says."""
    return (
        parse_specs("outputs", request.options.outputs)
        or read_beside(request.path)["outputs"]
        or own
    )


def trial_shapes(request: LoadRequest, inputs: list[TensorSpec]) -> list[list[int]] | None:
    """Those of a run for which every input's type and shape are known; dynamic dimensions are 1."""
    shapes = []
    for spec in inputs:
        shape = request.shapes.get(spec.name, spec.shape)
        if shape is None or spec.dtype == 0:
            return None
        shapes.append([each if each >= 0 else 1 for each in shape])
    return shapes
