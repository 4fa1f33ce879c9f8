# SPDX-License-Identifier: Apache-2.0
"""Models that need no PyTorch: callables, weights of NumPy, ONNX; and what is wrong with others."""

import importlib.util
import io
import pickle
import zipfile

import numpy as np
import pytest
from worker_client import DATA, Parent, WorkerError, arrays_of, tensors_of

X = np.arange(6, dtype=np.float32).reshape(2, 3)

needs_onnxruntime = pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None, reason="onnxruntime is not installed"
)
needs_ml_dtypes = pytest.mark.skipif(
    importlib.util.find_spec("ml_dtypes") is None, reason="ml_dtypes is not installed"
)


@pytest.fixture
def parent():
    with Parent() as parent:
        yield parent


@pytest.fixture(scope="module")
def refusing():
    """A worker whose loads fail, so that one does for many."""
    with Parent() as parent:
        yield parent


def refusal(parent: Parent, *args: object, **kwargs: str) -> WorkerError:
    with pytest.raises(WorkerError) as error:
        parent.load(*args, **kwargs)
    return error.value


def test_a_callable_is_named_by_the_path(parent, tmp_path):
    parent.load(tmp_path / "worker_models:double")
    np.testing.assert_array_equal(parent.run(X)["output"], X * 2)


def test_a_callable_is_named_in_a_file_and_found_by_python_path(parent, tmp_path):
    (tmp_path / "own_models.py").write_text("def triple(x):\n    return x * 3\n")
    (tmp_path / "model.txt").write_text("own_models:triple\n")
    parent.load(tmp_path / "model.txt", python_path=str(tmp_path), format="callable")
    np.testing.assert_array_equal(parent.run(X)["output"], X * 3)


def test_nested_outputs_are_flattened_and_named_as_told(parent):
    loaded = parent.load_callable("nested", outputs="logits:float32, aux_0, aux_1_0")
    assert [each["name"] for each in loaded["model"]["outputs"]] == ["logits", "aux_0", "aux_1_0"]
    got = parent.run(X)
    assert list(got) == ["logits", "aux_0", "aux_1_0"]
    np.testing.assert_array_equal(got["aux_1_0"], X + 2)


def test_more_outputs_than_were_told_are_an_error_with_the_way_out(parent):
    parent.load_callable("pair")
    with pytest.raises(WorkerError, match="outputs='output_0,output_1'") as error:
        parent.run(X)
    assert error.value.error == "EngineError"


def test_a_callable_of_any_arrays_needs_names(parent):
    error = refusal(parent, b"worker_models:anything", format="callable")
    assert error.error == "InvalidArgumentError" and "option inputs" in str(error)
    loaded = parent.load_callable("anything", inputs="a:float32[N,3], b")
    assert loaded["model"]["inputs"][0] == {
        **{"name": "a", "kind": 1, "dtype": 1, "shape": [-1, 3], "dim_names": ["N", ""]},
    }
    np.testing.assert_array_equal(parent.run(X, X, names=("a", "b"))["output"], X)


def test_not_a_number_is_the_models_answer(parent):
    parent.load_callable("not_a_number")
    assert np.isnan(parent.run(X)["output"]).all()


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("writes", "EngineError", "read-only"),
        ("gives_object", "UnsupportedOperationError", "is a object, and no array"),
        ("hungry", "OutOfMemoryError", "asked for a lot"),
    ],
)
def test_what_a_callable_does_wrong_is_told(parent, name, error, text):
    parent.load_callable(name)
    with pytest.raises(WorkerError, match=text) as raised:
        parent.run(X)
    assert raised.value.error == error


@needs_ml_dtypes
def test_bfloat16_goes_through_a_callable_without_a_loss(parent):
    parent.load_callable("echo")
    bits = np.array([0x3F80, 0xFFC1, 0x0001], "<u2")
    body, payload = tensors_of({"x": bits}, {"x": 16})
    reply = parent.ask("run", body, payload)
    assert reply.body["tensors"][0]["dtype"] == 16
    np.testing.assert_array_equal(arrays_of(reply)["output"], bits)


def test_weights_of_numpy_go_to_a_factory_that_takes_them(parent, tmp_path):
    weights = {"w": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.ones(4, np.float32)}
    np.savez(tmp_path / "weights.npz", **weights)
    parent.load(tmp_path / "weights.npz", model_factory="worker_models:linear")
    np.testing.assert_array_equal(parent.run(X)["output"], X @ weights["w"] + weights["b"])


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for each in names:
            file.writestr(each, b"x")
    return data.getvalue()


NPZ = archive("w.npy")
WRONG = {
    "no factory for weights": (NPZ, {}, "InvalidArgumentError", "model_factory"),
    "weights that are none": (
        *(NPZ, {"model_factory": "worker_models:linear"}, "InvalidArgumentError"),
        "cannot be read",
    ),
    "a module that is not there": (
        *(b"no_such_module:f", {}, "InvalidArgumentError", "option python_path"),
    ),
    "a function that is not there": (
        *(b"worker_models:doubel", {}, "InvalidArgumentError", "did you mean 'double'"),
    ),
    "a name of no function": (
        *(b"worker_models:np", {}, "InvalidArgumentError", "expected a function, found a module"),
    ),
    "a damaged archive": (b"PK\x03\x04garbage", {}, "InvalidArgumentError", "damaged"),
    "another archive": (archive("readme"), {}, "InvalidArgumentError", "neither of PyTorch's"),
    "a package": (
        *(archive("m/archive_format"), {}, "UnsupportedOperationError", "engine torch runs it"),
    ),
    "an unknown option": (
        *(b"worker_models:echo", {"speed": "9"}, "UnsupportedOperationError", "no option 'speed'"),
    ),
    "a wrong format": (b"worker_models:echo", {"format": "x"}, "InvalidArgumentError", "onnx"),
    "a wrong bool": (b"worker_models:echo", {"strict": "yes"}, "InvalidArgumentError", "true or"),
    "a wrong fraction": (
        *(b"worker_models:echo", {"memory_fraction": "2"}, "InvalidArgumentError", "from 0"),
    ),
    "a wrong description": (
        *(b"worker_models:echo", {"inputs": "a:float32["}, "InvalidArgumentError", "form as"),
    ),
    "a wrong type": (
        *(b"worker_models:echo", {"inputs": "a:float33"}, "InvalidArgumentError", "float33"),
    ),
    "a precision": (
        *(b"worker_models:echo", {"precision": "fp16"}, "UnsupportedOperationError", "callable"),
    ),
}


@pytest.mark.parametrize(("model", "options", "error", "text"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_loaded_says_why(refusing, model, options, error, text):
    if model.startswith((b"worker_models:", b"no_such_module:")):
        options = {"format": "callable", **options}
    refused = refusal(refusing, model, **options)
    assert refused.error == error
    assert text in str(refused)


FACTORIES = {
    "gives_number": ("InvalidArgumentError", "got a int"),
    "fails": ("InvalidArgumentError", "without them"),
    "needs_package": ("EngineNotInstalledError", "-m pip install a_package_that_is_not_there"),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_a_wrong_factory_is_told_with_what_was_found(refusing, tmp_path, name):
    np.savez(tmp_path / "weights.npz", w=np.zeros(3))
    factory = "double_maker" if name == "fails" else name
    refused = refusal(refusing, tmp_path / "weights.npz", model_factory=f"worker_models:{factory}")
    assert (refused.error, FACTORIES[name][1] in str(refused)) == (FACTORIES[name][0], True)


def test_a_missing_file_and_an_empty_one_are_told(refusing, tmp_path):
    assert refusal(refusing, tmp_path / "none.onnx").error == "ModelNotFoundError"
    (tmp_path / "empty.onnx").touch()
    assert refusal(refusing, tmp_path / "empty.onnx").error == "InvalidArgumentError"


def test_pickled_objects_in_weights_of_numpy_are_never_loaded(refusing, tmp_path):
    data = io.BytesIO()
    np.lib.format.write_array(data, np.array([{}], object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "weights.npz", "w") as file:
        file.writestr("w.npy", data.getvalue())
    assert pickle.PROTO in data.getvalue()
    refused = refusal(refusing, tmp_path / "weights.npz", model_factory="worker_models:linear")
    assert refused.error == "InvalidArgumentError" and "allow_pickle=False" in str(refused)


@needs_onnxruntime
def test_an_onnx_model_runs_and_tells_its_inputs(parent):
    loaded = parent.load(DATA / "mlp.onnx")
    assert loaded["version"].startswith("onnxruntime ")
    (given,) = loaded["model"]["inputs"]
    assert given["dtype"] == 1 and len(given["shape"]) == 2
    assert parent.progress and parent.progress[0]["total"] > 0
    shape = [each if each > 0 else 2 for each in given["shape"]]
    (output,) = parent.run(np.ones(shape, np.float32), names=(given["name"],)).values()
    assert np.isfinite(output).all() and output.size > 0


@needs_onnxruntime
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "string", "bool", "int8"])
def test_onnx_passes_types_on_bit_by_bit(parent, dtype):
    loaded = parent.load((DATA / f"identity_{dtype}.onnx").read_bytes())
    name = loaded["model"]["inputs"][0]["name"]
    arrays = {
        "bfloat16": np.array([0x3F80, 0x7FC1], "<u2"),
        "string": np.array(["a", "grün"], object),
    }
    sent = arrays.get(dtype)
    if sent is None:
        sent = np.array([1, 0]).astype(dtype)
    body, payload = tensors_of({name: sent}, {name: 16} if dtype == "bfloat16" else None)
    (got,) = arrays_of(parent.ask("run", body, payload)).values()
    np.testing.assert_array_equal(got, sent)


@needs_onnxruntime
def test_no_file_chooses_what_code_runs(refusing, tmp_path):
    (tmp_path / "model.onnx").write_text("worker_models:ends\n")
    refused = refusal(refusing, tmp_path / "model.onnx")
    assert refused.error == "InvalidArgumentError" and "rotobuf" in str(refused)


@needs_onnxruntime
def test_what_onnx_runtime_refuses_has_its_class(refusing, parent):
    assert refusal(refusing, b"no model at all").error == "InvalidArgumentError"
    refused = refusal(refusing, DATA / "mlp.onnx", device="cuda:99")
    assert refused.error == "UnavailableError"
    refused = refusal(refusing, DATA / "mlp.onnx", model_factory="worker_models:linear")
    assert refused.error == "InvalidArgumentError"
    loaded = parent.load(DATA / "mlp.onnx")
    name = loaded["model"]["inputs"][0]["name"]
    with pytest.raises(WorkerError) as error:
        parent.run(np.ones((1, 1, 1, 1), np.float32), names=(name,))
    assert error.value.error == "InvalidArgumentError"


@pytest.mark.parametrize(("package", "model"), [("onnxruntime", "m.onnx"), ("torch", "m.pt")])
def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(
    parent, tmp_path, package, model
):
    missing = f"raise ModuleNotFoundError('not here', name='{package}')\n"
    (tmp_path / f"{package}.py").write_text(missing)
    (tmp_path / model).write_bytes(b"\x80\x02model" if package == "torch" else b"model")
    refused = refusal(parent, tmp_path / model, python_path=str(tmp_path))
    assert refused.error == "EngineNotInstalledError"
    assert f"-m pip install {package}" in str(refused)
