# SPDX-License-Identifier: Apache-2.0
"""Uses the package as users do; checked by mypy, not run."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import xpuruntime as xrt
from xpuruntime.toolkit import Tolerance
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


def by_other_kernels(model: Path) -> xrt.InferenceSession:
    policy: xrt.KernelPolicy = xrt.KernelPolicy({"Conv": "naive"}).set("MatMul", "eigen")
    kernel: str | None = policy.merge(xrt.KernelPolicy.from_json("{}")).get("MatMul")
    print(kernel, policy.kernels["Conv"])
    xrt.InferenceSession(model, kernel_policy={"MatMul": "eigen"})
    return xrt.InferenceSession(model, kernel_policy=policy)


async def classify_later(session: xrt.InferenceSession, image: NDArray[np.float32]) -> int:
    def tell(job: xrt.Job[list[NDArray[Any]]], user_data: int) -> None:
        print(user_data, job.outputs()[0])

    job: xrt.Job[dict[str, NDArray[Any]]] = session.run_async({"image": image}, timeout=1.0)
    by_name: dict[str, NDArray[Any]] = await job
    in_order: list[NDArray[Any]] = session.run_async([image], tell, 3, priority=1).wait(10)
    again: NDArray[Any] = session.wait(job)["logits"]
    for outputs in session.stream([{"image": image}], progress=True):
        again = outputs["logits"]
    for result in session.run_batch([[image], {"image": image}], return_exceptions=True):
        print(result)
    session.close("cancel", timeout=1)
    return len(by_name) + len(in_order) + int(again.argmax()) + session.statistics().count


def shape_of(value: TensorLike) -> tuple[int, ...]:
    return xrt.Tensor.from_dlpack(value).shape


def report_failure(error: xrt.XpuRuntimeError) -> tuple[int, str]:
    return error.http_status, error.grpc_status


def fastest(model: str) -> str:
    report = xrt.compare(model, engines=["reference"], tolerance=Tolerance(relative=0.1))
    report.write_html(f"{model}.html")
    errors = [
        output.agreement.max_absolute_error
        for candidate in report.candidates
        for output in candidate.outputs
        if output.agreement is not None
    ]
    return report.winner if report.agrees and max(errors) < 1 else ""
