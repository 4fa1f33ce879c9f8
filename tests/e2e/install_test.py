# SPDX-License-Identifier: Apache-2.0
"""What is installed is enough: projects build against it, and it runs from where it is put."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import BUILD, DATA, ROOT

pytestmark = pytest.mark.xdist_group("install")  # one process installs, for all of them

TIMEOUT_S = 600
CCACHE = shutil.which("ccache")
COMPILER_LAUNCHER = [f"-DCMAKE_CXX_COMPILER_LAUNCHER={CCACHE}"] if CCACHE else []
POLYNOMIAL = ROOT / "examples/custom_engine/half_square.poly"


def call(*command: object, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, env=env, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prefix() -> Path:
    """An install tree, made from the build tree; always in one place, for ccache."""
    folder = BUILD / "tests/prefix"
    shutil.rmtree(folder, ignore_errors=True)
    call("cmake", "--install", BUILD, "--prefix", folder)
    return folder


def build_example(name: str, prefix: Path, folder: Path) -> Path:
    """Builds an example as a project of its own, and gives its build tree."""
    call(
        *("cmake", "-S", ROOT / "examples" / name, "-B", folder, "-DCMAKE_BUILD_TYPE=Release"),
        *(f"-DCMAKE_PREFIX_PATH={prefix}", *COMPILER_LAUNCHER),
    )
    call("cmake", "--build", folder)
    return folder


def test_the_installed_command_finds_its_engines(prefix: Path):
    engines = json.loads(call(prefix / "bin/xpurt", "engines", "--json"))["engines"]
    reference = next(each for each in engines if each["name"] == "reference")
    assert reference["available"], reference["reason"]
    assert reference["path"].startswith(str(prefix))


def test_a_project_of_its_own_runs_a_model(prefix: Path, tmp_path: Path):
    build = build_example("cpp_minimal", prefix, tmp_path)
    output = call(build / "cpp_minimal", DATA / "digits.onnx")
    assert output.startswith("float32[1,10] on cpu by ")


def test_a_project_of_its_own_runs_a_model_in_every_way(prefix: Path, tmp_path: Path):
    build = build_example("async_cpp", prefix, tmp_path)
    output = call(build / "async_cpp", DATA / "digits.onnx", tmp_path / "trace.json")
    logits = "float32[1,10] on cpu"
    lines = output.splitlines()
    assert lines[0] == f"run: {logits}"
    assert lines[1] == f"job 1: {logits}"
    assert lines[2].startswith("job 2: the run was cancelled before it began")
    assert lines[3] == f"callback of job 3: {logits}"
    assert lines[4:7] == [
        f"batch, joined 2: {logits}",
        "batch: InvalidArgumentError",
        f"batch, joined 2: {logits}",
    ]
    assert lines[7] == "stream: 20 results"
    assert lines[8].startswith("statistics: ")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {event["name"] for event in events} == {"queue", "copy", "run"}


def test_a_project_of_its_own_compares_engines(prefix: Path, tmp_path: Path):
    build = build_example("compare_cpp", prefix, tmp_path)
    output = call(build / "compare_cpp", DATA / "digits.onnx", tmp_path / "out.html")
    assert "reference@cpu" in output
    assert output.splitlines()[-1].startswith(("  ", "onnxrt@cpu is the fastest"))
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")


def test_a_project_of_its_own_opens_a_session_behind_a_gate(prefix: Path, tmp_path: Path):
    build = build_example("gate_cpp", prefix, tmp_path)
    output = call(build / "gate_cpp", DATA / "digits.onnx", "reference@cpu")
    assert output == "passed: gate reference@cpu, strict (rtol 0.001, atol 1e-05)\n"


@pytest.fixture(scope="module")
def plugin(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine of examples/custom_engine, built outside of our tree."""
    build = build_example("custom_engine", prefix, tmp_path_factory.mktemp("custom_engine"))
    [found] = build.rglob("libxpuruntime_engine_polynomial.so")
    return found


def run_polynomial(prefix: Path, folder: Path, *arguments: object, **options: object) -> np.ndarray:
    """What the engine makes of 0, 1, 2, 3."""
    np.save(folder / "x.npy", np.arange(4, dtype=np.float32))
    call(
        *(prefix / "bin/xpurt", "run", POLYNOMIAL, "--input", f"x={folder}/x.npy"),
        *("--output", folder / "out", *arguments),
        **options,
    )
    return np.load(folder / "out/y.npy")


def test_an_engine_of_its_own_runs_by_its_path(prefix: Path, plugin: Path, tmp_path: Path):
    y = run_polynomial(prefix, tmp_path, "--engine", plugin)
    np.testing.assert_array_equal(y, [1, 1.5, 3, 5.5])  # 1 + x^2 / 2


def test_an_engine_of_its_own_runs_by_its_name(prefix: Path, plugin: Path, tmp_path: Path):
    env = {**os.environ, "XPURT_ENGINE_PATH": str(plugin.parent)}
    arguments = ["--engine", "polynomial", "--option", "derivative=true"]
    y = run_polynomial(prefix, tmp_path, *arguments, env=env)
    np.testing.assert_array_equal(y, [0, 1, 2, 3])
    listed = call(prefix / "bin/xpurt", "engines", "--json", env=env)
    engines = {each["name"]: each for each in json.loads(listed)["engines"]}
    assert engines["polynomial"]["available"], engines["polynomial"]["reason"]
    assert engines["polynomial"]["path"] == str(plugin)
    assert "derivative" in {each["name"] for each in engines["polynomial"]["options"]}
