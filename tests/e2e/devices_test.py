# SPDX-License-Identifier: Apache-2.0
from conftest import succeed, xpurt


def test_tells_of_the_cpu_and_of_the_engines_on_it():
    document = succeed("devices", "--json").document
    cpu = document["devices"][0]
    assert cpu["device"] == "cpu"
    assert cpu["cores"] >= 1
    assert 0 < cpu["free_bytes"] <= cpu["memory_bytes"]
    tests = {test["engine"]: test for test in cpu["tests"]}
    assert tests["reference"] == {"engine": "reference", "result": "passed", "reason": ""}
    assert cpu["fit"]
    assert {test["result"] for test in tests.values()} <= {"passed", "not tested"}
    assert all(test["reason"] for test in tests.values() if test["result"] == "not tested")


def test_shows_tables():
    lines = succeed("devices").stdout.splitlines()
    assert lines[0].split()[:3] == ["device", "free", "memory"]
    assert lines[1].startswith("cpu ")
    assert any(line.split()[:3] == ["cpu", "reference", "passed"] for line in lines)


def test_help_has_an_example():
    help_text = xpurt("devices", "--help").stdout
    assert "Example: xpurt devices --json" in help_text
