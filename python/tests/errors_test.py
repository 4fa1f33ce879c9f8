# SPDX-License-Identifier: Apache-2.0
"""Every class of the error table: what it is in Python, and that it comes through."""

import re
import subprocess
import sys

import numpy as np
import pytest
from support import DATA, PACKAGE, ROOT, fake_session

import xpuruntime as xrt

TABLE = re.findall(
    r"^XPURT_ERROR\((\w+), (\w+), \d+, (\d+), (\d+), (\w+)\)",
    (ROOT / "include/xpuruntime/error_table.inc").read_text(),
    re.MULTILINE,
)
ALSO = {
    "InvalidArgumentError": ValueError,
    "ModelNotFoundError": FileNotFoundError,
    "EngineNotInstalledError": ImportError,
    "OutOfMemoryError": MemoryError,
    "DeadlineExceededError": TimeoutError,
}
# As the fake engine spells them.
CODES = {
    name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()[: -len("_error")] for name, *_ in TABLE
}


def fail(code: str, words: str = "") -> xrt.InferenceSession:
    session = fake_session(
        f'input x float32 1\noutput y float32 1\ny = identity x\nfail {code} {words} "on purpose"'
    )
    session.run([np.zeros(1, np.float32)])


@pytest.mark.parametrize(("name", "base", "exit_code", "http", "grpc"), TABLE)
def test_a_class_is_what_the_table_says(name: str, base: str, exit_code: str, http: str, grpc: str):
    error_class = getattr(xrt, name)
    also = ALSO.get(name)
    assert error_class.__bases__ == (getattr(xrt, base), *([also] if also else []))
    assert issubclass(error_class, RuntimeError)
    assert error_class.exit_code == int(exit_code)
    assert error_class.http_status == int(http)
    assert error_class.grpc_status == grpc
    assert error_class.__doc__
    assert str(error_class("words")) == "words"
    assert error_class("words").asked == 0


@pytest.mark.parametrize("name", [name for name, *_ in TABLE])
def test_a_class_comes_through(name: str):
    with pytest.raises(getattr(xrt, name), match="on purpose") as caught:
        fail(CODES[name])
    assert type(caught.value).__name__ == name


def test_an_error_carries_what_is_known():
    with pytest.raises(MemoryError) as caught:
        fail("out_of_memory", "retryable native=-7 asked=300 available=200")
    error = caught.value
    assert (error.native_code, error.retryable) == (-7, True)
    assert (error.asked, error.available) == (300, 200)


def test_a_missing_model_is_a_missing_file():
    with pytest.raises(FileNotFoundError, match=r"no_such\.onnx"):
        xrt.InferenceSession(DATA / "no_such.onnx")


def test_a_missing_package_says_how_to_get_it(tmp_path):
    script = (
        "import xpuruntime as xrt\n"
        "try:\n    xrt.InferenceSession('add.onnx', engine='onnxrt')\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=DATA,
        env={
            "PYTHONPATH": str(PACKAGE),
            "XPURT_ONNXRUNTIME_LIBRARY": str(tmp_path / "absent.so"),
        },
        timeout=120,
    )
    assert "pip install 'xpuruntime[onnxrt]'" in done.stdout
    assert "pip install onnxruntime" in done.stdout
