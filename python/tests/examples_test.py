# SPDX-License-Identifier: Apache-2.0
"""The examples run, and the README shows them as they are."""

import subprocess
import sys

from support import DATA, PACKAGE, ROOT

QUICKSTART = ROOT / "examples/python/quickstart.py"


def test_the_quickstart_runs():
    done = subprocess.run(
        [sys.executable, QUICKSTART, DATA / "digits.onnx"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert " by onnxrt on cpu" in done.stdout


def test_the_readme_shows_it():
    code = QUICKSTART.read_text().split("\n", 1)[1]
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text()
