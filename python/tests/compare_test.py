# SPDX-License-Identifier: Apache-2.0
"""`xrt.compare`: the report in the same words as C++, and what Python adds."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from support import BUILD, DATA, FAKE_ENGINE, PACKAGE, STATUS

import xpuruntime as xrt
from xpuruntime import toolkit

DIGITS = DATA / "digits.onnx"
WRONG_ENGINE = str(BUILD / "tests/engines/libxpuruntime_engine_wrong.so")
FEW = {"iterations": 3, "warm_up": 1}
OTHERS = [name for name in ("onnxrt", "openvino") if name in STATUS and STATUS[name].available]


@pytest.fixture
def wrong_weight(tmp_path: Path) -> Path:
    """The digit classifier with one element of one bias changed."""
    model = onnx.load(DIGITS)
    [bias] = [each for each in model.graph.initializer if each.name == "gemm7.bias"]
    values = numpy_helper.to_array(bias).copy()
    values[3] = 10
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    onnx.save(model, tmp_path / "wrong.onnx")
    return tmp_path / "wrong.onnx"


@pytest.mark.skipif(not OTHERS, reason="no other engine that loads ONNX models")
def test_engines_agree_on_the_digits():
    report = xrt.compare(DIGITS, engines=["reference", *OTHERS], batch=4, **FEW)
    assert report.agrees
    assert report.compared == len(OTHERS)
    assert report.reference == "reference@cpu"
    assert report.inputs[0].shape == (4, 1, 8, 8)
    assert {row.name for row in report.candidates} >= {f"{name}@cpu" for name in OTHERS}
    for row in report.candidates:
        assert row.ran, row.reason
        assert len(row.latencies) == row.latency.count == 3
        assert row.latency.min <= row.latency.p50 <= row.latency.max
        assert row.memory_bytes >= 0
    for row in report.candidates[1:]:
        [output] = row.outputs
        assert output.verdict is toolkit.Verdict.agrees
        assert output.agreement.agrees
        assert output.agreement.rows_same_argmax == 4
        assert output.agreement.cosine_similarity == pytest.approx(1)


def test_a_wrong_weight_is_found_and_named(wrong_weight: Path):
    report = xrt.compare([DIGITS, wrong_weight], engines="reference", bisect=True, **FEW)
    assert not report.agrees
    assert report.winner == "reference@cpu digits.onnx"
    [found] = report.bisections
    assert found.found
    assert (found.op_type, found.node, found.last_agreeing) == ("Gemm", "gemm7", "flatten6")
    first = found.comparison.agreement.first_difference
    assert first.index == [0, 3]
    assert float(first.actual) == pytest.approx(10, abs=5)


def test_a_wrong_engine_is_found_and_named():
    report = xrt.compare(DIGITS, engines=["reference", WRONG_ENGINE], bisect=True, **FEW)
    assert not report.agrees
    assert report.bisections[0].node == "relu1"


@pytest.mark.parametrize("form", ["arrays", "tensors", "npz", "npy"])
def test_inputs_are_given_in_any_form(form: str, tmp_path: Path):
    image = np.linspace(0, 1, 128, dtype=np.float32).reshape(2, 1, 8, 8)
    np.savez(tmp_path / "in.npz", image=image)
    np.save(tmp_path / "image.npy", image)
    inputs = {
        "arrays": {"image": image},
        "tensors": {"image": xrt.Tensor.from_numpy(image)},
        "npz": tmp_path / "in.npz",
        "npy": str(tmp_path / "image.npy"),
    }[form]
    report = xrt.compare(DIGITS, engines=["reference", WRONG_ENGINE], inputs=inputs, **FEW)
    assert report.inputs[0].shape == (2, 1, 8, 8)
    source = "given" if form in ("arrays", "tensors") else str(inputs)
    assert report.input_source == source


def test_tolerances_are_policies_or_figures():
    def agrees(tolerance: object) -> bool:
        return xrt.compare(
            DIGITS, engines=["reference", WRONG_ENGINE], tolerance=tolerance, **FEW
        ).agrees

    assert not agrees("relaxed")
    assert agrees(toolkit.Tolerance(relative=1, absolute=100))
    assert toolkit.Tolerance.of_policy("exact").bitwise
    assert toolkit.Tolerance() == toolkit.Tolerance.of_policy("strict")
    assert len({toolkit.Tolerance(), toolkit.Tolerance()}) == 1


def test_what_is_wrong_is_a_typed_error(tmp_path: Path):
    def refused(error: type, words: str, **options: object) -> None:
        with pytest.raises(error, match=words):
            xrt.compare(**{"models": DIGITS, "engines": "reference", **FEW, **options})

    refused(xrt.InvalidArgumentError, "policy", tolerance="loose")
    refused(xrt.UnsupportedOperationError, "nothing", engines=["nothing"])
    refused(xrt.UnsupportedOperationError, "nothing", reference="nothing")
    refused(xrt.ModelNotFoundError, "none.onnx", models="none.onnx")
    refused(xrt.InvalidArgumentError, "image", inputs={"image": np.zeros(3, np.float32)})
    refused(xrt.InvalidArgumentError, "'x'", shapes={"x": [1]})
    refused(xrt.InvalidArgumentError, "at least one", models=[])
    refused(xrt.InvalidArgumentError, "NumPy array", inputs={"image": 3})
    with pytest.raises(xrt.InvalidArgumentError, match="atol"):
        toolkit.Tolerance(absolute=-1)


def test_tensors_are_measured_alone():
    one = xrt.Tensor.from_numpy(np.array([1, 2], np.float32))
    other = xrt.Tensor.from_numpy(np.array([1, 3], np.float32))
    agreement = toolkit.measure_agreement(one, other)
    assert not agreement.agrees
    assert str(agreement.first_difference) == "[1]: 2, where the reference has 3"
    assert toolkit.measure_agreement(one, other, toolkit.Tolerance(absolute=2)).agrees


def test_the_report_is_text_json_and_a_page(tmp_path: Path):
    report = xrt.compare(DIGITS, engines=["reference", WRONG_ENGINE], **FEW)
    document = json.loads(report.to_json())
    assert document["schema_version"] == 1
    assert [row["name"] for row in document["candidates"]] == [
        row.name for row in report.candidates
    ]
    assert str(report) == report.to_text() != report.to_text(120)
    report.write_html(tmp_path / "out.html")
    assert (tmp_path / "out.html").read_text() == report.to_html()
    with pytest.raises(xrt.InvalidArgumentError):
        report.write_html(tmp_path / "none" / "out.html")


def test_progress_is_told_and_may_end_it():
    told = []
    xrt.compare(
        DIGITS, engines=["reference", WRONG_ENGINE], progress=lambda *x: told.append(x), **FEW
    )
    assert {phase for phase, _, _ in told} == {"load", "first run", "warm up", "measure"}
    assert all(0 <= fraction <= 1 for _, _, fraction in told)

    def stop(phase: str, _candidate: str, _fraction: float) -> bool:
        return phase != "measure"

    report = xrt.compare(DIGITS, engines=["reference", WRONG_ENGINE], progress=stop)
    assert report.interrupted
    assert report.compared == 1


def test_what_progress_raises_is_raised():
    def fail(*_told: object) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        xrt.compare(DIGITS, engines="reference", progress=fail, **FEW)


def test_ctrl_c_ends_it():
    def interrupt(phase: str, *_told: object) -> None:
        if phase == "measure":
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        xrt.compare(DIGITS, engines=["reference", WRONG_ENGINE], seconds=600, progress=interrupt)


MEETING = """
import os, sys, threading
import numpy as np
import xpuruntime as xrt

engine, model = sys.argv[1:]

def keep_meeting():
    session = xrt.InferenceSession(model, engine=engine)
    while True:
        session.run([np.ones(2, np.float32)])

threading.Thread(target=keep_meeting, daemon=True).start()
report = xrt.compare(model, engines=engine, iterations=3)
print(report.candidates[0].latency.count, flush=True)
os._exit(0)  # the other thread waits in the engine
"""


def test_it_releases_the_gil(tmp_path: Path):
    """Each of its runs waits for one of another thread's."""
    program = "fake\ninput x float32 2\noutput y float32 2\nmeet 2\ny = scale x 2\nend\n"
    model = tmp_path / "m.fake"
    model.write_text(program)
    done = subprocess.run(
        [sys.executable, "-c", MEETING, FAKE_ENGINE, model],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3\n"


def test_the_report_names_the_public_module():
    assert toolkit.CompareReport.__module__ == "xpuruntime.toolkit"
    assert {name for name in vars(toolkit) if not name.startswith("_")} >= set(toolkit.__all__)
