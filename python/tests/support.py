# SPDX-License-Identifier: Apache-2.0
"""What the tests of the package share."""

import os
from pathlib import Path

import numpy as np
import pytest

import xpuruntime as xrt

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("XPURT_BUILD_DIR", ROOT / "build")).resolve()
PACKAGE = BUILD / "python"
DATA = ROOT / "tests" / "data"
FAKE_ENGINE = BUILD / "tests/engines/libxpuruntime_engine_fake.so"

STATUS = {each.name: each for each in xrt.engine_status()}
ENGINES = [
    pytest.param(
        name,
        marks=[] if STATUS[name].available else pytest.mark.skip(reason=STATUS[name].reason),
    )
    for name in ("onnxrt", "reference")
]


def fake_session(program: str, **config: object) -> xrt.InferenceSession:
    """A session of a program of the fake engine (tests/fake_engine/fake_engine.h)."""
    text = f"fake\n{program}\nend\n"
    return xrt.InferenceSession(text.encode(), engine=FAKE_ENGINE, **config)


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]
