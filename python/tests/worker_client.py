# SPDX-License-Identifier: Apache-2.0
"""A parent of workers, written after docs/worker_protocol.md alone: it shares no code with them."""

import array
import base64
import contextlib
import fcntl
import itertools
import json
import mmap
import os
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
WORKER = ROOT / "python/xpuruntime/worker"
MODELS = Path(__file__).resolve().parent / "worker_models"
DATA = ROOT / "tests/data"
TRANSPORTS = ("shared_memory", "unix", "tcp", "pipe", "grpc", "json_file")
PATIENCE = 120.0

HEADER = struct.Struct("<4sHHIIQQ")
PLACE = struct.Struct("<QQQ")
TYPES = {
    **{"hello": 1, "load": 2, "info": 3, "run": 4, "convert": 5, "stats": 6, "check_device": 7},
    **{"health": 8, "cancel": 9, "shutdown": 10},
    **{"reply": 64, "error": 65, "progress": 66, "log": 67, "segments": 68},
}
NAMES = {number: name for name, number in TYPES.items()}


class WorkerError(Exception):
    """What a worker answered by a message error."""

    def __init__(self, body: dict) -> None:
        super().__init__(body["message"])
        self.error = body["error"]


@dataclass
class Frame:
    type: str
    id: int
    body: dict
    payload: bytes = b""


def frame(kind: int, number: int, body: bytes, payload: bytes = b"", flags: int = 0) -> bytes:
    return HEADER.pack(b"XPRW", 1, kind, flags, len(body), number, len(payload)) + body + payload


class Stream:
    """Bytes of a socket, or of two pipes, and frames in them."""

    def __init__(self, requests: int, replies: int, is_shared: bool = False) -> None:
        self.out, self.into = requests, replies
        self._socket = socket.socket(fileno=os.dup(replies)) if is_shared else None
        self._segments: dict[int, mmap.mmap] = {}
        self._last_segment = 0
        self._releases: list[int] = []
        self._closes: list[int] = []
        self.descriptors_received = 0

    def send_bytes(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.out, view) :]

    def send(self, kind: str, number: int, body: dict, payload: bytes = b"") -> None:
        text = json.dumps(body).encode()
        if self._socket is None:
            self.send_bytes(frame(TYPES[kind], number, text, payload))
            return
        if self._releases or self._closes:
            notes = json.dumps({"released": self._releases, "closed": self._closes}).encode()
            self._releases, self._closes = [], []
            self.send_bytes(frame(TYPES["segments"], 0, notes))
        if not payload:
            self.send_bytes(frame(TYPES[kind], number, text))
            return
        self._last_segment += 1
        size = max(4096, len(payload))
        memory = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(memory, size)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        os.pwrite(memory, payload, 0)
        head = HEADER.pack(b"XPRW", 1, TYPES[kind], 1, len(text), number, len(payload))
        self.send_with(head + PLACE.pack(self._last_segment, size, 0) + text, memory)
        os.close(memory)
        self._closes.append(self._last_segment)  # each is used once

    def send_with(self, data: bytes, descriptor: int) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))
        sent = self._socket.sendmsg([data], [rights])
        self.send_bytes(data[sent:])

    def _read(self, size: int, descriptors: list[int]) -> bytes:
        data = b""
        while len(data) < size:
            if self._socket is None:
                got = os.read(self.into, size - len(data))
            else:
                got, extra, _, _ = self._socket.recvmsg(size - len(data), socket.CMSG_SPACE(4))
                for _, _, rights in extra:
                    descriptors += array.array("i", rights)
            if not got:
                raise EOFError
            data += got
        return data

    def receive(self) -> Frame:
        descriptors: list[int] = []
        magic, version, kind, flags, json_size, number, size = HEADER.unpack(
            self._read(HEADER.size, descriptors)
        )
        assert (magic, version) == (b"XPRW", 1)
        if not flags:
            body = json.loads(self._read(json_size, descriptors) or b"{}")
            return Frame(NAMES[kind], number, body, self._read(size, descriptors))
        segment, segment_size, offset = PLACE.unpack(self._read(PLACE.size, descriptors))
        body = json.loads(self._read(json_size, descriptors))
        if segment not in self._segments:
            (memory,) = descriptors
            seals = fcntl.fcntl(memory, fcntl.F_GET_SEALS)
            assert seals & fcntl.F_SEAL_SHRINK and os.fstat(memory).st_size == segment_size
            self._segments[segment] = mmap.mmap(memory, segment_size)
            self.descriptors_received += 1
            os.close(memory)
        self._releases.append(segment)
        assert offset % 64 == 0
        return Frame(NAMES[kind], number, body, self._segments[segment][offset : offset + size])

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        for each in {self.out, self.into} - {-1}:
            os.close(each)
        self.out = self.into = -1


class Call:
    """Frames that are messages of a gRPC call."""

    def __init__(self, address: str, token: str) -> None:
        sys.path.append(str(WORKER.parent))
        import grpc
        from worker import grpc_channel, open_inference
        from worker.channel import Block, Message
        from worker.frames import Type

        self._end, self._mapping = grpc.RpcError, open_inference
        self._message = lambda kind, number, body, payload: Message(
            Type[kind.upper()], number, body, Block(payload) if payload.size else None
        )
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        options = (*grpc_channel.OPTIONS, ("grpc.enable_http_proxy", 0))
        self._channel = grpc.insecure_channel(address, options=options)
        method = f"/{grpc_channel.SERVICE}/{grpc_channel.METHOD}"
        self._replies = self._channel.stream_stream(method)(
            iter(self._requests.get, None), metadata=((grpc_channel.TOKEN_KEY, token),)
        )

    def send_bytes(self, data: bytes) -> None:
        self._requests.put(data)

    def send(self, kind: str, number: int, body: dict, payload: bytes = b"") -> None:
        data = np.frombuffer(payload, np.uint8)
        message = self._message(kind, number, json.dumps(body).encode(), data)
        self.send_bytes(self._mapping.write_request(message))

    def receive(self) -> Frame:
        try:
            data = next(self._replies)
        except (StopIteration, self._end):
            raise EOFError from None
        got = self._mapping.read_response(data, 1 << 31)
        payload = got.payload.data.tobytes() if got.payload is not None else b""
        return Frame(NAMES[got.type], got.id, json.loads(got.json), payload)

    def close(self) -> None:
        self._requests.put(None)
        self._channel.close()


class Folder:
    """Frames that are files."""

    def __init__(self, folder: Path, worker: subprocess.Popen | None = None) -> None:
        self.folder, self.worker = folder, worker
        self._sent = self._received = 0
        self.life = -1

    def send_bytes(self, data: bytes) -> None:
        self._sent += 1
        path = self.folder / f"request-{self._sent}.json"
        part = Path(f"{path}.part")
        part.write_bytes(data)
        part.rename(path)

    def send(self, kind: str, number: int, body: dict, payload: bytes = b"") -> None:
        message = {"protocol": 1, "type": kind, "id": number, "json": body}
        if payload:
            message["payload"] = base64.b64encode(payload).decode()
        self.send_bytes(json.dumps(message).encode())

    def receive(self) -> Frame:
        path = self.folder / f"reply-{self._received + 1}.json"
        end = time.monotonic() + PATIENCE
        while not path.exists():
            if self.worker.poll() is not None and not path.exists():
                raise EOFError
            assert time.monotonic() < end
            os.sched_yield()
        message = json.loads(path.read_bytes())
        path.unlink()
        self._received += 1
        payload = base64.b64decode(message.get("payload", ""), validate=True)
        return Frame(message["type"], message["id"], message["json"], payload)

    def close(self) -> None:
        if self.life >= 0:
            os.close(self.life)
        self.life = -1
        shutil.rmtree(self.folder, ignore_errors=True)


class Parent:
    """A worker process and the connection to it."""

    def __init__(
        self, transport: str = "shared_memory", *, greet: bool = True, program: str = sys.executable
    ) -> None:
        self.transport = transport
        self.progress: list[dict] = []
        self._last_id = 0
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        command = [program, str(WORKER), "--transport", transport]
        environment = {**os.environ, "PYTHONPATH": str(MODELS), "PYTHONDONTWRITEBYTECODE": "1"}
        self.channel = getattr(self, f"_start_{transport}")(command, environment)
        if greet:
            self.greet()

    def _start(self, command: list[str], environment: dict, theirs: socket.socket | None) -> None:
        def inherit() -> None:
            os.dup2(theirs.fileno(), 3)

        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            pass_fds=[3] if theirs is not None else [],
            preexec_fn=inherit if theirs is not None else None,
        )

    def _start_unix(self, command: list[str], environment: dict) -> Stream:
        ours, theirs = socket.socketpair()
        self._start([*command, "--fd", "3"], environment, theirs)
        theirs.close()
        descriptor = ours.detach()
        return Stream(descriptor, descriptor, is_shared=self.transport == "shared_memory")

    _start_shared_memory = _start_unix

    def _start_tcp(self, command: list[str], environment: dict) -> Stream:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            address = f"127.0.0.1:{server.getsockname()[1]}"
            environment = {**environment, "XPURT_WORKER_TOKEN": "ab" * 16}
            self._start([*command, "--connect", address], environment, None)
            connected, _ = server.accept()
        connected.setblocking(True)
        descriptor = connected.detach()
        return Stream(descriptor, descriptor)

    def _start_pipe(self, command: list[str], environment: dict) -> Stream:
        their_requests, our_requests = os.pipe()
        our_replies, their_replies = os.pipe()
        own = f"/proc/{os.getpid()}/fd"
        command += ["--requests", f"{own}/{their_requests}", "--replies", f"{own}/{their_replies}"]
        self._start(command, environment, None)
        stream = Stream(our_requests, our_replies)
        # The worker has opened both when its hello comes; ours would keep the pipes open.
        self._to_close = [their_requests, their_replies]
        return stream

    def _start_grpc(self, command: list[str], environment: dict) -> Call:
        ours, theirs = socket.socketpair()
        self._start([*command, "--fd", "3"], environment, theirs)
        theirs.close()
        ours.settimeout(PATIENCE)
        with ours, ours.makefile("rb") as lines:
            said = json.loads(lines.readline())
            channel = Call(said["address"], said["token"])
            channel.hello = channel.receive()  # until then the worker looks whether we live
        return channel

    def _start_json_file(self, command: list[str], environment: dict) -> Folder:
        folder = Path(tempfile.mkdtemp(prefix="xpuruntime-test-"))
        ours, theirs = socket.socketpair()
        self._start([*command, "--folder", str(folder), "--fd", "3"], environment, theirs)
        theirs.close()
        channel = Folder(folder, self.process)
        channel.life = ours.detach()
        return channel

    def greet(self) -> Frame:
        hello = getattr(self.channel, "hello", None) or self.channel.receive()
        for each in getattr(self, "_to_close", []):
            os.close(each)
        self._to_close = []
        assert hello.type == "hello" and hello.body["protocol"] == 1
        assert hello.body["pid"] == self.process.pid
        if self.transport == "tcp":
            assert hello.body["token"] == "ab" * 16
        self.channel.send("reply", hello.id, {"protocol": 1, "max_payload": 1 << 30})
        return hello

    def send(self, kind: str, body: dict, payload: bytes = b"") -> int:
        self._last_id += 1
        self.channel.send(kind, self._last_id, body, payload)
        return self._last_id

    def answer(self, number: int) -> Frame:
        """Raises WorkerError."""
        while True:
            got = self.channel.receive()
            if got.type == "progress":
                self.progress.append(got.body)
                continue
            assert got.id == number, got
            if got.type == "error":
                raise WorkerError(got.body)
            assert got.type == "reply"
            return got

    def ask(self, kind: str, body: dict | None = None, payload: bytes = b"") -> Frame:
        return self.answer(self.send(kind, body or {}, payload))

    def load(self, model: Path | str | bytes, *, device: str = "cpu", **options: str) -> dict:
        body = {"engine": "python", "device": device, "threads": 1, "options": options}
        if isinstance(model, bytes):
            return self.ask("load", body, model).body
        return self.ask("load", {**body, "path": str(Path(model).absolute())}).body

    def load_callable(self, name: str, **options: str) -> dict:
        return self.load(f"worker_models:{name}".encode(), **{**options, "format": "callable"})

    def run(self, *arrays: np.ndarray, names: tuple[str, ...] = ("x",)) -> dict[str, np.ndarray]:
        body, payload = tensors_of(dict(zip(names, arrays, strict=True)))
        reply = self.ask("run", body, payload)
        self.report = reply.body
        return arrays_of(reply)

    def lines(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def shut_down(self) -> int:
        self.ask("shutdown")
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.log.closed:
            return
        for each in getattr(self, "_to_close", []):
            os.close(each)
        self.channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.log.close()

    def __enter__(self) -> "Parent":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


DTYPES = {
    **{1: "<f4", 2: "u1", 3: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2"},
    **{11: "<f8", 12: "<u4", 13: "<u8", 14: "<c8", 15: "<c16"},
}


def string_bytes(array: np.ndarray) -> bytes:
    texts = [each.encode() for each in array.ravel()]
    offsets = [0]
    for each in texts:
        offsets.append(offsets[-1] + len(each))
    return struct.pack(f"<{len(offsets)}q", *offsets) + b"".join(texts)


def tensors_of(arrays: dict[str, np.ndarray], numbers: dict | None = None) -> tuple[dict, bytes]:
    """`numbers`: types of arrays whose type NumPy has another name for."""
    places, payload = [], b""
    for name, array_ in arrays.items():
        dtype = (numbers or {}).get(name)
        if dtype is None and array_.dtype == object:
            dtype = 8
        elif dtype is None:
            dtype = next(n for n, each in DTYPES.items() if np.dtype(each) == array_.dtype)
        data = string_bytes(array_) if dtype == 8 else array_.tobytes()
        payload += bytes(-len(payload) % 64)
        places.append(
            {
                **{"name": name, "dtype": dtype, "shape": list(array_.shape)},
                **{"offset": len(payload), "bytes": len(data)},
            }
        )
        payload += data
    return {"tensors": places}, payload


def arrays_of(reply: Frame) -> dict[str, np.ndarray]:
    arrays = {}
    for place in reply.body["tensors"]:
        size, offset, shape = place["bytes"], place["offset"], place["shape"]
        data = reply.payload[offset : offset + size] if size else b""
        assert len(data) == size and (size == 0 or offset % 64 == 0)
        if place["dtype"] == 8:
            count = int(np.prod(shape))
            offsets = struct.unpack_from(f"<{count + 1}q", data)
            text = data[8 * (count + 1) :]
            pairs = itertools.pairwise(offsets)
            strings = [text[a:b].decode() for a, b in pairs]
            arrays[place["name"]] = np.array(strings, object).reshape(shape)
        else:
            dtype = DTYPES.get(place["dtype"], "<u2" if place["dtype"] == 16 else "u1")
            arrays[place["name"]] = np.frombuffer(data, dtype).reshape(shape)
    return arrays
