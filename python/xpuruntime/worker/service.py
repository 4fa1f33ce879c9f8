# SPDX-License-Identifier: Apache-2.0
"""Answers requests: one thread receives and one works, so that health and cancel never wait."""

import logging
import os
import platform
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from . import devices, loading, options
from .channel import Block, Channel, Message
from .convert.job import convert
from .convert.request import read_request
from .errors import (
    BadFrameError,
    Interrupted,
    TypedError,
    error_body,
    invalid,
    unsupported,
    users_frames,
)
from .frames import Type, member, name_of, write_json
from .interrupt import Interruptible
from .leaving import leave_nothing, unfinished
from .model import Model
from .tensors import read_tensors, write_tensors

ADAPTER_VERSION = "1.0"
_log = logging.getLogger(__name__)
_FAILED = 13  # as InternalError
_AT_ONCE = (Type.STATS, Type.HEALTH)


class Service:
    """Of one channel. serve() runs in the main thread."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._model: Model | None = None
        self._requests: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._work = Interruptible()
        self._lock = threading.Lock()
        self._pending: dict[int, float | None] = {}  #: when each runs out of time
        self._cancelled: dict[int, str] = {}  #: and by which error
        self._allocated: Block | None = None  #: of the run that goes on
        self._begun = time.monotonic()
        self._runs = self._failed = 0
        self._last_run_time = self._total_run_time = 0.0

    def serve(self) -> None:
        """Until shutdown has been answered. Raises PeerGoneError, BadFrameError."""
        worker = threading.Thread(target=self._serve_requests, name="runs", daemon=True)
        worker.start()
        while True:
            message = self._channel.receive(self._next_deadline())
            if message is None:
                self._cancel_late_ones()
                continue
            if message.type >= 64 or message.id == 0:
                raise BadFrameError("a parent must not send that", message.id)
            if message.type == Type.SHUTDOWN:
                break
            self._take(message)
        self._requests.put(None)
        threading.Thread(target=self._watch_parent, daemon=True).start()
        worker.join()
        self._channel.send(Message(Type.REPLY, message.id))

    def _watch_parent(self) -> None:
        """While the last runs end, and nobody else receives."""
        try:
            while True:
                message = self._channel.receive()
                if message.type == Type.CANCEL:
                    self._cancel(message.id, "CancelledError")
        except Exception:
            leave_nothing(self._channel, 0)

    def _take(self, message: Message) -> None:
        if message.type == Type.CANCEL:
            self._cancel(message.id, "CancelledError")
        elif message.type in _AT_ONCE:
            self._answer(message)
        else:
            with self._lock:
                self._pending[message.id] = self._deadline_of(message)
            self._requests.put(message)

    @staticmethod
    def _deadline_of(message: Message) -> float | None:
        if message.type != Type.RUN:
            return None
        try:
            limit = member(message.body, "timeout", float, None)
            return None if limit is None else time.monotonic() + limit
        except (TypedError, OverflowError):
            return None  # the first is told when it is answered

    def _next_deadline(self) -> float | None:
        with self._lock:
            open_ones = [
                each
                for number, each in self._pending.items()
                if each is not None and number not in self._cancelled
            ]
        return min(open_ones, default=None)

    def _cancel_late_ones(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [n for n, each in self._pending.items() if each is not None and each <= now]
        for number in late:
            self._cancel(number, "DeadlineExceededError")

    def _cancel(self, number: int, error: str) -> None:
        with self._lock:
            if number not in self._pending:
                return
            self._cancelled.setdefault(number, error)
        model = self._model
        if self._work.interrupt(number) and model is not None:
            model.cancel()

    def _serve_requests(self) -> None:
        try:
            while (message := self._requests.get()) is not None:
                self._answer(message)
        except BaseException:
            # Nobody would answer any more.
            _log.critical("the worker fails", exc_info=True)
            leave_nothing(self._channel, _FAILED)

    def _answer(self, message: Message) -> None:
        begin = time.monotonic()
        try:
            if message.type in _AT_ONCE:
                reply = self._reply_to(message)
            else:
                reply = self._work.run(message.id, lambda: self._reply_in_time(message))
        except BaseException as error:
            reply = Message(Type.ERROR, message.id, write_json(self._error(message, error)))
            if message.type not in _AT_ONCE and self._allocated is not None:
                self._channel.give_up(self._allocated)
        with self._lock:
            self._pending.pop(message.id, None)
            self._cancelled.pop(message.id, None)
            if message.type not in _AT_ONCE:
                self._allocated = None
            if message.type == Type.RUN:
                self._count(reply.type == Type.REPLY, time.monotonic() - begin)
        self._send(reply)

    def _reply_in_time(self, message: Message) -> Message:
        with self._lock:  # a cancel that comes later finds the work going on
            if message.id in self._cancelled:
                raise Interrupted
        return self._reply_to(message)

    def _allocate(self, size: int) -> Block:
        self._allocated = self._channel.allocate(size)
        return self._allocated

    def _count(self, has_worked: bool, seconds: float) -> None:
        if not has_worked:
            self._failed += 1
            return
        self._runs += 1
        self._last_run_time = seconds
        self._total_run_time += seconds

    def _error(self, message: Message, error: BaseException) -> dict:
        where = name_of(message.type)
        body = error_body(error, where)
        with self._lock:
            cause = self._cancelled.get(message.id)
        if cause is not None and not (
            isinstance(error, TypedError) and error.error == "ProtocolError"
        ):
            return {"error": cause, "message": f"{where} was ended: {_CAUSES[cause]}"}
        if body["error"] == "EngineError":
            _log.error("%s failed", where, exc_info=(type(error), error, users_frames(error)))
        return body

    def _send(self, message: Message) -> None:
        try:
            self._channel.send(message)
        except Exception:
            leave_nothing(self._channel, 0)  # whoever asked is gone

    def _reply_to(self, message: Message) -> Message:
        body = message.body
        reply = Message(Type.REPLY, message.id)
        match message.type:
            case Type.RUN:
                return self._run(body, message)
            case Type.LOAD:
                answer = self._load(body, message)
            case Type.CONVERT:
                answer, reply.payload = self._convert(body, message)
            case Type.INFO:
                answer = _info(member(body, "engine", str))
            case Type.STATS:
                answer = self._stats()
            case Type.CHECK_DEVICE:
                answer = devices.check(member(body, "device", str))
            case Type.HEALTH:
                answer = {"state": "empty" if self._model is None else "ready"}
            case _:
                raise unsupported(f"this worker does not do {name_of(message.type)}")
        reply.json = write_json(answer)
        return reply

    def _progress(self, number: int) -> Callable[[str, int, int], None]:
        def tell(phase: str, done: int, total: int) -> None:
            told = {"phase": phase, "done": done, "total": total}
            self._send(Message(Type.PROGRESS, number, write_json(told)))

        return tell

    def _convert(self, body: dict, message: Message) -> tuple[dict, Block | None]:
        request = read_request(body, message.payload, self._progress(message.id))
        if request.check_only:  # which makes nothing: its target is in the user's own folder
            return convert(request, self._allocate)
        with unfinished(request.target.parent):
            return convert(request, self._allocate)

    def _load(self, body: dict, message: Message) -> dict:
        if self._model is not None:
            raise TypedError("InvalidStateError", "this worker has a model: one worker loads one")

        begin = time.monotonic()
        request = loading.read_request(body, message.payload, self._progress(message.id))
        model = loading.load(request)
        self._model = model
        return {
            **{"engine": "python", "version": model.version, "device": model.device},
            **{"threads": request.threads, "parallelism": 1, "pid": os.getpid()},
            "load_time": time.monotonic() - begin,
            "model": {
                "inputs": [each.body() for each in model.inputs],
                "outputs": [each.body() for each in model.outputs],
                **{"metadata": model.metadata, "opset": model.opset, "producer": model.producer},
            },
        }

    def _run(self, body: dict, message: Message) -> Message:
        if self._model is None:
            raise TypedError("InvalidStateError", "a run before a model was loaded")
        member(body, "timeout", float, None)  # kept by who receives
        given = read_tensors(body, message.payload)
        expected = [each.name for each in self._model.inputs]
        if set(given) != set(expected):
            raise invalid(f"expected inputs {', '.join(expected)}; got {', '.join(given)}")
        copies = []
        begin = time.monotonic()
        outputs = self._model.run([given[each] for each in expected], copies)
        run_time = time.monotonic() - begin
        places, payload = write_tensors(outputs, self._allocate)
        answer = {"tensors": places, "run_time": run_time, "copies": [vars(x) for x in copies]}
        return Message(Type.REPLY, message.id, write_json(answer), payload)

    def _stats(self) -> dict:
        with self._lock:
            average = self._total_run_time / self._runs if self._runs else 0.0
            return {
                **{"pid": os.getpid(), "uptime": time.monotonic() - self._begun},
                **{"runs": self._runs, "failed": self._failed},
                **{"last_run_time": self._last_run_time, "average_run_time": average},
                **_memory(),
                "engine": "python" if self._model is not None else "",
                "device": self._model.device if self._model is not None else "",
            }


_CAUSES = {"CancelledError": "it was cancelled", "DeadlineExceededError": "its time was up"}


def _memory() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    words = {name: rest.split() for name, _, rest in (each.partition(":") for each in lines)}
    return {
        "resident_bytes": int(words["VmRSS"][0]) * 1024,
        "peak_resident_bytes": int(words["VmHWM"][0]) * 1024,
    }


def _info(engine: str) -> dict:
    if engine not in ("", "python"):
        raise unsupported(f"this worker runs engine python alone, not '{engine}'")
    return {
        **{"engine": "python", "version": platform.python_version()},
        **{"adapter_version": ADAPTER_VERSION, "path": str(Path(__file__).parent)},
        "formats": ["onnx", "pt", "pth", "npz"],
        **{"devices": devices.known(), "options": options.specs()},
    }
