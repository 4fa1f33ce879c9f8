# SPDX-License-Identifier: Apache-2.0
"""To TorchScript, by a trace."""

import warnings

import torch

from .module import Source
from .request import ConvertRequest
from .result import Result


def trace_warnings(caught: list[warnings.WarningMessage]) -> list[str]:
    """What a trace has fixed, and where: it knows one way of each branch."""
    told = []
    for each in caught:
        if issubclass(each.category, torch.jit.TracerWarning):
            first = str(each.message).partition(". ")[0]
            told.append(f"{first} ({each.filename}:{each.lineno})")
    return list(dict.fromkeys(told))


def export(source: Source, request: ConvertRequest) -> Result:
    with warnings.catch_warnings(record=True) as caught, torch.no_grad():
        warnings.simplefilter("always")
        torch.jit.save(source.traced(), str(request.target))
    return Result("torch.jit.trace", {"torch": torch.__version__}, trace_warnings(caught))
