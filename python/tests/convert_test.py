# SPDX-License-Identifier: Apache-2.0
"""Conversions by Python; tests/e2e and tests/torch_engines have the formats."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import DATA

import xpuruntime as xrt
from xpuruntime.toolkit import Verdict


@pytest.fixture
def model(tmp_path: Path) -> Path:
    pytest.importorskip("openvino", reason="openvino is not installed")
    return Path(shutil.copy(DATA / "digits.onnx", tmp_path))


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_report_tells_what_became_of_it(model: Path):
    told = []
    image = np.random.default_rng(0).random((4, 1, 8, 8), np.float32)
    report = xrt.convert(
        model,
        "openvino",
        inputs={"image": image},
        preprocessing={"scale": 255},
        progress=lambda phase, fraction: told.append((phase, fraction)),
    )
    assert report.agrees()
    assert report.files == [model.with_suffix(".xml"), model.with_suffix(".bin")]
    assert report.notes == model.with_name("digits_info.json")
    assert (report.format, report.precision, report.opset) == ("openvino", "fp32", None)
    assert report.engine.startswith("openvino ") and "openvino" in report.tools
    assert [list(each.inputs[0].shape) for each in report.runs] == [[4, 1, 8, 8], [2, 1, 8, 8]]
    assert report.runs[0].outputs[0].verdict == Verdict.agrees
    assert "the result agrees with the source" in str(report)
    assert told[0] == ("start", 0) and told[-1][0] == "check"
    assert [each for _, each in told] == sorted(each for _, each in told)


def test_one_that_is_off_is_told_and_not_kept(model: Path):
    report = xrt.convert(model, "openvino", fp16=True, tolerance="exact")
    assert not report.agrees() and report.files == []
    assert names(model.parent) == {"digits.onnx"}


def test_progress_may_end_it(model: Path):
    with pytest.raises(xrt.CancelledError):
        xrt.convert(model, "openvino", progress=lambda *told: False)
    with pytest.raises(ZeroDivisionError):
        xrt.convert(model, "openvino", progress=lambda *told: 1 / 0)
    assert names(model.parent) == {"digits.onnx"}


def test_wrong_arguments_are_typed_errors(model: Path, tmp_path: Path):
    with pytest.raises(xrt.InvalidArgumentError, match="there is no format 'coreml'"):
        xrt.convert(model, "coreml")
    with pytest.raises(xrt.ModelNotFoundError):
        xrt.convert(tmp_path / "none.onnx", "openvino")
    with pytest.raises(xrt.UnsupportedOperationError, match="can be converted to openvino"):
        xrt.convert(model, "torchscript", keep=True)
    with pytest.raises(xrt.InvalidArgumentError, match="'y' is not in input_shapes"):
        xrt.convert(model, "openvino", dtypes={"y": "int64"})
    with pytest.raises(xrt.InvalidArgumentError, match="expected inputs image; got x"):
        xrt.convert(model, "openvino", inputs={"x": np.ones(1, np.float32)})
    assert names(model.parent) == {"digits.onnx"}
