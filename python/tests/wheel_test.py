# SPDX-License-Identifier: Apache-2.0
"""`pip install` of our wheel into a fresh environment is enough."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from support import DATA, ROOT

pytestmark = pytest.mark.xdist_group("wheel")  # two processes would build in one folder

# Of its own build tree. Its warnings are ours to see.
BUILD_OPTIONS = ["--no-build-isolation", "--no-deps", "-Ccmake.define.XPURT_WERROR=ON"]
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "XPURT"))}
CLEAN.pop("VIRTUAL_ENV", None)
# As CMake calls them by itself, so that ccache has what build/ compiled.
CLEAN = {"CC": "cc", "CXX": "c++", **CLEAN}


def call(*command: object, cwd: Path | None = None) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=cwd, env=CLEAN)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with our wheel, its extras of two engines, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "pip", "wheel", *BUILD_OPTIONS, "-w", folder, ROOT, cwd=folder)
    [wheel] = folder.glob("xpuruntime-*.whl")
    fresh = folder / "venv"
    venv.create(fresh)
    into_fresh = [sys.executable, "-m", "pip", "--python", fresh / "bin/python"]
    call(*into_fresh, "install", "--no-compile", f"{wheel}[onnxrt,openvino]", cwd=folder)
    return fresh


def test_its_command_finds_the_engines(fresh: Path, tmp_path: Path):
    document = json.loads(call(fresh / "bin/xpurt", "engines", "--json", cwd=tmp_path))
    engines = {each["name"]: each for each in document["engines"]}
    for name in ("onnxrt", "openvino", "reference"):
        assert engines[name]["available"], engines[name]["reason"]
        assert engines[name]["path"].startswith(str(fresh))
    model = [fresh / "bin/xpurt", "run", DATA / "add.onnx", "--input", "random"]
    assert "float32[2,3]" in call(*model, cwd=tmp_path)


@pytest.mark.parametrize("engine", ["torch", "executorch"])
def test_an_extra_that_is_not_installed_says_how(fresh: Path, engine: str, tmp_path: Path):
    document = json.loads(call(fresh / "bin/xpurt", "engines", "--json", cwd=tmp_path))
    [found] = [each for each in document["engines"] if each["name"] == engine]
    assert not found["available"]
    was_built = list(fresh.glob(f"lib/python3*/**/libxpuruntime_engine_{engine}.so"))
    assert (f"pip install {engine}==" if was_built else "make setup-torch") in found["reason"]


@pytest.mark.parametrize("engine", ["onnxrt", "openvino", "reference"])
def test_its_package_runs_a_model(fresh: Path, engine: str, tmp_path: Path):
    script = (
        "import sys, numpy as np, xpuruntime as xrt\n"
        "session = xrt.InferenceSession(sys.argv[1], engine=sys.argv[2])\n"
        "ones = np.ones((2, 3), np.float32)\n"
        "print(session.run([ones, ones])[0].sum(), xrt.__version__)\n"
    )
    printed = call(fresh / "bin/python", "-c", script, DATA / "add.onnx", engine, cwd=tmp_path)
    total, version = printed.split()
    assert float(total) == 12
    assert f"project(xpuruntime VERSION {version} " in (ROOT / "CMakeLists.txt").read_text()


def test_its_package_compares_engines(fresh: Path, tmp_path: Path):
    script = (
        "import sys, xpuruntime as xrt\n"
        "report = xrt.compare(sys.argv[1], engines=['onnxrt', 'reference'], iterations=3)\n"
        "print(report.agrees, report.compared)\n"
    )
    printed = call(fresh / "bin/python", "-c", script, DATA / "digits.onnx", cwd=tmp_path)
    assert printed == "True 1\n"


def test_it_knows_no_path_of_the_build(fresh: Path):
    [package] = fresh.glob("lib/python3*/site-packages/xpuruntime")
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    # Those of the optional engines are there where the build had what they need.
    libraries = [path for path in files if ".so" in path.name and "torch" not in path.name]
    assert len(libraries) == 10
    for path in files:
        assert os.fsencode(ROOT) + b"/" not in path.read_bytes(), path
