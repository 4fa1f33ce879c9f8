# SPDX-License-Identifier: Apache-2.0
"""Devices, strictly: the one asked for, or the reason why not."""

from importlib import import_module, util
from pathlib import Path
from typing import Any

import numpy as np

from . import machine
from .errors import TypedError, describe, invalid, not_installed, unavailable
from .model import LoadRequest

_TEST_SIZE = 64


def parse(device: str) -> str:
    """ "cpu" or "cuda:n". Raises TypedError."""
    kind, _, index = device.partition(":")
    if kind in ("cpu", "cuda") and (index.isdecimal() or device in ("cpu", "cuda")):
        if kind == "cuda":
            return f"cuda:{int(index or 0)}"
        if int(index or 0) == 0:
            return "cpu"
    raise unavailable(f"there is no device {device}: engine python runs on cpu and cuda:n")


def known() -> list[str]:
    """Imports PyTorch, which takes seconds, only where there is a GPU."""
    if not Path("/dev/nvidiactl").exists() or util.find_spec("torch") is None:
        return ["cpu"]
    torch = import_module("torch")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return ["cpu", *(f"cuda:{i}" for i in range(count))]


def _check_cuda(torch: Any, device: str) -> None:
    if not torch.cuda.is_available():
        built = torch.version.cuda or "none"
        raise unavailable(
            f"device {device}: torch {torch.__version__} (CUDA {built}) finds no GPU to use"
        )
    count = torch.cuda.device_count()
    if int(device.partition(":")[2]) >= count:
        raise unavailable(f"there is no device {device}: torch finds {count}")


def use_torch_device(request: LoadRequest) -> Any:
    """A torch.device, with the options of the process set. Raises TypedError."""
    import torch

    options = request.options
    if request.device == "cpu":
        for name in ("cudnn_benchmark", "memory_fraction"):
            if getattr(options, name):
                raise invalid(f"option '{name}' has a meaning on devices cuda:n alone")
        return torch.device("cpu")
    _check_cuda(torch, request.device)
    device = torch.device(request.device)
    torch.cuda.set_device(device)
    torch.backends.cudnn.benchmark = options.cudnn_benchmark
    if options.memory_fraction > 0:
        torch.cuda.set_per_process_memory_fraction(options.memory_fraction, device)
    return device


def _test(arrays: Any, **where: str) -> dict[str, str]:
    """A product whose result is known, by torch or NumPy."""
    try:
        ones = arrays.ones((_TEST_SIZE, _TEST_SIZE), **where)
        is_right = bool(((ones @ ones) == _TEST_SIZE).all())
        reason = "" if is_right else "a product of matrices is wrong"
    except RuntimeError as error:
        reason = describe(error)
    return {"engine": "python", "result": "failed" if reason else "passed", "reason": reason}


def _driver() -> str:
    try:
        words = Path("/proc/driver/nvidia/version").read_text().split("\n")[0].split()
    except OSError:
        return ""
    return next((each for each in words if each[0].isdigit() and "." in each), "")


def _cuda_facts(device: str) -> dict[str, Any]:
    """Raises TypedError."""
    try:
        torch = import_module("torch")
    except ImportError:
        raise not_installed("torch", f"device {device} needs PyTorch") from None
    _check_cuda(torch, device)
    properties = torch.cuda.get_device_properties(device)
    free, total = torch.cuda.mem_get_info(device)
    return {
        **{"name": properties.name, "driver": _driver()},
        **{"memory_bytes": total, "free_bytes": free},
        "compute_capability": f"{properties.major}.{properties.minor}",
        **{"cores": 0, "cpu_quota": None, "features": []},
        "tests": [_test(torch, device=device)],
    }


def _facts(device: str) -> dict[str, Any]:
    """As ``xpurt devices --json`` has them. Raises TypedError."""
    if device == "cpu":
        return {**machine.cpu_facts(), "tests": [_test(np)]}
    return _cuda_facts(device)


def check(device: str) -> dict[str, Any]:
    """The reply to check_device."""
    body: dict[str, Any] = {"device": device, "available": False, "reason": "", "facts": {}}
    try:
        body["device"] = device = parse(device)
        facts = _facts(device)
    except TypedError as error:
        return body | {"reason": str(error)}
    reason = facts["tests"][0]["reason"]
    facts["fit"] = not reason
    if reason:
        reason = f"device {device}: {reason}"
    return body | {"available": not reason, "reason": reason, "facts": facts}
