# SPDX-License-Identifier: Apache-2.0
"""Engines torch and executorch through the command line and Python, beside PyTorch's own packages.

XPURT_BUILD_DIR is the build tree that they test (build/); its target xpuruntime_tests makes the
models.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("XPURT_BUILD_DIR", ROOT / "build")).resolve()
MODELS = BUILD / "tests/torch_models"
XPURT = BUILD / "bin/xpurt"
TIMEOUT_S = 300

FILES = {
    "torchscript": (MODELS / "torch/mlp.pt", "torch"),
    "package": (MODELS / "torch/packages/mlp.pt2", "torch"),
    "executorch": (MODELS / "executorch/mlp.pte", "executorch"),
}


def status() -> dict[str, dict]:
    document = json.loads(subprocess.check_output([XPURT, "engines", "--json"], timeout=TIMEOUT_S))
    return {each["name"]: each for each in document["engines"]}


STATUS = status()
pytestmark = [
    pytest.mark.skipif(not STATUS[name]["available"], reason=STATUS[name]["reason"] or "available")
    for name in ("torch", "executorch")
]


def python(program: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess:
    """Runs a program that finds the package of the build, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "PYTHONPATH": str(BUILD / "python"), **environment},
    )


RUN_ALL = """
import sys
import numpy as np
import xpuruntime as xrt
def run_all():
    x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(2, 16)
    results = [xrt.InferenceSession(path).run({"x": x})["y"] for path in sys.argv[1:]]
    for each in results:
        np.testing.assert_allclose(each, results[0], rtol=1e-5, atol=1e-6)
    return x, results[0]
"""


@pytest.mark.parametrize("kind", FILES)
def test_auto_goes_by_the_file(kind: str):
    path, engine = FILES[kind]
    program = """
import sys, xpuruntime as xrt
report = xrt.InferenceSession(sys.argv[1]).report()
print(report.engine, report.rule)
"""
    done = python(program, path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{engine} auto: {path.suffix} files go to {engine}"


def test_lives_in_a_process_that_has_imported_torch():
    program = RUN_ALL.replace("import sys", "import sys, torch", 1) + (
        """
x, y = run_all()
theirs = torch.jit.load(sys.argv[1])(torch.from_numpy(x)).detach().numpy()
np.testing.assert_allclose(y, theirs, rtol=1e-5, atol=1e-6)
print("right")
"""
    )
    done = python(program, *[path for path, _ in FILES.values()])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "right"


def test_torch_and_executorch_can_be_imported_afterwards():
    program = (
        RUN_ALL
        + """
x, y = run_all()
import torch
from executorch.runtime import Runtime
theirs = torch.jit.load(sys.argv[1])(torch.from_numpy(x)).detach().numpy()
np.testing.assert_allclose(y, theirs, rtol=1e-5, atol=1e-6)
package = torch._inductor.aoti_load_package(sys.argv[2])
np.testing.assert_allclose(y, package(torch.from_numpy(x)).numpy(), rtol=1e-5, atol=1e-6)
method = Runtime.get().load_program(sys.argv[3]).load_method("forward")
[output] = method.execute([torch.from_numpy(x)])
np.testing.assert_allclose(y, output.numpy(), rtol=1e-5, atol=1e-6)
run_all()
print("right")
"""
    )
    done = python(program, *[path for path, _ in FILES.values()])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "right"


def test_a_process_holds_one_libtorch_and_none_of_cuda():
    program = (
        RUN_ALL
        + """
run_all()
maps = {line.split()[-1] for line in open("/proc/self/maps") if "/lib" in line}
print(sorted(path.rsplit("/", 1)[-1] for path in maps if "libtorch" in path))
"""
    )
    done = python(program, *[path for path, _ in FILES.values()])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['libtorch_cpu.so']"


def test_threads_are_the_first_sessions():
    program = """
import sys, xpuruntime as xrt
first = xrt.InferenceSession(sys.argv[1], threads=1)
second = xrt.InferenceSession(sys.argv[1])
assert (first.report().threads, second.report().threads) == (1, 1)
try:
    xrt.InferenceSession(sys.argv[1], threads=2)
except xrt.InvalidStateError as error:
    print(error)
"""
    for path, _ in FILES.values():
        done = python(program, path)
        assert done.returncode == 0, done.stderr
        assert "fixed it at 1, and this one asks for 2" in done.stdout


def test_an_output_that_is_the_input_keeps_it_alive():
    program = """
import sys, gc, numpy as np, xpuruntime as xrt
session = xrt.InferenceSession(sys.argv[1])
x = np.arange(6, dtype=np.float32).reshape(2, 3)
address = x.__array_interface__["data"][0]
y = session.run({"x": x})["y"]
assert y.__array_interface__["data"][0] == address
del x
gc.collect()
others = [np.full((2, 3), -1, np.float32) for _ in range(100)]
assert y.tolist() == [0, 1, 2, 3, 4, 5], y
print("right")
"""
    done = python(program, MODELS / "torch/reshape_view.pt")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "right"


def test_a_killed_process_leaves_no_files_of_a_package(tmp_path: Path):
    program = """
import os, signal, sys, numpy as np, xpuruntime as xrt
session = xrt.InferenceSession(sys.argv[1])
session.run([np.ones((2, 16), np.float32)])
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = python(program, FILES["package"][0], TMPDIR=str(tmp_path))
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_compare_holds_all_forms_of_a_model_against_one_another():
    onnx = ROOT / "tests/data/mlp.onnx"
    files = [onnx, *[path for path, _ in FILES.values()]]
    few = ["--batch", "4", "--iterations", "3", "--warm-up", "1"]
    done = subprocess.run(
        [XPURT, "compare", *files, *few, "--json"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    seen = {each["engine"] for each in document["candidates"]}
    assert {"torch", "executorch"} <= seen


@pytest.mark.parametrize("engine", ["torch", "executorch"])
def test_a_missing_package_says_what_to_install(engine: str):
    environment = {f"XPURT_{engine.upper()}_PACKAGE": "/no/such/package"}
    done = subprocess.run(
        [XPURT, "engines", "--json"],
        capture_output=True,
        timeout=TIMEOUT_S,
        env={**os.environ, **environment},
    )
    [found] = [each for each in json.loads(done.stdout)["engines"] if each["name"] == engine]
    assert not found["available"]
    assert f"pip install {engine}==" in found["reason"]


def test_a_native_engine_and_pytorch_in_a_worker_are_one_report(tmp_path: Path):
    state = tmp_path / "mlp.pth"
    program = (
        "import sys, torch, make_models\ntorch.save(make_models.Mlp().state_dict(), sys.argv[1])"
    )
    folder = str(ROOT / "tests/torch_models")
    done = subprocess.run(
        [sys.executable, "-c", program, state],
        env={**os.environ, "PYTHONPATH": folder},
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0
    command = [XPURT, "compare", ROOT / "tests/data/mlp.onnx", state, "--json"]
    command += ["--model-factory", "make_models:Mlp", "--python", sys.executable]
    command += ["--engines", "onnxrt,python", "--iterations", "5"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": folder},
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    native, eager = document["candidates"]
    assert (native["service"], eager["service"]) == ("native", "python")
    assert eager["model"] == str(state)
    assert eager["agrees"]
    # The worker, not this process, has PyTorch in its memory.
    assert eager["memory_bytes"] > 100 << 20
    assert document["recommendation"].startswith(f"use {document['winner']}: its outputs agree")
