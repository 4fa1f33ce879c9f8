# SPDX-License-Identifier: Apache-2.0
"""Bytes in and out, over a socket or two pipes."""

import array
import os
import select
import socket
import struct
import time
from collections import deque

from .channel import SEND_LIMIT
from .errors import BadFrameError, PeerGoneError

#: Descriptors that came and that no frame has named yet.
_MOST_WAITING = 16
_LONGEST_POLL = 1e9


def milliseconds_to(until: float | None) -> float | None:
    """As poll wants them, rounded up, and no more than it takes."""
    if until is None:
        return None
    return min(max(0.0, until - time.monotonic()) * 1000 + 1, _LONGEST_POLL)


def wait_for(descriptor: int, event: int, until: float | None) -> bool:
    """False: the time has come, or a long one has passed."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(milliseconds_to(until)))


class SocketStream:
    """A connected stream socket; of a unix one come descriptors too."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setblocking(True)
        limit = struct.pack("ll", int(SEND_LIMIT), 0)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._takes = connected.family == socket.AF_UNIX
        self._room = socket.CMSG_SPACE(4) if self._takes else 0
        self._attached: deque[int] = deque()

    def read_into(self, view: memoryview, until: float | None) -> int:
        """0: the time has come. Raises PeerGoneError."""
        if until is not None and not wait_for(self._socket.fileno(), select.POLLIN, until):
            return 0
        try:
            if not self._takes:
                got = self._socket.recv_into(view)
            else:
                got, extra, _, _ = self._socket.recvmsg_into(
                    [view], self._room, socket.MSG_CMSG_CLOEXEC
                )
                for each in extra:
                    self._keep(*each)
        except OSError as error:
            raise PeerGoneError(str(error)) from None
        if got == 0:
            raise PeerGoneError("the stream has ended")
        return got

    def _keep(self, level: int, kind: int, data: bytes) -> None:
        if level != socket.SOL_SOCKET or kind != socket.SCM_RIGHTS:
            return
        self._attached.extend(array.array("i", data[: len(data) // 4 * 4]))
        if len(self._attached) > _MOST_WAITING:
            raise BadFrameError("descriptors came that no frame names")

    def take_attached(self) -> int | None:
        return self._attached.popleft() if self._attached else None

    def write(self, pieces: list[memoryview], descriptor: int | None = None) -> None:
        """All of it; the descriptor goes with the first byte. Raises PeerGoneError."""
        extra = []
        if descriptor is not None:
            rights = array.array("i", [descriptor])
            extra = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
        try:
            while pieces:
                sent = self._socket.sendmsg(pieces, extra)
                extra = []
                pieces = _behind(pieces, sent)
        except OSError as error:
            raise PeerGoneError(str(error)) from None


class PipeStream:
    """Two named pipes."""

    def __init__(self, requests: str, replies: str) -> None:
        self._in = os.open(requests, os.O_RDONLY | os.O_CLOEXEC)
        self._out = os.open(replies, os.O_WRONLY | os.O_CLOEXEC)
        os.set_blocking(self._out, False)

    def read_into(self, view: memoryview, until: float | None) -> int:
        if until is not None and not wait_for(self._in, select.POLLIN, until):
            return 0
        try:
            got = os.readv(self._in, [view])
        except OSError as error:
            raise PeerGoneError(str(error)) from None
        if got == 0:
            raise PeerGoneError("the pipe has ended")
        return got

    def take_attached(self) -> None:
        return None

    def write(self, pieces: list[memoryview], descriptor: int | None = None) -> None:
        try:
            while pieces:
                until = time.monotonic() + SEND_LIMIT
                if not wait_for(self._out, select.POLLOUT, until):
                    raise PeerGoneError("the parent takes no answer")
                try:
                    pieces = _behind(pieces, os.writev(self._out, pieces))
                except BlockingIOError:
                    continue
        except OSError as error:
            raise PeerGoneError(str(error)) from None


def _behind(pieces: list[memoryview], count: int) -> list[memoryview]:
    """What is left when `count` bytes are gone."""
    while pieces and count >= len(pieces[0]):
        count -= len(pieces[0])
        pieces = pieces[1:]
    return [pieces[0][count:], *pieces[1:]] if pieces else []
