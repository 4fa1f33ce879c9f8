# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import builtins
import json
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from ._arguments import StrPath, python_path
from ._images import picture_of, preprocessing_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._images import Image
    from ._toolkit import Preprocessing, ServiceInfo, ServiceStatistics


class InferenceService:
    """Pictures in, pictures out, from a model that can be exchanged while it is used.

    Thread-safe, and without the GIL while it loads and runs. Requests that run while the model is
    exchanged or the service closed finish on the session that they began on, which closes with the
    last of them. A context manager, which loads and closes.

    Parameters
    ----------
    model : path-like
        A model file, which `load` opens; for engine ``python`` also "package.module:callable".
    preprocessing : xpuruntime.toolkit.Preprocessing or str, optional
        How pictures become inputs; None: as the notes beside the model say, else whole pictures
        from 0 to 1.
    output : xpuruntime.toolkit.Preprocessing or str, optional
        How the model's pictures would be inputs again, which is undone; None: as `preprocessing`.
    session
        What ``InferenceSession`` takes that is data: engine, device, threads, model_factory, ....
        Without an engine, state dicts, ``.npz`` weights, "module:callable" and what is given a
        model_factory go to ``python``.
    """

    def __init__(
        self,
        model: StrPath,
        *,
        preprocessing: Preprocessing | str | None = None,
        output: Preprocessing | str | None = None,
        **session: Any,
    ) -> None:
        from . import _toolkit

        self._service = _toolkit.InferenceService(
            **_arguments_of(model, preprocessing, output, session)
        )

    @classmethod
    def open(
        cls,
        model: StrPath,
        *,
        type: Literal["native", "python"] | None = None,
        preprocessing: Preprocessing | str | None = None,
        output: Preprocessing | str | None = None,
        **session: Any,
    ) -> Self:
        """The factory: a service that is loaded, of the type asked for, or by the file.

        What fails to load leaves nothing behind: no session, no process.

        Raises
        ------
        InvalidArgumentError
            The type is not that of the model and engine, or as ``load``.
        """
        from . import _toolkit

        if type == "python":
            session.setdefault("engine", "python")
        service = cls.__new__(cls)
        service._service = _toolkit.InferenceService.open(
            **_arguments_of(model, preprocessing, output, session), type=type
        )
        return service

    def load(self) -> None:
        """Loads the model, where that has not been done.

        Raises what ``InferenceSession`` raises, and InvalidArgumentError for a model that has not
        one input.
        """
        self._service.load()

    @property
    def available(self) -> bool:
        """Is a model loaded?"""
        return self._service.available()

    @property
    def type(self) -> str:
        """ "native" or "python": of the model that runs, or that ``load`` would load."""
        return self._service.type()

    def info(self) -> ServiceInfo:
        """What runs. Raises InvalidStateError: nothing is loaded."""
        return self._service.info()

    def statistics(self) -> ServiceStatistics:
        """Inferences, times, memory, and the device really used."""
        return self._service.statistics()

    def predict_image(self, image: Image) -> npt.NDArray[Any]:
        """A picture through the model.

        Parameters
        ----------
        image : path-like, bytes or array
            A JPEG or PNG file, or its bytes; uint8 [height, width, 3] as RGB, [height, width, 1]
            or [height, width] as grey.

        Returns
        -------
        numpy.ndarray
            The model's first output as uint8 [height, width, C].

        Raises
        ------
        InvalidStateError
            Nothing is loaded.
        InvalidArgumentError
            The image or the output is no picture.
        """
        return self._service.predict_image(picture_of(image)).numpy()

    def switch_to(
        self,
        model: StrPath,
        *,
        preprocessing: Preprocessing | str | None = None,
        output: Preprocessing | str | None = None,
        **session: Any,
    ) -> None:
        """Loads another model beside the one that runs, then sends new requests there.

        Arguments are as the constructor's. A model that fails to load changes nothing.
        """
        self._service.switch_to(**_arguments_of(model, preprocessing, output, session))

    def close(self) -> None:
        """Takes no more requests; ``load`` opens the last model again. Waits for nobody."""
        self._service.close()

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(
        self,
        kind: builtins.type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if not self.available:
            return f"<xpuruntime.InferenceService, {self.type}, not loaded>"
        session = self.info().session
        return f"<xpuruntime.InferenceService of {session.model} on {session.engine}>"


def _arguments_of(
    model: StrPath,
    preprocessing: Preprocessing | str | None,
    output: Preprocessing | str | None,
    session: dict[str, Any],
) -> dict[str, Any]:
    from . import _toolkit

    settings = {
        name: os.fspath(each) if isinstance(each, os.PathLike) else each
        for name, each in session.items()
        if each is not None
    }
    path = os.fspath(model)
    if _toolkit.service_type_of(path, json.dumps(settings)) == "python":
        own = settings.setdefault("python_executable", sys.executable) == sys.executable
        options = settings.get("engine_options", {})
        settings["engine_options"] = {**(python_path() if own else {}), **options}
    return {
        "model": path,
        "session": json.dumps(settings),
        "preprocessing": None if preprocessing is None else preprocessing_of(preprocessing),
        "output": None if output is None else preprocessing_of(output),
    }
