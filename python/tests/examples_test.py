# SPDX-License-Identifier: Apache-2.0
"""The examples run, and the README shows them as they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import DATA, PACKAGE, ROOT

FOLDER = ROOT / "examples/python"
QUICKSTART = FOLDER / "quickstart.py"
# What each prints, among other things.
EXAMPLES = {
    "quickstart": [" by onnxrt on cpu"],
    "run_sync": ["by name: ", "in order: ", "into the same memory: ", "it is not contiguous"],
    "run_async": [
        "waited: [",
        "callback: frame seven is a ",
        "late: ",
        "cancelled: ",
        " runs: p50",
    ],
    "run_asyncio": ["gathered: [", "in time: "],
    "run_batch": ["joined: [8, 8, 8, 8, 8, 8, 8, 8, 2, 2]", "item: (3, 10)", "no input 'imige'"],
    "run_stream": ["all: [", " runs: p50"],
    "compare": ["logits on onnxrt@cpu: agrees", "fastest that agrees: "],
    "gate": [
        "passed: gate reference, strict",
        "opened on onnxrt",
        "refused: 'logits' at [2,3]: expected ",
    ],
    "tune": [" is the fastest: ", "auto: tuned, by "],
    "io_binding": ["ink 0.9 is a ", "the engine's own: "],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_runs(name: str, tmp_path: Path):
    # Where it keeps what it finds, and for how long it looks.
    arguments = [tmp_path, "1"] if name == "tune" else []
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", DATA / "digits.onnx", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for words in EXAMPLES[name]:
        assert words in done.stdout


def test_none_is_left_out():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(EXAMPLES)


def test_the_readme_shows_it():
    code = QUICKSTART.read_text().split("\n", 1)[1]
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text()
