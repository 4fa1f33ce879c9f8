# SPDX-License-Identifier: Apache-2.0
"""Writes small models for the tests of engines torch and executorch, with the weights and names of
tests/data/make_models.py. They are made when the tests are built: packages are native code.

make_models.py torch|executorch FOLDER
"""

import argparse
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from torch.export import Dim

# torch.jit is deprecated, and says so for each call.
warnings.filterwarnings("ignore", category=DeprecationWarning)
warnings.filterwarnings("ignore", category=FutureWarning)

MOST = 64  # rows that a model of a bounded batch takes


def counted(shape: tuple[int, ...], scale: float = 1.0) -> torch.Tensor:
    """-3, -2 ... 3, -3 ..., scaled."""
    count = torch.Size(shape).numel()
    return ((torch.arange(count) % 7 - 3).float() * scale).reshape(shape)


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.last = nn.Linear(16, 8), nn.Linear(8, 4)
        for layer in (self.hidden, self.last):
            layer.weight = nn.Parameter(counted((layer.in_features, layer.out_features), 0.125).T)
            layer.bias = nn.Parameter(counted((layer.out_features,), 0.125))

    def forward(self, x):
        return self.last(torch.relu(self.hidden(x)))


class Add(nn.Module):
    def forward(self, x, y):
        return x + y


class MatMul(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight", counted((8, 3)))

    def forward(self, x):
        return torch.matmul(x, self.weight)


class Negative(nn.Module):
    def forward(self, x):
        return -x


class View(nn.Module):
    def forward(self, x):
        return x.view(-1)


class ConstantOutput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(counted((4,)))

    def forward(self, x):
        return torch.relu(x), self.weight


class MultiIo(nn.Module):
    def forward(self, values, offset):
        shifted = values + offset.to(values.dtype)
        return shifted, torch.argmax(shifted, 1), shifted > 0


class Identity(nn.Module):
    def forward(self, x):
        return x


class Fill(nn.Module):
    def forward(self, shape: torch.Tensor) -> torch.Tensor:
        return torch.zeros([int(shape[0]), int(shape[1])])


class NonZero(nn.Module):
    def forward(self, x):
        return torch.nonzero(x).t()


class Accumulate(nn.Module):
    """The sum of all inputs since the state was new."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(1, 2))

    def forward(self, x):
        self.total += x
        return self.total


class Nested(nn.Module):
    """Outputs in containers, two of which are views: one of an input, one that is not dense."""

    def forward(self, x):
        y = x + 1
        return {"sum": y, "flat": x.view(-1), "turned": y.t()}


class WritesInput(nn.Module):
    def forward(self, x):
        x += 1
        return x * 2


class AnyLength(nn.Module):
    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return torch.unbind(x)


class TakesNumber(nn.Module):
    def forward(self, x: torch.Tensor, factor: float) -> torch.Tensor:
        return x * factor


class HasDefault(nn.Module):
    def forward(self, x: torch.Tensor, factor: float = 2.0) -> torch.Tensor:
        return x * factor


@dataclass
class Model:
    """One model: a module, an example, and the names, types and shapes that are noted of it."""

    name: str
    module: nn.Module
    example: tuple[torch.Tensor, ...]
    inputs: dict[str, list[int]]  # -1: dynamic
    outputs: dict[str, list[int]]
    is_noted: bool = True
    script: Callable = field(default=torch.jit.script)

    def notes(self, max_rows: int | None = None) -> dict:
        with torch.no_grad():
            given = self.module(*[each.clone() for each in self.example])
        if isinstance(given, dict):
            given = tuple(given.values())
        outputs = given if isinstance(given, tuple) else (given,)

        def described(infos: dict[str, list[int]], tensors: tuple[torch.Tensor, ...]) -> list:
            notes = []
            for (name, shape), tensor in zip(infos.items(), tensors, strict=True):
                note = {"name": name, "dtype": str(tensor.dtype).removeprefix("torch.")}
                note["shape"] = shape
                if max_rows and -1 in shape:
                    note["min"] = [1 if size < 0 else size for size in shape]
                    note["max"] = [max_rows if size < 0 else size for size in shape]
                notes.append(note)
            return notes

        return {
            "inputs": described(self.inputs, self.example),
            "outputs": described(self.outputs, outputs),
        }

    def write_notes(self, folder: Path, max_rows: int | None = None) -> None:
        if self.is_noted:
            text = json.dumps(self.notes(max_rows), indent=1)
            (folder / f"{self.name}_info.json").write_text(text + "\n")

    def dynamic_shapes(self) -> tuple | None:
        rows = Dim("n", min=1, max=MOST)
        return tuple(
            {d: rows for d, size in enumerate(shape) if size < 0} for shape in self.inputs.values()
        )


def static_models() -> list[Model]:
    x = counted((2, 3))
    return [
        Model("add", Add(), (x, x.clone()), {"x": [2, 3], "y": [2, 3]}, {"z": [2, 3]}),
        Model("matmul_static", MatMul(), (counted((4, 8)),), {"x": [4, 8]}, {"y": [4, 3]}),
        Model("scalar", Negative(), (torch.tensor(4.0),), {"x": []}, {"y": []}),
    ]


def dynamic_models() -> list[Model]:
    values, offset = counted((2, 4)), torch.tensor([0, -2, -4, -8])
    return [
        Model("mlp", Mlp(), (counted((3, 16)),), {"x": [-1, 16]}, {"y": [-1, 4]}),
        Model("reshape_view", View(), (counted((2, 3)),), {"x": [-1, 3]}, {"y": [-1]}),
        Model(
            "multi_io",
            MultiIo(),
            (values, offset),
            {"values": [-1, 4], "offset": [4]},
            {"shifted": [-1, 4], "best": [-1], "positive": [-1, 4]},
        ),
    ]


def torchscript_models() -> list[Model]:
    x = counted((2, 3))
    models = static_models() + dynamic_models()
    models += [
        Model(
            "constant_output",
            ConstantOutput(),
            (x[0].new_zeros(4),),
            {"x": [4]},
            {"y": [4], "weight": [4]},
        ),
        Model("fill", Fill(), (torch.tensor([2, 3]),), {"shape": [2]}, {"y": [-1, -1]}),
        Model("nonzero", NonZero(), (torch.tensor([0.0, 1.0]),), {"x": [-1]}, {"y": [1, -1]}),
        Model("accumulate", Accumulate(), (torch.ones(1, 2),), {"x": [1, 2]}, {"y": [1, 2]}),
        Model("nested", Nested(), (x,), {}, {}, is_noted=False),
        Model("writes_input", WritesInput(), (x,), {}, {}, is_noted=False),
        Model("any_length", AnyLength(), (x,), {}, {}, is_noted=False),
        Model("takes_number", TakesNumber(), (x,), {}, {}, is_noted=False),
        Model("has_default", HasDefault(), (x,), {}, {}, is_noted=False),
        Model(
            "traced",
            Mlp(),
            (counted((3, 16)),),
            {},
            {},
            is_noted=False,
            script=lambda module: torch.jit.trace(module, counted((3, 16))),
        ),
    ]
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
    ):
        values = torch.zeros(6).to(getattr(torch, name))
        models.append(Model(f"identity_{name}", Identity(), (values,), {"x": [-1]}, {"y": [-1]}))
    return models


def write_torch(folder: Path) -> None:
    """TorchScript, packages of AOTInductor, and what is neither."""
    for model in torchscript_models():
        torch.jit.save(model.script(model.module.eval()), folder / f"{model.name}.pt")
        model.write_notes(folder)
    packages = folder / "packages"
    packages.mkdir(exist_ok=True)
    for model in dynamic_models():
        exported = torch.export.export(
            model.module.eval(), model.example, dynamic_shapes=model.dynamic_shapes()
        )
        path = packages / f"{model.name}.pt2"
        torch._inductor.aoti_compile_and_package(exported, package_path=str(path))
        model.write_notes(packages, MOST)
        if model.name == "mlp":
            (packages / "bare.pt2").write_bytes(path.read_bytes())  # nothing is noted of it
            torch.export.save(exported, folder / "exported.pt2")
    torch.save(Mlp().state_dict(), folder / "weights.pt")
    torch.save(Mlp().state_dict(), folder / "old_weights.pt", _use_new_zipfile_serialization=False)


def write_executorch(folder: Path) -> None:
    """Programs for XNNPACK, and one for the kernels of the CPU alone."""
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
    from executorch.exir.passes import MemoryPlanningPass

    models = static_models() + dynamic_models()
    for model in models:
        exported = torch.export.export(
            model.module.eval(), model.example, dynamic_shapes=model.dynamic_shapes()
        )
        program = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
        (folder / f"{model.name}.pte").write_bytes(program.to_executorch().buffer)
        model.write_notes(folder, MOST)
        if model.name == "mlp":
            # Nothing is noted of these. The first is for the CPU's own kernels, and takes and gives
            # memory of its caller's.
            unplanned = ExecutorchBackendConfig(
                memory_planning_pass=MemoryPlanningPass(
                    alloc_graph_input=False, alloc_graph_output=False
                )
            )
            portable = to_edge_transform_and_lower(exported).to_executorch(unplanned)
            (folder / "unplanned.pte").write_bytes(portable.buffer)
            (folder / "bare.pte").write_bytes((folder / "mlp.pte").read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["torch", "executorch"])
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    {"torch": write_torch, "executorch": write_executorch}[args.engine](args.folder)


if __name__ == "__main__":
    sys.exit(main())
