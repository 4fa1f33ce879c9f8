# SPDX-License-Identifier: Apache-2.0
"""The GIL is released: runs meet inside the engine, which no run leaves before the others came.

Where the GIL were held, they would wait for each other for ever: each test runs in a process of its
own, so that pytest's own time limit is all that a failure costs.
"""

import subprocess
import sys

import pytest
from support import BUILD, PACKAGE

TIMEOUT_S = 120
PROGRAM = """
import sys, threading
import numpy as np
import xpuruntime as xrt

FAKE = sys.argv[1]
x = np.ones(2, np.float32)

def session(step, engine=FAKE, **config):
    text = f"fake\\ninput x float32 N\\noutput y float32 N\\n{step}\\ny = identity x\\nend\\n"
    return xrt.InferenceSession(text.encode(), engine=engine, **config)

def at_once(*calls):
    errors = []
    def guarded(call):
        try:
            call()
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=[call]) for call in calls]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    if errors: raise errors[0]
"""

MEETINGS = {
    "runs": """
s = session("meet 4", contexts=4)
at_once(*[lambda: s.run([x])] * 2, *[lambda: s.run({"x": x})] * 2)
""",
    "bound runs, and runs into given memory": """
s = session("meet 2", contexts=2)
b = s.create_io_binding()
b.bind_input("x", x)
at_once(lambda: s.run(b), lambda: s.run([x], [np.empty(2, np.float32)]))
""",
    "warm-ups": """
s = session("meet 2", contexts=2)
at_once(s.warm_up, s.warm_up)
""",
    "a close that waits for a run": """
s = session("z = identity x\\noutput z float32 N\\nmeet 2", contexts=2)
other = session("meet 2")
inside = threading.Thread(target=lambda: s.run([x]))
inside.start()
while s.memory.statistics().allocations == 0: pass  # it has come past z
closing = threading.Thread(target=s.close)
closing.start()
other.run([x])
inside.join()
closing.join()
""",
    "one binding, which a second thread may not use": """
s = session("meet 2", contexts=2)
b = s.create_io_binding()
b.bind_input("x", x)
first = threading.Thread(target=lambda: s.run(b))
first.start()
refused = 0
while not refused:
    try:
        b.bind_input("x", x)
    except xrt.InvalidStateError:
        refused += 1
s.run([x])
first.join()
b.bind_input("x", x)
""",
}


def run(body: str) -> None:
    fake = BUILD / "tests/engines/libxpuruntime_engine_fake.so"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + body, str(fake)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE), "XPURT_THREADS": "16"},
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("body", MEETINGS.values(), ids=MEETINGS)
def test_they_meet(body: str):
    run(body)


def test_the_end_of_the_program_does_not_wait_for_threads():
    run("""
s = session("y2 = identity x", contexts=2)
began = threading.Event()
def forever():
    while True:
        s.run([x])
        began.set()
for _ in range(2): threading.Thread(target=forever, daemon=True).start()
began.wait()
""")
