# SPDX-License-Identifier: Apache-2.0
"""To a package of AOTInductor: native code for this machine's processor, by its C++ compiler."""

import torch
from torch._inductor.exc import InvalidCxxCompiler

from ..errors import unavailable
from .module import Source
from .request import ConvertRequest
from .result import Result


def export(source: Source, request: ConvertRequest) -> Result:
    """Raises TypedError."""
    exported = source.exported()
    request.progress("compile", 3, 4)
    # A header compiled in advance serves this one compilation and takes longer than it, and 290 MB
    # would be left in the temporary folder.
    configs = {"aot_inductor.precompile_headers": False}
    try:
        torch._inductor.aoti_compile_and_package(
            exported, package_path=str(request.target), inductor_configs=configs
        )
    except InvalidCxxCompiler:
        raise unavailable(
            "a conversion to pt2 needs a C++ compiler, and there is none: install g++, or name one "
            "by the environment variable CXX"
        ) from None
    return Result("torch.export, AOTInductor", {"torch": torch.__version__})
