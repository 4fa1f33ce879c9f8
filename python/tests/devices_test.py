# SPDX-License-Identifier: Apache-2.0
import xpuruntime as xrt
from xpuruntime.toolkit import DeviceTestResult, best_gpu


def test_tells_of_the_cpu_and_of_the_engines_on_it():
    found = xrt.devices()
    cpu = found[0]
    assert str(cpu.device) == "cpu"
    assert cpu.cores >= 1
    assert 0 < cpu.free_bytes <= cpu.memory_bytes
    tests = {test.engine: test for test in cpu.tests}
    assert tests["reference"].result == DeviceTestResult.PASSED
    assert "passed" in repr(tests["reference"])
    for name, test in tests.items():
        assert name in xrt.available_engines()
        assert test.result == DeviceTestResult.PASSED or test.reason
    assert cpu.is_fit
    assert repr(cpu).startswith("<xpuruntime.toolkit.DeviceFacts cpu ")


def test_no_gpu_is_the_best_where_none_is_fit():
    cpu = xrt.devices()[0]
    assert best_gpu([cpu]) is None
    assert best_gpu([]) is None
