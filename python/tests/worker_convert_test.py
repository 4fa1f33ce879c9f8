# SPDX-License-Identifier: Apache-2.0
"""What the worker makes of a conversion, without the packages that export: tests/e2e and
tests/torch_engines convert models."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from worker_client import DATA, WORKER, Parent, WorkerError, arrays_of, tensors_of


@pytest.fixture(scope="module")
def worker():
    """Its modules, as the engine starts them: without the package around."""
    spec = importlib.util.spec_from_file_location(
        "worker_alone", WORKER / "__init__.py", submodule_search_locations=[str(WORKER)]
    )
    sys.modules.setdefault("worker_alone", importlib.util.module_from_spec(spec))
    return lambda name: importlib.import_module(f"worker_alone.{name}")


@pytest.fixture
def refused(worker):
    """The words of what a function raises, which is of the class `error`."""

    def refused(function, *arguments, error="InvalidArgumentError"):
        with pytest.raises(worker("errors").TypedError) as raised:
            function(*arguments)
        assert raised.value.error == error
        return str(raised.value)

    return refused


@pytest.fixture
def request_of(worker):
    def request_of(**members):
        body = {"source": "/m.onnx", "target": "/out/m.xml", "format": "openvino", **members}
        return worker("convert.request").read_request(body, None, lambda *told: None)

    return request_of


def specs_of(worker, text):
    return worker("model").parse_specs("inputs", text)


def test_a_request_says_what_is_wrong_with_it(refused, request_of):
    def refusal(error="InvalidArgumentError", **members):
        return refused(lambda: request_of(**members), error=error)

    assert "there are onnx, torchscript" in refusal(format="coreml")
    assert "absolute" in refusal(source="m.onnx", error="ProtocolError")
    assert "opset 17: only ONNX models have one" in refusal(opset=17)
    assert "expected sizes as 1-32" in refusal(dynamic={"N": [4, 4]})
    assert "expected sizes as 1-32" in refusal(dynamic={"N": [0, 4]})
    assert "no two bounds" in refusal(dynamic={"N": [1]}, error="ProtocolError")
    assert "no option 'colour'" in refusal(
        options={"colour": "red"}, error="UnsupportedOperationError"
    )


def test_a_missing_package_says_what_installs_it(worker, refused, request_of, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    check = worker("convert.request").check_target
    words = refused(check, request_of(), "onnx", error="EngineNotInstalledError")
    assert words.endswith(f"{sys.executable} -m pip install openvino")


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("onnx", "torchscript", "an ONNX model, which can be converted to openvino, and not to"),
        ("torchscript", "openvino", "onnx, pt2, executorch, and not to openvino; for openvino,"),
        ("pytorch", "openvino", "for openvino, convert to onnx first"),
    ],
)
def test_what_cannot_become_that_says_what_it_can(worker, refused, request_of, kind, target, words):
    check = worker("convert.request").check_target
    assert words in refused(
        check, request_of(format=target), kind, error="UnsupportedOperationError"
    )


def test_samples_differ_in_every_dynamic_size(worker, request_of):
    request = request_of(dynamic={"N": [1, 32], "S": [2, None]})
    samples = worker("convert.samples")
    inputs = samples.inputs_of(specs_of(worker, "ids:int64[N,S], mask[N,S], x[3]"), request)
    first, second = samples.make(inputs, request)
    assert [each.shape for each in first] == [(2, 3), (2, 3), (3,)]
    assert [each.shape for each in second] == [(4, 6), (4, 6), (3,)]
    assert {each.dtype for each in first} == {1, 7}
    assert not np.array_equal(first[2].data, second[2].data)
    again, _ = samples.make(inputs, request)
    np.testing.assert_array_equal(first[1].data, again[1].data)


@pytest.mark.parametrize(
    ("least", "most"), [(1, None), (1, 2), (2, 3), (7, 8), (32, 512), (1, 32), (100, None)]
)
def test_sizes_are_two_within_their_bounds(worker, least, most):
    for number in range(4):
        sizes = worker("convert.samples").Dimension("N", least, most).sizes(number)
        assert len(set(sizes)) == 2
        assert all(least <= each <= (most or each) for each in sizes)


def test_given_inputs_are_run_whole_and_in_part(worker, request_of):
    request = request_of(dynamic={"N": [2, 8]})
    x = worker("tensors").Tensor.from_numpy(np.arange(10, dtype=np.float32).reshape(5, 2))
    request.given["x"] = x
    samples = worker("convert.samples")
    inputs = samples.inputs_of(specs_of(worker, "x[N,2]"), request)
    whole, part = samples.make(inputs, request)
    np.testing.assert_array_equal(whole[0].data, x.data)
    np.testing.assert_array_equal(part[0].data, x.data[:3])
    request = request_of()
    request.given["x"] = x
    [only] = samples.make(samples.inputs_of(specs_of(worker, "x"), request), request)
    np.testing.assert_array_equal(only[0].data, x.data)


@pytest.mark.parametrize(
    ("specs", "given", "words"),
    [
        ("x[N,2]", (3, 2), None),
        ("x", None, "input 'x': its shape is not known"),
        ("x[M,2]", None, "dynamic 'N': no input has a dimension of that name; there are M"),
        ("x[N,2]", (9, 2), "dimension 'N' is 9, and not of 2-8"),
        ("x[N,2]", (3, 4), "expected float32[N,2], got float32[3,4]"),
        ("x[N,N]", (3, 4), "dimension 'N' is 3 and 4"),
        ("x:int64[N,2]", (3, 2), "expected int64[N,2], got float32[3,2]"),
        ("x[N,2], y[N]", (3, 2), "expected inputs x, y; got x"),
    ],
)
def test_inputs_that_do_not_fit_are_named(worker, refused, request_of, specs, given, words):
    request = request_of(dynamic={"N": [2, 8]})
    if given is not None:
        array = np.zeros(given, np.float32)
        request.given["x"] = worker("tensors").Tensor.from_numpy(array)
    samples = worker("convert.samples")

    def make():
        samples.make(samples.inputs_of(specs_of(worker, specs), request), request)

    if words is None:
        make()  # these fit
    else:
        assert words in refused(make)


def test_executorch_needs_bounds(worker, refused, request_of):
    request = request_of(format="executorch", dynamic={"N": [1, 8]})
    inputs_of = worker("convert.samples").inputs_of
    assert len(inputs_of(specs_of(worker, "x[N]"), request)) == 1
    words = refused(inputs_of, specs_of(worker, "x[N], y[M]"), request)
    assert "dynamic 'M'" in words and "give bounds, as M=1-32" in words


@pytest.mark.parametrize(
    ("specs", "words"),
    [
        ("x:string[N]", "string is not taken by exporters"),
        ("x:bfloat16[N]", "no random bfloat16 is made; give inputs"),
    ],
)
def test_types_that_cannot_be_made_are_named(worker, refused, request_of, specs, words):
    samples, request = worker("convert.samples"), request_of()

    def make():
        samples.make(samples.inputs_of(specs_of(worker, specs), request), request)

    assert words in refused(make, error="UnsupportedOperationError")


def test_notes_follow_the_dimensions_of_inputs(worker, request_of):
    request = request_of(dynamic={"N": [1, 32]})
    samples, tensor = worker("convert.samples"), worker("tensors").Tensor.from_numpy
    inputs = samples.inputs_of(specs_of(worker, "x[N,3]"), request)
    made = samples.make(inputs, request)
    outputs = [
        {"y": tensor(np.zeros((n, 4), np.float32)), "found": tensor(np.zeros(k, np.int64))}
        for n, k in ((2, 5), (4, 7))
    ]
    result = worker("convert.result").Result("an exporter", {"tool": "1"})
    info = worker("convert.info").of(request, result, inputs, made, outputs)
    assert info["inputs"][0] == {
        **{"name": "x", "dtype": "float32", "shape": [-1, 3]},
        **{"min": [1, 3], "max": [32, 3], "dim_names": ["N", ""]},
    }
    y, found = info["outputs"]
    assert (y["shape"], y["min"], y["max"]) == ([-1, 4], [1, 4], [32, 4])
    assert (found["shape"], found["min"], found["max"]) == ([-1], [None], [None])
    assert info["conversion"]["tools"]["tool"] == "1"


def test_notes_of_bounds_are_read_back(worker, tmp_path):
    note = {"name": "x", "shape": [-1, 3], "min": [1, 3], "max": [None, 3], "dim_names": ["N", ""]}
    (tmp_path / "m_info.json").write_text(json.dumps({"inputs": [note]}))
    [spec] = worker("notes").read_beside(tmp_path / "m.pth")["inputs"]
    assert (spec.min_shape, spec.max_shape, spec.dim_names) == ([1, 3], [None, 3], ["N", ""])


def test_a_failure_names_the_operator_and_the_line(worker):
    explain = worker("convert.failure").explain

    def users_code():
        raise RuntimeError("no kernel")

    try:
        try:
            users_code()
        except RuntimeError as inner:
            raise ValueError("Exporting the operator 'aten::fft' failed") from inner
    except ValueError as error:
        told = explain(error, "the conversion of m to onnx")
    assert told.error == "UnsupportedOperationError"
    assert str(told).startswith(
        "the conversion of m to onnx failed: RuntimeError: no kernel; operator aten::fft; at "
    )
    assert f"{__file__}:" in str(told)


def test_the_reply_has_what_the_source_gave(tmp_path):
    pytest.importorskip("openvino", reason="openvino is not installed")
    x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(2, 16)
    tensors, payload = tensors_of({"x": x})
    body = {"source": str(DATA / "mlp.onnx"), "target": str(tmp_path / "m.xml"), **tensors}
    with Parent() as parent:
        reply = parent.ask("convert", {**body, "format": "openvino"}, payload)
        assert [each["phase"] for each in parent.progress] == ["load", "run the source", "export"]
        with pytest.raises(WorkerError, match="expected inputs x; got z"):
            tensors["tensors"][0]["name"] = "z"
            parent.ask("convert", {**body, **tensors, "format": "openvino"}, payload)
        assert parent.ask("health").body == {"state": "empty"}
    assert reply.body["files"] == [str(tmp_path / "m.bin"), str(tmp_path / "m.xml")]
    arrays = arrays_of(reply)
    np.testing.assert_array_equal(arrays["0 input x"], x)
    assert reply.body["samples"][0] == {"inputs": ["x"], "outputs": ["y"]}
    assert arrays["0 output y"].shape[0] == 2 and arrays["1 output y"].shape[0] == 1


@pytest.mark.parametrize("has_file", [False, True])
def test_a_worker_that_leaves_removes_what_it_began_and_nothing_else(tmp_path, has_file):
    program = """
import sys, types
from pathlib import Path
from xpuruntime.worker import leaving
channel = types.SimpleNamespace(abandon=lambda: None)
folder = Path(sys.argv[1])
with leaving.unfinished(folder):
    (folder / "half").touch()
    leaving.leave_nothing(channel, 7)
"""
    folder = tmp_path / "work"
    folder.mkdir()
    if has_file:
        (folder / "of_somebody").touch()
    done = subprocess.run([sys.executable, "-c", program, folder], check=False)
    assert done.returncode == 7
    left = {each.name for each in tmp_path.rglob("*")}
    assert left == ({"work", "of_somebody", "half"} if has_file else set())
