# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of tests/cases through the command line, on every engine that can."""

import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from conftest import DATA, EXIT_CODES, ROOT, engines, onnx_engines, xpurt

sys.path.insert(0, str(ROOT / "tests/cases"))
from case_file import all_cases, array, check_output

ENGINES = {each["name"]: each for each in onnx_engines()}
UNUSABLE = {each["name"]: each["reason"] for each in engines() if not each["available"]}


def arguments(case: dict, engine: str, folder: Path) -> list[object]:
    session = case.get("session", {})
    words: list[object] = ["run", DATA / case["model"], "--engine", engine, "--json"]
    for name, tensor in case.get("inputs", {}).items():
        np.save(folder / f"{name}.npy", array(tensor))
        words += ["--input", f"{name}={folder / name}.npy"]
    for option in ("device", "threads"):
        if option in session:
            words += [f"--{option}", session[option]]
    for name, value in session.get("options", {}).items():
        words += ["--option", f"{name}={value}"]
    if "fallback" in session:
        words += ["--fallback", ",".join(session["fallback"])]
    return [*words, "--output", folder / "out"]


def check_outputs(case: dict, document: dict) -> None:
    outputs = document["outputs"]
    assert [each["name"] for each in outputs] == list(case["outputs"])
    for output in outputs:
        actual = np.load(output["file"])
        if case["outputs"][output["name"]]["dtype"] == "bfloat16":
            actual = actual.view(ml_dtypes.bfloat16)
        check_output(case, output["name"], actual)


@pytest.mark.parametrize(("case", "engine"), all_cases(ENGINES))
def test_case(case: dict, engine: str, tmp_path: Path):
    if engine in UNUSABLE:
        pytest.skip(UNUSABLE[engine])
    absent = case.get("skip_with_device")
    if absent and absent in ENGINES.get(engine, {}).get("devices", []):
        pytest.skip(f"the case is of a machine without {absent}")
    result = xpurt(*arguments(case, engine, tmp_path))
    if "error" in case:
        error = result.document["error"]
        assert error["class"] == case["error"]["class"], error
        assert result.code == EXIT_CODES[error["class"]]
        for fragment in case["error"]["message"]:
            assert fragment.lower() in error["message"].lower()
        assert not (tmp_path / "out").exists()
        return
    assert result.code == 0, result.stderr
    check_outputs(case, result.document)
    for key, value in case.get("ran", {}).items():
        assert result.document["session"][key] == value
        assert result.document["run"][key] == value
