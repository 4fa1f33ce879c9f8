# SPDX-License-Identifier: Apache-2.0
"""`gate=`: a session whose numbers are off does not open."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from support import BUILD, DATA, STATUS

import xpuruntime as xrt
from xpuruntime.toolkit import Tolerance

DIGITS = DATA / "digits.onnx"
WRONG_ENGINE = str(BUILD / "tests/engines/libxpuruntime_engine_wrong.so")
OTHERS = [name for name in ("onnxrt", "openvino") if name in STATUS and STATUS[name].available]
IMAGES = np.random.default_rng(0).random((2, 1, 8, 8), np.float32)


@pytest.fixture(scope="module")
def logits() -> np.ndarray:
    with xrt.InferenceSession(DIGITS, engine="reference") as session:
        return session.run({"image": IMAGES})["logits"].copy()


@pytest.fixture
def wrong_weight(tmp_path: Path) -> Path:
    """The digit classifier with another bias for the class 3."""
    model = onnx.load(DIGITS)
    [bias] = [each for each in model.graph.initializer if each.name == "gemm10.bias"]
    values = numpy_helper.to_array(bias).copy()
    values[3] = 10
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    onnx.save(model, tmp_path / "wrong.onnx")
    return tmp_path / "wrong.onnx"


@pytest.mark.parametrize("engine", OTHERS)
def test_engines_pass_strict_on_the_digits(engine: str):
    with xrt.InferenceSession(
        DIGITS, engine=engine, gate=xrt.gate("reference", batch=4)
    ) as session:
        assert session.report().validators == ["gate reference, strict (rtol 0.001, atol 1e-05)"]


def test_golden_arrays_and_files_are_the_same_gate(tmp_path: Path, logits: np.ndarray):
    np.savez(tmp_path / "golden.npz", image=IMAGES, logits=logits)
    for gate in (
        xrt.gate(inputs={"image": IMAGES}, outputs={"logits": logits}, tolerance="exact"),
        xrt.gate(tmp_path / "golden.npz", tolerance="exact"),
        tmp_path / "golden.npz",
        str(tmp_path / "golden.npz"),
        "reference@cpu",
    ):
        with xrt.InferenceSession(DIGITS, engine="reference", gate=gate) as session:
            assert len(session.report().validators) == 1


def test_a_wrong_weight_is_refused_and_the_error_says_where(wrong_weight: Path):
    gate = xrt.gate("reference", model=DIGITS, inputs={"image": IMAGES})
    with pytest.raises(
        xrt.AgreementError,
        match=r"gate reference@cpu: output 'logits' at \[0,3\]: expected -?\d.*, got -?\d.*; "
        r"2 of 20 elements do not agree, strict .*engine reference@cpu, model .*wrong.onnx",
    ) as refused:
        xrt.InferenceSession(wrong_weight, engine="reference", gate=gate)
    assert refused.value.exit_code == 10
    with xrt.InferenceSession(DIGITS, engine="reference", gate=gate):
        pass


def test_a_refused_engine_gives_way_to_the_next_of_the_list():
    with xrt.InferenceSession(
        DIGITS, engine=WRONG_ENGINE, fallback=["reference"], gate="reference"
    ) as session:
        assert session.engine_name == "reference"
        [failed] = session.report().failed_choices
        assert failed.error == "AgreementError"
        assert "output 'logits'" in failed.reason
    with pytest.raises(xrt.AgreementError):
        xrt.InferenceSession(DIGITS, engine=WRONG_ENGINE, gate="reference")


def test_a_validator_judges_a_session_that_is_open(logits: np.ndarray):
    right = xrt.gate(inputs={"image": IMAGES}, outputs={"logits": logits})
    wrong = xrt.gate(
        inputs={"image": IMAGES}, outputs={"logits": logits + 1}, tolerance=Tolerance(absolute=0.5)
    )
    assert repr(wrong) == "<xpuruntime.SessionValidator gate given, rtol 0.001, atol 0.5>"
    with xrt.InferenceSession(DIGITS, engine="reference") as session:
        right.check(session)
        with pytest.raises(xrt.AgreementError, match="20 of 20"):
            wrong.check(session)
        assert session.is_open


def test_a_model_of_bytes_needs_a_file_for_the_reference():
    content = DIGITS.read_bytes()
    with pytest.raises(xrt.InvalidArgumentError, match="model"):
        xrt.InferenceSession(content, engine="reference", gate="reference")
    xrt.InferenceSession(
        content, engine="reference", gate=xrt.gate("reference", model=DIGITS)
    ).close()


def test_inputs_that_do_not_fit_are_no_verdict(logits: np.ndarray):
    gate = xrt.gate(inputs={"image": IMAGES[:, :, :4]}, outputs={"logits": logits})
    with pytest.raises(xrt.InvalidArgumentError, match="image"):
        xrt.InferenceSession(DIGITS, engine="reference", fallback=["reference@cpu"], gate=gate)


def test_what_says_nothing_is_refused(tmp_path: Path, logits: np.ndarray):
    with pytest.raises(xrt.InvalidArgumentError, match="expected a source, or inputs and outputs"):
        xrt.gate()
    with pytest.raises(xrt.InvalidArgumentError, match="got both"):
        xrt.gate("reference", outputs={"logits": logits})
    with pytest.raises(xrt.InvalidArgumentError, match="reference engine"):
        xrt.gate(inputs={"image": IMAGES}, outputs={"logits": logits}, model=DIGITS)
    with pytest.raises(xrt.InvalidArgumentError, match="at least one output"):
        xrt.gate(inputs={"image": IMAGES}, outputs={})
    with pytest.raises(xrt.UnsupportedOperationError, match="did you mean 'reference'"):
        xrt.gate("referense")
    with pytest.raises(xrt.InvalidArgumentError, match="no golden data"):
        xrt.gate(tmp_path / "none")
    with pytest.raises(TypeError):
        xrt.InferenceSession(DIGITS, gate=3)
