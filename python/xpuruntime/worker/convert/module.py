# SPDX-License-Identifier: Apache-2.0
"""A model of PyTorch as exporters take it."""

import inspect
import re
from dataclasses import dataclass
from typing import Any

import torch
from torch._export.converter import TS2EPConverter

from ..errors import unsupported
from ..flatten import flatten, in_order
from ..tensors import Tensor
from ..torch_model import TorchModel
from ..torch_tensors import to_torch
from .samples import Dimension, Input, dimensions

_HALF = torch.float16


def _tensor(value: Any) -> torch.Tensor:
    return value if isinstance(value, torch.Tensor) else torch.as_tensor(value)


class FlatModule(torch.nn.Module):
    """Takes tensors by position, under the names of the model's inputs, and gives its outputs flat.

    With `is_half` it computes in float16 between inputs and outputs of the types they had.
    """

    def __init__(self, model: TorchModel, is_half: bool) -> None:
        super().__init__()
        self.model = model.module
        names = [each.name for each in model.inputs]

        def forward(*tensors: torch.Tensor) -> Any:
            if is_half:
                tensors = tuple(x.to(_HALF) if x.is_floating_point() else x for x in tensors)
            if model.takes_names:
                made = self.model(**dict(zip(names, tensors, strict=True)))
            else:
                made = self.model(*tensors)
            leaves = map(_tensor, in_order(flatten(made), model.outputs).values())
            leaves = [x.float() if is_half and x.dtype is _HALF else x for x in leaves]
            return leaves[0] if len(leaves) == 1 else tuple(leaves)

        # What exporters call the inputs.
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(identifier(each), kind) for each in names]
        forward.__signature__ = inspect.Signature(parameters)
        self.forward = forward
        if is_half:
            self.model.half()
        self.eval().requires_grad_(False)


@dataclass
class Source:
    """What an exporter for PyTorch is given."""

    module: FlatModule
    example: tuple[torch.Tensor, ...]
    inputs: list[Input]
    outputs: list[str]
    is_torchscript: bool

    @property
    def weight_bytes(self) -> int:
        tensors = [*self.module.parameters(), *self.module.buffers()]
        return sum(each.nbytes for each in tensors)

    def dynamic_shapes(self) -> tuple[dict[int, Any], ...]:
        """As torch.export takes them."""
        made: dict[str, Any] = {}

        def dim(of: Dimension) -> Any:
            if of.name not in made:
                made[of.name] = torch.export.Dim(identifier(of.name), min=of.least, max=of.most)
            return made[of.name]

        return tuple(
            {axis: dim(d) for axis, d in enumerate(each.dims) if isinstance(d, Dimension)}
            for each in self.inputs
        )

    def exported(self) -> torch.export.ExportedProgram:
        """Raises TypedError."""
        with torch.no_grad():
            if self.is_torchscript:
                return self._exported_torchscript()
            return torch.export.export(
                self.module, self.example, dynamic_shapes=self.dynamic_shapes()
            )

    def _exported_torchscript(self) -> torch.export.ExportedProgram:
        dynamic = dimensions(self.inputs)
        if dynamic:
            raise unsupported(
                "TorchScript becomes that for fixed sizes alone: give numbers for the dimensions "
                + ", ".join(dynamic)
            )
        return TS2EPConverter(self.traced(), self.example).convert()

    def traced(self) -> torch.jit.ScriptModule:
        """What is TorchScript already stays as it is, within a module that takes tensors."""
        return torch.jit.trace(self.module, self.example, check_trace=False)


def source_of(
    model: TorchModel, inputs: list[Input], sample: list[Tensor], is_half: bool
) -> Source:
    """`sample` is copied. In half precision the model's own weights become so."""
    cpu = torch.device("cpu")
    example = tuple(
        to_torch(each.name, tensor, cpu, None, []).clone()
        for each, tensor in zip(inputs, sample, strict=True)
    )
    return Source(
        module=FlatModule(model, is_half),
        example=example,
        inputs=inputs,
        outputs=[each.name for each in model.outputs],
        is_torchscript=isinstance(model.module, torch.jit.ScriptModule),
    )


def identifier(name: str) -> str:
    """A name that Python takes, made of another."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return plain if plain.isidentifier() else f"_{plain}"
