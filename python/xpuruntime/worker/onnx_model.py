# SPDX-License-Identifier: Apache-2.0
"""Models of ONNX, run by the onnxruntime of this interpreter."""

import ctypes
import os
from typing import Any

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it starts

import onnxruntime

from .dtypes import FOREIGN, NATIVE, STRING, name_of, number_of
from .errors import TypedError, invalid, unavailable, unsupported
from .model import MAP, NONE, SEQUENCE, Copy, LoadRequest, Model, TensorSpec
from .tensors import Tensor

_KINDS = {"seq": SEQUENCE, "map": MAP, "optional": NONE}
#: ONNX Runtime's names that are not NumPy's.
_NAMES = {"float": "float32", "double": "float64"}
#: Names of its exceptions, and what they are here.
_ERRORS = {
    "InvalidArgument": "InvalidArgumentError",
    "InvalidGraph": "InvalidArgumentError",
    "InvalidProtobuf": "InvalidArgumentError",
    "NoModel": "InvalidArgumentError",
    "NoSuchFile": "ModelNotFoundError",
    "NotImplemented": "UnsupportedOperationError",
}


def _typed(error: Exception, where: str) -> TypedError:
    name = _ERRORS.get(type(error).__name__, "EngineError")
    if "Failed to allocate" in str(error) or "bad_alloc" in str(error):
        name = "OutOfMemoryError"
    return TypedError(name, f"{where}: {error}")


def _provider(device: str) -> Any:
    if device == "cpu":
        return "CPUExecutionProvider"
    kind, _, index = device.partition(":")
    there = onnxruntime.get_available_providers()
    if kind != "cuda" or "CUDAExecutionProvider" not in there:
        raise unavailable(
            f"device {device}: this interpreter's onnxruntime {onnxruntime.__version__} has "
            f"{', '.join(there)}"
        )
    return ("CUDAExecutionProvider", {"device_id": index or "0"})


def _spec(node: Any) -> TensorSpec:
    kind, _, inner = node.type.partition("(")
    if kind != "tensor":
        return TensorSpec(node.name, kind=_KINDS.get(kind, NONE))
    name = inner.rstrip(")")
    # An unknown rank and rank 0 look the same here: neither is promised.
    shape = [each if isinstance(each, int) else -1 for each in node.shape] or None
    names = [each if isinstance(each, str) else "" for each in node.shape]
    return TensorSpec(node.name, number_of(_NAMES.get(name, name)), shape, names)


class OnnxModel(Model):
    """A session of onnxruntime on one device."""

    def __init__(self, request: LoadRequest) -> None:
        if request.options.precision != "fp32":
            raise unsupported("ONNX Runtime computes in the precision of the model")
        self.version = f"onnxruntime {onnxruntime.__version__}"
        self.device = request.device
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = request.threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.force_spinning_stop", "1")
        request.progress("load", 1, 2)
        provider = _provider(request.device)
        try:
            self._session = onnxruntime.InferenceSession(
                str(request.path) if request.path is not None else bytes(request.data),
                options,
                providers=[provider],
            )
        except Exception as error:
            raise _typed(error, request.name) from None
        self._session.disable_fallback()
        wanted = provider if isinstance(provider, str) else provider[0]
        if self._session.get_providers()[0] != wanted:
            raise unavailable(f"device {request.device}: onnxruntime could not start {wanted}")
        meta = self._session.get_modelmeta()
        self.metadata = {str(k): str(v) for k, v in meta.custom_metadata_map.items()}
        self.producer = meta.producer_name
        self.inputs = [_spec(each) for each in self._session.get_inputs()]
        self.outputs = [_spec(each) for each in self._session.get_outputs()]
        self._running: onnxruntime.RunOptions | None = None

    def cancel(self) -> None:
        if (running := self._running) is not None:
            running.terminate = True

    def run(self, inputs: list[Tensor], copies: list[Copy]) -> dict[str, Tensor]:
        given = dict(zip([each.name for each in self.inputs], inputs, strict=True))
        names = [each.name for each in self.outputs]
        self._running = options = onnxruntime.RunOptions()
        try:
            if any(each.dtype == STRING for each in inputs):
                arrays = {name: each.to_numpy() for name, each in given.items()}
                made = self._session.run(names, arrays, options)
                return {n: Tensor.from_numpy(each) for n, each in zip(names, made, strict=True)}
            values = {name: _to_value(name, each) for name, each in given.items()}
            made = self._session.run_with_ort_values(names, values, options)
        except TypedError:
            raise
        except Exception as error:
            raise _typed(error, "run") from None
        finally:
            self._running = None
        return {name: _from_value(name, each) for name, each in zip(names, made, strict=True)}


def _to_value(name: str, tensor: Tensor) -> onnxruntime.OrtValue:
    """Strings have none."""
    if tensor.dtype in NATIVE:
        return onnxruntime.OrtValue.ortvalue_from_numpy(tensor.data)
    if tensor.dtype not in FOREIGN:
        raise unsupported(f"input '{name}': tensors of {name_of(tensor.dtype)} cannot be passed")
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(tensor.data, tensor.dtype)


def _from_value(name: str, value: onnxruntime.OrtValue) -> Tensor:
    if not value.is_tensor():
        raise unsupported(f"output '{name}' is a {value.data_type()}, and no tensor")
    number = value.element_type()
    if number == STRING:
        return Tensor.from_numpy(value.numpy())
    if number not in NATIVE and number not in FOREIGN:
        raise unsupported(f"output '{name}': tensors of {name_of(number)} cannot be passed")
    storage = NATIVE[number] if number in NATIVE else FOREIGN[number][1]
    shape = tuple(value.shape())
    size = value.tensor_size_in_bytes()
    if size == 0 or value.device_name() != "cpu":
        data = np.empty(shape, storage) if size == 0 else value.numpy()
        return Tensor(number, shape, data)
    memory = (ctypes.c_char * size).from_address(value.data_ptr())
    memory.owner = value
    return Tensor(number, shape, np.frombuffer(memory, storage).reshape(shape))


def load_onnx(request: LoadRequest) -> Model:
    if request.options.model_factory:
        raise invalid(
            f"{request.name} is a whole model for ONNX Runtime, and takes no model_factory; if it "
            "holds weights, say which by option format"
        )
    return OnnxModel(request)
