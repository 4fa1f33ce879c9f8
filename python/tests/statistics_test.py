# SPDX-License-Identifier: Apache-2.0
"""Latency statistics of a session."""

import numpy as np
import pytest
from support import fake_session

import xpuruntime as xrt

SCALE = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"
X = np.ones((1, 2), np.float32)
TIMES = ("min", "p50", "p90", "p99", "max")


def test_a_session_that_has_not_run_has_none():
    statistics = fake_session(SCALE).statistics()
    assert isinstance(statistics, xrt.LatencyStatistics)
    assert (statistics.count, statistics.samples, statistics.last, statistics.mean) == (0, 0, 0, 0)


def test_counts_runs_of_every_kind():
    session = fake_session(SCALE, max_batch_size=4)
    session.run([X])
    session.run_async([X]).wait()
    session.run_batch([[X], [X]])
    list(session.stream([[X]]))
    assert session.statistics().count == 4
    with pytest.raises(xrt.InvalidArgumentError):
        session.run([X.astype(np.int8)])
    assert session.statistics().count == 4


def test_tells_times_in_seconds():
    session = fake_session(SCALE)
    report = xrt.RunReport()
    for _ in range(20):
        session.run([X], report=report)
    statistics = session.statistics()
    assert statistics.samples == 20
    assert statistics.last == pytest.approx(report.run_time, abs=1e-9)
    times = [getattr(statistics, name) for name in TIMES]
    assert times == sorted(times)
    assert 0 < statistics.min <= statistics.mean <= statistics.max
    assert statistics.standard_deviation >= 0
    assert "of 20 runs: p50" in repr(statistics)
