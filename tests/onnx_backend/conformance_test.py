# SPDX-License-Identifier: Apache-2.0
"""Every case of the onnx package's backend tests ends no worse than docs/conformance.md says."""

import pytest
import report
import suite

import xpuruntime as xrt


@pytest.mark.parametrize("engine", report.ENGINES)
def test_no_case_ends_worse(engine: str):
    status = next(each for each in xrt.engine_status() if each.name == engine)
    if not status.available:
        pytest.skip(status.reason)
    known = report.expected(engine)
    ended = suite.run(engine)
    assert len(ended) > 2000
    worse = [
        f"{each.name} {each.outcome}: {each.reason}"
        for each in ended
        if each.outcome != "passed" and known.get(each.name) not in (each.outcome, "failed")
    ]
    assert not worse, "\n".join(worse)
    better = [each.name for each in ended if each.outcome == "passed" and each.name in known]
    if better:
        print(f"{len(better)} cases more pass: run `make conformance`")


def test_every_kernel_passes_what_the_naive_one_does():
    kernels = ["Conv", "Gemm", "MatMul"]
    pattern = (
        "(?i)_conv_|_conv\\d|gemm|linear|matmul|einsum|attention|vgg|resnet|squeezenet|densenet"
    )
    by_name = {each.name: each for each in suite.run("reference", pattern)}
    ended = suite.run("reference", pattern, kernel_policy=dict.fromkeys(kernels, "eigen"))
    assert sum(each.outcome == "passed" for each in ended) > 100
    worse = [
        f"{each.name} {each.outcome}: {each.reason}"
        for each in ended
        if each.outcome != by_name[each.name].outcome
    ]
    assert not worse, "\n".join(worse)
