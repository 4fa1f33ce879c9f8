# SPDX-License-Identifier: Apache-2.0
"""The nodes of runs in a profiler's trace."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from support import DATA, ENGINES, fake_session

import xpuruntime as xrt

DIGITS = DATA / "digits.onnx"
SLACK_US = 2  # engines count in whole microseconds
RUNS = 3


def traced(profiler: xrt.Profiler, folder: Path) -> list[dict]:
    profiler.write(folder / "trace.json")
    return json.loads((folder / "trace.json").read_text())["traceEvents"]


OPS_OF_THE_FILE = Counter(Conv=2, Relu=3, MaxPool=2, Flatten=1, Gemm=2)
# OpenVINO runs what it makes of the graph: these among others.
OPENVINO_OPS = Counter(Convolution=2, MaxPool=2, FullyConnected=2)
# One event a node of the file: ONNX Runtime would join some.
OPTIONS = {"onnxrt": {"graph_optimization": "disable"}}


@pytest.mark.parametrize("engine", ENGINES)
def test_lie_in_time_within_their_run(engine: str, tmp_path: Path):
    profiler = xrt.Profiler(nodes=True)
    session = xrt.InferenceSession(
        DIGITS, engine=engine, profiler=profiler, engine_options=OPTIONS.get(engine)
    )
    assert session.report().profiles_nodes
    for _ in range(RUNS):
        session.run({"image": np.zeros((1, 1, 8, 8), np.float32)})
    events = traced(profiler, tmp_path)
    runs = [i for i, event in enumerate(events) if event["name"] == "run"]
    assert len(runs) == RUNS
    for begin, end in zip(runs, [*runs[1:], len(events)], strict=True):
        run, nodes = events[begin], events[begin + 1 : end]
        ops = Counter(node["args"]["op"] for node in nodes)
        if engine == "openvino":
            assert ops >= OPENVINO_OPS
        else:
            assert ops == OPS_OF_THE_FILE
        for node in nodes:
            assert node["name"]
            assert node["args"]["kernel"]
            assert node["tid"] == run["tid"]
            assert node["ts"] >= run["ts"]
            assert node["ts"] + node["dur"] <= run["ts"] + run["dur"] + SLACK_US


@pytest.mark.parametrize("engine", ENGINES)
def test_give_the_same_outputs_and_leave_no_file_behind(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    x = [np.random.default_rng(1).random((1, 1, 8, 8), np.float32)]
    plain = xrt.InferenceSession(DIGITS, engine=engine).run(x)[0]
    with xrt.InferenceSession(DIGITS, engine=engine, profiler=xrt.Profiler(nodes=True)) as session:
        binding = session.create_io_binding()
        binding.bind_input("image", x[0])
        for _ in range(3):
            np.testing.assert_array_equal(session.run(x)[0], plain)
            session.run_with_io_binding(binding)
            np.testing.assert_array_equal(binding.outputs["logits"], plain)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_are_not_there_where_nobody_asks(engine: str, tmp_path: Path):
    profiler = xrt.Profiler()
    session = xrt.InferenceSession(DIGITS, engine=engine, profiler=profiler)
    assert not session.report().profiles_nodes
    session.run([np.zeros((1, 1, 8, 8), np.float32)])
    assert [event["name"] for event in traced(profiler, tmp_path)] == ["run"]


def test_an_engine_that_does_not_tell_says_so():
    session = fake_session(
        "input x float32 N\noutput y float32 N\ny = identity x", profiler=xrt.Profiler(nodes=True)
    )
    assert not session.report().profiles_nodes
