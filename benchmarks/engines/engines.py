# SPDX-License-Identifier: Apache-2.0
"""Every engine through us and through its own Python API, on the models of make_models.py.

Both run the same model with the same threads and hints into memory bound beforehand, all engines
interleaved. A ratio is of medians, ours to theirs, with a bootstrap 95 % interval; the goal is met
when the interval's worse end meets it. Agreement is with the engine `reference`, rtol 1e-3, atol
1e-5: the largest error, and how many elements are outside.

    python benchmarks/engines/engines.py [--help]
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from common.interleaved import (  # noqa: E402
    cpu_model,
    ratio_of_medians,
    slice_of,
    time_interleaved,
    verdict,
)
from own_apis import OWN_APIS, Arrays, Way  # noqa: E402

import xpuruntime as xrt  # noqa: E402
from xpuruntime.toolkit import Tolerance, measure_agreement  # noqa: E402

MODELS = ["digits", "mobilenet_v3_small", "bert_mini", "resnet18", "vit_b_16"]
SEQUENCE = 128
WORDS = 30000  # ids that BERT's vocabulary has
GOAL = 1.01
SLICE_MS = 5
LEAST_ROUNDS, MOST_ROUNDS = 30, 400
# The oracle by its faster kernels, which sum in double as its loops do.
KERNELS = xrt.KernelPolicy(dict.fromkeys(["Conv", "Gemm", "MatMul"], "eigen"))


@dataclass
class Row:
    """An engine on a model; microseconds."""

    model: str
    batch: int
    engine: str
    reason: str = ""  # why there are no figures
    version: str = ""
    threads: int = 0
    median_us: float | None = None
    own_median_us: float | None = None
    ratio: float | None = None
    interval: list[float] = field(default_factory=list)
    rounds: int = 0
    verdict: str = ""
    max_absolute_error: float | None = None
    disagreeing: int | None = None  # elements, ours and those of its own API
    elements: int = 0


def random_feed(inputs: list[xrt.TensorInfo], batch: int) -> Arrays:
    """Images of 0..1; sentences of different lengths."""
    random = np.random.default_rng(batch)
    feed = {}
    for info in inputs:
        shape = [batch, *(SEQUENCE if extent < 0 else extent for extent in info.shape[1:])]
        if info.name == "attention_mask":
            lengths = random.integers(SEQUENCE // 2, SEQUENCE + 1, (batch, 1))
            feed[info.name] = (np.arange(SEQUENCE) < lengths).astype(np.int64)
        elif info.dtype == xrt.DType.int64:
            feed[info.name] = random.integers(1, WORDS, shape)
        else:
            feed[info.name] = random.random(shape, np.float32)
    return feed


def our_way(model: Path, feed: Arrays, **config: object) -> tuple[Way, int]:
    """And the threads that its runs take."""
    session = xrt.InferenceSession(model, **config)
    outputs = {name: np.zeros_like(array) for name, array in session.run(feed).items()}
    binding = session.create_io_binding()
    for name, array in feed.items():
        binding.bind_input(name, array)
    for name, array in outputs.items():
        binding.bind_output(name, array)
    report = session.report()
    way = Way(report.engine_version, partial(session.run_with_io_binding, binding), outputs)
    return way, report.threads


def add_agreement(row: Row, ours: Arrays, theirs: Arrays, expected: Arrays) -> None:
    found = [
        measure_agreement(
            xrt.Tensor.from_numpy(outputs[name]),
            xrt.Tensor.from_numpy(reference),
            Tolerance.of_policy("strict"),
        )
        for outputs in (ours, theirs)
        for name, reference in expected.items()
    ]
    row.max_absolute_error = max(each.max_absolute_error for each in found)
    row.disagreeing = sum(each.disagreeing for each in found)
    row.elements = sum(each.elements for each in found)


def ways_of(
    row: Row, model: Path, feed: Arrays, threads: int, status: xrt.EngineStatus | None
) -> tuple[Way, Way] | None:
    """An engine's own API, and the same through us; None with the row's reason."""
    if status is None or not status.available:
        row.reason = status.reason if status is not None else "the engine is not built"
        return None
    try:
        ours, row.threads = our_way(
            model, feed, engine=row.engine, device="cpu", threads=threads, cache_dir=None
        )
        own = OWN_APIS[row.engine](model, feed, row.threads)
    except (ImportError, xrt.XpuRuntimeError) as error:
        row.reason = f"{type(error).__name__}: {error}"
        return None
    row.version = ours.version
    return own, ours


def measure(calls: list, seconds: float, first_us: list[float]) -> tuple[np.ndarray, int]:
    """Microseconds [call, round], in about that many seconds."""
    slice_us = max(SLICE_MS * 1000, first_us[0])
    round_seconds = sum(slice_us / first_us[0] * each for each in first_us) / 1e6
    rounds = min(MOST_ROUNDS, max(LEAST_ROUNDS, int(seconds / round_seconds)))
    warm_up = max(1, min(20, int(2e5 / max(first_us))))
    return time_interleaved(calls, rounds, SLICE_MS, warm_up), rounds


def run_case(model: Path, batch: int, threads: int, seconds: float) -> list[Row]:
    oracle = xrt.InferenceSession(model, engine="reference", kernel_policy=KERNELS)
    feed = random_feed(oracle.input_info, batch)
    begin = time.perf_counter()
    expected = oracle.run(feed)
    reference_us = (time.perf_counter() - begin) * 1e6
    status = {each.name: each for each in xrt.engine_status()}
    rows = [Row(model.stem, batch, engine) for engine in OWN_APIS]
    ways = [ways_of(row, model, feed, threads, status.get(row.engine)) for row in rows]
    built = [(row, *pair) for row, pair in zip(rows, ways, strict=True) if pair is not None]
    calls = [way.call for _, own, ours in built for way in (own, ours)]
    if calls:
        first_us = [min(slice_of(call, 1) for _ in range(2)) for call in calls]
        timings, rounds = measure(calls, seconds, first_us)
        for (row, own, ours), theirs_us, ours_us in zip(
            built, timings[::2], timings[1::2], strict=True
        ):
            row.median_us, row.own_median_us = (
                float(np.median(ours_us)),
                float(np.median(theirs_us)),
            )
            row.ratio, *row.interval = ratio_of_medians(ours_us, theirs_us)
            row.rounds, row.verdict = rounds, verdict(*row.interval, GOAL)
            add_agreement(row, ours.outputs, own.outputs, expected)
    report = oracle.report()
    row = Row(
        *(model.stem, batch, "reference"), version=report.engine_version, threads=report.threads
    )
    row.median_us, row.rounds = reference_us, 1
    return [*rows, row]


def line(row: Row) -> str:
    head = f"{row.model:<20}{row.batch:>3}  {row.engine:<10}{row.threads or '':>7}"
    if row.reason:
        return f"{head}{row.reason}"
    text = f"{head}{row.median_us:>12,.1f}"
    if row.ratio is None:
        return f"{text}   one run, by {KERNELS.to_json()}"
    low, high = row.interval
    agreement = f"{row.max_absolute_error:.1e} {row.disagreeing}/{row.elements}"
    return (
        f"{text}{row.own_median_us:>12,.1f}{row.ratio:>8.3f}  [{low:.3f}, {high:.3f}]"
        f"  {row.verdict:<11}{row.rounds:>5}  {agreement}"
    )


def header(facts: dict) -> Iterator[str]:
    yield ", ".join(f"{name} {value}" for name, value in facts.items())
    yield (
        f"{'model':<18}batch  {'engine':<10}threads{'us':>12}{'own API us':>12}{'ratio':>8}"
        f"  {'95 % interval':<16}<= {GOAL:<8}{'rounds':>5}  error, outside"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build/benchmarks/models")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--threads", type=int, default=0, help="of one run; 0: the budget")
    parser.add_argument(
        "--seconds", type=float, default=20, help="of each model and batch, or 30 rounds"
    )
    parser.add_argument("--json", type=Path, help="also write the rows there")
    args = parser.parse_args()
    missing = [name for name in args.models if not (args.folder / f"{name}.onnx").is_file()]
    if missing:
        sys.exit(f"{args.folder} has no {', '.join(missing)}: run `make benchmark-models`")
    facts = {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "xpuruntime": xrt.__version__,
    }
    print("\n".join(header(facts)), flush=True)
    rows = []
    for name in args.models:
        for batch in args.batches:
            case = run_case(args.folder / f"{name}.onnx", batch, args.threads, args.seconds)
            rows += case
            print("\n".join(map(line, case)), flush=True)
    if args.json:
        document = {"schema_version": 1, "facts": facts, "rows": [asdict(row) for row in rows]}
        args.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
