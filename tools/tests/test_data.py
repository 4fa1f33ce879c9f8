# SPDX-License-Identifier: Apache-2.0
"""The committed test models are what their script writes."""

import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"


def test_models_are_what_the_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DATA / "make_models.py"), str(tmp_path)], check=True)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.onnx")}
    committed = {path.relative_to(DATA) for path in DATA.rglob("*.onnx")} - {Path("digits.onnx")}
    assert made == committed
    for path in made:
        assert (tmp_path / path).read_bytes() == (DATA / path).read_bytes(), path
