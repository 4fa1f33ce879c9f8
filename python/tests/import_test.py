# SPDX-License-Identifier: Apache-2.0
"""What `import xpuruntime` brings in, and what it must not."""

import inspect
import json
import subprocess
import sys

from support import PACKAGE

SNAPSHOT = """
import json, sys
import numpy
before = set(sys.modules)
import xpuruntime
maps = open("/proc/self/maps").read()
print(json.dumps({"new": sorted(set(sys.modules) - before), "maps": maps}))
"""


def snapshot() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SNAPSHOT],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE)},
        timeout=120,
    )
    return json.loads(done.stdout)


def test_import_loads_no_engine_and_no_framework():
    seen = snapshot()
    assert "libxpuruntime.so" in seen["maps"]
    for library in (
        *("libxpuruntime_engine_", "libonnxruntime", "libtorch", "libopenvino"),
        *("libxpuruntime_toolkit", "libprotobuf", "libzip"),
    ):
        assert library not in seen["maps"]


def test_import_brings_in_its_own_modules_alone():
    new = {name.split(".")[0] for name in snapshot()["new"]}
    assert new <= {"xpuruntime"} | set(sys.stdlib_module_names)


def test_everything_public_is_named_in_all():
    import xpuruntime as xrt

    public = {
        name
        for name, value in vars(xrt).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(xrt.__all__) - {"__version__"}
    assert xrt.InvalidArgumentError.__module__ == "xpuruntime"
