# SPDX-License-Identifier: Apache-2.0
"""What a model is: told by its content, then by its extension; else one for ONNX Runtime."""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO

from .errors import TypedError, invalid, unsupported
from .factory import NAME
from .model import LoadRequest

_ZIP = b"PK\x03\x04"
#: Protocol 2 and later of pickle, which PyTorch wrote before 1.6.
_PICKLE = b"\x80"
_LONGEST_NAME = 512
_BY_EXTENSION = {".pth": "pytorch", ".pt": "pytorch", ".npz": "npz", ".ts": "torchscript"}


def open_model(request: LoadRequest) -> BinaryIO:
    if request.path is None:
        return io.BytesIO(request.data)
    return request.path.open("rb")


def callable_name(request: LoadRequest) -> str | None:
    """Of a model that is "package.module:callable": its path, or what the file holds."""
    if request.path is not None and not request.path.is_file():
        return request.path.name if NAME.fullmatch(request.path.name) else None
    with open_model(request) as file:
        text = file.read(_LONGEST_NAME + 1)
    try:
        name = text.decode("ascii").strip()
    except UnicodeDecodeError:
        return None
    return name if len(text) <= _LONGEST_NAME and NAME.fullmatch(name) else None


def _kind_of_zip(file: BinaryIO, name: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise invalid(f"{name}: the archive is damaged: {error}") from None
    inner = {each.partition("/")[2] for each in names}
    if "constants.pkl" in inner:
        return "torchscript"
    if "data.pkl" in inner:
        return "pytorch"
    if names and all(each.endswith(".npy") for each in names):
        return "npz"
    if "archive_format" in inner:
        raise unsupported(f"{name} is a package of PyTorch (.pt2): engine torch runs it")
    raise invalid(f"{name}: an archive that is neither of PyTorch's nor one of NumPy's arrays")


def kind_of(request: LoadRequest) -> str:
    """One of options.FORMATS but auto. Raises TypedError."""
    if request.options.format != "auto":
        return request.options.format
    if request.path is not None and not request.path.is_file():
        # By its name alone: no content of a file is to choose what code runs.
        if callable_name(request) is not None:
            return "callable"
        raise TypedError("ModelNotFoundError", f"there is no model file {request.path}")
    with open_model(request) as file:
        begin = file.read(4)
        if not begin:
            raise invalid(f"{request.name} is empty")
        file.seek(0)
        if begin == _ZIP:
            return _kind_of_zip(file, request.name)
    if begin[:1] == _PICKLE:
        return "pytorch"
    return _BY_EXTENSION.get(Path(request.name).suffix.lower(), "onnx")
