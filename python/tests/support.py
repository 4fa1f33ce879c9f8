# SPDX-License-Identifier: Apache-2.0
"""What the tests of the package share."""

import os
import time
from collections.abc import Callable
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
    for name in ("onnxrt", "openvino", "reference")
]


def fake_session(program: str, **config: object) -> xrt.InferenceSession:
    """A session of a program of the fake engine (tests/fake_engine/fake_engine.h)."""
    text = f"fake\n{program}\nend\n"
    return xrt.InferenceSession(text.encode(), engine=FAKE_ENGINE, **config)


def until(condition: Callable[[], bool]) -> None:
    """Returns when it holds; a test that waits for a minute has failed."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end


class Held:
    """A session of one Context, whose runs (y = 2 x, of rows of two) go on as they are let go."""

    PROGRAM = "input x float32 N 2\noutput y float32 N 2\nmeet 2\ny = scale x 2"
    X = np.ones((1, 2), np.float32)

    def __init__(self, **config: object) -> None:
        self._profiler = xrt.Profiler()
        self.session = fake_session(self.PROGRAM, contexts=1, profiler=self._profiler, **config)
        self._other = fake_session(self.PROGRAM)

    def begin(self) -> xrt.Job:
        """A job that has begun, and holds up those that come after it."""
        before = self._profiler.event_count
        job = self.session.run_async([self.X], copy=False)
        until(lambda: self._profiler.event_count > before)
        return job

    def let_go(self, runs: int = 1) -> None:
        """Waits until as many runs have come, and lets them go on."""
        for _ in range(runs):
            self._other.run([self.X])

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *error: object) -> None:
        self.session.close("cancel")


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def save_add(path: Path, added: float) -> Path:
    """A model that adds to every pixel."""
    import onnx  # by who needs it alone: it loads slowly
    from onnx import TensorProto, helper

    shape = [1, 3, "h", "w"]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "added"], ["y"])],
        "add",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [helper.make_tensor("added", TensorProto.FLOAT, [], [added])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path
