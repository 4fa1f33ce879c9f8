# SPDX-License-Identifier: Apache-2.0
"""xpuruntime as a backend of the onnx package (``onnx.backend.base``), which this module needs.

>>> from xpuruntime.onnx_backend import backend
>>> outputs = backend("onnxrt").run_model(model, [x])
"""

from collections.abc import Mapping, Sequence
from typing import Any

from onnx import ModelProto
from onnx.backend.base import Backend, BackendRep, namedtupledict

from ._core import engine_status
from .session import InferenceSession

__all__ = ["PreparedModel", "XpuRuntimeBackend", "backend"]

# onnx names devices as "CPU" or "CUDA:1".
_DEVICES = {"CPU": "cpu", "CUDA": "cuda"}


class PreparedModel(BackendRep):
    """A session behind onnx's interface."""

    def __init__(self, session: InferenceSession) -> None:
        self.session = session

    def run(self, inputs: Any, **kwargs: Any) -> Any:
        """Run the model once.

        Parameters
        ----------
        inputs : sequence or mapping of arrays
            In the model's order, or by name.

        Returns
        -------
        outputs : namedtuple
            Arrays, in the model's order and by name.
        """
        names = [each.name for each in self.session.input_info]
        if not isinstance(inputs, Mapping):
            if not isinstance(inputs, Sequence):
                inputs = [inputs]
            inputs = dict(zip(names, inputs, strict=True))
        outputs = self.session.run(inputs)
        return namedtupledict("Outputs", list(outputs))(*outputs.values())


class XpuRuntimeBackend(Backend):
    """Runs models on one engine; ``backend(engine)`` makes the class of another.

    Raises
    ------
    UnsupportedOperationError
        From ``prepare``: the engine has not all of the model's operators.
    """

    engine = "auto"

    @classmethod
    def prepare(cls, model: ModelProto, device: str = "CPU", **kwargs: Any) -> PreparedModel:
        """Open a session; ``kwargs`` are those of InferenceSession."""
        name, _, index = device.partition(":")
        place = _DEVICES.get(name, name.lower()) + (f":{index}" if index else "")
        return PreparedModel(InferenceSession(model, engine=cls.engine, device=place, **kwargs))

    @classmethod
    def run_model(cls, model: ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> Any:
        with cls.prepare(model, device, **kwargs).session as session:
            return PreparedModel(session).run(inputs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Can this backend run on the device at all?"""
        kind = _DEVICES.get(device.partition(":")[0], "")
        return any(
            str(each).startswith(kind)
            for status in engine_status()
            if kind and cls.engine in ("auto", status.name)
            for each in status.devices
        )


def backend(engine: str) -> type[XpuRuntimeBackend]:
    """The backend of one engine, to be handed to ``onnx.backend.test.BackendTest``."""
    return type(f"{engine.capitalize()}Backend", (XpuRuntimeBackend,), {"engine": engine})
