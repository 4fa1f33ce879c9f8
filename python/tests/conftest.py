# SPDX-License-Identifier: Apache-2.0
"""Makes `import xpuruntime` mean the build tree's package. XPURT_BUILD_DIR names another tree."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("XPURT_BUILD_DIR", ROOT / "build")).resolve()

sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tests/cases"))

# Runs that wait for one another inside an engine all have to be let in, whatever the machine.
os.environ["XPURT_THREADS"] = "16"
# Sessions of these tests leave the user's own cache alone.
os.environ["XPURT_CACHE_DIR"] = tempfile.mkdtemp(prefix="xpurt-tests-")
atexit.register(shutil.rmtree, os.environ["XPURT_CACHE_DIR"], ignore_errors=True)


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A shell's background programs ignore Ctrl-C, and so would Python in them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
