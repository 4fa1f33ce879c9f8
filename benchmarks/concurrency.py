# SPDX-License-Identifier: Apache-2.0
"""What callers at once, jobs, batches and streams do to throughput, against one caller.

All use one session of one thread a run and as many Contexts as there are cores. Each way does as
many items in a slice; slices are interleaved, and a ratio is of medians, with a bootstrap 95 %
interval: above 1 is more items a second than one caller's.

    python benchmarks/concurrency.py MODEL_FOLDER [ROUNDS=60] [SLICE_MS=40]

benchmarks/overhead/make_models.py writes the models.
"""

import os
import platform
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from common.interleaved import cpu_model, ratio_of_medians, time_interleaved

import xpuruntime as xrt

DATA = Path(__file__).resolve().parents[1] / "tests/data"
CALLERS = (2, 8)
MAX_BATCH = 32
ITEMS = 64  # of a batch, and in flight


def call_from(
    pool: ThreadPoolExecutor, callers: int, call: Callable[[], object], items: int
) -> None:
    def work() -> None:
        for _ in range(items // callers):
            call()

    for done in [pool.submit(work) for _ in range(callers)]:
        done.result()


def ways(
    session: xrt.InferenceSession, pool: ThreadPoolExecutor, feed: dict[str, np.ndarray], items: int
) -> dict[str, Callable[[], object]]:
    """Each does `items` items."""

    def one() -> None:
        for _ in range(items):
            session.run(feed)

    def jobs() -> None:
        for job in [session.run_async(feed, copy=False) for _ in range(items)]:
            job.wait()

    def batches() -> None:
        for _ in range(items // ITEMS):
            session.run_batch([feed] * ITEMS)

    def stream() -> None:
        for _ in session.stream((feed for _ in range(items)), ITEMS, copy=False):
            pass

    callers = {
        f"{count} callers": partial(call_from, pool, count, partial(session.run, feed), items)
        for count in CALLERS
    }
    return {
        "one caller": one,
        **callers,
        "run_async": jobs,
        f"run_batch of {ITEMS}": batches,
        "stream": stream,
    }


def run_case(model: Path, rounds: int, slice_ms: float, max_batch_size: int) -> None:
    session = xrt.InferenceSession(
        model, engine="onnxrt", threads=1, contexts=os.cpu_count(), max_batch_size=max_batch_size
    )
    [info] = session.input_info
    shape = [max(1, extent) for extent in info.shape]
    feed = {info.name: np.linspace(0.1, 0.9, int(np.prod(shape)), dtype=np.float32).reshape(shape)}
    session.warm_up(20)
    for _ in range(50):
        session.run(feed)
    items = max(1, int(slice_ms / 1000 / session.statistics().p50) // ITEMS) * ITEMS
    with ThreadPoolExecutor(max(CALLERS)) as pool:
        named = ways(session, pool, feed, items)
        timings = time_interleaved(list(named.values()), rounds, slice_ms, warm_up=2) / items
    print(f"\n{model.stem}, max_batch_size {max_batch_size}: {items} items a slice")
    for name, times in zip(named, timings, strict=True):
        value, low, high = ratio_of_medians(timings[0], times)
        print(
            f"  {name:<20}{np.median(times):>10.2f}{1e6 / np.median(times):>12,.0f}"
            f"{value:>8.2f}  [{low:.2f}, {high:.2f}]",
            flush=True,
        )


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    rounds = max(30, int(sys.argv[2])) if len(sys.argv) > 2 else 60
    slice_ms = float(sys.argv[3]) if len(sys.argv) > 3 else 40
    print(
        f"{cpu_model()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"{platform.release()}, Python {platform.python_version()}, "
        f"xpuruntime {xrt.__version__}, {rounds} interleaved rounds"
    )
    print(f"  {'':<20}{'us an item':>10}{'items/s':>12}{'ratio':>8}  95 % interval")
    run_case(DATA / "digits.onnx", rounds, slice_ms, 1)
    run_case(DATA / "digits.onnx", rounds, slice_ms, MAX_BATCH)
    run_case(folder / "mlp_20us.onnx", rounds, slice_ms, 1)
    run_case(folder / "conv_1000us.onnx", rounds, slice_ms, 1)


if __name__ == "__main__":
    main()
