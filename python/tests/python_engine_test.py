# SPDX-License-Identifier: Apache-2.0
"""engine="python" through sessions."""

import importlib.util
import os
import random
import signal
import socket
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from support import DATA

import xpuruntime as xrt

MODELS = Path(__file__).resolve().parent / "worker_models"
X = np.arange(6, dtype=np.float32).reshape(2, 3)

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed (make setup-torch)"
)


@pytest.fixture(autouse=True)
def models(monkeypatch):
    """What can be imported here can be imported in the worker."""
    monkeypatch.syspath_prepend(str(MODELS))


def session(model: object, **config: object) -> xrt.InferenceSession:
    return xrt.InferenceSession(model, engine="python", **config)


@pytest.mark.parametrize("transport", ["shared_memory", "unix", "tcp", "pipe", "grpc", "json_file"])
def test_a_callable_runs_over_every_transport(transport):
    with session("worker_models:double", transport=transport) as opened:
        assert opened.engine_name == "python"
        for value in (1, 2, 3):
            np.testing.assert_array_equal(opened.run({"x": X * value})["output"], X * value * 2)
        large = np.arange(1 << 20, dtype=np.float32)
        np.testing.assert_array_equal(opened.run([large])[0], large * 2)


def test_every_type_of_numpy_comes_back():
    with session("worker_models:echo") as opened:
        for dtype in (*"?bBhHiIlLefd", "F", "D"):
            array = np.array([[0, 1], [1, 0]]).astype(dtype)
            got = opened.run([array])[0]
            assert got.dtype == array.dtype
            np.testing.assert_array_equal(got, array)
        texts = np.array(["a", "grün"], object)
        assert list(opened.run([texts])[0]) == list(texts)


def test_errors_of_the_model_and_of_its_choice_have_their_classes(tmp_path):
    with session("worker_models:fails") as opened:
        with pytest.raises(xrt.EngineError, match="ValueError: no good"):
            opened.run([X])
        with pytest.raises(xrt.EngineError, match="no good"):
            opened.run([X])
    with pytest.raises(xrt.InvalidArgumentError, match="did you mean 'double'"):
        session("worker_models:doubel")
    np.savez(tmp_path / "weights.npz", w=X)
    with pytest.raises(xrt.EngineNotInstalledError, match="pip install a_package"):
        session(tmp_path / "weights.npz", model_factory="worker_models:needs_package")
    with pytest.raises(xrt.UnsupportedOperationError, match="no_such_option"):
        session("worker_models:echo", engine_options={"no_such_option": 1})


def test_a_model_that_ends_its_process_costs_one_run():
    with session("worker_models:ends_once") as opened:
        with pytest.raises(xrt.EngineError, match="code 7"):
            opened.run([np.zeros(3, np.float32)])
        np.testing.assert_array_equal(opened.run([X])[0], X)


def test_a_run_that_never_ends_runs_out_of_time_and_the_next_succeeds():
    with session("worker_models:never_for_zeros") as opened:
        with pytest.raises(xrt.DeadlineExceededError):
            opened.run([np.zeros(3, np.float32)], timeout=0.2)
        np.testing.assert_array_equal(opened.run([X])[0], X)


def test_another_python_is_found_by_python_executable():
    paths = {"python_path": str(MODELS)}
    with session(
        "worker_models:echo", python_executable=sys.executable, engine_options=paths
    ) as opened:
        np.testing.assert_array_equal(opened.run([X])[0], X)
    with pytest.raises(xrt.EngineNotInstalledError, match="no_such_python"):
        session("worker_models:echo", python_executable="/nowhere/no_such_python")


def test_an_onnx_model_agrees_with_the_engine_reference():
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    with session(DATA / "digits.onnx") as python:
        images = np.random.default_rng(0).random((2, 1, 8, 8), np.float32)
        with xrt.InferenceSession(DATA / "digits.onnx", engine="reference") as reference:
            expected = reference.run({"image": images})["logits"]
        np.testing.assert_allclose(
            python.run({"image": images})["logits"], expected, rtol=1e-3, atol=1e-5
        )
        assert python.report().engine_version.startswith("3.")


@needs_torch
def test_a_state_dict_of_pytorch_runs_as_pytorch_does(tmp_path):
    torch = pytest.importorskip("torch")
    import torch_models

    module = torch_models.small()
    torch.save({"state_dict": module.state_dict()}, tmp_path / "weights.pth")
    with session(tmp_path / "weights.pth", model_factory="torch_models:small") as opened:
        with torch.no_grad():
            expected = module(torch.from_numpy(X)).numpy()
        np.testing.assert_array_equal(opened.run({"x": X})["output"], expected)
    with pytest.raises(xrt.InvalidArgumentError, match="does not fit"):
        session(tmp_path / "weights.pth", model_factory="torch_models:wide")


def children() -> set[int]:
    """Processes that this one has started and that have not ended."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(each.parent.name))
    return found


def test_no_worker_is_left_when_sessions_are_closed():
    before = children()
    with session("worker_models:echo") as opened:
        assert len(children() - before) == 1
        opened.run([X])
    assert children() <= before


def test_kill_9_at_random_moments_costs_runs_and_not_the_session():
    chance = random.Random(0)
    refused = 0
    before = children()
    with session("worker_models:double") as opened:
        opened.run([X])
        for _ in range(5):
            (worker,) = children() - before
            timer = threading.Timer(chance.random() * 0.05, os.kill, (worker, signal.SIGKILL))
            timer.start()
            while timer.is_alive():
                try:
                    np.testing.assert_array_equal(opened.run([X])[0], X * 2)
                except xrt.EngineError as error:
                    assert "signal 9" in str(error)
                    refused += 1
            np.testing.assert_array_equal(runs_again(opened), X * 2)
    assert refused <= 5
    assert children() <= before


def runs_again(opened: xrt.InferenceSession) -> np.ndarray:
    """The run after a kill may be the one that finds out."""
    try:
        return opened.run([X])[0]
    except xrt.EngineError:
        return opened.run([X])[0]


def test_an_address_is_one_sessions_until_it_closes(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = f"127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(xrt.UnavailableError, match=f"{port} is in use"):
            session(
                "worker_models:double", transport="tcp", engine_options={"worker.address": port}
            )
    for transport, address in (("tcp", port), ("pipe", str(tmp_path))):
        chosen = {"transport": transport, "engine_options": {"worker.address": address}}
        with session("worker_models:double", **chosen) as first:
            with pytest.raises(xrt.UnavailableError, match=address):
                session("worker_models:double", **chosen)
            np.testing.assert_array_equal(first.run([X])[0], X * 2)
        with session("worker_models:double", **chosen) as second:
            np.testing.assert_array_equal(second.run([X])[0], X * 2)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(xrt.InvalidArgumentError, match=r"127\.0\.0\.1:PORT"):
        session(
            "worker_models:double", transport="tcp", engine_options={"worker.address": "0.0.0.0:80"}
        )


def test_a_missing_package_of_a_transport_is_told_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path / "grpc.py").write_text("raise ModuleNotFoundError('no grpc', name='grpc')")
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    with pytest.raises(xrt.EngineNotInstalledError, match="-m pip install grpcio"):
        session("worker_models:double", transport="grpc")
