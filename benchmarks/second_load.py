# SPDX-License-Identifier: Apache-2.0
"""What the cache of compiled models saves: loading a model without it, with an empty one (built and
stored), and with one that has it.

Each load is in a fresh process that has opened the engine before with another model, so that only
the model is timed. The three ways take turns; figures are medians, and ratios are of medians, with
a bootstrap 95 % interval: how much faster the load from the cache is than the other two.

    python benchmarks/second_load.py [--rounds 30] [--json FILE] [MODEL_OR_FOLDER ...]

Without models: the digits model of the tests, and one of many small nodes.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common.deep_model import write_deep_model
from common.interleaved import cpu_model, ratio_of_medians

import xpuruntime as xrt

DATA = Path(__file__).resolve().parents[1] / "tests/data"
WAYS = ("off", "first", "second")
GOAL = 5.0
LOAD = """
import sys
import xpuruntime as xrt
other, model, engine, folder = sys.argv[1:]
xrt.InferenceSession(other, engine=engine, cache_dir=None).close()
with xrt.InferenceSession(model, engine=engine, cache_dir=folder or None) as session:
    report = session.report()
    print(report.load_time, report.cache.outcome.name, report.cache.reason)
"""
EXPECTED = {"off": "OFF", "first": "STORED", "second": "HIT"}


def seconds_of(way: str, model: Path, engine: str, cache: Path) -> float:
    """Of one load in a process of its own; `second` expects what `first` stored."""
    if way == "first":
        xrt.ModelCache(cache).prune(0)
    folder = "" if way == "off" else str(cache)
    command = [sys.executable, "-c", LOAD, DATA / "add.onnx", model, engine, folder]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    seconds, outcome, *reason = done.stdout.split(maxsplit=2)
    if outcome != EXPECTED[way]:
        sys.exit(f"{model.name} on {engine}, {way}: the cache was {outcome} {' '.join(reason)}")
    return float(seconds)


def saves(engine: xrt.EngineStatus) -> bool:
    """Does the engine save compiled models that come from ONNX?"""
    if not engine.available or "onnx" not in engine.formats:
        return False
    with tempfile.TemporaryDirectory() as folder:
        session = xrt.InferenceSession(DATA / "add.onnx", engine=engine.name, cache_dir=folder)
        return session.report().cache.outcome != xrt.CacheOutcome.OFF


def measure(model: Path, engine: str, rounds: int) -> dict:
    timings = {way: np.empty(rounds) for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for i in range(rounds):
            for way in WAYS:
                timings[way][i] = seconds_of(way, model, engine, Path(folder))
        [entry] = xrt.ModelCache(folder).entries()
    return {
        "model": model.name,
        "engine": engine,
        "model_bytes": model.stat().st_size,
        "entry_bytes": entry.bytes,
        "seconds": {way: float(np.median(times)) for way, times in timings.items()},
        "faster_than": {
            way: ratio_of_medians(timings[way], timings["second"]) for way in ("off", "first")
        },
    }


def row_of(result: dict) -> str:
    text = f"  {result['model']:<26}{result['model_bytes'] / 1e6:>7.1f}"
    text += "".join(f"{1000 * result['seconds'][way]:>9.1f}" for way in WAYS)
    for ratio, low, high in result["faster_than"].values():
        text += f"{ratio:>7.2f}  [{low:.2f}, {high:.2f}]"
        text += " met" if low >= GOAL else " missed" if high < GOAL else " unresolved"
    return text


def models_of(given: list[Path]) -> list[Path]:
    models = [each for path in given for each in (path.glob("*.onnx") if path.is_dir() else [path])]
    return sorted(models, key=lambda model: model.stat().st_size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    machine = f"{cpu_model()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    print(f"{machine}, xpuruntime {xrt.__version__}, {arguments.rounds} rounds")
    print(f"goal: {GOAL:g} times faster, than off and than first")
    header = f"  {'model':<26}{'MB':>7}" + "".join(f"{way:>9}" for way in WAYS)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        models = models_of(arguments.models) or [
            DATA / "digits.onnx",
            write_deep_model(Path(folder) / "deep.onnx"),
        ]
        for engine in filter(saves, xrt.engine_status()):
            print(f"{engine.name} {engine.version}: ms to load\n{header}")
            for model in models:
                results.append(measure(model, engine.name, arguments.rounds))
                print(row_of(results[-1]), flush=True)
    if arguments.json:
        document = {"machine": machine, "loads": results}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
