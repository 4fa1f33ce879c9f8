# SPDX-License-Identifier: Apache-2.0
"""Types of arguments, for annotations."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ._core import DType, Tensor


class SupportsDLPack(Protocol):
    """An array of torch, jax, cupy and others."""

    def __dlpack__(self, /, *, max_version: tuple[int, int] | None = None) -> object: ...
    def __dlpack_device__(self, /) -> tuple[int, int]: ...


TensorLike: TypeAlias = npt.NDArray[Any] | Tensor | SupportsDLPack
"""What a run takes as a tensor."""

DTypeLike: TypeAlias = DType | str | np.dtype[Any] | type
"""What names a dtype: also ``numpy.float32`` and other scalar types."""
