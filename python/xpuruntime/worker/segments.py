# SPDX-License-Identifier: Apache-2.0
"""Segments of shared memory: our own, and the parent's."""

import fcntl
import os
import threading

import numpy as np

from .channel import Block
from .errors import BadFrameError, TypedError
from .frames import MAX_PAYLOAD, Place, member, parse_json
from .mapping import map_shared

_MOST = 4096
_SMALLEST = 1 << 16
#: Free segments of ours that are kept for what comes next.
_MOST_FREE = 8
_MOST_FREE_BYTES = 256 << 20


class OwnSegment:
    """Memory that we write: the parent's from when it is sent until it is released."""

    def __init__(self, number: int, size: int) -> None:
        self.id = number
        self.size = size
        self.is_used = True
        #: Until the parent has it.
        self.descriptor = os.memfd_create(
            "xpuruntime-payload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
        )
        try:
            os.ftruncate(self.descriptor, size)
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
            self.memory = map_shared(self.descriptor, size, writable=True)
        except OSError as error:
            os.close(self.descriptor)
            raise MemoryError(f"a segment of {size} bytes: {error}") from None


class Segments:
    """Those of one connection. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._own: dict[int, OwnSegment] = {}
        self._parents: dict[int, np.ndarray] = {}
        self._closed: list[int] = []

    def allocate(self, size: int) -> Block:
        """In a segment of ours that nobody uses. Raises MemoryError."""
        with self._lock:
            free = [x for x in self._own.values() if not x.is_used and x.size >= size]
            segment = min(free, key=lambda each: each.size, default=None)
            if segment is None:
                if len(self._own) >= _MOST or size > MAX_PAYLOAD:
                    raise MemoryError(f"no segment for {size} bytes")
                self._last += 1
                segment = OwnSegment(self._last, max(_SMALLEST, 1 << (size - 1).bit_length()))
                self._own[segment.id] = segment
            segment.is_used = True
        return Block(segment.memory[:size], segment)

    def give_up(self, block: Block) -> None:
        """For a block that is not sent after all."""
        with self._lock:
            block.segment.is_used = False
            self._drop_surplus()

    def open(self, place: Place, size: int, descriptor: int | None) -> Block:
        """The parent's payload, read-only; closes the descriptor. Raises BadFrameError."""
        with self._lock:
            memory = self._parents.get(place.segment)
            if memory is None:
                if descriptor is None:
                    raise BadFrameError(
                        f"segment {place.segment} is not known, and no descriptor of it came"
                    )
                if len(self._parents) >= _MOST:
                    raise BadFrameError("the other side has too many segments")
                memory = self._parents[place.segment] = _map(descriptor, place.segment_bytes)
            elif memory.size != place.segment_bytes:
                raise BadFrameError(f"segment {place.segment} had another length before")
        return Block(memory[place.offset : place.offset + size], place.segment)

    def knows(self, segment: int) -> bool:
        return segment in self._parents

    def take_notes(self) -> dict | None:
        """What the next message `segments` says."""
        with self._lock:
            closed, self._closed = self._closed, []
        return {"closed": closed} if closed else None

    def take_notes_of_parent(self, json: bytes) -> None:
        """Follows a message `segments`. Raises BadFrameError."""
        try:
            body = parse_json(json)
            released, closed = (member(body, each, list, []) for each in ("released", "closed"))
        except TypedError as error:
            raise BadFrameError(f"message segments: {error}") from None
        if not all(type(each) is int for each in released + closed):
            raise BadFrameError("message segments: ids are whole numbers")
        with self._lock:
            for each in released:
                if (segment := self._own.get(each)) is not None:
                    segment.is_used = False
            for each in closed:
                self._parents.pop(each, None)
            self._drop_surplus()

    def _drop_surplus(self) -> None:
        """The oldest go while more are free than are worth it."""
        free = [each for each in self._own.values() if not each.is_used]
        size = sum(each.size for each in free)
        while free and (len(free) > _MOST_FREE or size > _MOST_FREE_BYTES):
            segment = free.pop(0)
            size -= segment.size
            del self._own[segment.id]
            if segment.descriptor is None:
                self._closed.append(segment.id)
            else:
                os.close(segment.descriptor)


def _map(descriptor: int, size: int) -> np.ndarray:
    try:
        # A parent that could shrink it could kill us by it.
        if not fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK:
            raise BadFrameError("a segment is not sealed against shrinking")
        if os.fstat(descriptor).st_size != size:
            raise BadFrameError(f"a segment is not as long as the frame says: {size}")
        return map_shared(descriptor, size, writable=False)
    except (OSError, ValueError) as error:
        raise BadFrameError(f"a segment cannot be mapped: {error}") from None
    finally:
        os.close(descriptor)
