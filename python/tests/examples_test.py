# SPDX-License-Identifier: Apache-2.0
"""The examples run, and the README shows them as they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import DATA, PACKAGE, ROOT, save_add

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
    "service": ["2 pictures, 1 switch, 0 apart at most", "onnxrt "],
    "tune": [" is the fastest: ", "auto: tuned, by "],
    "io_binding": ["ink 0.9 is a ", "the engine's own: "],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_runs(name: str, tmp_path: Path):
    arguments = [DATA / "digits.onnx"]
    if name == "tune":  # where it keeps what it finds, and for how long it looks
        arguments += [tmp_path, "1"]
    if name == "service":
        (tmp_path / "nets.py").write_text("def brighter(x):\n    return x + x.dtype.type(0.2)\n")
        model = save_add(tmp_path / "brighter.onnx", 0.2)
        arguments = [model, "nets:brighter", DATA / "images/wide.jpg", tmp_path / "result.png"]
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{PACKAGE}:{tmp_path}"},
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
