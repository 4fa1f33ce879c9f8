# SPDX-License-Identifier: Apache-2.0
"""Timing several ways to do one thing side by side: what a shared, noisy machine does to one it
does to all. The C++ beside this does the same."""

import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESAMPLES = 2000


def slice_of(call: Callable[[], object], calls: int) -> float:
    """Microseconds of one call."""
    begin = time.perf_counter_ns()
    for _ in range(calls):
        call()
    return (time.perf_counter_ns() - begin) / calls / 1000


def time_interleaved(
    variants: list[Callable[[], object]], rounds: int, slice_ms: float, warm_up: int = 20
) -> np.ndarray:
    """Microseconds [variant, round]; who is first in a round changes from round to round."""
    for call in variants:
        slice_of(call, warm_up)
    calls = max(1, int(slice_ms * 1000 / slice_of(variants[0], warm_up)))
    timings = np.empty((len(variants), rounds))
    for i in range(rounds):
        for k in range(len(variants)):
            variant = (i + k) % len(variants)
            timings[variant, i] = slice_of(variants[variant], calls)
    return timings


def ratio_of_medians(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float, float]:
    """The ratio and its 95 % interval, by resampling rounds."""
    picks = np.random.default_rng(1).integers(len(ours), size=(RESAMPLES, len(ours)))
    ratios = np.median(ours[picks], axis=1) / np.median(theirs[picks], axis=1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(np.median(ours) / np.median(theirs)), float(low), float(high)


def verdict(low: float, high: float, goal: float) -> str:
    """Of a ratio that should be no more than the goal."""
    return "met" if high <= goal else "missed" if low > goal else "unresolved"


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
