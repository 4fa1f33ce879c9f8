# SPDX-License-Identifier: Apache-2.0
import subprocess
from pathlib import Path

from conftest import BUILD, DATA, EXIT_CODES, TIMEOUT_S, onnx_engines

DEMO = BUILD / "bin" / "digits_demo"


def demo(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [DEMO, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT_S
    )


def test_classifies_the_held_out_digits_on_every_engine():
    done = demo(DATA)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for engine in onnx_engines():
        assert engine["name"] in done.stdout
        assert engine["version"] in done.stdout
    assert "█" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_says_what_is_missing(tmp_path: Path):
    done = demo(tmp_path)
    assert done.returncode == EXIT_CODES["InvalidArgumentError"]
    assert "digits_heldout.npz: there is no such file" in done.stderr
    assert demo().returncode == EXIT_CODES["InvalidArgumentError"]
