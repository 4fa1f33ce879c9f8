# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C during synchronous runs: a real SIGINT to a process of its own."""

import signal
import subprocess
import sys
import threading

import pytest
from support import DATA, ENGINES, FAKE_ENGINE, PACKAGE, ROOT

TIMEOUT_S = 120
LOOP = ROOT / "engines/onnxrt/tests/data/loop.onnx"
CHAIN = ROOT / "engines/openvino/tests/data/chain.onnx"
LIBRARY = f'''
import os, signal, threading, time
import numpy as np
import xpuruntime as xrt
from pathlib import Path

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background programs ignore it

def fake(steps, **config):
    text = f"fake\\ninput x float32 N\\noutput y float32 N\\n{{steps}}\\ny = identity x\\nend\\n"
    return xrt.InferenceSession(text.encode(), engine="{FAKE_ENGINE}", **config)

def loop(**config):
    return xrt.InferenceSession(Path("{LOOP}"), **config)

X = np.ones(1, np.float32)
FOR_EVER = [X, np.array(2**62)]

def go(): print("go", flush=True)

def interrupted(call, when=lambda: True):
    """Asks for SIGINT when the call has begun, which gives up the GIL, and that holds."""
    begun = threading.Event()
    def ask():
        begun.wait()
        while not when(): pass
        go()
    threading.Thread(target=ask).start()
    try:
        begun.set()
        call()
    except KeyboardInterrupt:
        print("KeyboardInterrupt", flush=True)
'''


def outcome(program: str) -> list[str]:
    """What a process prints that gets SIGINT when it says "go"."""
    process = subprocess.Popen(
        [sys.executable, "-c", LIBRARY + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(PACKAGE), "XPURT_THREADS": "2", "XPURT_CACHE_DIR": ""},
    )
    limit = threading.Timer(TIMEOUT_S, process.kill)
    limit.start()
    try:
        lines = []
        while line := process.stdout.readline():
            lines.append(line.strip())
            if lines[-1] == "go":
                lines.pop()
                process.send_signal(signal.SIGINT)
        errors = process.communicate()[1]
    finally:
        limit.cancel()
        process.kill()
    assert process.returncode == 0, errors
    return lines


CALLS = {
    "run by name": "lambda: s.run({'x': X, 'trips': FOR_EVER[1]})",
    "run in order": "lambda: s.run(FOR_EVER)",
    "run into given memory": "lambda: s.run(FOR_EVER, [np.empty(1, np.float32)])",
    "run with a report and a timeout": "lambda: s.run(FOR_EVER, timeout=1e6, report=r)",
    "bound run": "lambda: s.run_with_io_binding(b)",
    "batch": "lambda: s.run_batch([FOR_EVER] * 3)",
    "batch that gives exceptions": "lambda: s.run_batch([FOR_EVER] * 3, return_exceptions=True)",
    "stream": "lambda: next(s.stream([FOR_EVER]))",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_ends_a_run_that_would_never_end(call: str):
    program = f"""
s = loop(engine="onnxrt")
r = xrt.RunReport()
b = s.create_io_binding()
b.bind_input("x", X)
b.bind_input("trips", FOR_EVER[1])
call = {call}
interrupted(call)
print(s.run([X, np.array(3)])[0][0])
"""
    assert outcome(program) == ["KeyboardInterrupt", "4.0"]


def test_ends_the_wait_for_a_job_which_goes_on():
    program = """
s = loop(engine="onnxrt")
job = s.run_async(FOR_EVER)
interrupted(job.wait)
print(job.done())
job.cancel()
"""
    assert outcome(program) == ["KeyboardInterrupt", "False"]


def test_ends_it_in_a_worker_process():
    program = """
s = loop(engine="onnxrt", isolation="process")
interrupted(lambda: s.run(FOR_EVER))
"""
    assert outcome(program) == ["KeyboardInterrupt"]


@pytest.mark.parametrize(("engine", "size"), [("openvino", 1024), ("reference", 256)])
def test_ends_it_between_nodes(engine: str, size: int):
    """256 products of matrices; a profiler is told of runs that came to their end."""
    program = f"""
profiler = xrt.Profiler()
s = xrt.InferenceSession(Path("{CHAIN}"), engine="{engine}", profiler=profiler)
interrupted(lambda: s.run([np.zeros(({size}, {size}), np.float32)]))
print(profiler.event_count)
"""
    assert outcome(program) == ["KeyboardInterrupt", "0"]


def test_ends_it_within_the_run():
    """The run has come past output z, and waits for another that never comes."""
    program = """
s = fake("output z float32 N\\nz = identity x\\nmeet 2")
interrupted(lambda: s.run([X]), when=lambda: s.memory.statistics().allocations > 0)
"""
    assert outcome(program) == ["KeyboardInterrupt"]


def test_ends_it_after_short_runs_and_when_the_handler_was_set_anew():
    program = """
s = loop(engine="onnxrt")
for _ in range(100): s.run([X, np.array(1)])
signal.signal(signal.SIGINT, lambda *_: None)
signal.signal(signal.SIGINT, signal.default_int_handler)
end = time.monotonic() + 0.2  # it is looked for several times a second
while time.monotonic() < end: s.run([X, np.array(1)])
interrupted(lambda: s.run(FOR_EVER))
"""
    assert outcome(program) == ["KeyboardInterrupt"]


def test_ends_the_wait_for_a_context_and_no_run_of_another_thread():
    program = """
s = fake("output z float32 N\\nz = identity x\\nmeet 2", contexts=1)
other = threading.Thread(target=lambda: print(s.run([X])[0]))
other.start()
while s.memory.statistics().allocations == 0: pass
interrupted(lambda: s.run([X]))
fake("meet 2").run([X])
other.join()
"""
    assert outcome(program) == ["KeyboardInterrupt", "[1.]"]


def test_a_handler_of_the_users_own_ends_no_run():
    program = """
s = fake("output z float32 N\\nz = identity x\\nmeet 2")
noted = []
signal.signal(signal.SIGINT, lambda *_: noted.append("noted"))
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
def meet():
    while s.memory.statistics().allocations == 0: pass
    go()
    os.read(reader, 1)  # the signal has come
    fake("meet 2").run([X])
threading.Thread(target=meet).start()
print(s.run([X])[0], *noted)
"""
    assert outcome(program) == ["[1.] noted"]


def test_a_process_that_ignores_it_goes_on():
    program = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
s = fake("output z float32 N\\nz = identity x\\nmeet 2")
def meet():
    while s.memory.statistics().allocations == 0: pass
    go()
    print("on", flush=True)
    fake("meet 2").run([X])
threading.Thread(target=meet).start()
print(s.run([X])[0], signal.getsignal(signal.SIGINT) == signal.SIG_IGN)
"""
    assert outcome(program) == ["on", "[1.] True"]


def test_at_any_moment_it_raises_once_and_harms_no_run_after_it():
    """Each SIGINT ends in one KeyboardInterrupt, never in the error of a cancelled run."""
    program = """
s = fake("")
seen = 0
ready = threading.Event()
enough = threading.Event()
def send():
    for _ in range(300):
        ready.wait()
        ready.clear()
        os.kill(os.getpid(), signal.SIGINT)
    ready.wait()
    enough.set()
threading.Thread(target=send).start()
while not enough.is_set():
    try:
        ready.set()
        while not enough.is_set(): s.run([X])
    except KeyboardInterrupt:
        s.run([X])  # harmed by none that is late
        seen += 1
print(seen)
"""
    assert outcome(program) == ["300"]


@pytest.mark.parametrize("engine", ENGINES)
def test_leaves_what_python_says_of_the_handler(engine: str):
    program = f"""
s = xrt.InferenceSession(Path("{DATA / "digits.onnx"}"), engine="{engine}")
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
interrupted(lambda: [None for _ in iter(int, 1)])
"""
    assert outcome(program) == ["True", "KeyboardInterrupt"]
