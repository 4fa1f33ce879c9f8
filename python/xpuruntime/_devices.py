# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._toolkit import DeviceFacts


def devices() -> list[DeviceFacts]:
    """The devices of this machine: the CPU, then GPUs and others by type and index.

    Loads all engines, and runs a product of matrices with each of them on each of its devices,
    where it loads ONNX models: that takes seconds, and takes memory of the device meanwhile.
    ``xpuruntime.toolkit.best_gpu`` chooses among them.

    Returns
    -------
    list of DeviceFacts
        Name, driver, memory in bytes, compute capability, and what came of the tests.
    """
    from ._toolkit import devices as find

    return find()
