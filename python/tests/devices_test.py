# SPDX-License-Identifier: Apache-2.0
import sys
from types import SimpleNamespace

import numpy as np

import xpuruntime as xrt
from xpuruntime.toolkit import DeviceTestResult, best_gpu
from xpuruntime.worker import devices as worker_devices
from xpuruntime.worker import machine


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


def test_a_python_worker_tells_the_same_of_the_cpu():
    cpu = xrt.devices()[0]
    told = machine.cpu_facts()
    for name in ("name", "driver", "memory_bytes", "compute_capability", "cores", "cpu_quota"):
        assert told[name] == getattr(cpu, name), name
    assert told["features"] == list(cpu.features)
    assert 0 < told["free_bytes"] <= told["memory_bytes"]


def test_a_python_worker_counts_limits_of_its_cgroup(tmp_path):
    files = {
        "proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 900 kB\n",
        "proc/cpuinfo": "model name : A processor\nflags : fpu fma avx2\n",
        "proc/self/cgroup": "0::/pod/one\n",
        "sys/fs/cgroup/pod/memory.max": "512000\n",
        "sys/fs/cgroup/pod/memory.current": "112000\n",
        "sys/fs/cgroup/pod/one/memory.max": "max\n",
        "sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
        "sys/fs/cgroup/pod/one/cpu.max": "max 100000\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    told = machine.cpu_facts(tmp_path)
    assert (told["memory_bytes"], told["free_bytes"]) == (512_000, 400_000)
    assert told["cpu_quota"] == 1.5
    assert (told["name"], told["features"]) == ("A processor", ["avx2", "fma"])
    nothing = machine.cpu_facts(tmp_path / "none")
    assert (nothing["memory_bytes"], nothing["cpu_quota"], nothing["features"]) == (0, None, [])


def test_a_python_worker_tells_of_a_gpu_what_torch_says(monkeypatch):
    """Of a stand-in for torch."""
    facts = SimpleNamespace(name="NVIDIA Large", major=9, minor=0)
    cuda = SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: 1,
        get_device_properties=lambda device: facts,
        mem_get_info=lambda device: (3 << 30, 8 << 30),
    )
    torch = SimpleNamespace(cuda=cuda, ones=lambda shape, device: np.ones(shape))
    monkeypatch.setitem(sys.modules, "torch", torch)
    told = worker_devices.check("cuda:0")
    assert told["available"] and told["facts"]["fit"]
    assert told["facts"]["compute_capability"] == "9.0"
    assert (told["facts"]["free_bytes"], told["facts"]["memory_bytes"]) == (3 << 30, 8 << 30)
    assert set(told["facts"]) == {*machine.cpu_facts(), "tests", "fit"}
    torch.ones = lambda shape, device: np.zeros(shape)
    broken = worker_devices.check("cuda:0")
    assert not broken["available"] and "a product of matrices is wrong" in broken["reason"]
    assert broken["facts"]["tests"][0]["result"] == "failed"
    assert "there is no device cuda:1" in worker_devices.check("cuda:1")["reason"]


def test_no_gpu_is_the_best_where_none_is_fit():
    cpu = xrt.devices()[0]
    assert best_gpu([cpu]) is None
    assert best_gpu([]) is None
