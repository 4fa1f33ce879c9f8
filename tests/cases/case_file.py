# SPDX-License-Identifier: Apache-2.0
"""Reads the cases for the runners in Python: the package's, and the command line's."""

import json
from collections.abc import Iterable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parent


def all_cases(usable: Iterable[str]) -> list:
    """Each case with each engine that it runs on, as parameters of a test."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            named = case.get("session", {}).get("engine")
            for engine in [named] if named else case.get("engines", usable):
                found.append(pytest.param(case, engine, id=f"{path.stem}-{case['name']}-{engine}"))
    return found


def array(tensor: dict) -> np.ndarray:
    """The array that a tensor of a case is."""
    name = tensor["dtype"]
    dtype = np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)
    if "fill" in tensor:
        return np.full(tensor["shape"], tensor["fill"], dtype)
    values = [float(value) if isinstance(value, str) else value for value in tensor["values"]]
    return np.array(values, dtype).reshape(tensor["shape"])


def check_output(case: dict, name: str, actual: np.ndarray) -> None:
    tolerance = case.get("tolerance", {})
    expected = array(case["outputs"][name])
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    if expected.dtype.kind not in "fV":
        np.testing.assert_array_equal(actual, expected)
        return
    np.testing.assert_allclose(
        actual.astype(np.float64),
        expected.astype(np.float64),
        rtol=tolerance.get("relative", 0),
        atol=tolerance.get("absolute", 0),
    )
