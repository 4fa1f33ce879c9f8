# SPDX-License-Identifier: Apache-2.0
"""Engines in processes of their own, from the command line."""

import base64
import contextlib
import json
import os
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DATA, XPURT, fail, succeed

TRANSPORTS = ["shared_memory", "unix", "tcp", "pipe", "grpc", "json_file"]
PATIENCE_S = 60
MLP = DATA / "mlp.onnx"


def wait_until(holds: Callable[[], object], what: str) -> object:
    end = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < end, f"{what} did not come to be in {PATIENCE_S} s"
        time.sleep(0.002)  # between two looks
    return found


def children_of(parent: int) -> list[int]:
    """Its processes that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has ended meanwhile
        if int(ppid) == parent and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_isolated_run_gives_what_one_in_this_process_gives(transport: str):
    run = ["run", MLP, "--engine", "reference", "--input", "random", "--json"]
    here = succeed(*run).document
    there = succeed(*run, "--isolated", "--transport", transport).document
    assert there["outputs"] == here["outputs"]
    assert there["session"]["transport"] == transport
    assert here["session"]["transport"] == ""
    assert there["session"]["engine_version"] == here["session"]["engine_version"]
    assert there["run"]["engine"] == "reference"


def test_an_engine_of_a_list_can_be_isolated():
    run = succeed("compare", MLP, "--engines", "reference,worker:reference", "--json")
    names = [each["engine"] for each in run.document["candidates"]]
    assert names == ["reference", "worker:reference"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_nothing_stays_when_the_parent_is_killed(transport: str, tmp_path: Path):
    arguments = ["bench", MLP, "--engine", "reference", "--isolated", "--transport", transport]
    parent = subprocess.Popen(
        [XPURT, *map(str, arguments), "--seconds", "60"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: children_of(parent.pid), "a worker")
        # The first may be one that only describes the engine.
        workers = wait_until(lambda: children_of(parent.pid), "a worker")
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: all(map(has_ended, workers)), "the end of the worker")
    wait_until(lambda: not list(tmp_path.iterdir()), "an empty folder")


def stop_workers_of(parent: int) -> list[int]:
    """Those that were stopped; one that only describes the engine may have ended before."""
    stopped = []
    for worker in children_of(parent):
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGSTOP)
            stopped.append(worker)
    return stopped


def test_a_stopped_worker_goes_with_its_parent(tmp_path: Path):
    arguments = ["bench", MLP, "--engine", "reference", "--isolated", "--seconds", "60"]
    parent = subprocess.Popen(
        [XPURT, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        workers = wait_until(lambda: stop_workers_of(parent.pid), "a worker")
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: all(map(has_ended, workers)), "the end of the worker")


def test_wrong_arguments_of_a_worker_are_told():
    assert "there is no 'pigeon'" in worker_words("--transport", "pigeon")
    assert "--fd is missing" in worker_words("--transport", "unix")
    message = fail("InvalidArgumentError", "worker", "--speed", "9")
    assert message == "there is no argument --speed"
    assert "has no value" in fail("InvalidArgumentError", "worker", "--transport")


def worker_words(*arguments: str) -> str:
    done = subprocess.run([XPURT, "worker", *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    return done.stderr


class ByHand:
    """A parent that writes files, as a script would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent = self.received = 0

    def send(self, kind: str, number: int, content: dict, payload: bytes = b"") -> None:
        self.sent += 1
        message = {"protocol": 1, "type": kind, "id": number, "json": content}
        if payload:
            message["payload"] = base64.b64encode(payload).decode()
        path = self.folder / f"request-{self.sent}.json"
        part = path.with_suffix(".json.part")
        part.write_text(json.dumps(message))
        part.rename(path)

    def receive(self) -> dict:
        self.received += 1
        path = self.folder / f"reply-{self.received}.json"
        wait_until(path.exists, path.name)
        message = json.loads(path.read_text())
        path.unlink()
        return message

    def answer(self) -> dict:
        while (message := self.receive())["type"] == "progress":
            pass
        return message


def test_a_script_can_ask_a_worker_by_files(tmp_path: Path):
    folder = tmp_path / "requests"
    folder.mkdir()
    worker = subprocess.Popen([XPURT, "worker", "--transport", "json_file", "--folder", folder])
    try:
        script = ByHand(folder)
        hello = script.receive()
        assert hello["type"] == "hello"
        assert hello["json"]["pid"] == worker.pid
        script.send("reply", hello["id"], {"protocol": 1, "max_payload": 1 << 20})
        script.send("health", 1, {})
        assert script.answer()["json"] == {"state": "empty"}
        script.send("run", 2, {"tensors": []})
        assert script.answer()["json"]["error"] == "InvalidStateError"
        script.send("info", 3, {"engine": "reference"})
        assert "cpu" in script.answer()["json"]["devices"]
        script.send(
            "load",
            4,
            {"engine": "reference", "device": "cpu", "threads": 1, "path": str(DATA / "add.onnx")},
        )
        loaded = script.answer()
        assert [each["name"] for each in loaded["json"]["model"]["inputs"]] == ["x", "y"]
        tensor = {"dtype": 1, "shape": [2, 3], "bytes": 24}
        tensors = [{"name": "x", "offset": 0, **tensor}, {"name": "y", "offset": 64, **tensor}]
        values = struct.pack("<6f", 1, 2, 3, 4, 5, 6)
        script.send("run", 5, {"tensors": tensors}, values + bytes(40) + values)
        reply = script.answer()
        assert reply["id"] == 5
        assert struct.unpack("<6f", base64.b64decode(reply["payload"])) == (2, 4, 6, 8, 10, 12)
        script.send("run", 6, {"tensors": [{**tensors[0], "bytes": 23}]}, values)
        assert script.answer()["json"]["error"] == "ProtocolError"
        script.send("stats", 7, {})
        stats = script.answer()["json"]
        assert (stats["runs"], stats["failed"], stats["engine"]) == (1, 1, "reference")
        script.send("convert", 8, {})
        assert script.answer()["json"]["error"] == "UnsupportedOperationError"
        script.send("check_device", 9, {"device": "cuda:0", "engine": "reference"})
        refused = script.answer()["json"]
        assert not refused["available"] and "reference" in refused["reason"]
        script.send("check_device", 10, {"device": "cpu", "engine": "reference"})
        checked = script.answer()["json"]
        assert checked["available"] and checked["device"] == "cpu"
        told = succeed("devices", "--json").document["devices"][0]
        assert set(checked["facts"]) == set(told) - {"device"}
        for name in ("name", "memory_bytes", "cores", "cpu_quota", "features"):
            assert checked["facts"][name] == told[name]
        passed = {"engine": "reference", "result": "passed", "reason": ""}
        assert checked["facts"]["tests"] == [passed] and checked["facts"]["fit"]
        script.send("shutdown", 11, {})
        assert worker.wait(PATIENCE_S) == 0
        assert not folder.exists()
    finally:
        worker.kill()
        worker.wait()
