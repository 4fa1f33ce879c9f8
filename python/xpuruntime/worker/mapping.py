# SPDX-License-Identifier: Apache-2.0
"""Memory of a descriptor, mapped without keeping that open, as the module mmap does before 3.13."""

import ctypes
import os
import weakref
from mmap import MAP_SHARED, PROT_READ, PROT_WRITE

import numpy as np

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int64),
]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_FAILED = ctypes.c_void_p(-1).value


def map_shared(descriptor: int, size: int, *, writable: bool) -> np.ndarray:
    """[size] bytes, unmapped when the last view of them is gone. Raises OSError."""
    protection = PROT_READ | PROT_WRITE if writable else PROT_READ
    address = _libc.mmap(None, size, protection, MAP_SHARED, descriptor, 0)
    if address == _FAILED:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    memory = (ctypes.c_ubyte * size).from_address(address)
    weakref.finalize(memory, _libc.munmap, address, size).atexit = False
    array = np.frombuffer(memory, np.uint8)
    array.flags.writeable = writable
    return array
