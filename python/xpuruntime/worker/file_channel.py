# SPDX-License-Identifier: Apache-2.0
"""A frame a file: for scripts and debugging."""

import base64
import binascii
import contextlib
import ctypes
import os
import select
import shutil
import stat
import threading
from pathlib import Path

import numpy as np

from .byte_stream import milliseconds_to
from .channel import Block, Channel, Message
from .errors import BadFrameError, PeerGoneError, TypedError
from .frames import MAX_JSON, VERSION, Type, member, name_of, parse_json, write_json

_IN_MOVED_TO = 0x80
_IN_DELETE_SELF = 0x400


class FileChannel(Channel):
    """`life`: a socket whose end says that the parent is gone; None: it works until shutdown."""

    def __init__(self, folder: Path, life: int | None) -> None:
        self._folder = folder
        self._life = life
        self._received = self._sent = 0
        self._sending = threading.Lock()
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        path = os.fsencode(folder)
        if (
            self._watch < 0
            or libc.inotify_add_watch(self._watch, path, _IN_MOVED_TO | _IN_DELETE_SELF) < 0
        ):
            raise OSError(ctypes.get_errno(), f"watching folder {folder}")

    def abandon(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, message: Message) -> None:
        body = b'{"protocol":%d,"type":"%s","id":%d,"json":%s' % (
            *(VERSION, name_of(message.type).encode(), message.id, message.json or b"{}"),
        )
        if message.payload is not None:
            body += b',"payload":"' + base64.b64encode(message.payload.data) + b'"'
        with self._sending:
            self._sent += 1
            path = self._folder / f"reply-{self._sent}.json"
            part = path.with_name(path.name + ".part")
            try:
                part.write_bytes(body + b"}\n")
                part.rename(path)
            except OSError as error:
                raise PeerGoneError(str(error)) from None

    def receive(self, until: float | None = None) -> Message | None:
        while True:
            if (data := self._take_file()) is not None:
                return self._message_of(data)
            if not self._wait(until):
                return None

    def _path(self) -> Path:
        return self._folder / f"request-{self._received + 1}.json"

    def _take_file(self) -> bytes | None:
        path = self._path()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadFrameError(f"{path}: {error}") from None
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise BadFrameError(f"{path} is no file")
            if facts.st_size > self.max_payload // 3 * 4 + MAX_JSON:
                raise BadFrameError(f"{path} has {facts.st_size} bytes, more than are taken")
            data = file.read(facts.st_size)
        path.unlink(missing_ok=True)
        self._received += 1
        return data

    def _wait(self, until: float | None) -> bool:
        """False: the time has come."""
        poll = select.poll()
        poll.register(self._watch, select.POLLIN)
        if self._life is not None:
            poll.register(self._life, select.POLLIN)
        ready = dict(poll.poll(milliseconds_to(until)))
        with contextlib.suppress(BlockingIOError):
            while os.read(self._watch, 4096):
                pass
        if self._path().exists():
            return True
        if self._life in ready or not self._folder.exists():
            raise PeerGoneError("the parent is gone")
        return bool(ready)

    def _message_of(self, data: bytes) -> Message:
        try:
            whole = parse_json(data)
            if member(whole, "protocol", int) != VERSION:
                raise BadFrameError("the file is of another version of the worker protocol")
            kind = member(whole, "type", str)
            number = member(whole, "id", int)
            json = write_json(member(whole, "json", dict))
            payload = member(whole, "payload", str, None)
        except TypedError as error:
            raise BadFrameError(f"the file is no message: {error}") from None
        if kind.upper() not in Type.__members__:
            raise BadFrameError(f"there is no message type '{kind}'", number)
        if not 0 <= number < 1 << 64:
            raise BadFrameError(f"id {number} is out of range")
        if len(json) > MAX_JSON:
            raise BadFrameError("the file has too much JSON", number)
        return Message(Type[kind.upper()], number, json, self._block_of(payload, number))

    def _block_of(self, payload: str | None, number: int) -> Block | None:
        if not payload:
            return None
        if len(payload) // 4 * 3 > self.max_payload + 2:
            raise BadFrameError(f"the payload is longer than {self.max_payload} bytes", number)
        try:
            data = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadFrameError(f"the payload is no base64: {error}", number) from None
        return Block(np.frombuffer(bytearray(data), np.uint8))
