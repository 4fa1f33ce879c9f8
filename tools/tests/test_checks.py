# SPDX-License-Identifier: Apache-2.0
"""Each check of the tree must fail on a planted violation, naming it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1]


def run_check(script: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / script), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "include/xpuruntime/engine/abi.h",
        "include/xpuruntime/engine/engine.h",
        "include/xpuruntime/session.h",
        "include/xpuruntime/toolkit/compare.h",
        "src/core/registry.h",
        "src/onnx/graph.h",
        "src/toolkit/compare.h",
        "engines/onnxrt/values.h",
        "engines/reference/kernels.h",
        "tests/fixture.h",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// nothing\n")
    return tmp_path


def plant(tree: Path, source: str, include: str) -> None:
    path = tree / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"// one line before\n#include {include}\n")


@pytest.mark.parametrize(
    ("source", "include"),
    [
        ("include/xpuruntime/engine/engine.h", '"xpuruntime/engine/abi.h"'),
        ("include/xpuruntime/session.h", "<memory_resource>"),
        ("src/core/session.cpp", '"xpuruntime/engine/abi.h"'),
        ("src/core/log.cpp", "<spdlog/spdlog.h>"),
        ("engines/onnxrt/engine.cpp", '"values.h"'),
        ("engines/onnxrt/engine.cpp", "<onnxruntime_c_api.h>"),
        ("engines/reference/engine.cpp", '"onnx/graph.h"'),
        ("src/toolkit/compare.cpp", '"xpuruntime/session.h"'),
        ("src/toolkit/compare.cpp", '"xpuruntime/toolkit/compare.h"'),
        ("include/xpuruntime/toolkit/compare.h", '"xpuruntime/session.h"'),
        ("apps/xpurt/compare.cpp", '"xpuruntime/toolkit/compare.h"'),
        ("python/src/session.cpp", '"xpuruntime/session.h"'),
        ("tests/unit/session_test.cpp", '"core/registry.h"'),
        ("engines/onnxrt/tests/engine_test.cpp", '"xpuruntime/session.h"'),
    ],
)
def test_layers_accepts(tree: Path, source: str, include: str) -> None:
    plant(tree, source, include)
    result = run_check("check_layers.py", tree)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("source", "include", "reason"),
    [
        ("include/xpuruntime/engine/abi.h", '"xpuruntime/session.h"', "not include include"),
        (
            "include/xpuruntime/engine/engine.h",
            '"xpuruntime/session.h"',
            "must not include include",
        ),
        ("include/xpuruntime/session.h", '"core/registry.h"', "must not include src/core"),
        ("include/xpuruntime/session.h", "<nlohmann/json.hpp>", "standard library alone"),
        ("src/core/session.cpp", '"onnx/graph.h"', "must not include src/onnx"),
        (
            "src/core/session.cpp",
            '"xpuruntime/toolkit/compare.h"',
            "must not include include/xpuruntime/toolkit",
        ),
        (
            "include/xpuruntime/session.h",
            '"xpuruntime/toolkit/compare.h"',
            "must not include include/xpuruntime/toolkit",
        ),
        ("src/core/session.cpp", "<onnxruntime_c_api.h>", "belongs to engines/onnxrt alone"),
        ("src/core/session.cpp", '"../../tests/fixture.h"', "must not include tests/fixture.h"),
        ("src/onnx/graph.cpp", '"xpuruntime/session.h"', "not include include"),
        ("python/src/session.cpp", '"toolkit/compare.h"', "must not include src/toolkit"),
        ("src/toolkit/compare.cpp", '"core/registry.h"', "must not include src/core"),
        ("engines/onnxrt/engine.cpp", '"core/registry.h"', "must not include src/core"),
        ("engines/onnxrt/engine.cpp", '"onnx/graph.h"', "must not include src/onnx"),
        ("engines/onnxrt/engine.cpp", '"xpuruntime/session.h"', "not include include"),
        (
            "engines/onnxrt/engine.cpp",
            '"../reference/kernels.h"',
            "must not include engines/reference",
        ),
        ("apps/xpurt/main.cpp", '"core/registry.h"', "must not include src/core"),
        ("examples/custom/engine.cpp", '"core/registry.h"', "must not include src/core"),
    ],
)
def test_layers_rejects(tree: Path, source: str, include: str, reason: str) -> None:
    plant(tree, source, include)
    result = run_check("check_layers.py", tree)
    assert result.returncode == 1
    assert f"{source}:2: " in result.stdout
    assert reason in result.stdout


def library(folder: Path, source: str) -> Path:
    out = folder / "lib.so"
    command = ["c++", "-shared", "-fPIC", "-x", "c++", "-", "-o", str(out)]
    subprocess.run(command, input=source, text=True, check=True)
    return out


QUERY = 'extern "C" void xpurt_plugin_query() {}\n'
TOOLKIT = "namespace xpuruntime::toolkit { void compare() {} }\n"
CORE = "namespace xpuruntime { struct A { virtual ~A(); }; A::~A() {} void run() {} }\n"


def test_exports_accepts_what_is_ours(tmp_path: Path) -> None:
    assert run_check("check_exports.py", library(tmp_path, QUERY)).returncode == 0
    assert run_check("check_exports.py", "--core", library(tmp_path, CORE)).returncode == 0
    assert run_check("check_exports.py", "--toolkit", library(tmp_path, TOOLKIT)).returncode == 0


@pytest.mark.parametrize(
    ("option", "source", "symbol"),
    [
        ([], QUERY + 'extern "C" void OrtGetApiBase() {}', "OrtGetApiBase"),
        ([], QUERY + "namespace xpuruntime { void leak() {} }", "_ZN10xpuruntime4leakEv"),
        ([], "int nothing_else;", "xpurt_plugin_query"),
        (["--core"], CORE + "namespace spdlog { void info() {} }", "_ZN6spdlog4infoEv"),
        (["--core"], CORE + 'extern "C" void xpurt_leak() {}', "xpurt_leak"),
        (["--toolkit"], TOOLKIT + CORE, "_ZN10xpuruntime3runEv"),
    ],
)
def test_exports_rejects(tmp_path: Path, option: list[str], source: str, symbol: str) -> None:
    result = run_check("check_exports.py", *option, library(tmp_path, source))
    assert result.returncode == 1
    assert re.search(rf"lib\.so: .*{symbol}", result.stdout)
