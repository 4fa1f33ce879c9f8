# SPDX-License-Identifier: Apache-2.0
"""Any Python callable of arrays, and what factories make of arrays."""

import platform
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import notes
from .errors import TypedError, invalid, unavailable, unsupported
from .factory import find, make
from .flatten import flatten, in_order
from .model import Copy, LoadRequest, Model, TensorSpec, parameter_specs
from .source import callable_name, open_model
from .tensors import Tensor


class CallableModel(Model):
    """Is given NumPy arrays that it may read, and returns arrays, or dicts and lists of them."""

    def __init__(self, request: LoadRequest, function: Callable) -> None:
        if request.device != "cpu":
            raise unavailable(
                f"device {request.device}: a Python callable is given arrays on cpu; what it does "
                "with them is its own"
            )
        if request.options.precision != "fp32":
            raise unsupported("a Python callable computes in the types that it is given")
        self.version = f"Python {platform.python_version()}"
        self.metadata = {}
        self._function = function
        self.inputs = notes.input_specs(request, parameter_specs(function))
        self.outputs = notes.output_specs(request, []) or [TensorSpec("output")]

    def run(self, inputs: list[Tensor], copies: list[Copy]) -> dict[str, Tensor]:
        arrays = [each.to_numpy().view() for each in inputs]
        for each in arrays:
            each.flags.writeable = False
        leaves = in_order(flatten(self._function(*arrays)), self.outputs)
        return {name: _tensor(name, each) for name, each in leaves.items()}


def _tensor(name: str, value: Any) -> Tensor:
    if not hasattr(value, "__array__") and not isinstance(value, (bool, int, float, str)):
        raise unsupported(f"output '{name}' is a {type(value).__name__}, and no array")
    try:
        return Tensor.from_numpy(np.asarray(value))
    except TypedError as error:
        raise unsupported(f"output '{name}': {error}") from None


def load_callable(request: LoadRequest) -> Model:
    name = callable_name(request)
    if name is None:
        raise invalid(f"{request.name}: expected a name as package.module:callable")
    return CallableModel(request, find(name, "model"))


def load_npz(request: LoadRequest) -> Model:
    """Raises TypedError."""
    name = request.options.model_factory
    if not name:
        raise invalid(
            f"{request.name} holds weights alone; name what makes the model by model_factory, as "
            "package.module:function"
        )
    request.progress("read", 1, 3)
    weights = _read_npz(request)
    model, has_weights = make(name, weights)
    if any(each.__module__.startswith("torch.nn") for each in type(model).__mro__):
        from . import torch_model

        return torch_model.load_module(request, None if has_weights else weights, model)
    if not has_weights:
        raise invalid(
            f"model_factory '{name}': expected a torch.nn.Module, or a factory that takes the "
            f"weights as its argument; got a {type(model).__name__} without them"
        )
    return CallableModel(request, model)


def _read_npz(request: LoadRequest) -> Mapping[str, np.ndarray]:
    try:
        with open_model(request) as file, np.load(file, allow_pickle=False) as arrays:
            weights = dict(arrays)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise invalid(f"{request.name} cannot be read: {error}") from None
    for name, each in weights.items():
        if not isinstance(each, np.ndarray):
            raise invalid(f"{request.name} cannot be read: '{name}' is no array")
    return weights
