# SPDX-License-Identifier: Apache-2.0
"""Jobs: what they give, when they run, how they are waited for and how they end."""

import asyncio
import gc
import signal
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest
from support import FAKE_ENGINE, PACKAGE, Held, fake_session, until

import xpuruntime as xrt

SCALE = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"
WAIT_S = 60  # none waits so long, but where something is wrong


def row(value: float) -> np.ndarray:
    return np.full((1, 2), value, np.float32)


def test_outputs_come_as_the_inputs_were_given():
    session = fake_session(SCALE)
    by_name = session.run_async({"x": row(1)})
    in_order = session.run_async([row(2)])
    assert isinstance(by_name, xrt.Job)
    assert by_name.wait()["y"][0, 0] == 2
    assert in_order.wait(WAIT_S)[0][0, 0] == 4
    assert session.run_async((row(3),)).wait()[0][0, 0] == 6
    assert [by_name.id, in_order.id] == [1, 2]
    assert by_name.done()
    assert by_name.outputs()["y"][0, 0] == 2
    assert repr(by_name) == "<xpuruntime.Job 1, done>"


def test_bad_inputs_fail_the_call():
    session = fake_session(SCALE)
    for inputs, words in [
        ({"z": row(1)}, "no input 'z'"),
        ({"x": np.ones((1, 2), np.int8)}, "expected float32"),
        ({}, "missing"),
        ([], "expected 1 tensors"),
        (row(1), "got ndarray"),
        ([[1.0]], "expected a NumPy array"),
    ]:
        with pytest.raises(xrt.InvalidArgumentError, match=words):
            session.run_async(inputs)
    with pytest.raises(TypeError):
        session.run_async([row(1)], timeout="soon")
    with pytest.raises(xrt.InvalidArgumentError, match="NaN"):
        session.run_async([row(1)], timeout=float("nan"))
    assert session.run_async([row(1)]).id == 1


def test_a_wait_has_a_timeout_and_the_job_goes_on():
    with Held() as held:
        job = held.session.run_async([row(1)])
        for timeout in (0, -1, 1e-3):
            with pytest.raises(xrt.DeadlineExceededError, match="job 1"):
                job.wait(timeout)
        with pytest.raises(TimeoutError):
            held.session.wait(job.id, 0)
        with pytest.raises(xrt.InvalidStateError, match="not done"):
            job.outputs()
        with pytest.raises(xrt.InvalidStateError, match="not done"):
            job.report()
        assert not job.done()
        held.let_go()
        assert job.wait(WAIT_S)[0][0, 0] == 2
        assert job.wait(float("inf"))[0][0, 0] == 2


def test_waits_by_id():
    session = fake_session(SCALE)
    job = session.run_async([row(1)])
    assert session.wait(job)[0][0, 0] == 2
    assert session.wait(session.run_async([row(3)]).id, WAIT_S)["y"][0, 0] == 6
    with pytest.raises(xrt.InvalidArgumentError, match="job 77 is not known"):
        session.wait(77)


def test_reports_what_the_job_did():
    session = fake_session(SCALE)
    columns = np.ones((2, 3), np.float32).T[:, :2]
    job = session.run_async({"x": columns}, copy=False)
    job.wait()
    report = job.report()
    assert report.engine == "fake"
    assert report.queue_time > 0
    assert [copy.why for copy in report.copies] == ["it is not contiguous"]


def test_inputs_may_be_written_at_once_where_they_are_copied():
    with Held() as held:
        copied, shared = row(1), row(1)
        jobs = [
            held.session.run_async([copied]),
            held.session.run_async([shared], copy=False),
        ]
        copied[:] = shared[:] = 5
        held.let_go(2)
        assert [job.wait(WAIT_S)[0][0, 0] for job in jobs] == [2, 10]


def test_inputs_are_held_until_the_job_is_done_and_no_longer():
    with Held() as held:
        copied, shared = row(1), row(2)
        before = sys.getrefcount(copied)
        job = held.session.run_async([copied])
        assert sys.getrefcount(copied) == before
        held.let_go()
        job.wait(WAIT_S)

        job = held.session.run_async([shared], copy=False)
        gone = weakref.ref(shared)
        del shared
        assert gone() is not None
        held.let_go()
        assert job.wait(WAIT_S)[0][0, 0] == 4
        assert gone() is None


def test_jobs_begin_by_priority_and_then_in_order():
    begun = []
    with Held() as held:
        held.begin()
        jobs = [
            held.session.run_async([row(1)], lambda job, _: begun.append(job.id), priority=priority)
            for priority in (0, 5, 0, 5)
        ]
        held.let_go(5)
        for job in jobs:
            job.wait(WAIT_S)
    assert begun == [3, 5, 2, 4]


def test_a_job_that_is_cancelled_before_it_begins_never_runs():
    with Held() as held:
        first = held.begin()
        second = held.session.run_async([row(1)])
        assert second.cancel()
        assert second.cancel()
        with pytest.raises(xrt.CancelledError):
            second.wait(WAIT_S)
        held.let_go()
        first.wait(WAIT_S)
        assert not first.cancel()
        assert held.session.statistics().count == 1


def test_a_job_that_runs_is_cancelled():
    with Held() as held:
        job = held.begin()
        job.cancel()
        with pytest.raises(xrt.CancelledError):
            job.wait(WAIT_S)


def test_a_timeout_ends_a_job():
    with Held() as held:
        held.begin()
        job = held.session.run_async([row(1)], timeout=0)
        with pytest.raises(xrt.DeadlineExceededError):
            job.wait(WAIT_S)
        held.let_go()


def test_a_timeout_ends_a_run():
    session = fake_session("meet 2\n" + SCALE, contexts=1)
    binding = session.create_io_binding()
    binding.bind_input("x", row(1))
    for run in (
        lambda: session.run([row(1)], timeout=1e-3),
        lambda: session.run({"x": row(1)}, timeout=1e-3),
        lambda: session.run(binding, timeout=1e-3),
        lambda: session.run([row(1)], [row(0)], timeout=1e-3),
    ):
        with pytest.raises(xrt.DeadlineExceededError):
            run()


def test_calls_back_with_the_job_and_what_the_user_gave():
    session = fake_session(SCALE)
    seen = []
    given = object()

    def callback(job: xrt.Job, user_data: object) -> None:
        seen.append((job.id, job.done(), job.outputs(), user_data, threading.get_ident()))

    session.run_async({"x": row(1)}, callback, given).wait()
    session.run_async([row(2)], callback).wait()
    (one, two) = seen
    assert (one[0], one[1], one[3]) == (1, True, given)
    assert one[2]["y"][0, 0] == 2
    assert two[2][0][0, 0] == 4
    assert two[3] is None
    assert threading.get_ident() not in (one[4], two[4])


def test_a_registered_callback_serves_jobs_that_have_none():
    session = fake_session(SCALE)
    seen = []
    session.register_callback(lambda job, user_data: seen.append((job.id, user_data)))
    session.run_async([row(1)], user_data="a").wait()
    session.run_async([row(1)], lambda *_: seen.append("own")).wait()
    session.register_callback(None)
    session.run_async([row(1)]).wait()
    assert seen == [(1, "a"), "own"]


def test_a_callback_is_told_of_errors_too():
    session = fake_session('fail engine "broken"\n' + SCALE)
    seen = []

    def callback(job: xrt.Job, _: object) -> None:
        with pytest.raises(xrt.EngineError, match="broken"):
            job.outputs()
        seen.append(job.id)

    with pytest.raises(xrt.EngineError, match="broken"):
        session.run_async([row(1)], callback).wait()
    assert seen == [1]


def test_a_callback_that_raises_fails_its_own_job_only():
    session = fake_session(SCALE, contexts=1)

    def callback(job: xrt.Job, _: object) -> None:
        if job.id == 2:
            raise KeyError("mine")

    jobs = [session.run_async([row(1)], callback) for _ in range(3)]
    assert jobs[0].wait()[0][0, 0] == 2
    assert jobs[2].wait()[0][0, 0] == 2
    for _ in range(2):
        with pytest.raises(KeyError, match="mine") as raised:
            jobs[1].wait()
        assert any("in callback" in note for note in raised.value.__notes__)


def test_what_a_callback_raised_holds_nothing():
    session = fake_session(SCALE)

    def fail() -> weakref.ref:
        def callback(job: xrt.Job, _: object) -> None:
            raise KeyError("mine")

        job = session.run_async([row(1)], callback)
        with pytest.raises(KeyError):
            job.wait()
        return weakref.ref(callback)

    gone = fail()
    gc.collect()
    assert gone() is None
    until(lambda: session.memory.statistics().in_use_bytes == 0)


class OddError(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(one)
        self.two = two


def test_what_a_callback_raised_may_be_of_any_class():
    session = fake_session(SCALE)

    def callback(job: xrt.Job, user_data: str) -> None:
        if user_data == "odd":
            raise OddError(1, 2)
        try:
            session.run([row(1)])
        except xrt.InvalidStateError as error:
            raise ExceptionGroup("several", [error]) from error

    job = session.run_async([row(1)], callback, "odd")
    for _ in range(2):
        with pytest.raises(OddError) as raised:
            job.wait()
        assert (raised.value.args, raised.value.two) == ((1,), 2)
    with pytest.raises(ExceptionGroup) as raised:
        session.run_async([row(1)], callback, "group").wait()
    assert isinstance(raised.value.__cause__, xrt.InvalidStateError)


def test_inside_a_callback_what_waits_is_refused():
    session = fake_session(SCALE)
    refused = []

    def callback(job: xrt.Job, _: object) -> None:
        other = session.run_async([row(7)], lambda *_: None)
        for call in (
            lambda: session.run([row(1)]),
            lambda: session.run_batch([[row(1)]]),
            lambda: job.wait(),
            lambda: other.wait(0),
            lambda: session.wait(job),
            session.close,
        ):
            with pytest.raises(xrt.InvalidStateError, match="callback"):
                call()
            refused.append(1)

    session.run_async([row(1)], callback).wait()
    assert len(refused) == 6


def test_a_full_queue_rejects_or_blocks():
    with Held(queue_size=1, when_full="reject") as held:
        first = held.begin()
        second = held.session.run_async([row(1)])
        with pytest.raises(xrt.QueueFullError) as raised:
            held.session.run_async([row(1)])
        assert raised.value.retryable
        held.let_go(2)
        first.wait(WAIT_S)
        second.wait(WAIT_S)
    with Held(queue_size=1) as held:
        jobs = [held.begin(), held.session.run_async([row(1)])]
        others = threading.Thread(target=held.let_go, args=[3])
        others.start()
        jobs.append(held.session.run_async([row(1)]))  # without the GIL, which let_go() needs
        assert [job.wait(WAIT_S)[0][0, 0] for job in jobs] == [2, 2, 2]
        others.join()


def test_what_is_no_choice_is_said():
    with pytest.raises(xrt.InvalidArgumentError, match="'block' or 'reject', got 'drop'"):
        fake_session(SCALE, when_full="drop")
    with pytest.raises(xrt.InvalidArgumentError, match="'drain' or 'cancel', got 'wait'"):
        fake_session(SCALE).close("wait")
    with pytest.raises(xrt.InvalidArgumentError, match="queue_size"):
        fake_session(SCALE, queue_size=0)


def test_close_drains_or_cancels():
    with Held() as held:
        jobs = [held.begin(), held.session.run_async([row(1)])]
        with pytest.raises(xrt.DeadlineExceededError):
            held.session.close(timeout=1e-3)
        with pytest.raises(xrt.InvalidStateError, match="closed"):
            held.session.run_async([row(1)])
        others = threading.Thread(target=held.let_go, args=[2])
        others.start()
        held.session.close()
        others.join()
        assert [job.wait()[0][0, 0] for job in jobs] == [2, 2]
    with Held() as held:
        jobs = [held.begin(), held.session.run_async([row(1)])]
        held.session.close("cancel", timeout=WAIT_S)
        for job in jobs:
            with pytest.raises(xrt.CancelledError):
                job.wait()


@pytest.mark.parametrize("what", ["wait", "close", "stream"])
def test_control_c_ends_a_wait(what: str):
    with Held() as held:
        job = held.begin()
        calls = {
            "wait": job.wait,
            "close": held.session.close,
            "stream": lambda: next(held.session.stream([[row(1)]])),
        }
        main = threading.main_thread().ident
        with pytest.raises(KeyboardInterrupt):
            threading.Thread(target=lambda: signal.pthread_kill(main, signal.SIGINT)).start()
            calls[what]()
        assert not job.done()
        job.cancel()


def test_is_awaited():
    session = fake_session(SCALE)

    async def run() -> None:
        job = session.run_async([row(1)])
        assert (await job)[0][0, 0] == 2
        assert (await job)[0][0, 0] == 2
        results = await asyncio.gather(*[session.run_async({"x": row(i)}) for i in range(50)])
        assert [each["y"][0, 0] for each in results] == [2 * i for i in range(50)]
        assert (await asyncio.wait_for(session.run_async([row(3)]), WAIT_S))[0][0, 0] == 6

    asyncio.run(run())


def test_the_event_loop_goes_on_meanwhile():
    with Held() as held:

        async def run() -> None:
            job = held.session.run_async([row(1)])
            waiting = asyncio.ensure_future(job)
            await asyncio.to_thread(held.let_go)
            assert (await waiting)[0][0, 0] == 2

        asyncio.run(run())


def test_an_error_is_raised_where_it_is_awaited():
    session = fake_session('fail engine "broken"\n' + SCALE)

    async def run() -> None:
        with pytest.raises(xrt.EngineError, match="broken"):
            await session.run_async([row(1)])

    asyncio.run(run())


def test_a_cancelled_task_cancels_its_job():
    with Held() as held:

        async def run() -> None:
            job = held.session.run_async([row(1)])
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(job, 1e-3)
            with pytest.raises(xrt.CancelledError):
                await job

        asyncio.run(run())


def test_a_loop_may_end_before_the_job():
    with Held() as held:

        async def run() -> xrt.Job:
            job = held.session.run_async([row(1)])
            task = asyncio.ensure_future(asyncio.shield(asyncio.ensure_future(job)))
            await asyncio.sleep(0)
            task.cancel()
            return job

        job = asyncio.run(run())
        with pytest.raises(xrt.CancelledError):
            job.wait(WAIT_S)


def test_tells_when_it_is_done():
    told = threading.Event()
    with Held() as held:
        job = held.session.run_async([row(1)])
        job.when_done(told.set)
        assert not told.is_set()
        held.let_go()
        assert told.wait(WAIT_S)
        assert job.done()
        late = []
        job.when_done(lambda: late.append(1))
        assert late == [1]


def test_many_jobs_of_many_threads():
    session = fake_session(SCALE, contexts=2, queue_size=8, max_batch_size=4)
    called = []
    errors = []

    def work(first: int) -> None:
        try:
            jobs = [
                (i, session.run_async([row(i)], lambda job, i: called.append(i), i))
                for i in range(first, first + 100)
            ]
            for i, job in jobs:
                assert job.wait(WAIT_S)[0][0, 0] == 2 * i
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[100 * i]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(called) == list(range(400))


def test_a_callback_may_be_what_holds_the_session():
    session = fake_session(SCALE)
    session.register_callback(lambda job, _, held=session: held)
    session.run_async([row(1)]).wait()
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


def test_jobs_and_callbacks_are_let_go_of():
    class Given:
        pass

    session = fake_session(SCALE)
    given = Given()
    job = session.run_async([row(1)], lambda *_: None, given)
    job.wait()
    gone = weakref.ref(given)
    del given
    assert gone() is None, "the job is done"
    del job
    until(lambda: session.memory.statistics().in_use_bytes == 0)


def test_a_profiler_sees_the_jobs(tmp_path):
    profiler = xrt.Profiler(max_events=2)
    session = fake_session(SCALE, profiler=profiler)
    session.run_async([row(1)]).wait()
    session.run([row(1)])
    assert profiler.event_count == 2
    assert profiler.dropped_count == 2
    profiler.write(tmp_path / "trace.json")
    assert "traceEvents" in (tmp_path / "trace.json").read_text()
    with pytest.raises(xrt.UnavailableError):
        profiler.write(tmp_path / "none" / "trace.json")


EXITS = {
    "a job that is held": "jobs = [held.run_async([x])]",
    "a job with a callback": "jobs = [held.run_async([x], print)]",
    "jobs that wait": "jobs = [held.run_async([x], print) for _ in range(20)]",
    "many callbacks": """
for i in range(2000): s.run_async([x], lambda job, i: job.outputs(), i)
""",
    "callbacks that make jobs": """
def again(job, _): s.run_async([x], again)
for _ in range(4): s.run_async([x], again)
""",
    "a callback that does not come back": """
import threading, time
began = threading.Event()
def stay(job, _):
    began.set()
    while True: time.sleep(1e-3)
s.run_async([x], stay)
began.wait()
""",
    "callbacks that raise": """
class OwnError(Exception): pass
def fail(job, _): raise OwnError(job.id)
jobs = [s.run_async([x], fail) for _ in range(200)]
""",
    "a stream that is left": """
results = s.stream([x] for _ in iter(int, 1))
next(results)
held_results = held.stream([[x]] * 5)
""",
    "a job that is awaited": """
import asyncio
async def main():
    task = asyncio.ensure_future(held.run_async([x]))
    await asyncio.sleep(0)
asyncio.run(main())
""",
    "sys.exit in the middle": "job = held.run_async([x], print); sys.exit()",
    "an error in the middle": "job = held.run_async([x], print, copy=False); 1 / 0",
}


@pytest.mark.parametrize("body", EXITS.values(), ids=EXITS)
def test_the_interpreter_ends_with_jobs_in_flight(body: str):
    program = f"""
import sys
import numpy as np
import xpuruntime as xrt
x = np.ones((1, 2), np.float32)
def session(program):
    return xrt.InferenceSession(f"fake\\n{{program}}\\nend\\n".encode(), engine=sys.argv[1])
s = session({SCALE!r})
held = session({"meet 2" + chr(10) + SCALE!r})
{body}
"""
    done = subprocess.run(
        [sys.executable, "-c", program, FAKE_ENGINE],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE)},
        timeout=120,
    )
    fails = "1 / 0" in body
    assert done.returncode == (1 if fails else 0), done.stderr
    if not fails:
        assert done.stderr == ""
