# SPDX-License-Identifier: Apache-2.0
"""What a message convert asks for, checked as far as that goes without the model."""

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import options
from ..channel import Block
from ..errors import TypedError, invalid, not_installed, unsupported
from ..frames import member
from ..model import LoadRequest
from ..tensors import Tensor, read_tensors

#: What each kind of source (source.kind_of) can become.
TARGETS = {
    "pytorch": ("onnx", "torchscript", "pt2", "executorch"),
    "npz": ("onnx", "torchscript", "pt2", "executorch"),
    "callable": ("onnx", "torchscript", "pt2", "executorch"),
    "torchscript": ("onnx", "pt2", "executorch"),
    "onnx": ("openvino",),
}
FORMATS = ("onnx", "torchscript", "pt2", "executorch", "openvino")
_KINDS = {
    **{"pytorch": "weights of PyTorch", "npz": "weights", "callable": "a PyTorch module"},
    **{"torchscript": "TorchScript", "onnx": "an ONNX model"},
}
_PACKAGES = {
    "onnx": ("torch", "onnx"),
    "torchscript": ("torch",),
    "pt2": ("torch",),
    "executorch": ("torch", "executorch"),
    "openvino": ("openvino", "onnxruntime"),
}
OPSET = 17
#: The first that the exporter of torch.export writes, which needs onnxscript.
FIRST_EXPORTED_OPSET = 18
#: What the TorchScript-based exporter writes.
TRACED_OPSETS = (7, 20)


@dataclass(frozen=True)
class ConvertRequest:
    load: LoadRequest
    target: Path  #: where the result goes; its folder is the caller's, and for this alone
    format: str
    opset: int
    fp16: bool
    dynamic: dict[str, tuple[int, int | None]]  #: bounds of dimensions by name; None: no bound
    seed: int
    given: dict[str, Tensor]  #: inputs to run on; empty: random ones
    progress: Callable[[str, int, int], None]
    check_only: bool = False  #: say whether it can be done, and do nothing

    @property
    def name(self) -> str:
        """Of the source: a file, or package.module:function."""
        return str(self.load.path) if self.load.path.is_file() else self.load.path.name


def _bounds(body: dict) -> dict[str, tuple[int, int | None]]:
    bounds = {}
    for name, pair in member(body, "dynamic", dict, {}).items():
        is_pair = isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int
        if not is_pair or not (pair[1] is None or type(pair[1]) is int):
            raise TypedError("ProtocolError", f"member 'dynamic': '{name}' has no two bounds")
        least, most = pair
        if least < 1 or (most is not None and most <= least):
            raise invalid(
                f"dynamic '{name}': expected sizes as 1-32, from 1 on and the second larger than "
                f"the first, got {least}-{most}"
            )
        bounds[name] = (least, most)
    return bounds


def _opset(body: dict, target: str) -> int:
    opset = member(body, "opset", int, None)
    if opset is not None and target != "onnx":
        raise invalid(f"opset {opset}: only ONNX models have one, and not {target}")
    return OPSET if opset is None else opset


def read_request(
    body: dict, payload: Block | None, progress: Callable[[str, int, int], None]
) -> ConvertRequest:
    """Raises TypedError."""
    source, target = Path(member(body, "source", str)), Path(member(body, "target", str))
    for each in (source, target):
        if not each.is_absolute():
            raise TypedError("ProtocolError", f"expected an absolute path, got '{each}'")
    form = member(body, "format", str)
    if form not in FORMATS:
        raise invalid(f"there is no target '{form}'; there are {', '.join(FORMATS)}")
    load = LoadRequest(
        device="cpu",
        threads=member(body, "threads", int, 0) or len(os.sched_getaffinity(0)),
        options=options.read(member(body, "options", dict, {})),
        path=source,
    )
    return ConvertRequest(
        load=load,
        target=target,
        format=form,
        opset=_opset(body, form),
        fp16=member(body, "fp16", bool, False),
        dynamic=_bounds(body),
        seed=member(body, "seed", int, 0),
        given=read_tensors(body, payload) if "tensors" in body else {},
        progress=progress,
        check_only=member(body, "check_only", bool, False),
    )


def check_target(request: ConvertRequest, kind: str) -> None:
    """Raises TypedError where `kind` does not become that, or a package is missing."""
    name, form = request.name, request.format
    if form not in TARGETS[kind]:
        way_out = "; for openvino, convert to onnx first" if form == "openvino" else ""
        raise unsupported(
            f"{name} is {_KINDS[kind]}, which can be converted to {', '.join(TARGETS[kind])}, and "
            f"not to {form}{way_out}"
        )
    packages = _PACKAGES[form]
    if form == "onnx" and kind != "torchscript" and request.opset >= FIRST_EXPORTED_OPSET:
        packages += ("onnxscript",)
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise not_installed(package, f"a conversion to {form} needs {package}")
