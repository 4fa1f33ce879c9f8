# SPDX-License-Identifier: Apache-2.0
"""What breaks the protocol: refused with words, or the end of the worker, never a hang."""

import contextlib
import fcntl
import json
import os
import random
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from worker_client import (
    HEADER,
    PLACE,
    TYPES,
    WORKER,
    Parent,
    WorkerError,
    arrays_of,
    frame,
    tensors_of,
)

X = np.arange(4, dtype=np.float32)
STREAMS = ("unix", "pipe")


def header(**changed: int) -> bytes:
    fields = {"version": 1, "kind": 8, "flags": 0, "json": 0, "id": 9, "payload": 0, **changed}
    magic = struct.pack("<I", fields.pop("magic", struct.unpack("<I", b"XPRW")[0]))
    return HEADER.pack(magic, *fields.values())


BROKEN = {
    "magic": header(magic=7),
    "version": header(version=2),
    "type": header(kind=99),
    "an answer's type": header(kind=64),
    "flags": header(flags=6),
    "shared without segments": header(flags=1, payload=64) + bytes(24),
    "json": header(json=(16 << 20) + 1),
    "payload": header(payload=(1 << 30) + 1),
    "a payload beyond all": header(payload=(1 << 64) - 1),
    "request 0": header(id=0),
    "segments": header(kind=TYPES["segments"], id=0),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_stream_that_cannot_be_followed_ends_the_worker(data):
    with Parent("unix") as parent:
        parent.channel.send_bytes(data)
        refusal = parent.channel.receive()
        assert refusal.type == "error" and refusal.body["error"] == "ProtocolError"
        assert parent.process.wait(60) == 11
        assert refusal.body["message"] in parent.lines()


def test_a_header_that_lies_costs_no_memory():
    with Parent("unix") as parent:
        before = parent.ask("stats").body["resident_bytes"]
        parent.channel.send_bytes(header(kind=TYPES["run"], payload=1 << 30, json=2) + b"{}")
        parent.channel.send_bytes(bytes(1 << 16))
        while fcntl.ioctl(parent.channel.out, termios.TIOCOUTQ, bytes(4)) != bytes(4):
            assert parent.process.poll() is None
        status = Path(f"/proc/{parent.process.pid}/status").read_text()
        lines = dict(line.split(":", 1) for line in status.splitlines())
        assert int(lines["VmHWM"].split()[0]) * 1024 < before + (256 << 20)


BODIES = {
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": b'{"a":"\xff"}',
    "not a number": b'{"tensors":NaN}',
    "nested too deeply": b'{"tensors":' + b"[" * 100 + b"]" * 100 + b"}",
    "nested without end": b"[" * 200_000,
    "no tensors": b"{}",
    "tensors of another type": b'{"tensors":{}}',
    "no objects": b'{"tensors":[1]}',
    "a name that is none": b'{"tensors":[{"name":1,"dtype":1,"shape":[],"offset":0,"bytes":4}]}',
}
FIELDS = {
    "bytes that are too few": {"bytes": 12},
    "bytes that are too many": {"bytes": 20},
    "an offset outside": {"offset": 64},
    "a crooked offset": {"offset": 4},
    "a negative offset": {"offset": -64},
    "a huge offset": {"offset": 1 << 62},
    "a negative dimension": {"shape": [-4]},
    "a huge dimension": {"shape": [1 << 50]},
    "a huge product beside 0": {"shape": [0, 1 << 40, 1 << 40]},
    "too many dimensions": {"shape": [1] * 65},
    "a dimension that is none": {"shape": [4.0]},
    "a boolean": {"dtype": True},
    "a type that is none": {"dtype": 29},
    "strings without offsets": {"dtype": 8, "shape": [1], "bytes": 8},
    "a name without end": {"name": "x" * 5000},
}


def place(**changed: object) -> dict:
    return {"name": "x", "dtype": 1, "shape": [4], "offset": 0, "bytes": 16, **changed}


@pytest.fixture(scope="module")
def echo():
    with Parent("unix") as parent:
        parent.load_callable("echo")
        yield parent


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_json_that_breaks_a_rule_is_answered_and_the_worker_goes_on(echo, body):
    echo._last_id += 1
    echo.channel.send_bytes(frame(TYPES["run"], echo._last_id, body))
    with pytest.raises(WorkerError) as error:
        echo.answer(echo._last_id)
    assert error.value.error == "ProtocolError"
    np.testing.assert_array_equal(echo.run(X)["output"], X)


@pytest.mark.parametrize("changed", FIELDS.values(), ids=FIELDS)
def test_a_tensor_that_lies_is_answered_and_the_worker_goes_on(echo, changed):
    with pytest.raises(WorkerError) as error:
        echo.ask("run", {"tensors": [place(**changed)]}, bytes(16))
    assert error.value.error == "ProtocolError"
    np.testing.assert_array_equal(echo.run(X)["output"], X)


def test_strings_whose_offsets_lie_are_refused(echo):
    for offsets in ((1, 2, 4), (0, 5, 4), (0, 2, 3), (0, -1, 4)):
        payload = struct.pack("<3q", *offsets) + b"abcd"
        with pytest.raises(WorkerError, match="offsets of its strings") as error:
            echo.ask("run", {"tensors": [place(dtype=8, shape=[2], bytes=28)]}, payload)
        assert error.value.error == "ProtocolError"
    with pytest.raises(WorkerError, match="utf-8"):
        payload = struct.pack("<3q", 0, 2, 4) + b"\xff\xfe\xfd\xfc"
        echo.ask("run", {"tensors": [place(dtype=8, shape=[2], bytes=28)]}, payload)


def test_more_tensors_than_are_taken_are_refused(echo):
    places = [place(name=str(i), bytes=0, shape=[0]) for i in range(4097)]
    with pytest.raises(WorkerError, match="4097 tensors") as error:
        echo.ask("run", {"tensors": places})
    assert error.value.error == "ProtocolError"


def test_an_unknown_request_is_refused_and_unknown_members_are_passed_over(echo):
    echo._last_id += 1
    echo.channel.send_bytes(frame(42, echo._last_id, b"{}"))
    with pytest.raises(WorkerError) as error:
        echo.answer(echo._last_id)
    assert error.value.error == "UnsupportedOperationError"
    body, payload = tensors_of({"x": X})
    reply = echo.ask("run", {**body, "of a later version": [1, 2]}, payload)
    np.testing.assert_array_equal(arrays_of(reply)["output"], X)
    for timeout in (60, 1e300, 10**400):
        reply = echo.ask("run", {**body, "timeout": timeout}, payload)
        np.testing.assert_array_equal(arrays_of(reply)["output"], X)
    with pytest.raises(WorkerError, match="member 'timeout'"):
        echo.ask("run", {**body, "timeout": False}, payload)
    echo.channel.send("cancel", 123456, {})
    assert echo.ask("health").body == {"state": "ready"}


@pytest.mark.parametrize("transport", STREAMS)
def test_frames_come_in_any_pieces_and_several_at_once(transport):
    with Parent(transport) as parent:
        parent.load_callable("echo")
        body, payload = tensors_of({"x": X})
        text = json.dumps(body).encode()
        one = frame(TYPES["run"], 101, text, payload)
        for i in range(len(one)):
            parent.channel.send_bytes(one[i : i + 1])
        np.testing.assert_array_equal(arrays_of(parent.answer(101))["output"], X)
        many = b"".join(frame(TYPES["run"], 200 + i, text, payload) for i in range(20))
        parent.channel.send_bytes(many[:1000])
        parent.channel.send_bytes(many[1000:])
        for i in range(20):
            np.testing.assert_array_equal(arrays_of(parent.answer(200 + i))["output"], X)


@pytest.mark.parametrize("seed", range(12))
def test_garbage_ends_the_worker_or_is_answered(seed):
    """Frames that are right but for a few bytes, cut somewhere."""
    chance = random.Random(seed)
    with Parent(chance.choice(STREAMS)) as parent:
        parent.load_callable("echo")
        body, payload = tensors_of({"x": X})
        for number in range(1000, 1020):
            data = bytearray(frame(TYPES["run"], number, json.dumps(body).encode(), payload))
            for _ in range(chance.randrange(4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                parent.channel.send_bytes(bytes(data))
            except BrokenPipeError:
                break
        cut = frame(TYPES["run"], 5000, json.dumps(body).encode(), payload)
        with contextlib.suppress(BrokenPipeError):
            parent.channel.send_bytes(cut[: chance.randrange(len(cut))])
        os.set_blocking(parent.channel.into, False)  # what it answers is not read
        parent.close()
        assert parent.process.returncode in (0, 11)


SHARED_LIES = {
    "segment 0": (0, 4096, 0, True),
    "a place outside": (1, 4096, 4096, True),
    "a crooked place": (1, 4096, 8, True),
    "another length": (1, 8192, 0, True),
    "no descriptor": (1, 4096, 0, False),
    "a segment beyond all": (1, 1 << 41, 0, True),
}


@pytest.mark.parametrize("lie", SHARED_LIES.values(), ids=SHARED_LIES)
def test_a_shared_payload_that_lies_ends_the_worker(lie):
    segment, size, offset, is_attached = lie
    data = header(kind=TYPES["run"], flags=1, payload=64, json=2)
    data += PLACE.pack(segment, size, offset) + b"{}"
    with Parent("shared_memory") as parent:
        memory = os.memfd_create("test", os.MFD_ALLOW_SEALING)
        os.ftruncate(memory, 4096)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        if is_attached:
            parent.channel.send_with(data, memory)
        else:
            parent.channel.send_bytes(data)
        os.close(memory)
        assert parent.channel.receive().body["error"] == "ProtocolError"
        assert parent.process.wait(60) == 11


@pytest.mark.parametrize("kind", ["memory that can shrink", "a pipe"])
def test_a_descriptor_that_is_no_sealed_memory_ends_the_worker(kind):
    data = header(kind=TYPES["run"], flags=1, payload=64, json=2) + PLACE.pack(1, 4096, 0) + b"{}"
    with Parent("shared_memory") as parent:
        if kind == "a pipe":
            memory, other = os.pipe()
            os.close(other)
        else:
            memory = os.memfd_create("test", os.MFD_ALLOW_SEALING)
            os.ftruncate(memory, 4096)
        parent.channel.send_with(data, memory)
        os.close(memory)
        assert parent.channel.receive().body["error"] == "ProtocolError"
        assert parent.process.wait(60) == 11


FILES = {
    "no JSON": b"{",
    "no object": b"[]",
    "empty": b"",
    "no message": b"{}",
    "another version": b'{"protocol":2,"type":"health","id":1,"json":{}}',
    "no type": b'{"protocol":1,"type":"dance","id":1,"json":{}}',
    "no base64": b'{"protocol":1,"type":"health","id":1,"json":{},"payload":"*"}',
    "a huge id": b'{"protocol":1,"type":"health","id":18446744073709551616,"json":{}}',
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_file_that_is_no_message_ends_the_worker(data):
    with Parent("json_file") as parent:
        parent.channel.send_bytes(data)
        assert parent.channel.receive().body["error"] == "ProtocolError"
        assert parent.process.wait(60) == 11


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--transport", "pigeon"),
        ("--transport", "unix"),
        ("--transport", "unix", "--fd", "3", "--speed", "9"),
        ("--transport", "tcp", "--connect", "192.0.2.1:80"),
        ("--transport", "tcp", "--connect", "127.0.0.1"),
        ("--transport", "unix", "--fd", "99"),
        ("--transport", "grpc"),
        ("--transport", "grpc", "--fd", "99"),
        ("--transport", "pipe", "--requests", "/nowhere/a", "--replies", "/nowhere/b"),
        ("--transport", "json_file", "--folder", "/nowhere"),
    ],
)
def test_wrong_arguments_are_told_with_exit_code_2(words):
    done = subprocess.run(
        [sys.executable, str(WORKER), *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and "xpuruntime.worker" in done.stderr


def test_a_parent_that_does_not_welcome_ends_the_worker():
    with Parent("unix", greet=False) as parent:
        hello = parent.channel.receive()
        refusal = {"error": "ProtocolError", "message": "no"}
        parent.channel.send("error", hello.id, refusal)
        assert parent.process.wait(60) == 0
    with Parent("unix", greet=False) as parent:
        parent.channel.receive()
        parent.channel.send("run", 1, {})
        assert parent.process.wait(60) == 11
