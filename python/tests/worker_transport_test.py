# SPDX-License-Identifier: Apache-2.0
"""One suite over every transport of the Python worker."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from worker_client import DTYPES, TRANSPORTS, Parent, WorkerError, arrays_of, tensors_of

X = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture(params=TRANSPORTS)
def parent(request):
    with Parent(request.param) as parent:
        yield parent


def test_a_model_is_loaded_run_and_shut_down(parent):
    assert parent.ask("health").body == {"state": "empty"}
    loaded = parent.load_callable("double")
    assert loaded["engine"] == "python" and loaded["device"] == "cpu"
    assert loaded["parallelism"] == 1 and loaded["pid"] == parent.process.pid
    assert [each["name"] for each in loaded["model"]["inputs"]] == ["x"]
    assert parent.ask("health").body == {"state": "ready"}
    for factor in (1, 2, 3):
        np.testing.assert_array_equal(parent.run(X * factor)["output"], X * factor * 2)
    stats = parent.ask("stats").body
    assert (stats["runs"], stats["failed"], stats["engine"]) == (3, 0, "python")
    assert stats["peak_resident_bytes"] >= stats["resident_bytes"] > 0
    assert parent.shut_down() == 0


def test_every_type_comes_back_bit_by_bit(parent):
    parent.load_callable("echo")
    random = np.random.default_rng(0)
    for dtype in DTYPES.values():
        kind = np.dtype(dtype)
        sent = random.integers(0, 2, (3, 5)).astype(kind)
        if kind.kind in "fc":
            sent = random.standard_normal((3, 5)).astype(kind)
            sent[0, 0] = np.nan
        got = parent.run(sent)["output"]
        assert got.dtype == kind and got.tobytes() == sent.tobytes()


def test_strings_scalars_and_empty_tensors_come_back(parent):
    parent.load_callable("echo")
    for sent in (
        np.array([["a", ""], ["grün", "\U0001f600"]], object),
        np.array([], object),
        np.array(1.5),
        np.zeros((0, 3), np.float32),
    ):
        got = parent.run(sent)["output"]
        assert got.shape == sent.shape
        np.testing.assert_array_equal(got, sent)


def test_a_large_tensor_and_then_a_small_one_come_back(parent):
    parent.load_callable("echo")
    for count in (1 << 21, 5, 1 << 19):
        sent = np.arange(count, dtype=np.float32)
        np.testing.assert_array_equal(parent.run(sent)["output"], sent)


def test_several_inputs_and_nested_outputs_keep_their_names(parent):
    loaded = parent.load_callable("add", outputs="sum:float32[N,3]")
    assert [each["name"] for each in loaded["model"]["inputs"]] == ["a", "b"]
    (output,) = loaded["model"]["outputs"]
    assert output["name"] == "sum" and output["shape"] == [-1, 3]
    assert output["dim_names"] == ["N", ""]
    got = parent.run(X, X, names=("a", "b"))
    np.testing.assert_array_equal(got["sum"], X + X)


def test_errors_have_their_classes_and_the_worker_goes_on(parent):
    with pytest.raises(WorkerError) as before:
        parent.run(X)
    assert before.value.error == "InvalidStateError"
    parent.load_callable("fails")
    with pytest.raises(WorkerError, match=r"ValueError: no good .*worker_models\.py:") as failed:
        parent.run(X)
    assert failed.value.error == "EngineError"
    with pytest.raises(WorkerError, match="expected inputs x; got y") as wrong:
        parent.run(X, names=("y",))
    assert wrong.value.error == "InvalidArgumentError"
    with pytest.raises(WorkerError) as again:
        parent.load_callable("echo")
    assert again.value.error == "InvalidStateError"
    with pytest.raises(WorkerError) as convert:
        parent.ask("convert", {"source": "a", "target": "b", "format": "onnx", "options": {}})
    assert convert.value.error == "ProtocolError"  # its paths are absolute
    stats = parent.ask("stats").body
    assert (stats["runs"], stats["failed"]) == (0, 3)


def test_a_run_that_never_ends_is_cancelled_and_health_answers_meanwhile(parent):
    parent.load_callable("never")
    body, payload = tensors_of({"x": X})
    number = parent.send("run", body, payload)
    assert parent.ask("health").body == {"state": "ready"}
    parent.channel.send("cancel", number, {})
    parent.channel.send("cancel", number, {})
    with pytest.raises(WorkerError) as error:
        parent.answer(number)
    assert error.value.error == "CancelledError"
    parent.channel.send("cancel", number, {})  # it has been answered: passed over
    number = parent.send("run", {**body, "timeout": 0.05}, payload)
    with pytest.raises(WorkerError) as error:
        parent.answer(number)
    assert error.value.error == "DeadlineExceededError"
    assert parent.shut_down() == 0


def test_requests_that_wait_are_answered_in_turn_or_cancelled(parent):
    parent.load_callable("double")
    body, payload = tensors_of({"x": X})
    numbers = [parent.send("run", body, payload) for _ in range(5)]
    for number in numbers:
        np.testing.assert_array_equal(arrays_of(parent.answer(number))["output"], X * 2)


def test_info_tells_options_that_load_understands(parent):
    info = parent.ask("info", {"engine": "python"}).body
    assert info["engine"] == "python" and "cpu" in info["devices"]
    assert {"onnx", "pt", "pth", "npz"} <= set(info["formats"])
    options = {each["name"]: each["default"] for each in info["options"]}
    assert options["weights_only"] == "true" and options["model_factory"] == ""
    parent.load_callable("echo", **options)


def test_devices_that_are_not_there_are_refused_with_the_reason(parent):
    right = parent.ask("check_device", {"device": "cpu", "engine": "python"}).body
    assert right["available"] and right["reason"] == ""
    facts = right["facts"]
    assert facts["cores"] == len(os.sched_getaffinity(0))
    assert 0 < facts["free_bytes"] <= facts["memory_bytes"]
    assert facts["tests"] == [{"engine": "python", "result": "passed", "reason": ""}]
    assert facts["fit"]
    wrong = parent.ask("check_device", {"device": "toaster:1", "engine": "python"}).body
    assert not wrong["available"] and "toaster:1" in wrong["reason"]
    with pytest.raises(WorkerError, match="toaster") as error:
        parent.load(b"worker_models:echo", device="toaster:0", format="callable")
    assert error.value.error == "UnavailableError"


def test_the_worker_ends_when_the_connection_does(parent):
    parent.load_callable("never")
    body, payload = tensors_of({"x": X})
    parent.send("run", body, payload)
    parent.close()
    assert parent.process.returncode == 0


def test_a_model_that_ends_the_process_ends_the_stream(parent):
    parent.load_callable("ends")
    body, payload = tensors_of({"x": X})
    parent.send("run", body, payload)
    with pytest.raises(EOFError):
        parent.channel.receive()
    assert parent.process.wait(60) == 7


def test_shared_outputs_are_not_written_again_before_they_are_released():
    with Parent("shared_memory") as parent:
        parent.load_callable("echo")
        body, payload = tensors_of({"x": np.full(100_000, 1.0)})
        first = parent.ask("run", body, payload)
        held = parent.channel._releases.pop()
        view = memoryview(parent.channel._segments[held])
        for value in (2.0, 3.0):
            np.testing.assert_array_equal(parent.run(np.full(100_000, value))["output"], value)
        assert np.frombuffer(view, count=100_000).max() == 1.0
        assert len(first.payload) == 800_000
        assert parent.channel.descriptors_received == 2
        view.release()


def test_segments_are_used_again_and_nothing_grows():
    with Parent("shared_memory") as parent:
        parent.load_callable("echo")
        of_worker = Path(f"/proc/{parent.process.pid}")
        for _ in range(20):
            parent.run(np.zeros(1 << 16))
        assert parent.channel.descriptors_received <= 2
        # What it has just sent may still be open, and what it has just read mapped.
        assert len(list((of_worker / "fd").iterdir())) <= 6
        assert 1 <= (of_worker / "maps").read_text().count("memfd:") <= 5


def test_two_workers_do_not_disturb_each_other():
    with Parent("shared_memory") as one, Parent("pipe") as other:
        one.load_callable("double")
        other.load_callable("echo")
        failures = []

        def work(parent: Parent, factor: int) -> None:
            for value in range(50):
                got = parent.run(X + value)["output"]
                if not np.array_equal(got, (X + value) * factor):
                    failures.append((factor, value))

        threads = [threading.Thread(target=work, args=each) for each in ((one, 2), (other, 1))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert not failures
