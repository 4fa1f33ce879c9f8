# SPDX-License-Identifier: Apache-2.0
"""Streams: order, bounds, errors at their place, and how they end."""

import gc
import os
import pty
import subprocess
import sys
import termios
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from support import FAKE_ENGINE, PACKAGE, Held, fake_session, until

import xpuruntime as xrt

SCALE = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"


def row(value: float) -> np.ndarray:
    return np.full((1, 2), value, np.float32)


def test_gives_results_in_order_and_in_the_form_of_the_inputs():
    session = fake_session(SCALE, contexts=3)
    items = ({"x": row(i)} if i % 2 else [row(i)] for i in range(100))
    for i, outputs in enumerate(session.stream(items, in_flight=5)):
        array = outputs["y"] if i % 2 else outputs[0]
        assert array[0, 0] == 2 * i
    assert i == 99


def test_takes_no_more_than_may_be_in_flight():
    session = fake_session(SCALE)
    taken = []

    def items() -> Iterator[list[np.ndarray]]:
        for i in range(20):
            taken.append(i)
            yield [row(i)]

    results = session.stream(items(), 3)
    assert taken == []
    next(results)
    assert len(taken) == 3
    next(results)
    assert len(taken) == 4
    assert len(list(results)) == 18
    with pytest.raises(StopIteration):
        next(results)


def test_memory_stays_bounded():
    session = fake_session(SCALE, contexts=2)
    for outputs in session.stream(([row(1)] for _ in range(500)), 4):
        del outputs
    until(lambda: session.memory.statistics().in_use_bytes == 0)
    # An input copied and an output each, of those in flight, the two that were held here and the
    # two that threads of the session have just done and not let go of yet.
    assert session.memory.statistics().peak_in_use_bytes <= (4 + 2 + 2) * 2 * row(1).nbytes


def test_an_error_is_raised_at_its_place_and_the_stream_goes_on():
    session = fake_session(SCALE)
    results = session.stream([[row(1)], {"z": row(2)}, [row(3)]])
    assert next(results)[0][0, 0] == 2
    with pytest.raises(xrt.InvalidArgumentError, match="no input 'z'"):
        next(results)
    assert next(results)[0][0, 0] == 6
    with pytest.raises(StopIteration):
        next(results)


def test_what_the_iterable_raises_ends_it_after_the_results_before():
    session = fake_session(SCALE)

    def items() -> Iterator[list[np.ndarray]]:
        yield [row(1)]
        raise KeyError("the camera is gone")

    results = session.stream(items())
    assert next(results)[0][0, 0] == 2
    with pytest.raises(KeyError, match="camera"):
        next(results)
    with pytest.raises(StopIteration):
        next(results)
    with pytest.raises(xrt.InvalidArgumentError, match=r"an item of the stream: .* got ndarray"):
        next(session.stream([row(1)]))
    with pytest.raises(TypeError):
        session.stream(3)


def test_a_queue_that_rejects_only_slows_it_down():
    session = fake_session(SCALE, contexts=1, queue_size=1, when_full="reject")
    results = session.stream(([row(i)] for i in range(200)), 8)
    assert [int(y[0, 0]) for [y] in results] == list(range(0, 400, 2))


@pytest.mark.parametrize("way", ["break", "close", "with"])
def test_an_early_end_cancels_what_is_in_flight(way: str):
    with Held() as held:
        held.begin()
        if way == "break":
            results = held.session.stream([[row(1)]] * 5, timeout=0)
            with pytest.raises(xrt.DeadlineExceededError):
                next(results)
            del results
        elif way == "close":
            results = held.session.stream([[row(1)]] * 5, timeout=0)
            with pytest.raises(xrt.DeadlineExceededError):
                next(results)
            results.close()
            results.close()
            with pytest.raises(StopIteration):
                next(results)
        else:
            stream = held.session.stream([[row(1)]] * 5, timeout=0)
            with pytest.raises(xrt.DeadlineExceededError), stream as results:
                next(results)
        held.let_go()
        held.session.close(timeout=60)
        assert held.session.statistics().count == 1


def test_it_keeps_the_session_and_lets_go_of_all():
    session = fake_session(SCALE)
    results = session.stream([row(i)] for i in range(10))
    gone = weakref.ref(session)
    del session
    assert next(results)[0][0, 0] == 0
    assert gone() is not None
    del results
    assert gone() is None


def test_a_stream_in_a_cycle_is_collected():
    session = fake_session(SCALE)

    class Camera:
        def __iter__(self) -> Iterator[list[np.ndarray]]:
            while self.results:
                yield [row(1)]

    camera = Camera()
    camera.results = session.stream(camera)
    next(camera.results)
    gone = weakref.ref(camera)
    del camera
    gc.collect()
    assert gone() is None


def test_an_iterable_may_not_use_its_own_stream():
    session = fake_session(SCALE)

    def items() -> Iterator[list[np.ndarray]]:
        next(results)
        yield [row(1)]

    results = session.stream(items())
    with pytest.raises(xrt.InvalidStateError, match="in use"):
        next(results)


def test_a_progress_bar_is_tqdms(monkeypatch: pytest.MonkeyPatch):
    session = fake_session(SCALE)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"pip install 'xpuruntime\[progress\]'"):
        session.stream([[row(1)]], progress=True)


def test_shows_progress_on_a_terminal():
    pytest.importorskip("tqdm", reason="tools/setup installs it")
    program = f"""
import sys
import numpy as np
import xpuruntime as xrt
session = xrt.InferenceSession(b"fake\\n" + {SCALE.encode()!r} + b"\\nend\\n", engine=sys.argv[1])
items = [[np.ones((1, 2), np.float32)]] * 20
assert len(list(session.stream(items, progress=True))) == 20
results = session.stream(items, progress=True)
next(results)
"""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run(
        [sys.executable, "-c", program, FAKE_ENGINE],
        stderr=theirs,
        env={"PYTHONPATH": str(PACKAGE), "TERM": "xterm"},
        timeout=120,
    )
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, shown
    assert "20/20" in shown
