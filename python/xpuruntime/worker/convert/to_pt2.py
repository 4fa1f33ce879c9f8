# SPDX-License-Identifier: Apache-2.0
"""To a package of AOTInductor: native code for this machine's processor, by its C++ compiler."""

import os

import torch
from torch._inductor.exc import InvalidCxxCompiler

from ..errors import unavailable
from .module import Source
from .request import ConvertRequest
from .result import Result


def export(source: Source, request: ConvertRequest) -> Result:
    """Raises TypedError."""
    # What it compiles goes with the folder of the result, and is not left in that of the system.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(request.target.parent / "inductor"))
    exported = source.exported()
    request.progress("compile", 3, 4)
    try:
        torch._inductor.aoti_compile_and_package(exported, package_path=str(request.target))
    except InvalidCxxCompiler:
        raise unavailable(
            "a conversion to pt2 needs a C++ compiler, and there is none: install g++, or name one "
            "by the environment variable CXX"
        ) from None
    return Result("torch.export, AOTInductor", {"torch": torch.__version__})
