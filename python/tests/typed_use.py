# SPDX-License-Identifier: Apache-2.0
"""Uses the package as users do; checked by mypy, not run."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import xpuruntime as xrt
from xpuruntime.typing import TensorLike


def classify(model: Path, image: NDArray[np.float32]) -> int:
    with xrt.InferenceSession(model, device="cpu", engine_options={"a": 1, "b": True}) as session:
        report = xrt.RunReport()
        outputs = session.run({"image": image}, report=report)
        rows: list[NDArray[Any]] = session.run([image, xrt.Tensor.from_numpy(image)])
        given: dict[str, NDArray[np.float32]] = {"logits": image}
        session.run({"image": image}, given)
        binding = session.create_io_binding()
        binding.bind_input("image", image)
        binding.bind_output("logits")
        session.run(binding)
        copied: int = report.bytes_copied
        return int(outputs["logits"].argmax()) + len(rows) + copied + len(binding.outputs)


def shape_of(value: TensorLike) -> tuple[int, ...]:
    return xrt.Tensor.from_dlpack(value).shape


def report_failure(error: xrt.XpuRuntimeError) -> tuple[int, str]:
    return error.http_status, error.grpc_status
