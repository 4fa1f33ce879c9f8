# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import pytest
from support import BUILD, DATA

import xpuruntime as xrt
from xpuruntime.toolkit import TrialOutcome, TuneReport

DIGITS = DATA / "digits.onnx"
WRONG = BUILD / "tests/engines/libxpuruntime_engine_wrong.so"


def quick(folder: Path | None, **options: object) -> TuneReport:
    """Short, since nothing here is about time."""
    given = {"engines": "reference", "seconds": 1, "final_seconds": 0.01, **options}
    return xrt.tune(DIGITS, cache_dir=folder, **given)


def test_auto_goes_by_what_was_found(tmp_path: Path):
    report = quick(tmp_path)
    shapes = {"image": (1, 1, 8, 8)}
    any_shapes, fixed = report.decisions
    session = xrt.InferenceSession(DIGITS, cache_dir=tmp_path)
    assert session.report().rule == f"auto: tuned, by {any_shapes}"
    session = xrt.InferenceSession(DIGITS, cache_dir=tmp_path, shapes=shapes)
    assert session.report().rule == f"auto: tuned, by {fixed}"
    session = xrt.InferenceSession(DIGITS, cache_dir=None)
    assert "tuned" not in session.report().rule


def test_best_is_what_a_session_takes(tmp_path: Path):
    report = quick(tmp_path)
    assert report.winner in [each.name for each in report.finalists]
    session = xrt.InferenceSession(DIGITS, **report.best)
    assert session.engine_name == report.best["engine"]
    session.run([np.zeros((1, 1, 8, 8), np.float32)])


def test_an_engine_that_is_wrong_is_refused():
    report = quick(None, engines=[str(WRONG), "reference"], reference="reference")
    refused = [each for each in report.trials if each.outcome == TrialOutcome.refused]
    assert {each.config["engine"] for each in refused} == {str(WRONG)}
    assert all(each.error == "AgreementError" for each in refused)
    assert report.decisions == []


def test_it_is_told_how_far_it_is_and_may_be_stopped(tmp_path: Path):
    phases = []

    def progress(phase: str, trial: str, fraction: float) -> bool:
        phases.append(phase)
        assert 0 <= fraction <= 1
        return phase != "search"

    report = quick(tmp_path, progress=progress)
    assert phases == ["reference", "search"]
    assert report.interrupted
    assert list(tmp_path.iterdir()) == []


def test_what_the_callback_raises_is_raised():
    def progress(*_: object) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        quick(None, progress=progress)


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match="seconds"):
        quick(None, seconds=0)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.onnx"):
        xrt.tune("nowhere.onnx")
    with pytest.raises(xrt.UnsupportedOperationError, match="nonesuch"):
        quick(None, engines="nonesuch")


def test_the_report_is_a_table(tmp_path: Path):
    report = quick(tmp_path)
    assert report.winner in str(report)
    assert report.to_json().startswith("{")
    assert repr(report).startswith("<xpuruntime.toolkit.TuneReport of ")
