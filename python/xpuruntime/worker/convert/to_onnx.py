# SPDX-License-Identifier: Apache-2.0
"""To ONNX, by one of PyTorch's two exporters.

That of torch.export writes opset 18 and later. It gets at older ones by onnx's version converter,
which fails for many operators, so those are written by the exporter that traces TorchScript. That
one also takes what is TorchScript already.
"""

import warnings
from typing import Any

import onnx
import torch

from ..errors import TypedError, invalid, unsupported
from .module import Source
from .request import FIRST_EXPORTED_OPSET, TRACED_OPSETS, ConvertRequest
from .result import Result
from .samples import Dimension
from .to_torchscript import trace_warnings

#: A protobuf holds less than 2 GiB; larger weights go to a file beside it.
_MOST_INSIDE = 1_900_000_000


def export(source: Source, request: ConvertRequest) -> Result:
    """Raises TypedError."""
    tools = {"torch": torch.__version__, "onnx": onnx.__version__}
    is_large = source.weight_bytes > _MOST_INSIDE
    if request.opset < FIRST_EXPORTED_OPSET or source.is_torchscript:
        told = _trace(source, request, is_large)
        result = Result("torch.onnx, by a trace", tools, told)
    else:
        _export(source, request, is_large)
        result = Result("torch.onnx, by torch.export", tools)
    request.progress("check", 3, 4)
    _check(request)
    return result


def _trace(source: Source, request: ConvertRequest, is_large: bool) -> list[str]:
    least, most = TRACED_OPSETS
    if not least <= request.opset <= most:
        why = ", and no other takes TorchScript" if source.is_torchscript else ""
        raise unsupported(
            f"opset {request.opset}: the exporter that traces writes {least} to {most}{why}"
        )
    axes = {
        each.name: {i: d.name for i, d in enumerate(each.dims) if isinstance(d, Dimension)}
        for each in source.inputs
    }
    with warnings.catch_warnings(record=True) as caught, torch.no_grad():
        warnings.simplefilter("always")
        module: torch.nn.Module = source.module
        if source.is_torchscript:  # which the exporter takes as a whole, and not within another
            module = source.traced()
        torch.onnx.export(
            module,
            source.example,
            str(request.target),
            input_names=[each.name for each in source.inputs],
            output_names=source.outputs,
            dynamic_axes={name: each for name, each in axes.items() if each},
            opset_version=request.opset,
            external_data=is_large,
            dynamo=False,
        )
    return trace_warnings(caught)


def _export(source: Source, request: ConvertRequest, is_large: bool) -> None:
    with torch.no_grad():
        program = torch.onnx.export(
            source.module,
            source.example,
            input_names=[each.name for each in source.inputs],
            dynamic_shapes=source.dynamic_shapes(),
            opset_version=request.opset,
            dynamo=True,
            verbose=False,
        )
    _name_outputs(program.model.graph, source.outputs)
    program.save(str(request.target), external_data=is_large)


def _name_outputs(graph: Any, names: list[str]) -> None:
    """The exporter itself fails for a name that a value inside has, as 'embedding'."""
    outputs = dict(zip(map(id, graph.outputs), names, strict=True))
    inside = [*graph.inputs, *graph.initializers.values()]
    inside += [value for node in graph.all_nodes() for value in node.outputs]
    for value in inside:
        if id(value) not in outputs and value.name in names:
            value.name = f"{value.name}_inside"
    for value in graph.outputs:
        value.name = outputs[id(value)]


def _check(request: ConvertRequest) -> None:
    try:
        onnx.checker.check_model(str(request.target), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise TypedError(
            "EngineError", f"the exporter wrote a model that onnx.checker refuses: {error}"
        ) from None
    model = onnx.load(str(request.target), load_external_data=False)
    opset = next((x.version for x in model.opset_import if x.domain in ("", "ai.onnx")), 0)
    if opset != request.opset:
        raise invalid(
            f"opset {request.opset}: the exporter of torch {torch.__version__} writes {opset} and "
            "cannot convert that model"
        )
