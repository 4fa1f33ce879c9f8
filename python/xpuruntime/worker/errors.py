# SPDX-License-Identifier: Apache-2.0
"""Errors by the names of the error table (include/xpuruntime/error_table.inc)."""

import sys
import traceback
from pathlib import Path
from types import TracebackType

#: Where pip has another name.
_PIP_NAMES = {
    **{"cv2": "opencv-python", "PIL": "pillow", "sklearn": "scikit-learn"},
    **{"skimage": "scikit-image", "yaml": "pyyaml"},
    **{"grpc": "grpcio", "google": "protobuf", "google.protobuf": "protobuf"},
}
_OURS = Path(__file__).parent


class TypedError(Exception):
    """What a request fails with: a class of the error table, and words."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class BadFrameError(Exception):
    """The parent broke the protocol, so that the stream cannot be followed any more."""

    def __init__(self, message: str, request_id: int = 0) -> None:
        super().__init__(message)
        self.request_id = request_id


class PeerGoneError(Exception):
    """The parent is not there any more."""


class Interrupted(BaseException):
    """A run that was cancelled. No Exception, so that models do not catch it."""


def invalid(message: str) -> TypedError:
    return TypedError("InvalidArgumentError", message)


def unsupported(message: str) -> TypedError:
    return TypedError("UnsupportedOperationError", message)


def unavailable(message: str) -> TypedError:
    return TypedError("UnavailableError", message)


def not_installed(package: str, why: str) -> TypedError:
    """`package`: as Python imports it."""
    package = _PIP_NAMES.get(package, package)
    return TypedError(
        "EngineNotInstalledError",
        f"{why}; {sys.executable} cannot import it; to install: "
        f"{sys.executable} -m pip install {package}",
    )


def _is_out_of_memory(error: BaseException) -> bool:
    names = {each.__name__ for each in type(error).__mro__}
    return (
        isinstance(error, MemoryError)
        or "OutOfMemoryError" in names
        or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
    )


def users_frames(error: BaseException) -> TracebackType | None:
    """Where it was raised, without what is ours above the user's code."""
    frame = error.__traceback__
    while frame is not None and Path(frame.tb_frame.f_code.co_filename).is_relative_to(_OURS):
        frame = frame.tb_next
    return frame


def describe(error: BaseException) -> str:
    """What an exception of the user's code says, and the line that raised it."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{text} ({frames[-1].filename}:{frames[-1].lineno})" if frames else text


def error_body(error: BaseException, where: str) -> dict:
    """The JSON of a message `error`. `where`: what was being done, for errors that do not say."""
    if isinstance(error, TypedError):
        return {"error": error.error, "message": str(error)}
    if isinstance(error, Interrupted):
        return {"error": "CancelledError", "message": f"{where} was cancelled"}
    if _is_out_of_memory(error):
        return {"error": "OutOfMemoryError", "message": f"{where}: {describe(error)}"}
    return {"error": "EngineError", "message": f"{where}: {describe(error)}"}
