# SPDX-License-Identifier: Apache-2.0
"""What `tune` gains: engine "auto" after it, against each engine as it is by itself and against
ONNX Runtime's own Python API, on the models of make_models.py.

`tune` looks with the inputs that are timed, and sessions promise their shapes. All are
interleaved, in memory bound beforehand. `to best` is auto's median over that of the fastest single
engine through us; `gain` is the median of ONNX Runtime alone over auto's.

    python benchmarks/engines/auto.py [--help]
"""

import argparse
import json
import math
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from engines import MODELS, ROOT, measure, our_way, random_feed
from own_apis import onnxruntime_way

sys.path.insert(0, str(ROOT / "benchmarks"))

from common.interleaved import cpu_model, ratio_of_medians, slice_of, verdict

import xpuruntime as xrt

BEST_GOAL, GAIN_GOAL = 1.02, 1.12


@dataclass
class Row:
    """A model in a batch; microseconds."""

    model: str
    batch: int
    winner: str = ""
    auto_us: float = 0
    engines_us: dict[str, float] = field(default_factory=dict)
    onnxruntime_us: float = 0
    to_best: float = 0
    to_best_interval: list[float] = field(default_factory=list)
    verdict: str = ""
    gain: float = 0
    rounds: int = 0


def run_case(model: Path, batch: int, tune_seconds: float, seconds: float) -> Row:
    with xrt.InferenceSession(model, engine="onnxrt", cache_dir=None) as session:
        feed = random_feed(session.input_info, batch)
    shapes = {name: array.shape for name, array in feed.items()}
    row = Row(model.stem, batch)
    with tempfile.TemporaryDirectory() as folder:
        # The oracle's word on these models is engines.py's.
        report = xrt.tune(
            model, inputs=feed, reference="onnxrt", seconds=tune_seconds, cache_dir=folder
        )
        row.winner = report.winner
        ways = {"auto": our_way(model, feed, shapes=shapes, cache_dir=folder)[0]}
    for engine in ("onnxrt", "openvino"):
        ways[engine] = our_way(model, feed, engine=engine, cache_dir=None)[0]
    ways["onnxruntime"] = onnxruntime_way(model, feed, 0)
    calls = [way.call for way in ways.values()]
    first_us = [min(slice_of(call, 1) for _ in range(2)) for call in calls]
    timings, row.rounds = measure(calls, seconds, first_us)
    of = dict(zip(ways, timings, strict=True))
    row.auto_us, row.onnxruntime_us = (float(np.median(of[x])) for x in ("auto", "onnxruntime"))
    row.engines_us = {name: float(np.median(of[name])) for name in ("onnxrt", "openvino")}
    best = min(row.engines_us, key=row.engines_us.get)
    row.to_best, *row.to_best_interval = ratio_of_medians(of["auto"], of[best])
    row.verdict = verdict(*row.to_best_interval, BEST_GOAL)
    row.gain = row.onnxruntime_us / row.auto_us
    return row


def line(row: Row) -> str:
    low, high = row.to_best_interval
    return (
        f"{row.model:<20}{row.batch:>3}{row.auto_us:>12,.1f}"
        + "".join(f"{row.engines_us[name]:>12,.1f}" for name in ("onnxrt", "openvino"))
        + f"{row.onnxruntime_us:>12,.1f}{row.to_best:>8.3f} [{low:.3f}, {high:.3f}]"
        f"  {row.verdict:<11}{row.gain:>6.2f}  {row.winner}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build/benchmarks/models")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--tune-seconds", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=20, help="of each model and batch")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    args = parser.parse_args()
    facts = {"cpu": cpu_model(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(
        f"{'model':<18}batch{'auto us':>12}{'onnxrt us':>12}{'openvino us':>12}{'own API us':>12}"
        f"{'to best':>8} {'95 % interval':<14}  <= {BEST_GOAL:<8}{'gain':>5}  tuned to",
        flush=True,
    )
    rows = []
    for name in args.models:
        for batch in args.batches:
            model = args.folder / f"{name}.onnx"
            rows.append(run_case(model, batch, args.tune_seconds, args.seconds))
            print(line(rows[-1]), flush=True)
    mean = math.exp(sum(math.log(row.gain) for row in rows) / len(rows))
    print(f"geometric mean of the gain: {mean:.3f} (goal {GAIN_GOAL})")
    if args.json:
        document = {"schema_version": 1, "facts": facts, "rows": [asdict(row) for row in rows]}
        args.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
