# SPDX-License-Identifier: Apache-2.0
"""Bindings: set once, run many times."""

import gc
import weakref

import numpy as np
import pytest
from support import DATA, ENGINES, address, fake_session

import xpuruntime as xrt


@pytest.fixture(params=ENGINES)
def session(request: pytest.FixtureRequest) -> xrt.InferenceSession:
    """x + y = z, each float32[2,3]."""
    return xrt.InferenceSession(DATA / "add.onnx", engine=request.param)


def bound(session: xrt.InferenceSession) -> tuple[xrt.IOBinding, np.ndarray, np.ndarray]:
    """A binding over the two arrays."""
    x, z = np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32)
    binding = session.create_io_binding()
    binding.bind_input("x", x, device="cpu")
    binding.bind_input("y", np.ones((2, 3), np.float32))
    binding.bind_output("z", z, device=xrt.Device("cpu"))
    return binding, x, z


def test_runs_in_the_memory_that_is_bound(session: xrt.InferenceSession):
    binding, x, z = bound(session)
    assert binding.outputs == {}
    report = xrt.RunReport()
    assert session.run(binding, report=report) is None
    assert (z == 2).all()
    assert [record for record in report.copies if record.what] == []
    x[:] = 5
    session.run_with_io_binding(binding)
    assert (z == 6).all()
    assert list(binding.outputs) == ["z"]
    assert address(binding.outputs["z"]) == address(z)


def test_leaves_outputs_to_the_engine(session: xrt.InferenceSession):
    binding, x, z = bound(session)
    binding.bind_output("z")
    session.run(binding)
    first = binding.outputs["z"]
    x[:] = 5
    session.run(binding)
    assert (first == 2).all()
    assert (binding.outputs["z"] == 6).all()
    assert (z == 0).all()


def test_takes_tensors_and_keeps_alive_what_is_bound(session: xrt.InferenceSession):
    x = np.ones((2, 3), np.float32)
    alive = weakref.ref(x)
    binding = session.create_io_binding()
    binding.bind_input("x", xrt.Tensor.from_numpy(x))
    binding.bind_input("y", x)
    z = xrt.Tensor("float32", (2, 3))
    binding.bind_output("z", z)
    del x
    gc.collect()
    assert alive() is not None
    session.run(binding)
    assert (z.numpy() == 2).all()
    binding.clear()
    gc.collect()
    assert alive() is None
    with pytest.raises(xrt.InvalidArgumentError, match="not bound"):
        session.run(binding)
    assert binding.outputs == {}


def test_outlives_its_session(session: xrt.InferenceSession):
    binding, _, z = bound(session)
    session.run(binding)
    session.close()
    del session
    gc.collect()
    assert (binding.outputs["z"] == 2).all()
    assert (z == 2).all()


def test_refuses_what_it_cannot_bind(session: xrt.InferenceSession):
    binding, x, _ = bound(session)
    fixed = np.zeros((2, 3), np.float32)
    fixed.flags.writeable = False
    strided = np.ones((3, 2), np.float32).T
    for bind, match in [
        (lambda: binding.bind_input("w", x), "'w'"),
        (lambda: binding.bind_input("x", x.astype(np.int32)), "int32"),
        (lambda: binding.bind_input("x", x[0]), r"float32\[3\]"),
        (lambda: binding.bind_input("x", strided), "copied"),
        (lambda: binding.bind_input("x", [1.0]), "input 'x'"),
        (lambda: binding.bind_input("x", x, device="cuda:0"), "cuda:0"),
        (lambda: binding.bind_output("z", x), "overlap"),
        (lambda: binding.bind_output("z", fixed), "read-only"),
        (lambda: binding.bind_output("z", strided), "copied"),
        (lambda: binding.bind_output("z", np.zeros((2, 3))), "float64"),
        (lambda: binding.bind_output("q"), "'q'"),
        (lambda: binding.bind_output("z", device="cuda:0"), "cuda:0"),
        (lambda: binding.bind_output("z", fixed.copy(), device="cuda:0"), "cuda:0"),
    ]:
        with pytest.raises(xrt.InvalidArgumentError, match=match):
            bind()


def test_refuses_the_binding_of_another_session(session: xrt.InferenceSession):
    binding, _, _ = bound(session)
    other = xrt.InferenceSession(DATA / "add.onnx", engine="reference")
    with pytest.raises(xrt.InvalidArgumentError, match="another session"):
        other.run(binding)


def test_a_failed_run_leaves_no_output():
    session = fake_session(
        'input x float32 N\noutput y float32 N\ny = identity x\nfail engine "broken"'
    )
    binding = session.create_io_binding()
    binding.bind_input("x", np.ones(2, np.float32))
    with pytest.raises(xrt.EngineError, match="broken"):
        session.run(binding)
    assert binding.outputs == {}
