# SPDX-License-Identifier: Apache-2.0
"""One thread's work, which another may end."""

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

from .errors import Interrupted

Result = TypeVar("Result")

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = [ctypes.c_ulong, ctypes.py_object]
_NOTHING = ctypes.py_object()


class Interruptible:
    """Python raises Interrupted in the working thread between two of its operations: a model is
    left as soon as what it called in C returns.

    At most one is raised a piece of work, and none is left over when run() has ended: one that was
    raised has ended it, one that is still to come is taken back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._id: int | None = None
        self._was_said = False
        self._thread = 0

    def run(self, number: int, work: Callable[[], Result]) -> Result:
        """Raises Interrupted, and what `work` raises."""
        with self._lock:
            self._thread = threading.get_ident()
            self._id, self._was_said = number, False
        try:
            return work()
        finally:
            self._id = None
            with self._lock:  # whoever is about to raise it has done so
                _raise_in(self._thread, _NOTHING)

    def interrupt(self, number: int) -> bool:
        """Was that the work that goes on? It may be said again."""
        with self._lock:
            if self._id != number:
                return False
            if not self._was_said:
                self._was_said = True
                _raise_in(self._thread, Interrupted)
            return True
