# SPDX-License-Identifier: Apache-2.0
"""ONNX to OpenVINO IR."""

import openvino

from ..errors import TypedError, describe
from .request import ConvertRequest
from .result import Result


def export(request: ConvertRequest) -> Result:
    """Raises TypedError."""
    # Not by convert_model(), which reports to Intel what it is used for.
    core = openvino.Core()
    try:
        model = core.read_model(str(request.load.path))
    except RuntimeError as error:
        raise TypedError(
            "UnsupportedOperationError",
            f"OpenVINO cannot read {request.name}: {describe(error)}",
        ) from None
    openvino.save_model(model, str(request.target), compress_to_fp16=request.fp16)
    return Result("openvino.save_model", {"openvino": openvino.get_version().partition("-")[0]})
