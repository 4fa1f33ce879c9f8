# SPDX-License-Identifier: Apache-2.0
"""The worker's life: arguments, hello, requests, the end."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence

from .channel import Channel, Message
from .errors import BadFrameError, PeerGoneError, TypedError
from .frames import VERSION, Type, member, write_json
from .leaving import leave, leave_nothing
from .service import Service
from .transport import open_channel, read_arguments

_TOKEN = "XPURT_WORKER_TOKEN"
_WRONG_ARGUMENTS = 2
_WRONG_PROTOCOL = 11
_HELLO_SECONDS = 30.0


class _OurForm(logging.Formatter):
    """Lines as 2026-01-31T12:00:00.000 warning [xpuruntime] text, by which parents know levels."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        level = record.levelname.lower()
        begin = f"{stamp}.{int(record.msecs):03d} {level} [xpuruntime] "
        return "\n".join(begin + each for each in super().format(record).splitlines())


def _begin_log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OurForm())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)
    sys.stdout.reconfigure(line_buffering=True)


def _greet(channel: Channel, token: str) -> None:
    """Raises PeerGoneError, BadFrameError."""
    hello = {"protocol": VERSION, "worker": f"python {sys.version.split()[0]}", "pid": os.getpid()}
    if token:
        hello["token"] = token
    channel.send(Message(Type.HELLO, 1, write_json(hello)))
    answer = channel.receive(time.monotonic() + _HELLO_SECONDS)
    if answer is None:
        raise PeerGoneError("the parent did not answer hello")
    if answer.type not in (Type.REPLY, Type.ERROR) or answer.id != 1:
        raise BadFrameError("expected a reply to hello", answer.id)
    try:
        body = answer.body
        if answer.type == Type.ERROR:
            raise PeerGoneError(f"the parent refused: {member(body, 'message', str)}")
        if member(body, "protocol", int) != VERSION:
            raise BadFrameError(f"version {VERSION} of the protocol is spoken here", answer.id)
        channel.max_payload = member(body, "max_payload", int)
    except TypedError as error:
        raise BadFrameError(str(error), answer.id) from None


def _refuse(channel: Channel, error: BadFrameError) -> None:
    body = {"error": "ProtocolError", "message": str(error)}
    with contextlib.suppress(PeerGoneError):  # it does not listen
        channel.send(Message(Type.ERROR, error.request_id, write_json(body)))


def main(words: Sequence[str]) -> int:
    arguments = read_arguments(words)
    token = os.environ.pop(_TOKEN, "")
    _begin_log()
    try:
        channel = open_channel(arguments)
    except PeerGoneError:
        leave(0)
    except (OSError, ValueError, TypedError) as error:
        print(f"xpuruntime.worker: {error}", file=sys.stderr)
        return _WRONG_ARGUMENTS

    def end(*_: object) -> None:
        leave_nothing(channel, 0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        _greet(channel, token)
        Service(channel).serve()
        channel.close()
    except PeerGoneError:
        end()
    except BadFrameError as error:
        print(f"xpuruntime.worker: {error}", file=sys.stderr)
        _refuse(channel, error)
        leave(_WRONG_PROTOCOL)
    return 0
