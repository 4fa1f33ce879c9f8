# SPDX-License-Identifier: Apache-2.0
"""The public headers compile one by one, with nothing but themselves and the standard library."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, TIMEOUT_S

INCLUDE = ROOT / "include"
HEADERS = sorted(path.relative_to(INCLUDE).as_posix() for path in INCLUDE.rglob("*.h"))


def test_there_are_headers():
    assert "xpuruntime/xpuruntime.h" in HEADERS


@pytest.mark.parametrize("header", HEADERS)
def test_compiles_alone(header: str, tmp_path: Path):
    (tmp_path / "alone.cpp").write_text(f'#include "{header}"\n#include "{header}"\n')
    compiler = os.environ.get("CXX", "c++").split()
    if cache := shutil.which("ccache"):  # which keeps what -c compiles
        compiler = [cache, *compiler]
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    done = subprocess.run(
        [*compiler, *flags, f"-I{INCLUDE}", "-c", "alone.cpp", "-o", "alone.o"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr


def test_the_abi_is_plain_c():
    done = subprocess.run(
        [
            *(os.environ.get("CC", "cc").split()),
            *("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"),
            *(f"-I{INCLUDE}", "-x", "c", "-"),
        ],
        input='#include "xpuruntime/engine/abi.h"\n',
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
