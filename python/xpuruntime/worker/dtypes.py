# SPDX-License-Identifier: Apache-2.0
"""Types of elements, by the number of ONNX TensorProto.DataType."""

import numpy as np

from .errors import TypedError, invalid, unsupported

STRING = 8

#: Those that NumPy has.
NATIVE = {
    1: np.dtype("<f4"),
    2: np.dtype("u1"),
    3: np.dtype("i1"),
    4: np.dtype("<u2"),
    5: np.dtype("<i2"),
    6: np.dtype("<i4"),
    7: np.dtype("<i8"),
    9: np.dtype("?"),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
    12: np.dtype("<u4"),
    13: np.dtype("<u8"),
    14: np.dtype("<c8"),
    15: np.dtype("<c16"),
}

#: Those of whole bytes that it does not have, by the names of ml_dtypes, and what they are kept as.
FOREIGN = {
    16: ("bfloat16", np.dtype("<u2")),
    17: ("float8_e4m3fn", np.dtype("u1")),
    18: ("float8_e4m3fnuz", np.dtype("u1")),
    19: ("float8_e5m2", np.dtype("u1")),
    20: ("float8_e5m2fnuz", np.dtype("u1")),
    24: ("float8_e8m0fnu", np.dtype("u1")),
}

#: Bits of those that are packed.
PACKED = {21: 4, 22: 4, 23: 4, 25: 2, 26: 2, 27: 6, 28: 6}

_NUMBERS = {each.name: number for number, each in NATIVE.items()}
_NUMBERS |= {name: number for number, (name, _) in FOREIGN.items()}
_NUMBERS["string"] = STRING


def bits_of(number: int) -> int:
    """0 for strings, and for what is no type."""
    storage = storage_of(number)
    return storage.itemsize * 8 if storage is not None else PACKED.get(number, 0)


def storage_of(number: int) -> np.dtype | None:
    """What NumPy keeps whole-byte elements as."""
    if number in NATIVE:
        return NATIVE[number]
    return FOREIGN[number][1] if number in FOREIGN else None


def number_of(name: str) -> int:
    """Of NumPy's name, as "float32". Raises TypedError."""
    if name not in _NUMBERS:
        raise invalid(f"there is no type '{name}' of tensors; there are {', '.join(_NUMBERS)}")
    return _NUMBERS[name]


def name_of(number: int) -> str:
    return next((name for name, each in _NUMBERS.items() if each == number), f"type {number}")


def foreign_dtype(number: int) -> np.dtype:
    """bfloat16 and its like for NumPy. Raises TypedError."""
    name = FOREIGN[number][0]
    try:
        import ml_dtypes
    except ImportError:
        raise TypedError(
            "EngineNotInstalledError",
            f"NumPy has no {name} of its own; install the package ml_dtypes for it",
        ) from None
    if not hasattr(ml_dtypes, name):
        raise unsupported(f"this version of ml_dtypes has no {name}")
    return np.dtype(getattr(ml_dtypes, name))
