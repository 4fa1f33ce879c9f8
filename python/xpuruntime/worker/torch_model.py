# SPDX-License-Identifier: Apache-2.0
"""Models of PyTorch, run eagerly: modules with weights from a file, and TorchScript."""

import logging
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from . import notes, torch_weights
from .devices import use_torch_device
from .dtypes import storage_of
from .errors import describe, invalid
from .factory import make
from .flatten import flatten, in_order
from .model import Copy, LoadRequest, Model, TensorSpec, parameter_specs
from .source import open_model
from .tensors import Tensor
from .torch_tensors import from_torch, to_torch

_log = logging.getLogger(__name__)
_HALVES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class TorchModel(Model):
    """A module in inference mode on one device."""

    def __init__(self, request: LoadRequest, read: Callable[[LoadRequest], Any]) -> None:
        self.version = f"torch {torch.__version__}"
        self.producer = "pytorch"
        self.metadata = {}
        self._half = _HALVES.get(request.options.precision)
        self._device = use_torch_device(request)
        self.device = request.device
        torch.set_num_threads(request.threads)
        request.progress("read", 1, 3)
        module = read(request)
        request.progress("load", 2, 3)
        self.module = module
        if isinstance(module, torch.nn.Module):
            module.eval()
            module.to(self._device, self._half)
        self.inputs = notes.input_specs(request, _own_inputs(module))
        self.takes_names = {each.name for each in self.inputs} <= {
            each.name for each in _own_inputs(module)
        }
        self.outputs = notes.output_specs(request, []) or self._try(request)

    def _try(self, request: LoadRequest) -> list[TensorSpec]:
        """What a run of zeros returns, where types and shapes are known; else one output."""
        shapes = notes.trial_shapes(request, self.inputs)
        if shapes is None:
            return [TensorSpec("output")]
        zeros = [
            Tensor(spec.dtype, tuple(shape), np.zeros(shape, storage_of(spec.dtype)))
            for spec, shape in zip(self.inputs, shapes, strict=True)
        ]
        try:
            leaves = self.leaves(zeros, [])
            made = {name: from_torch(name, each, self._half) for name, each in leaves.items()}
        except Exception as error:
            _log.warning("a trial run of zeros failed, so that outputs are not known: %s", error)
            return [TensorSpec("output")]
        return [TensorSpec(name, each.dtype, [-1] * len(each.shape)) for name, each in made.items()]

    def _call(self, inputs: list[Tensor], copies: list[Copy]) -> Any:
        tensors = [
            to_torch(spec.name, each, self._device, self._half, copies)
            for spec, each in zip(self.inputs, inputs, strict=True)
        ]
        with torch.inference_mode():
            if not self.takes_names:
                return self.module(*tensors)
            names = [each.name for each in self.inputs]
            return self.module(**dict(zip(names, tensors, strict=True)))

    def leaves(self, inputs: list[Tensor], copies: list[Copy]) -> dict[str, Any]:
        """What it returns, flat, under its own names."""
        return flatten(self._call(inputs, copies))

    def run(self, inputs: list[Tensor], copies: list[Copy]) -> dict[str, Tensor]:
        leaves = in_order(self.leaves(inputs, copies), self.outputs)
        return {name: from_torch(name, each, self._half) for name, each in leaves.items()}


def _own_inputs(module: Any) -> list[TensorSpec]:
    if not isinstance(module, torch.jit.ScriptModule):
        return parameter_specs(module.forward if hasattr(module, "forward") else module)
    specs = []
    for each in module.forward.schema.arguments[1:]:
        if each.type.kind() != "TensorType":
            if each.has_default_value():
                break
            raise invalid(f"forward() takes '{each.name}', a {each.type}; only tensors are passed")
        specs.append(TensorSpec(each.name))
    return specs


def _filled(request: LoadRequest, weights: dict[str, Any]) -> Any:
    name = request.options.model_factory
    if not name:
        raise invalid(
            f"{request.name} holds weights alone; name what makes the model by model_factory, as "
            "package.module:function"
        )
    module, has_weights = make(name, weights)
    if has_weights:
        return module
    if not isinstance(module, torch.nn.Module):
        raise invalid(
            f"model_factory '{name}': expected a torch.nn.Module, got a {type(module).__name__}"
        )
    torch_weights.fill(module, weights, request)
    return module


def _read_pytorch(request: LoadRequest) -> Any:
    loaded = torch_weights.read_file(request)
    if isinstance(loaded, torch.nn.Module):
        return loaded
    return _filled(request, torch_weights.state_dict_of(request, loaded))


def _read_torchscript(request: LoadRequest) -> Any:
    with open_model(request) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is deprecated
        try:
            return torch.jit.load(file, map_location="cpu")
        except (RuntimeError, ValueError) as error:
            raise invalid(f"{request.name} is no TorchScript: {describe(error)}") from None


def is_module(value: Any) -> bool:
    return isinstance(value, torch.nn.Module)


def load_pytorch(request: LoadRequest) -> Model:
    return TorchModel(request, _read_pytorch)


def load_torchscript(request: LoadRequest) -> Model:
    return TorchModel(request, _read_torchscript)


def load_module(
    request: LoadRequest, weights: Mapping[str, np.ndarray] | None, module: Any
) -> Model:
    """A module that a factory made. `weights`: to be loaded into it; None where it has them."""

    def read(_: LoadRequest) -> Any:
        if weights is not None:
            torch_weights.fill(module, weights, request)
        return module

    return TorchModel(request, read)
