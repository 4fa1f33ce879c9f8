# SPDX-License-Identifier: Apache-2.0
"""Devices, strictly: the one asked for, or the reason why not."""

from importlib import import_module, util
from pathlib import Path
from typing import Any

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


def _test(torch: Any, device: str) -> str:
    """A product whose result is known."""
    try:
        ones = torch.ones(_TEST_SIZE, _TEST_SIZE, device=device)
        is_right = bool(((ones @ ones) == _TEST_SIZE).all().item())
    except RuntimeError as error:
        return describe(error)
    return "passed" if is_right else "a product of matrices is wrong"


def _driver() -> str:
    try:
        words = Path("/proc/driver/nvidia/version").read_text().split("\n")[0].split()
    except OSError:
        return ""
    return next((each for each in words if each[0].isdigit() and "." in each), "")


def _facts(torch: Any, device: str) -> dict[str, str]:
    properties = torch.cuda.get_device_properties(device)
    free, total = torch.cuda.mem_get_info(device)
    return {
        "name": properties.name,
        "driver": _driver(),
        "memory_bytes": str(total),
        "free_bytes": str(free),
        "compute_capability": f"{properties.major}.{properties.minor}",
        "test": _test(torch, device),
    }


def check(device: str) -> dict:
    """The reply to check_device."""
    body: dict[str, Any] = {"device": device, "available": False, "reason": "", "facts": {}}
    try:
        body["device"] = device = parse(device)
        if device == "cpu":
            return body | {"available": True}
        try:
            torch = import_module("torch")
        except ImportError:
            raise not_installed("torch", f"device {device} needs PyTorch") from None
        _check_cuda(torch, device)
        facts = _facts(torch, device)
    except TypedError as error:
        return body | {"reason": str(error)}
    is_fit = facts["test"] == "passed"
    reason = "" if is_fit else f"device {device}: {facts['test']}"
    return body | {"available": is_fit, "reason": reason, "facts": facts}
