# SPDX-License-Identifier: Apache-2.0
"""State dicts out of files, and into modules."""

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from .errors import invalid
from .model import LoadRequest
from .source import open_model

#: Where training programs put it.
_KEYS = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights", "params")
#: What wrappers of PyTorch put before every key: data-parallel training, torch.compile.
_PREFIXES = ("module.", "_orig_mod.")
_SHOWN = 5


def read_file(request: LoadRequest) -> Any:
    """What torch.save wrote. Raises TypedError."""
    only_weights = request.options.weights_only
    try:
        with open_model(request) as file:
            return torch.load(file, map_location="cpu", weights_only=only_weights)
    except pickle.UnpicklingError as error:
        reason = str(error).strip().splitlines()
        found = next((each for each in reason if "GLOBAL" in each or "global" in each), reason[0])
        raise invalid(
            f"{request.name} holds more than weights, all that is loaded: {found.strip()}; "
            "if you trust its author, option weights_only=false loads all, which may run code"
        ) from None
    except (RuntimeError, EOFError, KeyError, ValueError, AttributeError, ImportError) as error:
        raise invalid(f"{request.name} cannot be read: {type(error).__name__}: {error}") from None


def _is_state_dict(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) for key in value)
        and any(isinstance(each, torch.Tensor) for each in value.values())
    )


def _without_prefix(state: Mapping[str, Any]) -> dict[str, Any]:
    state = dict(state)
    for prefix in _PREFIXES * 2:
        if all(key.startswith(prefix) for key in state):
            state = {key[len(prefix) :]: value for key, value in state.items()}
    return state


def state_dict_of(request: LoadRequest, loaded: Any) -> dict[str, Any]:
    """In what the file held: that itself, or a member of a checkpoint. Raises TypedError."""
    key = request.options.checkpoint_key
    if key:
        if not isinstance(loaded, Mapping) or key not in loaded:
            raise invalid(
                f"{request.name}: option checkpoint_key: there is no '{key}'; found "
                f"{_summary(loaded)}"
            )
        loaded = loaded[key]
    elif not _is_state_dict(loaded) and isinstance(loaded, Mapping):
        loaded = next((loaded[x] for x in _KEYS if _is_state_dict(loaded.get(x))), loaded)
    if not _is_state_dict(loaded):
        raise invalid(
            f"{request.name} holds no state dict: found {_summary(loaded)}; say where it is by "
            "option checkpoint_key"
        )
    return _without_prefix(loaded)


def _summary(value: Any) -> str:
    if isinstance(value, Mapping):
        keys = [str(each) for each in value]
        more = ", ..." if len(keys) > _SHOWN else ""
        return f"a dict with {', '.join(keys[:_SHOWN]) or 'nothing'}{more}"
    return f"a {type(value).__module__}.{type(value).__name__}"


def _list(what: str, keys: list[str]) -> list[str]:
    if not keys:
        return []
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return [f"{what} {', '.join(keys[:_SHOWN])}{more}"]


def fill(module: torch.nn.Module, state: Mapping[str, Any], request: LoadRequest) -> None:
    """Raises TypedError where they do not fit, naming what does not."""
    state = {
        key: torch.from_numpy(each) if isinstance(each, np.ndarray) else each
        for key, each in state.items()
    }
    own = module.state_dict()
    missing = [key for key in own if key not in state]
    extra = [key for key in state if key not in own]
    shapes = [
        f"{key} (expected {list(own[key].shape)}, got {list(state[key].shape)})"
        for key in own
        if isinstance(state.get(key), torch.Tensor) and isinstance(own[key], torch.Tensor)
        if own[key].shape != state[key].shape
    ]
    if shapes or (request.options.strict and (missing or extra)):
        told = [
            *_list("of another shape:", shapes),
            *_list("not in the file:", missing),
            *_list("only in the file:", extra),
        ]
        raise invalid(
            f"{request.name} does not fit the {type(module).__name__} that model_factory "
            f"'{request.options.model_factory}' makes: {'; '.join(told)}"
        )
    try:
        module.load_state_dict(state, strict=request.options.strict)
    except RuntimeError as error:
        raise invalid(f"{request.name}: {error}") from None
