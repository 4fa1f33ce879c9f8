# SPDX-License-Identifier: Apache-2.0
"""KernelPolicy: which kernel computes an operator."""

import numpy as np
import pytest
from support import DATA, STATUS

import xpuruntime as xrt

DIGITS = DATA / "digits.onnx"


def test_keeps_merges_and_writes_choices():
    policy = xrt.KernelPolicy({"MatMul": "naive"})
    assert policy.set("MatMul", "eigen").set("Conv", "naive") is policy
    assert (policy.get("MatMul"), policy.get("Gemm")) == ("eigen", None)
    assert policy.merge(xrt.KernelPolicy({"Conv": "eigen", "Gemm": "naive"})) is policy
    assert policy.kernels == {"Conv": "eigen", "Gemm": "naive", "MatMul": "eigen"}
    assert xrt.KernelPolicy.from_json(policy.to_json()) == policy
    assert policy != xrt.KernelPolicy()
    assert repr(xrt.KernelPolicy({"a": "b"})) == 'xpuruntime.KernelPolicy({"a":"b"})'


def test_wrong_policies_are_refused():
    for wrong in ["MatMul", "[]", '{"MatMul": 1}', '{"MatMul": "a", "MatMul": "b"}', '{"": "a"}']:
        with pytest.raises(xrt.InvalidArgumentError, match="kernel policy: expected"):
            xrt.KernelPolicy.from_json(wrong)
    with pytest.raises(xrt.InvalidArgumentError, match="an operator and a kernel"):
        xrt.KernelPolicy().set("MatMul", "")
    with pytest.raises(TypeError):
        xrt.KernelPolicy({"MatMul": 1})
    with pytest.raises(TypeError):
        xrt.InferenceSession(DIGITS, engine="reference", kernel_policy="MatMul")


@pytest.mark.parametrize("form", [dict, xrt.KernelPolicy])
def test_a_session_runs_by_the_kernels_asked_for(form: type):
    images = np.random.default_rng(1).random((3, 1, 8, 8), np.float32)
    naive = xrt.InferenceSession(DIGITS, engine="reference")
    eigen = xrt.InferenceSession(
        DIGITS, engine="reference", kernel_policy=form({"Gemm": "eigen", "Conv": "eigen"})
    )
    assert naive.report().placement == {"reference": 10}
    assert eigen.report().placement == {"reference": 6, "reference/eigen": 4}
    np.testing.assert_allclose(eigen.run([images])[0], naive.run([images])[0], rtol=1e-6)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(xrt.UnsupportedOperationError, match="it has: Conv, Gemm, MatMul"):
        xrt.InferenceSession(DIGITS, engine="reference", kernel_policy={"Relu": "eigen"})
    with pytest.raises(xrt.UnsupportedOperationError, match="it has: eigen, naive"):
        xrt.InferenceSession(DIGITS, engine="reference", kernel_policy={"Conv": "winograd"})


@pytest.mark.skipif(not STATUS["onnxrt"].available, reason="onnxruntime is not installed")
def test_an_engine_without_kernels_to_choose_refuses_a_policy():
    with pytest.raises(xrt.UnsupportedOperationError, match="onnxrt has no kernels to choose from"):
        xrt.InferenceSession(DIGITS, engine="onnxrt", kernel_policy={"MatMul": "eigen"})
