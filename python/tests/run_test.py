# SPDX-License-Identifier: Apache-2.0
"""Runs: what goes in, what comes out, what is copied, and what is refused."""

import gc
import types
import weakref

import ml_dtypes
import numpy as np
import pytest
from support import DATA, ENGINES, address, fake_session

import xpuruntime as xrt

ONES = np.ones((2, 3), np.float32)


@pytest.fixture(params=ENGINES)
def add(request: pytest.FixtureRequest) -> xrt.InferenceSession:
    """x + y = z, each float32[2,3]."""
    return xrt.InferenceSession(DATA / "add.onnx", engine=request.param)


class Peer:
    """Somebody else's array: nothing but DLPack."""

    def __init__(self, array: np.ndarray):
        self.array = array

    def __dlpack__(self, **options: object) -> object:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("wrap", [np.asarray, xrt.Tensor.from_numpy, Peer])
def test_takes_every_kind_of_array(add: xrt.InferenceSession, wrap: type):
    report = xrt.RunReport()
    feed = {"x": wrap(ONES), "y": wrap(ONES)}
    by_name = add.run(feed, report=report)
    assert list(by_name) == ["z"]
    np.testing.assert_array_equal(by_name["z"], 2 * ONES)
    assert [record for record in report.copies if record.what] == []
    assert report.engine == add.engine_name
    assert report.run_time > 0
    for row in ([wrap(ONES), wrap(ONES)], (wrap(ONES), wrap(ONES))):
        [z] = add.run(row)
        np.testing.assert_array_equal(z, 2 * ONES)
    np.testing.assert_array_equal(add.run(types.MappingProxyType(feed))["z"], 2 * ONES)
    np.testing.assert_array_equal(add.run(dict(reversed(feed.items())))["z"], 2 * ONES)


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.ones((3, 2), np.float32).T, "it is not contiguous"),
        (np.ones((2, 6), np.float32)[:, ::2], "it is not contiguous"),
        (np.broadcast_to(np.float32(1), (2, 3)), "it is not contiguous"),
        (ONES.astype(">f4"), "its bytes are not in the machine's order"),
    ],
    ids=["transposed", "strided", "broadcast", "big-endian"],
)
def test_reports_what_it_copies(add: xrt.InferenceSession, array: np.ndarray, why: str):
    report = xrt.RunReport()
    outputs = add.run({"x": ONES, "y": array}, report=report)
    np.testing.assert_array_equal(outputs["z"], 2 * ONES)
    [record] = [record for record in report.copies if record.what]
    assert (record.what, record.bytes, record.why) == ("y", 24, why)
    assert report.bytes_copied == sum(record.bytes for record in report.copies)
    add.run([Peer(array) if array.dtype.isnative else array, ONES], report=report)
    assert report.copies[0].what == "x"


def test_reads_what_must_not_be_written(add: xrt.InferenceSession):
    fixed = ONES.copy()
    fixed.flags.writeable = False
    assert add.run([fixed, np.frombuffer(ONES.tobytes(), np.float32).reshape(2, 3)])[0].sum() == 12


def test_outputs_are_arrays_of_their_own(add: xrt.InferenceSession):
    [first] = add.run([ONES, ONES])
    [second] = add.run([first, ONES])
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    first[:] = 0
    np.testing.assert_array_equal(second, 3 * ONES)
    del add
    gc.collect()
    np.testing.assert_array_equal(second, 3 * ONES)


def test_writes_into_memory_that_is_given(add: xrt.InferenceSession):
    z = np.empty((2, 3), np.float32)
    assert add.run({"x": ONES, "y": ONES}, {"z": z})["z"] is z
    np.testing.assert_array_equal(z, 2 * ONES)
    assert add.run([ONES, z], [z.copy()])[0].sum() == 18
    tensor = xrt.Tensor("float32", (2, 3))
    assert add.run([ONES, ONES], outputs=[tensor])[0] is tensor
    np.testing.assert_array_equal(tensor.numpy(), 2 * ONES)
    fresh = add.run({"x": ONES, "y": ONES}, {"z": None})["z"]
    np.testing.assert_array_equal(fresh, 2 * ONES)
    assert add.run({"x": ONES, "y": ONES}, {})["z"].sum() == 12
    assert add.run([ONES, ONES], [None])[0].sum() == 12


def test_memory_that_is_larger_comes_back_as_a_view():
    session = fake_session("input x float32 N\noutput y float32 N\ny = scale x 2")
    room = np.zeros(8, np.float32)
    [y] = session.run([np.ones(3, np.float32)], [room])
    np.testing.assert_array_equal(y, [2, 2, 2])
    assert address(y) == address(room)
    [tensor] = session.run([np.ones(3, np.float32)], [xrt.Tensor("float32", [8])])
    assert isinstance(tensor, xrt.Tensor)
    assert tensor.shape == (3,)


def test_refuses_memory_that_cannot_be_written(add: xrt.InferenceSession):
    fixed = np.empty((2, 3), np.float32)
    fixed.flags.writeable = False
    for given, match in [
        (fixed, "read-only"),
        (np.empty((3, 2), np.float32).T, "contiguous"),
        (np.empty((2, 3), ">f4"), "order"),
        (np.empty((2, 3), np.float64), "float32"),
        (np.empty((1, 3), np.float32), "z"),
        ([], "output 'z'"),
        (ONES, "overlap"),
    ]:
        with pytest.raises(xrt.InvalidArgumentError, match=match):
            add.run({"x": ONES, "y": ONES}, {"z": given})
    with pytest.raises(xrt.InvalidArgumentError, match="z"):
        add.run({"x": ONES, "y": ONES}, {"zz": np.empty((2, 3), np.float32)})
    with pytest.raises(xrt.InvalidArgumentError, match="expected 1 outputs"):
        add.run([ONES, ONES], [None, None])


@pytest.mark.parametrize("value", [1.0, [1.0], "text", {1}])
def test_never_casts(add: xrt.InferenceSession, value: object):
    with pytest.raises(xrt.InvalidArgumentError, match=r"input 'y'.*numpy\.asarray"):
        add.run({"x": ONES, "y": value})
    with pytest.raises(xrt.InvalidArgumentError, match="input 'x'"):
        add.run([value, ONES])


def test_refuses_wrong_inputs(add: xrt.InferenceSession):
    report = xrt.RunReport()
    for inputs, match in [
        ({"x": ONES}, "'y' is missing"),
        ({"x": ONES, "yy": ONES}, "did you mean 'y'"),
        ({"x": ONES, "y": ONES, "w": ONES}, "'w'"),
        ({"x": ONES, "y": ONES.astype(np.float64)}, "got float64"),
        ({"x": ONES, "y": ONES[0]}, r"got float32\[3\]"),
        ({"x": ONES, "y": np.ones((2, 4), np.float32)}, r"got float32\[2,4\]"),
        ([ONES], "expected 2 inputs"),
        ([ONES, ONES, ONES], "expected 2 inputs"),
        ((), "expected 2 inputs"),
        ({}, "missing"),
    ]:
        with pytest.raises(xrt.InvalidArgumentError, match=match):
            add.run(inputs, report=report)
        assert report.engine in ("", add.engine_name)
    for inputs in (ONES, "xy", None, 5, iter([ONES, ONES]), {"x": ONES, 5: ONES}):
        with pytest.raises(TypeError):
            add.run(inputs)
    with pytest.raises(TypeError):
        add.run([ONES, ONES], {"z": ONES})
    with pytest.raises(TypeError):
        add.run([ONES, ONES], reports=None)


@pytest.mark.parametrize("engine", ENGINES)
def test_keeps_scalars_and_empty_arrays(engine: str):
    scalar = xrt.InferenceSession(DATA / "scalar.onnx", engine=engine)
    [y] = scalar.run([np.array(3, np.float32)])
    assert (y.shape, float(y)) == ((), -3)
    mlp = xrt.InferenceSession(DATA / "mlp.onnx", engine=engine)
    [y] = mlp.run([np.empty((0, 16), np.float32)])
    assert y.shape[0] == 0
    assert y.size == 0


def test_keeps_bfloat16():
    session = xrt.InferenceSession(DATA / "identity_bfloat16.onnx", engine="reference")
    x = np.array([1, -2.5, 3], ml_dtypes.bfloat16)
    [y] = session.run([x])
    assert y.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(y, x)


def test_an_output_that_is_an_input_keeps_it_alive():
    session = fake_session("input x float32 N\noutput y float32 N\ny = give_input x")
    x = np.arange(3, dtype=np.float32)
    where, alive = address(x), weakref.ref(x)
    [y] = session.run([x])
    assert address(y) == where
    del x, session
    gc.collect()
    np.testing.assert_array_equal(y, [0, 1, 2])
    assert alive() is not None
    del y
    gc.collect()
    assert alive() is None


def test_an_output_that_is_weights_is_read_only():
    session = fake_session("input x float32 1\noutput y float32 2\ny = weights 1 2")
    [y] = session.run([np.zeros(1, np.float32)])
    assert not y.flags.writeable
    np.testing.assert_array_equal(y, [1, 2])


def test_inputs_are_let_go_after_a_run(add: xrt.InferenceSession):
    x = ONES.copy()
    alive = weakref.ref(x)
    add.run([x, ONES])
    with pytest.raises(xrt.InvalidArgumentError):
        add.run([x, ONES[0]])
    del x
    gc.collect()
    assert alive() is None


def test_dynamic_outputs_come_shaped_by_the_run():
    session = xrt.InferenceSession(DATA / "nonzero.onnx", engine="reference")
    for count in (0, 2, 5):
        x = np.zeros(session.input_info[0].shape if -1 not in session.input_info[0].shape else 6)
        x = x.astype(np.float32)
        x.reshape(-1)[:count] = 1
        [y] = session.run([x])
        assert y.shape[1] == count


def test_takes_a_priority():
    session = fake_session("input x float32 N\noutput y float32 N\ny = scale x 2")
    x = np.ones(2, np.float32)
    binding = session.create_io_binding()
    binding.bind_input("x", x)
    for priority in (-(2**31), 0, 7):
        assert session.run({"x": x}, priority=priority)["y"][0] == 2
        assert session.run([x], priority=priority)[0][0] == 2
        session.run_with_io_binding(binding, priority=priority)
        assert session.run_batch([[x]], priority=priority)[0][0][0] == 2
    with pytest.raises(TypeError):
        session.run({"x": x}, priority="high")
