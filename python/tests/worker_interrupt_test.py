# SPDX-License-Identifier: Apache-2.0
"""One thread's work that another ends, at any moment of it."""

import importlib.util
import sys
import threading

import pytest
from worker_client import WORKER


@pytest.fixture(scope="module")
def interrupt():
    spec = importlib.util.spec_from_file_location(
        "worker_by_folder", WORKER / "__init__.py", submodule_search_locations=[str(WORKER)]
    )
    sys.modules["worker_by_folder"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("worker_by_folder.interrupt")


def test_work_that_never_ends_is_ended_once(interrupt):
    work = interrupt.Interruptible()
    begun = threading.Event()
    ends = []

    def never() -> None:
        begun.set()
        while True:
            pass

    def run() -> None:
        try:
            work.run(7, never)
        except interrupt.Interrupted:
            ends.append("interrupted")

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    assert not work.interrupt(6)
    assert work.interrupt(7)
    thread.join()
    assert ends == ["interrupted"]
    assert not work.interrupt(7)


@pytest.fixture
def switching():
    """Threads take turns as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_an_interrupt_at_any_moment_ends_that_work_and_no_other(interrupt, switching):
    """Works of some microseconds, interrupted while they begin, go on or end."""
    work = interrupt.Interruptible()
    now = [0]
    enough = threading.Event()
    strays = []

    def run() -> None:
        while not enough.is_set():
            try:
                now[0] += 1
                try:
                    assert work.run(now[0], lambda: sum(range(50))) == 1225
                except interrupt.Interrupted:
                    continue
                sum(range(20))  # a stray one would be raised here
            except interrupt.Interrupted:
                strays.append(now[0])

    thread = threading.Thread(target=run)
    thread.start()
    hits = 0
    while hits < 1000 and thread.is_alive():
        hits += work.interrupt(now[0])
    enough.set()
    thread.join()
    assert (strays, hits) == ([], 1000)
