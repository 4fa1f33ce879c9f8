# SPDX-License-Identifier: Apache-2.0
"""Does memory level off? Many runs and sessions on each engine, and a slope of the resident set.

The slope is fitted as `xpurt bench --leak-check` does (src/toolkit/leak_check.h): by least squares
in each fifth of what comes after a warm-up; the median of the five counts, so that one-off steps
and growth that levels off do not. Exits with 1 when something grows.

    python benchmarks/memory.py [RUNS=20000] [SESSIONS=500]
"""

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import xpuruntime as xrt

ROOT = Path(__file__).resolve().parents[1]
ONNX = ROOT / "tests/data"
MADE = ROOT / "build/tests/torch_models"  # by `make test-torch`
#: Files of "mlp", whose input has N rows, and of "nonzero", whose output has as many as it finds.
MODELS = {
    "torch": (MADE / "torch/mlp.pt", MADE / "torch/nonzero.pt"),
    "executorch": (MADE / "executorch/mlp.pte", None),  # which has no outputs of such shapes
}
PARTS = 5
SAMPLES = 100
NOTICEABLE_BYTES = 128 * 1024
LEAST_WARM_UP = 500  # the first sessions of a process leave the heap in pieces


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def watch(name: str, call: Callable[[int], object], calls: int) -> bool:
    """Prints a row of the table; true when memory grows."""
    for i in range(max(calls // 5, LEAST_WARM_UP)):
        call(i)
    samples = []
    for i in range(calls):
        call(i)
        if (i + 1) % max(1, calls // SAMPLES) == 0:
            samples.append((i + 1, resident_bytes()))
    slopes = sorted(np.polyfit(*np.array(part).T, 1)[0] for part in np.array_split(samples, PARTS))
    slope = slopes[PARTS // 2]
    grows = bool(slopes[1] > 0 and slope * calls > NOTICEABLE_BYTES)
    grown = (samples[-1][1] - samples[0][1]) / 1024
    verdict = "grows" if grows else "level"
    print(
        f"  {name:<34}{calls:>8,}{slope:>14.1f}{grown:>12,.0f}"
        f"{samples[-1][1] / 2**20:>10.1f}  {verdict}",
        flush=True,
    )
    return grows


def check_engine(engine: str, runs: int, sessions: int) -> bool:
    generator = np.random.default_rng(1)
    masks = [(np.arange(100) < found).astype(np.float32) for found in range(0, 100, 7)]
    mlp, nonzero = MODELS.get(engine, (ONNX / "mlp.onnx", ONNX / "nonzero.onnx"))
    session = xrt.InferenceSession(mlp, engine=engine, max_batch_size=8)
    dynamic = xrt.InferenceSession(nonzero, engine=engine) if nonzero else None
    rows = [generator.standard_normal((n, 16), np.float32) for n in range(1, 65)]

    def changing(i: int) -> None:
        session.run({"x": rows[i % 64]})

    def changing_job(i: int) -> None:
        session.run_async({"x": rows[i % 64]}).wait()

    def changing_batch(i: int) -> None:
        session.run_batch([[rows[i % 4]], [rows[i % 3]]])

    def found(i: int) -> None:
        dynamic.run({"x": masks[i % len(masks)]})

    def opened(i: int) -> None:
        with xrt.InferenceSession(mlp, engine=engine) as short:
            short.run([rows[i % 64]])

    print(f"{engine}")
    verdicts = [
        watch("run, changing shapes", changing, runs),
        watch("run_async, changing shapes", changing_job, runs),
        watch("run_batch, changing shapes", changing_batch, runs),
        watch("open, run and close", opened, sessions),
    ]
    if dynamic is not None:
        verdicts.append(watch("run, dynamic outputs (NonZero)", found, runs))
    return any(verdicts)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    print(f"{os.cpu_count()} cores, xpuruntime {xrt.__version__}")
    print(f"  {'':<34}{'times':>8}{'bytes a time':>14}{'grown KiB':>12}{'RSS MiB':>10}")
    grows = []
    for engine in xrt.available_engines():
        if engine == "python":
            print("python: its memory is that of another process")
        elif not all(each is None or each.exists() for each in MODELS.get(engine, ())):
            print(f"{engine}: not checked, there are no models of it: make test-torch")
        else:
            grows.append(check_engine(engine, runs, sessions))
    sys.exit(1 if any(grows) else 0)


if __name__ == "__main__":
    main()
