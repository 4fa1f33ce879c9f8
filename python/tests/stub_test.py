# SPDX-License-Identifier: Apache-2.0
"""The stubs say what the module has, and users' code passes strict checks with them."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import PACKAGE, ROOT

SOURCES = ROOT / "python"


def call(*command: object, **options: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr


PATTERNS = ["--pattern-file", SOURCES / "src/stub_patterns.txt"]
STUBS = {
    "_core": ["--import", PACKAGE / "xpuruntime", "--module", "_core", *PATTERNS],
    "_toolkit": ["--import", PACKAGE, "--module", "xpuruntime._toolkit"],
}


@pytest.mark.parametrize("name", STUBS)
def test_the_stub_is_of_this_module(name: str, tmp_path: Path):
    made = tmp_path / f"{name}.pyi"
    call("nanobind.stubgen", "--quiet", *STUBS[name], "--output-file", made)
    committed = (SOURCES / f"xpuruntime/{name}.pyi").read_text()
    assert made.read_text() == committed, "run: cmake --build build --target python_stubs"


def test_users_code_passes_strict_checks():
    pytest.importorskip("mypy", reason="tools/setup lint installs it")
    call(
        *("mypy", "--strict", "--cache-dir", ROOT / "build/mypy_cache"),
        SOURCES / "tests/typed_use.py",
        *(ROOT / "examples/python").glob("*.py"),
        env={"MYPYPATH": str(SOURCES), "PATH": "/usr/bin:/bin"},
    )
