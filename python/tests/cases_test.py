# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of tests/cases through the Python package, on every engine that can."""

import pytest
from case_file import all_cases, array, check_output
from support import DATA, STATUS

import xpuruntime as xrt

# Engine python raises what its model raises.
NATIVE = {name: each for name, each in STATUS.items() if name != "python"}
USABLE = [name for name, each in NATIVE.items() if each.available and "onnx" in each.formats]


def run(case: dict, engine: str) -> None:
    config = dict(case.get("session", {}))
    config["engine_options"] = config.pop("options", None)
    session = xrt.InferenceSession(DATA / case["model"], **{**config, "engine": engine})
    report = xrt.RunReport()
    inputs = {name: array(tensor) for name, tensor in case.get("inputs", {}).items()}
    outputs = session.run(inputs, report=report)
    assert "error" not in case
    assert list(outputs) == list(case["outputs"])
    for name, actual in outputs.items():
        check_output(case, name, actual)
    ran = case.get("ran", {})
    for did in (session.report(), report):
        assert did.engine == ran.get("engine", did.engine)
        assert str(did.device) == ran.get("device", str(did.device))


@pytest.mark.parametrize(("case", "engine"), all_cases(USABLE))
def test_case(case: dict, engine: str):
    status = STATUS.get(engine)
    if status is not None and not status.available:
        pytest.skip(status.reason)
    absent = case.get("skip_with_device")
    if status is not None and absent in [str(device) for device in status.devices]:
        pytest.skip(f"the case is of a machine without {absent}")
    if "error" not in case:
        run(case, engine)
        return
    with pytest.raises(xrt.XpuRuntimeError) as caught:
        run(case, engine)
    assert type(caught.value).__name__ == case["error"]["class"]
    for fragment in case["error"]["message"]:
        assert fragment.lower() in str(caught.value).lower()
