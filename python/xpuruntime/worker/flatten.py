# SPDX-License-Identifier: Apache-2.0
"""What a model returns, flattened to names.

A single tensor is "output", one of a dict, named tuple or dataclass has its key, one of a tuple or
list is "output_<index>", and what lies deeper "<name of what it is in>_<key or index>", as engine
torch names them.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from .errors import TypedError
from .model import TensorSpec

_MOST_DEPTH = 16


def _children(value: Any) -> list[tuple[str, Any]] | None:
    """None for what is no container. What is None in one is left out."""
    if isinstance(value, Mapping):
        items = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        items = list(zip(value._fields, value, strict=True))
    elif isinstance(value, (tuple, list)):
        items = [(str(i), each) for i, each in enumerate(value)]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        items = [(each.name, getattr(value, each.name)) for each in dataclasses.fields(value)]
    else:
        return None
    return [(key, each) for key, each in items if each is not None]


def _visit(name: str, value: Any, depth: int, leaves: dict[str, Any]) -> None:
    children = _children(value)
    if children is None:
        if name in leaves:
            raise TypedError("EngineError", f"the model returns two outputs named '{name}'")
        leaves[name] = value
        return
    if depth > _MOST_DEPTH:
        raise TypedError("EngineError", "what the model returns is nested too deeply")
    is_list = isinstance(value, (tuple, list)) and not hasattr(value, "_fields")
    prefix = name or ("output" if is_list else "")
    for key, inner in children:
        _visit(f"{prefix}_{key}" if prefix else key, inner, depth + 1, leaves)


def flatten(value: Any) -> dict[str, Any]:
    """Raises TypedError for a structure without end, and for a name that is there twice."""
    leaves: dict[str, Any] = {}
    _visit("", value, 0, leaves)
    return {name or "output": each for name, each in leaves.items()}


def in_order(leaves: dict[str, Any], outputs: list[TensorSpec]) -> dict[str, Any]:
    """By the names of the model: those that it returns, or, where it returns others, by order.

    Raises TypedError where there are more or fewer.
    """
    names = [each.name for each in outputs]
    if set(names) == set(leaves):
        return {each: leaves[each] for each in names}
    if len(names) == len(leaves):
        return dict(zip(names, leaves.values(), strict=True))
    raise TypedError(
        "EngineError",
        f"the model returns {len(leaves)} outputs, {', '.join(leaves)}, and was loaded as one of "
        f"{len(names)}, {', '.join(names)}; say which by option outputs='{','.join(leaves)}'",
    )
