# SPDX-License-Identifier: Apache-2.0
"""The worker as a process: how it begins and ends, and what it leaves behind."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worker_client import MODELS, TRANSPORTS, WORKER, Parent, tensors_of

#: A parent that is killed while its worker runs a model that never ends.
DOOMED = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from worker_client import Parent, tensors_of
parent = Parent(sys.argv[2])
parent.load_callable("never")
parent.send("run", *tensors_of({"x": np.zeros(100_000)}))
parent.ask("health")
print(parent.process.pid, getattr(parent.channel, "folder", ""), flush=True)
input()
"""


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_kill_9_of_the_parent_leaves_nothing_behind(transport):
    with subprocess.Popen(
        [sys.executable, "-c", DOOMED, str(Path(__file__).parent), transport],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as doomed:
        number, _, folder = doomed.stdout.readline().strip().partition(" ")
        worker = os.pidfd_open(int(number))
        doomed.kill()
    assert select.select([worker], [], [], 60)[0], "the worker goes on"
    os.close(worker)
    assert not folder or not Path(folder).exists()
    assert (transport == "json_file") == bool(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_the_midst_of_a_run(number):
    with Parent("json_file") as parent:
        parent.load_callable("never")
        parent.send("run", *tensors_of({"x": np.zeros(3)}))
        parent.ask("health")
        parent.process.send_signal(number)
        assert parent.process.wait(60) == 0
        assert not parent.channel.folder.exists()


def test_it_loads_nothing_of_the_package_around_it():
    with Parent() as parent:
        parent.load_callable("modules")
        assert parent.run(np.zeros(1))["output"] == [0]


def test_what_models_write_goes_to_the_log_line_by_line():
    with Parent() as parent:
        parent.load_callable("talks")
        parent.run(np.zeros(1))
        assert "said on standard output\n" in parent.lines()
        assert " warning [xpuruntime] " in parent.lines()
        assert "said as a warning" in parent.lines()


def test_the_token_is_not_in_the_environment_of_models():
    with Parent("tcp") as parent:
        parent.load_callable("environment", outputs="names")
        assert "XPURT_WORKER_TOKEN" not in parent.run(np.zeros(1))["names"]


def test_programs_that_a_model_starts_do_not_get_the_connection():
    with Parent("unix") as parent:
        parent.load_callable("starts")
        parent.run(np.zeros(1))
        assert parent.shut_down() == 0
        with pytest.raises(EOFError):
            parent.channel.receive()


def test_json_file_works_by_hand_without_a_socket(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(MODELS)}
    command = [sys.executable, str(WORKER), "--transport", "json_file", "--folder", str(tmp_path)]

    def write(number: int, text: str) -> None:
        part = tmp_path / f"request-{number}.json.part"
        part.write_text(text)
        part.rename(tmp_path / f"request-{number}.json")

    welcome = '{"protocol": 1, "max_payload": 1048576}'
    write(1, f'{{"protocol": 1, "type": "reply", "id": 1, "json": {welcome}}}')
    write(2, '{"protocol": 1, "type": "health", "id": 2, "json": {}}')
    write(3, '{"protocol": 1, "type": "shutdown", "id": 3, "json": {}}')
    done = subprocess.run(command, env=environment, timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        f"reply-{number}.json" for number in (1, 2, 3)
    ]
    assert '"state":"empty"' in (tmp_path / "reply-2.json").read_text()
