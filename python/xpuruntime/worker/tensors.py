# SPDX-License-Identifier: Apache-2.0
"""Tensors of a payload: what is said of them is checked before they are looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .channel import Block
from .dtypes import FOREIGN, NATIVE, STRING, bits_of, foreign_dtype, name_of, storage_of
from .errors import TypedError, unsupported
from .frames import ALIGNMENT, member

_MOST_TENSORS = 4096
_MOST_RANK = 64
_MOST_ELEMENTS = 1 << 48
_MOST_NAME = 4096


@dataclass
class Tensor:
    """`data`: [shape] of the type's storage (bfloat16 as uint16), an object array of str, or the
    packed bytes of what is smaller than a byte. ``is_private``: nobody else sees its memory."""

    dtype: int
    shape: tuple[int, ...]
    data: np.ndarray
    is_private: bool = True

    @property
    def nbytes(self) -> int:
        return self.data.nbytes

    def to_numpy(self) -> np.ndarray:
        """As a Python user expects it. Raises TypedError."""
        if self.dtype in FOREIGN:
            return self.data.view(foreign_dtype(self.dtype))
        if self.dtype not in NATIVE and self.dtype != STRING:
            raise unsupported(f"elements of {bits_of(self.dtype)} bits are no NumPy array")
        return self.data

    @staticmethod
    def from_numpy(array: np.ndarray) -> "Tensor":
        """Raises TypedError for what is no tensor."""
        dtype = array.dtype
        if dtype.kind in "OUT":
            items = [str(each) for each in array.ravel()]
            if dtype.kind == "O" and not all(isinstance(each, str) for each in array.ravel()):
                raise unsupported("an array of Python objects is no tensor")
            data = np.empty(len(items), object)
            data[:] = items
            return Tensor(STRING, array.shape, data.reshape(array.shape))
        if dtype.byteorder == ">":
            array = array.astype(dtype.newbyteorder("<"))
        for number, native in NATIVE.items():
            if array.dtype == native:
                return Tensor(number, array.shape, array)
        for number, (name, storage) in FOREIGN.items():
            if dtype.name == name:
                return Tensor(number, array.shape, array.view(storage))
        raise unsupported(f"an array of {dtype} is no tensor")


def _broken(name: str, what: str) -> TypedError:
    return TypedError("ProtocolError", f"tensor '{name}': {what}")


def _count(name: str, shape: list) -> int:
    if len(shape) > _MOST_RANK:
        raise _broken(name, f"{len(shape)} dimensions are more than {_MOST_RANK}")
    product = 1  # of the dimensions that are not 0: it has to stay small also beside one
    for each in shape:
        if type(each) is not int or each < 0:
            raise _broken(name, f"dimension {each!r} is none")
        product *= each or 1
        if product >= _MOST_ELEMENTS:
            raise _broken(name, "it has more than 2^48 elements")
    return 0 if 0 in shape else product


def read_tensors(body: dict, payload: Block | None) -> dict[str, Tensor]:
    """The member `tensors` of a run, as views of the payload. Raises TypedError."""
    places = member(body, "tensors", list)
    if len(places) > _MOST_TENSORS:
        raise TypedError("ProtocolError", f"{len(places)} tensors are more than {_MOST_TENSORS}")
    data = payload.data if payload is not None else np.empty(0, np.uint8)
    tensors: dict[str, Tensor] = {}
    for place in places:
        if not isinstance(place, dict):
            raise TypedError("ProtocolError", "member 'tensors': expected objects")
        name = member(place, "name", str)
        if len(name.encode(errors="replace")) > _MOST_NAME:
            raise TypedError("ProtocolError", f"a tensor's name is longer than {_MOST_NAME} bytes")
        if name in tensors:
            raise _broken(name, "it is there twice")
        tensors[name] = _read(name, place, data)
        tensors[name].is_private = payload is None or payload.is_private
    return tensors


def _read(name: str, place: dict, payload: np.ndarray) -> Tensor:
    dtype = member(place, "dtype", int)
    shape = member(place, "shape", list)
    offset = member(place, "offset", int)
    size = member(place, "bytes", int)
    count = _count(name, shape)
    bits = bits_of(dtype)
    if bits == 0 and dtype != STRING:
        raise _broken(name, f"type {dtype} is not one of a tensor")
    least = 8 * (count + 1) if dtype == STRING else (count * bits + 7) // 8
    if size < least or (size > least and dtype != STRING):
        raise _broken(name, f"expected {least} bytes, got {size}")
    if size == 0:
        offset = 0
    if offset % ALIGNMENT:
        raise _broken(name, f"offset {offset} is not a multiple of {ALIGNMENT}")
    if offset < 0 or offset + size > payload.size:
        raise _broken(
            name, f"{size} bytes at offset {offset} do not lie in a payload of {payload.size}"
        )
    data = payload[offset : offset + size]
    if dtype == STRING:
        return Tensor(dtype, tuple(shape), _read_strings(name, data, count).reshape(shape))
    storage = storage_of(dtype)
    if storage is not None:
        data = data.view(storage).reshape(shape)
    return Tensor(dtype, tuple(shape), data)


def _read_strings(name: str, data: np.ndarray, count: int) -> np.ndarray:
    offsets = data[: 8 * (count + 1)].view("<i8").copy()
    text = data[8 * (count + 1) :].tobytes()
    if offsets[0] != 0 or offsets[-1] != len(text) or (np.diff(offsets) < 0).any():
        raise _broken(name, f"the offsets of its strings do not go from 0 to {len(text)}")
    strings = np.empty(count, object)
    try:
        for i in range(count):
            strings[i] = text[offsets[i] : offsets[i + 1]].decode()
    except UnicodeDecodeError as error:
        raise _broken(name, f"string {i}: {error}") from None
    return strings


def _string_pieces(data: np.ndarray) -> list[np.ndarray]:
    texts = [each.encode(errors="replace") for each in data.ravel()]
    offsets = np.zeros(len(texts) + 1, "<i8")
    np.cumsum([len(each) for each in texts], out=offsets[1:])
    return [offsets.view(np.uint8), np.frombuffer(b"".join(texts), np.uint8)]


def write_tensors(
    tensors: dict[str, Tensor], allocate: Callable[[int], Block]
) -> tuple[list[dict], Block | None]:
    """What is said of them, and the payload that they are copied into, each once."""
    if len(tensors) > _MOST_TENSORS:
        raise unsupported(f"{len(tensors)} outputs are more than {_MOST_TENSORS}")
    places, pieces, end = [], [], 0
    for name, tensor in tensors.items():
        _count(name, list(tensor.shape))
        of = _string_pieces(tensor.data) if tensor.dtype == STRING else [tensor.data]
        size = sum(each.nbytes for each in of)
        offset = -(-end // ALIGNMENT) * ALIGNMENT
        places.append(
            {
                **{"name": name, "dtype": tensor.dtype, "shape": list(tensor.shape)},
                **{"offset": offset, "bytes": size},
            }
        )
        if size:
            pieces.append((offset, of))
            end = offset + size
    if end == 0:
        return places, None
    block = allocate(end)
    for offset, of in pieces:
        _copy(of, block.data, offset)
    return places, block


def _copy(pieces: Sequence[np.ndarray], to: np.ndarray, offset: int) -> None:
    for piece in pieces:
        target = to[offset : offset + piece.nbytes].view(piece.dtype).reshape(piece.shape)
        np.copyto(target, piece)
        offset += piece.nbytes


def expected_and_got(tensor: Tensor) -> str:
    """ "float32[2,3]"."""
    return f"{name_of(tensor.dtype)}[{','.join(map(str, tensor.shape))}]"
