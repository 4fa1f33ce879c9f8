# SPDX-License-Identifier: Apache-2.0
"""Sessions: how they are made, what they tell, how they end."""

import gc
import os
import platform
import signal
from pathlib import Path

import numpy as np
import onnx
import pytest
from support import DATA, ENGINES, FAKE_ENGINE, STATUS, address, fake_session

import xpuruntime as xrt

ADD = DATA / "add.onnx"
ONES = np.ones((2, 3), np.float32)


def usable(engine: str) -> None:
    """Skips where the engine cannot be used."""
    if not STATUS[engine].available:
        pytest.skip(STATUS[engine].reason)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "model",
    [
        str(ADD),
        ADD,
        ADD.read_bytes(),
        bytearray(ADD.read_bytes()),
        memoryview(ADD.read_bytes()),
        onnx.load(ADD),
    ],
    ids=["str", "path", "bytes", "bytearray", "memoryview", "ModelProto"],
)
def test_takes_a_model_in_every_form(model: object, engine: str):
    session = xrt.InferenceSession(model, engine=engine)
    [z] = session.run([ONES, ONES])
    np.testing.assert_array_equal(z, ONES + ONES)
    is_path = isinstance(model, str | os.PathLike)
    assert session.report().model == (str(ADD) if is_path else "<bytes>")


def test_tells_what_it_is():
    session = xrt.InferenceSession(DATA / "mlp.onnx", engine="reference", threads=1, contexts=3)
    [x] = session.input_info
    assert (x.name, x.dtype, x.shape, x.dim_names) == (
        "x",
        xrt.DType.float32,
        (-1, 16),
        ["batch", ""],
    )
    assert str(x) == "float32[batch,16]"
    assert x.kind == xrt.ValueKind.tensor
    assert [info.name for info in session.model_info.outputs] == [
        info.name for info in session.output_info
    ]
    assert session.model_info.opset > 0
    assert session.engine_name == "reference"
    assert session.device == xrt.Device("cpu")
    assert session.has_dynamic_output
    assert session.output_sizes == [0]
    report = session.report()
    assert (report.threads, report.contexts) == (1, 3)
    assert report.load_time > 0
    assert report.requested_engine == "reference"
    assert "mlp.onnx on reference@cpu" in repr(session)
    assert "float32[batch,16]" in repr(session)
    assert xrt.InferenceSession(ADD, engine="reference").output_sizes == [24]


def test_says_why_an_earlier_choice_was_not_built():
    session = xrt.InferenceSession(
        ADD, engine="reference", device="cuda:7", fallback=["reference@cpu"]
    )
    [failed] = session.report().failed_choices
    assert (failed.engine, failed.device, failed.error) == (
        "reference",
        "cuda:7",
        "UnavailableError",
    )
    assert session.report().fallback == ["reference@cpu"]


def test_close_ends_it():
    with xrt.InferenceSession(ADD, engine="reference") as session:
        binding = session.create_io_binding()
        binding.bind_input("x", ONES)
        binding.bind_input("y", ONES)
        [z] = session.run([ONES, ONES])
        assert session.is_open
    session.close()
    assert not session.is_open
    assert "closed" in repr(session)
    assert session.input_info[0].name == "x"
    for run in (
        lambda: session.run([ONES, ONES]),
        lambda: session.run({"x": ONES, "y": ONES}),
        lambda: session.run(binding),
        session.warm_up,
    ):
        with pytest.raises(xrt.InvalidStateError, match="closed"):
            run()
    np.testing.assert_array_equal(z, 2 * ONES)


def test_outputs_outlive_the_session():
    session = xrt.InferenceSession(ADD, engine="reference")
    memory = session.memory
    [z] = session.run([ONES, ONES])
    assert memory.statistics().in_use_bytes == z.nbytes
    del session
    gc.collect()
    assert z.sum() == 12
    assert memory.statistics().in_use_bytes == z.nbytes
    del z
    assert memory.statistics().in_use_bytes == 0


def test_what_is_no_argument_is_a_type_error():
    with pytest.raises(TypeError, match="half"):
        xrt.InferenceSession(ADD, half=True)
    with pytest.raises(TypeError, match="model"):
        xrt.InferenceSession(3)
    with pytest.raises(TypeError, match="fallback"):
        xrt.InferenceSession(ADD, fallback="reference@cpu")
    with pytest.raises(TypeError, match="'a'"):
        xrt.InferenceSession(ADD, engine_options={"a": []})
    with pytest.raises(TypeError):
        xrt.InferenceSession(ADD, "reference")


@pytest.mark.parametrize("engine", ENGINES)
def test_promised_shapes_make_a_model_static(engine: str):
    model = DATA / "digits.onnx"
    session = xrt.InferenceSession(model, engine=engine, shapes={"image": (3, 1, 8, 8)})
    assert session.input_info[0].shape == (3, 1, 8, 8)
    with pytest.raises(xrt.InvalidArgumentError, match=r"expected float32\[3,1,8,8\]"):
        session.run([np.zeros((4, 1, 8, 8), np.float32)])
    with pytest.raises(xrt.InvalidArgumentError, match="does not fit"):
        xrt.InferenceSession(model, engine=engine, shapes={"image": (3, 1, 8, 9)})
    with pytest.raises(xrt.InvalidArgumentError, match="no input 'z'"):
        xrt.InferenceSession(model, engine=engine, shapes={"z": (3, 1, 8, 8)})


def test_options_are_given_as_they_are_meant():
    program = "input x float32 2\noutput y float32 2\ny = identity x"
    session = fake_session(
        program,
        engine_options={"report_copies": True, "reserve_steps": 2, "headroom": 1.5, "pass.a": "b"},
    )
    report = xrt.RunReport()
    session.run([np.zeros(2, np.float32)], report=report)
    assert report.copies
    with pytest.raises(xrt.UnsupportedOperationError, match="reserve_steps"):
        fake_session(program, engine_options={"reserve_stepz": 2})


def test_shows_inner_values():
    session = fake_session(
        "input x float32 1\noutput y float32 1\ninner = scale x 2\ny = scale inner 2",
        extra_outputs=["inner"],
    )
    outputs = session.run({"x": np.ones(1, np.float32)})
    assert {name: array[0] for name, array in outputs.items()} == {"y": 4, "inner": 2}


def test_warms_up():
    session = xrt.InferenceSession(ADD, engine="reference")
    session.warm_up()
    session.warm_up(runs=2)
    assert session.memory.statistics().reuses == 2


LOADING = "input x float32 1\noutput y float32 1\nload_steps 3\ny = identity x"


def test_tells_how_far_a_load_is():
    seen = []
    fake_session(LOADING, progress=lambda phase, done, total: seen.append((phase, done, total)))
    assert [each[0] for each in seen] == ["parse"] * 3
    assert {each[2] for each in seen} == {3}


def test_false_cancels_a_load():
    with pytest.raises(xrt.CancelledError):
        fake_session(LOADING, progress=lambda *_: False)


def test_an_error_of_the_callback_is_raised_from_the_load():
    def progress(*_: object) -> bool:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fake_session(LOADING, progress=progress)


def test_an_error_of_the_callback_ends_the_fallback_list_too():
    calls = []

    def progress(*_: object) -> None:
        calls.append(1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fake_session(LOADING, progress=progress, fallback=[f"{FAKE_ENGINE}@intel_npu:0"])
    assert calls == [1]


def test_control_c_cancels_a_load():
    def progress(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fake_session(LOADING, progress=progress)


def test_external_data_lies_in_the_base_folder():
    folder = Path(__file__).resolve().parents[2] / "engines/onnxrt/tests/data"
    model = (folder / "external.onnx").read_bytes()
    session = xrt.InferenceSession(model, engine="onnxrt", base_folder=folder)
    assert session.is_open


def test_external_data_beside_bytes_on_openvino():
    usable("openvino")
    folder = Path(__file__).resolve().parents[2] / "engines/onnxrt/tests/data"
    model = (folder / "external.onnx").read_bytes()
    session = xrt.InferenceSession(model, engine="openvino", base_folder=folder)
    assert session.run([np.ones(4, np.float32)])[0].tolist() == [1, 2, 3, 4]


def test_auto_takes_openvino_for_its_own_files():
    usable("openvino")
    folder = Path(__file__).resolve().parents[2] / "engines/openvino/tests/data"
    session = xrt.InferenceSession(folder / "scale.xml")
    assert session.engine_name == "openvino"
    assert ".xml" in session.report().rule
    assert session.run([np.ones((1, 2), np.float32)])[0].tolist() == [[2, 3]]
    assert any(kernel.endswith("_f32") for kernel in session.report().placement)


def test_the_registry_answers():
    status = {each.name: each for each in xrt.engine_status()}
    assert "reference" in xrt.available_engines()
    reference = status["reference"]
    assert reference.available
    assert "onnx" in reference.formats
    assert reference.devices == [xrt.Device("cpu")]
    assert xrt.create_engine("reference").path == reference.path
    # The interpreter that sessions start: this one.
    assert status["python"].available, status["python"].reason
    assert status["python"].version == platform.python_version()
    assert "model_factory" in {each.name for each in status["python"].options}
    assert list(status) == sorted(status)
    assert all(option.doc for option in status["onnxrt"].options)
    with pytest.raises(xrt.UnsupportedOperationError, match="reference"):
        xrt.create_engine("referense")


def test_bytes_need_not_stay():
    data = bytearray(ADD.read_bytes())
    session = xrt.InferenceSession(data, engine="reference")
    data[:] = bytes(len(data))  # also shows that no view of it is held
    data.clear()
    assert session.run([ONES, ONES])[0].sum() == 12
    assert address(session.run([ONES, ONES])[0])


def test_a_workspace_is_refused_where_no_engine_takes_it():
    model = (DATA / "mlp.onnx").read_bytes()
    with pytest.raises(xrt.InvalidArgumentError, match="provider tensorrt is not used"):
        xrt.InferenceSession(model, engine="onnxrt", workspace_size=1 << 20)
    with pytest.raises(xrt.UnsupportedOperationError, match="workspace_size"):
        xrt.InferenceSession(model, engine="reference", workspace_size=1 << 20)
    twice = {"workspace_size": 1}
    with pytest.raises(ValueError, match="engine_options gives it too"):
        xrt.InferenceSession(model, engine="onnxrt", workspace_size=1, engine_options=twice)


@pytest.mark.parametrize(
    "transport", [None, "shared_memory", "unix", "tcp", "pipe", "grpc", "json_file"]
)
def test_runs_in_a_process_of_its_own(transport: str | None):
    inputs = {"x": np.arange(32, dtype=np.float32).reshape(2, 16)}
    with xrt.InferenceSession(DATA / "mlp.onnx", engine="reference") as here:
        expected = here.run(inputs)["y"]
        version = here.report().engine_version
    with xrt.InferenceSession(
        DATA / "mlp.onnx", engine="reference", isolation="process", transport=transport
    ) as session:
        np.testing.assert_array_equal(session.run(inputs)["y"], expected)
        report = session.report()
        assert report.transport == (transport or "shared_memory")
        assert (report.engine, report.engine_version) == ("reference", version)


def test_refuses_settings_of_a_worker_that_do_not_fit():
    with pytest.raises(xrt.InvalidArgumentError, match="'none' or 'process'"):
        xrt.InferenceSession(DATA / "mlp.onnx", isolation="thread")
    with pytest.raises(xrt.InvalidArgumentError, match="ask for isolation"):
        xrt.InferenceSession(DATA / "mlp.onnx", engine="reference", transport="tcp")
    with pytest.raises(xrt.UnsupportedOperationError, match="takes no model_factory"):
        xrt.InferenceSession(DATA / "mlp.onnx", engine="reference", model_factory="a:b")
