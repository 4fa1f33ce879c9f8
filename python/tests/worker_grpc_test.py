# SPDX-License-Identifier: Apache-2.0
"""The Python worker over gRPC: what is true of no other transport."""

import json
import os
import queue
import socket
import subprocess
import sys
from pathlib import Path

import grpc
import numpy as np
import pytest
from worker_client import WORKER, Parent, WorkerError, tensors_of

ROOT = Path(__file__).resolve().parents[2]
METHOD = "/inference.GRPCInferenceService/ModelStreamInfer"
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def schema():
    """The messages that the worker reads and writes."""
    sys.path.append(str(WORKER.parent))
    from worker import open_inference

    return open_inference


def test_the_worker_has_the_schema_of_the_proto_file():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/write_open_inference_schema", "--check"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def status_of_a_call(address: str, method: str, token: str | None) -> grpc.StatusCode:
    metadata = () if token is None else (("xpurt-token", token),)
    with grpc.insecure_channel(address, options=(("grpc.enable_http_proxy", 0),)) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            next(channel.stream_stream(method)(iter(()), metadata=metadata, timeout=60))
        return caught.value.code()


@pytest.mark.parametrize("program", ["python", "xpurt"])
def test_strangers_are_turned_away_before_and_beside_the_parent(program):
    xpurt = ROOT / "build/bin/xpurt"
    command = [sys.executable, str(WORKER)] if program == "python" else [str(xpurt), "worker"]
    if program == "xpurt" and not xpurt.exists():
        pytest.skip("xpurt is not built")
    ours, theirs = socket.socketpair()
    with subprocess.Popen(
        [*command, "--transport", "grpc", "--fd", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
    ) as worker:
        theirs.close()
        with ours, ours.makefile("rb") as lines:
            said = json.loads(lines.readline())
            for token in (None, "", "guess", said["token"] + "0"):
                code = status_of_a_call(said["address"], METHOD, token)
                assert code == grpc.StatusCode.UNAUTHENTICATED
            code = status_of_a_call(said["address"], "/inference.Other/Call", said["token"])
            assert code == grpc.StatusCode.UNIMPLEMENTED
            channel = grpc.insecure_channel(said["address"])
            requests = queue.SimpleQueue()
            call = channel.stream_stream(METHOD)(
                iter(requests.get, None), metadata=(("xpurt-token", said["token"]),)
            )
            assert b"hello" in next(call)
            # One parent is enough, also where the token is known.
            code = status_of_a_call(said["address"], METHOD, said["token"])
            assert code == grpc.StatusCode.UNAUTHENTICATED
            requests.put(None)
            call.cancel()
            channel.close()
        assert worker.wait(60) == 0


def test_a_worker_ends_whose_parent_dies_before_it_has_called():
    ours, theirs = socket.socketpair()
    with subprocess.Popen(
        [sys.executable, str(WORKER), "--transport", "grpc", "--fd", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
    ) as worker:
        theirs.close()
        ours.close()
        assert worker.wait(60) == 0


def test_a_missing_grpcio_is_told_by_name(tmp_path):
    (tmp_path / "grpc.py").write_text("raise ModuleNotFoundError('no grpc', name='grpc')")
    ours, theirs = socket.socketpair()
    with ours:
        done = subprocess.run(
            [sys.executable, str(WORKER), "--transport", "grpc", "--fd", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        theirs.close()
        said = json.loads(ours.recv(8192))
    assert done.returncode == 2
    assert said["error"] == "EngineNotInstalledError"
    assert f"{sys.executable} -m pip install grpcio" in said["message"]
    assert said["message"] in done.stderr


def messages_that_break_the_protocol() -> dict[str, bytes]:
    proto = schema()
    made = {"no message": b"\xff\xff\xff", "nothing": b""}

    def add(name: str, **members: object) -> None:
        request = proto.ModelInferRequest(id="2")
        request.parameters["type"].string_param = str(members.get("type", "run"))
        request.parameters["json"].string_param = str(members.get("json", "{}"))
        for tensor in members.get("tensors", []):
            request.inputs.add(**tensor)
        request.raw_input_contents.extend(members.get("contents", []))
        made[name] = request.SerializeToString()

    x = {"name": "x", "datatype": "FP32", "shape": [1]}
    add("an unknown type", type="dance")
    add("a type of another transport", type="segments")
    add("tensors without contents", tensors=[x])
    add("contents without tensors", contents=[b"1234"])
    add("an unknown datatype", tensors=[{**x, "datatype": "FP128"}], contents=[b"1234"])
    add("a cut string", tensors=[{**x, "datatype": "BYTES"}], contents=[b"\x09\0\0\0abc"])
    add("too few strings", tensors=[{**x, "datatype": "BYTES", "shape": [3]}], contents=[b"\0" * 4])
    add("JSON that is no object", tensors=[x], contents=[b"1234"], json="[]")
    return made


@pytest.mark.parametrize("name", messages_that_break_the_protocol())
def test_what_breaks_the_protocol_is_refused(name):
    proto = schema()
    with pytest.raises(proto.BadFrameError):
        proto.read_request(messages_that_break_the_protocol()[name], 1 << 20)


def test_what_breaks_the_protocol_is_answered_and_ends_the_worker():
    with Parent("grpc") as parent:
        parent.channel.send_bytes(b"\xff\xff\xff")
        answer = parent.channel.receive()
        assert (answer.type, answer.body["error"]) == ("error", "ProtocolError")
        assert parent.process.wait(60) == 11


def test_tensors_that_do_not_fit_are_refused_and_the_worker_goes_on():
    proto = schema()
    with Parent("grpc") as parent:
        parent.load_callable("double")
        for number, (shape, content) in enumerate(
            [([2], b"1234"), ([-1], b""), ([1 << 40, 1 << 40], b"")], 77
        ):
            request = proto.ModelInferRequest(id=str(number))
            request.parameters["type"].string_param = "run"
            request.parameters["json"].string_param = "{}"
            request.inputs.add(name="x", datatype="FP32", shape=shape)
            request.raw_input_contents.append(content)
            parent.channel.send_bytes(request.SerializeToString())
            with pytest.raises(WorkerError) as caught:
                parent.answer(number)
            assert caught.value.error == "ProtocolError"
        np.testing.assert_array_equal(parent.run(X)["output"], X * 2)


def test_types_that_the_protocol_lacks_go_as_bytes_with_their_number():
    proto = schema()
    message = proto.Message(
        proto.Type.RUN,
        5,
        json.dumps(
            {"tensors": [{"name": "z", "dtype": 14, "shape": [1], "offset": 0, "bytes": 8}]}
        ).encode(),
        proto.Block(np.arange(8, dtype=np.uint8)),
    )
    data = proto.write_request(message)
    request = proto.ModelInferRequest.FromString(data)
    assert (request.inputs[0].datatype, list(request.inputs[0].shape)) == ("UINT8", [8])
    assert request.inputs[0].parameters["dtype"].int64_param == 14
    back = proto.read_request(data, 100)
    assert json.loads(back.json)["tensors"][0]["dtype"] == 14
    assert back.payload.data.tobytes() == bytes(range(8))


def test_strings_go_as_bytes_behind_their_lengths():
    proto = schema()
    words = np.array(["a", "", "grün"], object)
    body, payload = tensors_of({"x": words})
    data = np.frombuffer(payload, np.uint8)
    sent = proto.Message(proto.Type.RUN, 5, json.dumps(body).encode(), proto.Block(data))
    written = proto.write_request(sent)
    request = proto.ModelInferRequest.FromString(written)
    assert request.inputs[0].datatype == "BYTES"
    assert request.raw_input_contents[0] == b"\1\0\0\0a" + b"\0" * 4 + b"\5\0\0\0gr\xc3\xbcn"
    back = proto.read_request(written, 1000)
    assert json.loads(back.json) == body
    assert back.payload.data.tobytes() == payload
