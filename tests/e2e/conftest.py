# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share. XPURT_BUILD_DIR is the build tree that they test (build/)."""

import functools
import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("XPURT_BUILD_DIR", ROOT / "build")).resolve()
DATA = ROOT / "tests" / "data"
XPURT = BUILD / "bin" / "xpurt"
FAKE_ENGINE = BUILD / "tests/engines/libxpuruntime_engine_fake.so"
TIMEOUT_S = 120

# Class of error to exit code, from the one place where they stand.
EXIT_CODES = {
    match[1]: int(match[2])
    for match in re.finditer(
        r"^XPURT_ERROR\((\w+), \w+, \d+, (\d+),",
        (ROOT / "include/xpuruntime/error_table.inc").read_text(),
        re.MULTILINE,
    )
}


@dataclass
class Result:
    """What one call of xpurt left."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict:
        """The JSON document that stdout is, and nothing else."""
        document = json.loads(self.stdout)
        assert document["schema_version"] == 1
        return document


def xpurt(*arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> Result:
    done = subprocess.run(
        [XPURT, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def succeed(*arguments: object, **options: object) -> Result:
    result = xpurt(*arguments, **options)
    assert result.code == 0, result.stderr
    assert result.stderr == ""
    return result


def fail(error_class: str, *arguments: object, **options: object) -> str:
    """Runs xpurt with and without --json; checks all that an error shows, and gives its message."""
    plain = xpurt(*arguments, **options)
    assert plain.code == EXIT_CODES[error_class], plain.stderr
    assert plain.stdout == ""
    assert plain.stderr.startswith(f"xpurt: {error_class}: "), plain.stderr
    as_json = xpurt(*arguments, "--json", **options)
    assert as_json.code == plain.code
    error = as_json.document["error"]
    assert error["class"] == error_class
    assert error["exit_code"] == plain.code
    assert error["message"]
    assert as_json.stderr == plain.stderr
    return error["message"]


@functools.cache
def engines() -> list[dict]:
    """What `xpurt engines` knows."""
    return json.loads(xpurt("engines", "--json").stdout)["engines"]


def onnx_engines() -> list[dict]:
    """The native engines that load ONNX models and can be used now."""
    usable = [each for each in engines() if each["available"] and each["name"] != "python"]
    return [each for each in usable if "onnx" in each["formats"]]


@pytest.fixture(params=["reference", "onnxrt", "openvino"])
def engine(request: pytest.FixtureRequest) -> str:
    status = {each["name"]: each for each in engines()}[request.param]
    if not status["available"]:
        pytest.skip(status["reason"])
    return request.param


@pytest.fixture
def run_json(engine: str) -> Callable[..., dict]:
    """Runs a model on an engine and gives the document."""

    def run(model: str, *arguments: object) -> dict:
        return succeed("run", DATA / model, "--engine", engine, "--json", *arguments).document

    return run
