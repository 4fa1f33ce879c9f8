# SPDX-License-Identifier: Apache-2.0
"""Every case of the onnx package's backend tests ends no worse than docs/conformance.md says."""

import pytest
import report
import suite

import xpuruntime as xrt

EIGEN = dict.fromkeys(["Conv", "Gemm", "MatMul"], "eigen")
PARTS = 2  # for as many processes, of one thread each: onnx takes seconds to make its cases in each


def in_process(part: int) -> pytest.MarkDecorator:
    return pytest.mark.xdist_group(f"onnx_backend_{part}")


def check_none_ends_worse(engine: str, ended: list[suite.Ended]):
    known = report.expected(engine)
    worse = [
        f"{each.name} {each.outcome}: {each.reason}"
        for each in ended
        if each.outcome != "passed" and known.get(each.name) not in (each.outcome, "failed")
    ]
    assert not worse, "\n".join(worse)
    better = [each.name for each in ended if each.outcome == "passed" and each.name in known]
    if better:
        print(f"{len(better)} cases more pass: run `make conformance`")


@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=in_process(part)) for part in range(PARTS)]
)
@pytest.mark.parametrize("engine", [each for each in report.ENGINES if each != "reference"])
def test_no_case_ends_worse(engine: str, part: int):
    status = next(each for each in xrt.engine_status() if each.name == engine)
    if not status.available:
        pytest.skip(status.reason)
    ended = suite.run(engine, part=(part, PARTS), threads=1)
    assert len(ended) > 2000 // PARTS
    check_none_ends_worse(engine, ended)


@in_process(0)
def test_no_case_ends_worse_on_reference():
    ended = suite.run("reference", kinds=suite.KINDS - {"light"})  # whose plain loops take minutes
    assert len(ended) > 2000
    check_none_ends_worse("reference", ended)


@in_process(1)
def test_no_case_ends_worse_with_the_kernels_of_eigen():
    ended = suite.run("reference", kernel_policy=EIGEN)
    assert len(ended) > 2000
    check_none_ends_worse("reference", ended)
