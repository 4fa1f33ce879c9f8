# SPDX-License-Identifier: Apache-2.0
"""A conversion from its request to its reply."""

import importlib
import os
from collections.abc import Callable
from typing import Any

from .. import factory, loading, notes, source
from ..channel import Block
from ..dtypes import STRING
from ..errors import invalid, unsupported
from ..model import Model, TensorSpec, parse_specs
from ..tensors import Tensor, write_tensors
from . import failure, info, samples
from .request import ConvertRequest, check_target
from .result import Result


def convert(request: ConvertRequest, allocate: Callable[[int], Block]) -> tuple[dict, Block | None]:
    """The reply's JSON and payload. Raises TypedError, and what the user's code raises."""
    # What AOTInductor compiles goes with the folder of the result, and is not left in that of the
    # system. PyTorch sets this itself as soon as it is imported.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(request.target.parent / "inductor"))
    factory.add_python_path(request.load.options.python_path)
    request.progress("load", 0, 4)
    kind = source.kind_of(request.load)
    check_target(request, kind)
    if request.check_only:
        return {"files": [], "info": {}, "warnings": [], "samples": [], "tensors": []}, None
    model = _load(request, kind)
    inputs = samples.inputs_of(model.inputs, request)
    made = samples.make(inputs, request)
    request.progress("run the source", 1, 4)
    outputs = _run(model, made, request)
    request.progress("export", 2, 4)
    result = _export(model, inputs, made[0], request)
    tensors = _by_place(inputs, made, outputs)
    places, payload = write_tensors(tensors, allocate)
    reply = {
        "files": sorted(str(x) for x in request.target.parent.iterdir() if x.is_file()),
        "info": info.of(request, result, inputs, made, outputs),
        "warnings": result.warnings,
        "samples": [
            {"inputs": [x.name for x in inputs], "outputs": list(each)} for each in outputs
        ],
        "tensors": places,
    }
    return reply, payload


def _by_place(
    inputs: list[samples.Input], made: list[list[Tensor]], outputs: list[dict[str, Tensor]]
) -> dict[str, Tensor]:
    """What each sample took and gave, in order, under names that do not meet."""
    tensors: dict[str, Tensor] = {}
    for number, (sample, given) in enumerate(zip(made, outputs, strict=True)):
        for spec, tensor in zip(inputs, sample, strict=True):
            tensors[f"{number} input {spec.name}"] = tensor
        for name, tensor in given.items():
            tensors[f"{number} output {name}"] = tensor
    return tensors


def _load(request: ConvertRequest, kind: str) -> Model:
    load = request.load
    model = _load_module(request) if kind == "callable" else loading.load(load)
    if kind == "onnx":
        _add_shapes(model.inputs, parse_specs("inputs", load.options.inputs))
        _add_bounds(model.inputs, notes.read_beside(load.path)["inputs"])
    elif model.module is None:
        raise unsupported(f"{request.name} makes no torch.nn.Module, and only those are converted")
    return model


def _add_shapes(specs: list[TensorSpec], told: list[TensorSpec]) -> None:
    """Those that an ONNX model leaves open, and no others."""
    known = {each.name: each for each in specs}
    for each in told:
        spec = known.get(each.name)
        if spec is None:
            raise invalid(f"there is no input '{each.name}'; there are {', '.join(known)}")
        if spec.shape is not None:
            raise invalid(
                f"input '{each.name}': the model says itself which sizes it takes; give none"
            )
        spec.shape, spec.dim_names = each.shape, each.dim_names


def _add_bounds(specs: list[TensorSpec], told: list[TensorSpec]) -> None:
    """ONNX says which dimensions are dynamic, and its notes what they may be."""
    known = {each.name: each for each in told}
    for spec in specs:
        note = known.get(spec.name)
        if note is not None and note.shape == spec.shape:
            spec.min_shape, spec.max_shape = note.min_shape, note.max_shape


def _load_module(request: ConvertRequest) -> Model:
    """A source that is package.module:function, a factory, or a module itself."""
    if request.load.options.model_factory:
        raise invalid(
            f"{request.name} names what makes the model itself, and takes no model_factory"
        )
    torch_model = loading.import_for("torch_model", "torch", request.name)
    name = source.callable_name(request.load)
    if name is None:
        raise invalid(f"{request.name}: expected a name as package.module:function")
    found = factory.find(name, "source")
    if not torch_model.is_module(found):
        found, _ = factory.make(name, None)
    if not torch_model.is_module(found):
        raise unsupported(f"{name} makes a {type(found).__name__}, and no torch.nn.Module")
    return torch_model.load_module(request.load, None, found)


def _run(
    model: Model, made: list[list[Tensor]], request: ConvertRequest
) -> list[dict[str, Tensor]]:
    if model.module is not None and not notes.output_specs(request.load, []):
        # By what it returns for these inputs, which may be more than one guesses.
        model.outputs = [TensorSpec(name) for name in model.leaves(made[0], [])]
    outputs = []
    for sample in made:
        # A model may write what it is given.
        copies = [Tensor(x.dtype, x.shape, x.data.copy()) for x in sample]
        outputs.append(model.run(copies, []))
        for name, each in outputs[-1].items():
            if each.dtype == STRING:
                raise unsupported(f"output '{name}': strings are not converted")
    return outputs


def _export(
    model: Model, inputs: list[samples.Input], sample: list[Tensor], request: ConvertRequest
) -> Result:
    name = f"to_{request.format}"
    try:
        exporter: Any = importlib.import_module(f".{name}", __package__)
        if request.format == "openvino":
            return exporter.export(request)
        module = importlib.import_module(".module", __package__)
        return exporter.export(module.source_of(model, inputs, sample, request.fp16), request)
    except MemoryError:
        raise
    except Exception as error:
        raise failure.explain(
            error, f"the conversion of {request.name} to {request.format}"
        ) from error
