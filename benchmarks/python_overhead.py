# SPDX-License-Identifier: Apache-2.0
"""What a call from Python costs, against ONNX Runtime's and OpenVINO's own Python APIs.

Both run the same model with one thread, interleaved; a ratio is of medians, with a bootstrap 95 %
interval, and a goal is met when the interval's worse end meets it.

    python benchmarks/python_overhead.py MODEL_FOLDER [ROUNDS=100] [SLICE_MS=2]

benchmarks/overhead/make_models.py writes the models.
"""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import openvino as ov
from common.interleaved import cpu_model, ratio_of_medians, time_interleaved, verdict

import xpuruntime as xrt


@dataclass
class Case:
    """A model, and goals: `run` and `run_with_io_binding` against ONNX Runtime's, `run` against a
    call of OpenVINO's compiled model."""

    model: str
    run: float
    bound: float | None = None
    openvino: float | None = None


CASES = [
    Case("mlp_4us", 0.5, 0.8),
    Case("mlp_20us", 0.8, openvino=0.45),
    Case("conv_1000us", 1.0),
    Case("wide_40mb", 0.7),
]


def print_row(
    name: str, ours: np.ndarray, theirs: np.ndarray | None = None, goal: float | None = None
) -> None:
    text = f"  {name:<44}{np.median(ours):>11.2f}"
    if theirs is not None:
        value, low, high = ratio_of_medians(ours, theirs)
        text += f"{value:>9.3f}  [{low:.3f}, {high:.3f}]"
        if goal is not None:
            text += f"  <= {goal} {verdict(low, high, goal)}"
    print(text, flush=True)


def their_session(model: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_case(case: Case, folder: Path, rounds: int, slice_ms: float) -> None:
    model = folder / f"{case.model}.onnx"
    theirs = their_session(model)
    ours = xrt.InferenceSession(model, engine="onnxrt", threads=1)
    [info] = ours.input_info
    x = np.linspace(0.1, 0.9, int(np.prod(info.shape)), dtype=np.float32).reshape(info.shape)
    feed = {"x": x}
    expected = theirs.run(None, feed)[0]
    np.testing.assert_array_equal(ours.run(feed)["y"], expected)

    their_y, our_y = np.empty_like(expected), np.empty_like(expected)
    their_binding = theirs.io_binding()
    their_binding.bind_cpu_input("x", x)
    their_binding.bind_output("y", "cpu", 0, np.float32, their_y.shape, their_y.ctypes.data)
    our_binding = ours.create_io_binding()
    our_binding.bind_input("x", x)
    our_binding.bind_output("y", our_y)

    timings = time_interleaved(
        [
            lambda: theirs.run(None, feed),
            lambda: ours.run(feed),
            lambda: ours.run([x]),
            lambda: ours.run(feed, {"y": our_y}),
            lambda: theirs.run_with_iobinding(their_binding),
            lambda: ours.run_with_io_binding(our_binding),
        ],
        rounds,
        slice_ms,
    )
    np.testing.assert_array_equal(our_y, their_y)
    run, by_name, in_order, into, their_bound, our_bound = timings
    print(f"\n{case.model}: output {expected.dtype}{list(expected.shape)}")
    print_row("onnxruntime run", run)
    print_row("run(dict)", by_name, run, case.run)
    print_row("run(list)", in_order, run)
    print_row("run(dict, given outputs)", into, run)
    print_row("onnxruntime run_with_iobinding", their_bound)
    print_row("run_with_io_binding", our_bound, their_bound, case.bound)


def run_openvino(case: Case, folder: Path, rounds: int, slice_ms: float) -> None:
    model = folder / f"{case.model}.onnx"
    compiled = ov.Core().compile_model(
        model, "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    )
    ours = xrt.InferenceSession(model, engine="openvino", threads=1)
    [info] = ours.input_info
    x = np.linspace(0.1, 0.9, int(np.prod(info.shape)), dtype=np.float32).reshape(info.shape)
    feed = {"x": x}
    expected = compiled(feed)[0]
    np.testing.assert_array_equal(ours.run(feed)["y"], expected)
    request = compiled.create_infer_request()
    request.set_tensor("x", ov.Tensor(x, shared_memory=True))
    our_y = np.empty_like(expected)
    our_binding = ours.create_io_binding()
    our_binding.bind_input("x", x)
    our_binding.bind_output("y", our_y)
    timings = time_interleaved(
        [
            lambda: compiled(feed),
            lambda: ours.run(feed),
            lambda: ours.run([x]),
            request.infer,
            lambda: ours.run_with_io_binding(our_binding),
        ],
        rounds,
        slice_ms,
    )
    call, by_name, in_order, their_request, our_bound = timings
    print_row("openvino compiled(dict)", call)
    print_row("run(dict)", by_name, call, case.openvino)
    print_row("run(list)", in_order, call)
    print_row("openvino request.infer(), tensors set", their_request)
    print_row("run_with_io_binding", our_bound, their_request)


IMPORT_TIME = """
import time, numpy
begin = time.perf_counter()
import xpuruntime
print(time.perf_counter() - begin)
"""


def import_milliseconds() -> float:
    """Median of 30 fresh interpreters, beyond NumPy."""
    times = [
        float(subprocess.run([sys.executable, "-c", IMPORT_TIME], capture_output=True).stdout)
        for _ in range(30)
    ]
    return float(np.median(times)) * 1000


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rounds = max(30, int(sys.argv[2])) if len(sys.argv) > 2 else 100
    slice_ms = float(sys.argv[3]) if len(sys.argv) > 3 else 2
    print(
        f"{cpu_model()}, {os.cpu_count()} cores, {platform.release()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"onnxruntime {ort.__version__}, openvino {ov.__version__}, xpuruntime {xrt.__version__}, "
        f"one thread, {rounds} interleaved rounds"
    )
    print(f"import xpuruntime beyond NumPy: {import_milliseconds():.1f} ms (goal: under 50)")
    print(f"{'':<46}{'median us':>11}{'ratio':>9}  95 % interval  goal")
    for case in CASES:
        run_case(case, Path(sys.argv[1]), rounds, slice_ms)
        run_openvino(case, Path(sys.argv[1]), rounds, slice_ms)


if __name__ == "__main__":
    main()
