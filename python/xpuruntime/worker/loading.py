# SPDX-License-Identifier: Apache-2.0
"""From a message load to a model."""

import importlib
from pathlib import Path
from typing import Any

from . import devices, factory, options, source
from .channel import Block
from .errors import TypedError, invalid, not_installed, unsupported
from .frames import member
from .model import LoadRequest, Model

#: What loads each kind: module, function, and the package that it needs.
_LOADERS = {
    "onnx": ("onnx_model", "load_onnx", "onnxruntime"),
    "torchscript": ("torch_model", "load_torchscript", "torch"),
    "pytorch": ("torch_model", "load_pytorch", "torch"),
    "npz": ("callable_model", "load_npz", ""),
    "callable": ("callable_model", "load_callable", ""),
}


def _shapes(body: dict) -> dict[str, list[int]]:
    shapes = member(body, "shapes", dict, {})
    for name, shape in shapes.items():
        if not isinstance(shape, list) or not all(type(x) is int and x >= 0 for x in shape):
            raise TypedError("ProtocolError", f"member 'shapes': '{name}' has none")
    return shapes


def read_request(body: dict, payload: Block | None, progress: Any) -> LoadRequest:
    """Raises TypedError."""
    if member(body, "engine", str) not in ("", "python"):
        raise unsupported(f"this worker runs engine python alone, not '{body['engine']}'")
    if member(body, "extra_outputs", list, []):
        raise unsupported("engine python does not show inner values")
    path = member(body, "path", str, "")
    if path and not Path(path).is_absolute():
        raise TypedError("ProtocolError", f"member 'path': expected an absolute one, got '{path}'")
    if not path and payload is None:
        raise invalid("the model has neither a path nor bytes")
    return LoadRequest(
        device=devices.parse(member(body, "device", str)),
        threads=max(1, member(body, "threads", int)),
        options=options.read(member(body, "options", dict, {})),
        path=Path(path) if path else None,
        data=None if path else memoryview(payload.data),
        shapes=_shapes(body),
        progress=progress,
    )


def load(request: LoadRequest) -> Model:
    """Raises TypedError, and what the user's code raises."""
    factory.add_python_path(request.options.python_path)
    kind = source.kind_of(request)
    module, function, package = _LOADERS[kind]
    request.progress("import", 0, 3)
    return getattr(import_for(module, package, request.name), function)(request)


def import_for(module: str, package: str, name: str) -> Any:
    """A module of ours that needs `package`. Raises TypedError; `name`: of the model."""
    try:
        return importlib.import_module(f".{module}", __package__)
    except ImportError as error:
        if package and (error.name or "").partition(".")[0] == package:
            raise not_installed(package, f"{name} needs {package}") from None
        raise TypedError("UnavailableError", f"{package} cannot be imported: {error}") from None
