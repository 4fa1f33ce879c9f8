# SPDX-License-Identifier: Apache-2.0
"""Tensors of PyTorch from ours and back, without a loss."""

from typing import Any

import numpy as np
import torch

from .dtypes import FOREIGN, NATIVE, name_of
from .errors import unsupported
from .model import Copy
from .tensors import Tensor

_FOREIGN = {
    number: getattr(torch, name) for number, (name, _) in FOREIGN.items() if hasattr(torch, name)
}
_TO_NUMBER = {each: number for number, each in _FOREIGN.items()}
#: What NumPy sees their bytes as.
_CARRIERS = {1: torch.uint8, 2: torch.int16}


def to_torch(
    name: str, tensor: Tensor, device: torch.device, half: torch.dtype | None, copies: list[Copy]
) -> torch.Tensor:
    """Raises TypedError for a type that PyTorch does not have."""
    if tensor.dtype not in NATIVE and tensor.dtype not in _FOREIGN:
        raise unsupported(f"input '{name}': PyTorch has no tensors of {name_of(tensor.dtype)}")
    data = tensor.data
    # A model may write its inputs, and these are the parent's.
    if not tensor.is_private and device.type == "cpu":
        data = data.copy()
        copies.append(Copy(name, data.nbytes, "a PyTorch model may write what it is given"))
    if tensor.dtype in _FOREIGN:
        carrier = np.int16 if data.itemsize == 2 else np.uint8
        made = torch.from_numpy(data.view(carrier)).view(_FOREIGN[tensor.dtype])
    else:
        made = torch.from_numpy(data)
    if device.type != "cpu":
        made = made.to(device)
    return made.to(half) if half is not None and made.is_floating_point() else made


def from_torch(name: str, value: Any, half: torch.dtype | None) -> Tensor:
    """Raises TypedError for what is no tensor."""
    if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        return Tensor.from_numpy(np.asarray(value))
    if not isinstance(value, torch.Tensor):
        raise unsupported(f"output '{name}' is a {type(value).__name__}, and no tensor")
    if value.layout is not torch.strided or value.is_quantized:
        raise unsupported(f"output '{name}' is a tensor of layout {value.layout}, and not dense")
    value = value.detach()
    if half is not None and value.dtype is half:
        value = value.to(torch.float32)
    value = value.cpu().resolve_conj().resolve_neg()
    shape = tuple(value.shape)
    if value.dtype not in _TO_NUMBER:
        try:
            return Tensor.from_numpy(value.numpy())
        except TypeError:
            raise unsupported(f"output '{name}' is of {value.dtype}") from None
    number = _TO_NUMBER[value.dtype]
    data = value.contiguous().view(_CARRIERS[value.element_size()]).numpy()
    return Tensor(number, shape, data.view(FOREIGN[number][1]))
