# SPDX-License-Identifier: Apache-2.0
"""Models of PyTorch in the worker. One goes through a process; the others through its modules here,
since importing PyTorch takes seconds."""

import importlib.util
import json
import sys
import warnings

import numpy as np
import pytest
from worker_client import MODELS, WORKER, Parent, WorkerError, arrays_of, tensors_of

torch = pytest.importorskip("torch", reason="torch is not installed (make setup-torch)")

sys.path.insert(0, str(MODELS))
import torch_models  # noqa: E402


@pytest.fixture(scope="module")
def worker():
    """Its modules, as the engine starts them: without the package around."""
    spec = importlib.util.spec_from_file_location(
        "worker_alone", WORKER / "__init__.py", submodule_search_locations=[str(WORKER)]
    )
    sys.modules["worker_alone"] = importlib.util.module_from_spec(spec)
    return lambda name: importlib.import_module(f"worker_alone.{name}")


X = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def load(worker):
    def load(path, device="cpu", shapes=None, **options):
        request = worker("model").LoadRequest(
            device, 1, worker("options").read(options), path=path, shapes=shapes or {}
        )
        return worker("loading").load(request)

    return load


@pytest.fixture
def run(worker):
    def run(model, *arrays, is_private=True):
        tensors = [worker("tensors").Tensor.from_numpy(each) for each in arrays]
        for each in tensors:
            each.is_private = is_private
        copies = []
        outputs = model.run(tensors, copies)
        run.copies = copies
        return {name: each.data for name, each in outputs.items()}

    return run


@pytest.fixture
def small():
    torch.manual_seed(0)
    return torch_models.small()


def expected(module, *arrays):
    with torch.no_grad():
        return module(*(torch.from_numpy(each) for each in arrays)).numpy()


@pytest.fixture
def refused(load, worker):
    def refused(*args, **kwargs):
        with pytest.raises(worker("errors").TypedError) as error:
            load(*args, **kwargs)
        assert error.value.error == "InvalidArgumentError"
        return str(error.value)

    return refused


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": {f"module.{key}": value for key, value in state.items()}},
        lambda state: {f"_orig_mod.module.{key}": value for key, value in state.items()},
    ],
    ids=["state dict", "checkpoint", "data-parallel", "compiled"],
)
def test_state_dicts_and_checkpoints_fill_the_factorys_model(tmp_path, load, run, small, wrap):
    torch.save(wrap(small.state_dict()), tmp_path / "m.pth")
    model = load(tmp_path / "m.pth", model_factory="torch_models:small")
    assert [each.name for each in model.inputs] == ["x"]
    assert model.version == f"torch {torch.__version__}"
    np.testing.assert_array_equal(run(model, X)["output"], expected(small, X))


def test_one_model_goes_through_a_process(tmp_path, small):
    torch.save({"weights of mine": small.state_dict()}, tmp_path / "m.pt")
    with Parent() as parent:
        with pytest.raises(WorkerError, match="found a dict with weights of mine") as error:
            parent.load(tmp_path / "m.pt", model_factory="torch_models:small")
        assert error.value.error == "InvalidArgumentError"
        parent.load(
            tmp_path / "m.pt",
            model_factory="torch_models:small",
            checkpoint_key="weights of mine",
            inputs="x:float32[N,3]",
        )
        assert {each["phase"] for each in parent.progress} >= {"import", "read", "load"}
        np.testing.assert_array_equal(parent.run(X)["output"], expected(small, X))
        assert [each["what"] for each in parent.report["copies"]] == ["x"]
        body, payload = tensors_of({"x": X})
        wrong = {**body["tensors"][0], "shape": [3, 2]}
        with pytest.raises(WorkerError, match=r"RuntimeError: .*mat1 and mat2") as error:
            parent.ask("run", {"tensors": [wrong]}, payload)
        assert error.value.error == "EngineError"
        again = arrays_of(parent.ask("run", body, payload))
        np.testing.assert_array_equal(again["output"], expected(small, X))


def test_weights_of_numpy_fill_a_module(tmp_path, load, run, small):
    state = {key: value.numpy() for key, value in small.state_dict().items()}
    np.savez(tmp_path / "m.npz", **state)
    model = load(tmp_path / "m.npz", model_factory="torch_models:small")
    np.testing.assert_array_equal(run(model, X)["output"], expected(small, X))


def test_torchscript_needs_no_factory(tmp_path, load, run, small):
    with warnings.catch_warnings(action="ignore"):
        torch.jit.script(small).save(str(tmp_path / "m.bin"))
    model = load(tmp_path / "m.bin")
    assert [each.name for each in model.inputs] == ["x"]
    np.testing.assert_array_equal(run(model, X)["output"], expected(small, X))


def test_whole_modules_are_loaded_only_when_trusted(tmp_path, load, refused, run, small):
    torch.save(small, tmp_path / "m.pt")
    told = refused(tmp_path / "m.pt")
    assert "more than weights" in told and "weights_only=false" in told
    model = load(tmp_path / "m.pt", weights_only="false")
    np.testing.assert_array_equal(run(model, X)["output"], expected(small, X))


def test_a_wrong_factory_is_told_with_what_does_not_fit(tmp_path, refused, small):
    torch.save(small.state_dict(), tmp_path / "m.pth")
    assert "name what makes the model by model_factory" in refused(tmp_path / "m.pth")
    told = refused(tmp_path / "m.pth", model_factory="torch_models:wide")
    assert "weight (expected [5, 3], got [4, 3])" in told
    told = refused(tmp_path / "m.pth", model_factory="torch_models:several")
    assert "not in the file: inner.weight, inner.bias" in told
    assert "only in the file: weight, bias" in told
    told = refused(tmp_path / "m.pth", model_factory="worker_models:double_maker")
    assert "expected a torch.nn.Module, got a function" in told
    (tmp_path / "cut.pth").write_bytes((tmp_path / "m.pth").read_bytes()[:200])
    assert "damaged" in refused(tmp_path / "cut.pth", model_factory="torch_models:small")


def several(tmp_path):
    torch.save(torch_models.several().state_dict(), tmp_path / "m.pth")
    return tmp_path / "m.pth"


def test_outputs_are_named_by_a_trial_where_types_and_shapes_are_known(tmp_path, load, run):
    path = several(tmp_path)
    inputs = "ids:int64[N,3], scale:float32[]"
    model = load(path, model_factory="torch_models:several", inputs=inputs, shapes={"ids": [2, 3]})
    assert [each.name for each in model.outputs] == ["logits", "states_0", "states_1"]
    assert [each.dtype for each in model.outputs] == [1, 1, 7]
    got = run(model, np.ones((2, 3), np.int64), np.array(2, np.float32))
    assert [each.shape for each in got.values()] == [(2, 4), (2, 3), (2, 3)]


def test_inputs_and_outputs_are_named_by_notes(tmp_path, load):
    path = several(tmp_path)
    notes = {
        "inputs": [{"name": "ids", "dtype": "int64", "shape": [None, 3]}, {"name": "scale"}],
        "outputs": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    }
    (tmp_path / "m_info.json").write_text(json.dumps(notes))
    model = load(path, model_factory="torch_models:several")
    assert [(each.name, each.dtype, each.shape) for each in model.inputs] == [
        ("ids", 7, [-1, 3]),
        ("scale", 0, None),
    ]
    assert [each.name for each in model.outputs] == ["a", "b", "c"]


def test_a_model_may_write_its_inputs_and_the_parents_stay_as_they_are(tmp_path, load, run, small):
    torch.save(small.state_dict(), tmp_path / "m.pth")
    model = load(tmp_path / "m.pth", model_factory="torch_models:writing")
    given = X.copy()
    given.flags.writeable = False
    got = run(model, given, is_private=False)
    np.testing.assert_array_equal(got["output"], X + 1)
    np.testing.assert_array_equal(given, X)
    assert [(each.what, each.bytes) for each in run.copies] == [("x", X.nbytes)]


def test_half_precision_computes_in_it_and_gives_floats_back(tmp_path, load, run, small):
    torch.save(small.state_dict(), tmp_path / "m.pth")
    for precision in ("fp16", "bf16"):
        model = load(tmp_path / "m.pth", model_factory="torch_models:small", precision=precision)
        got = run(model, X)["output"]
        assert got.dtype == np.float32
        difference = np.abs(got - expected(small, X)).max()
        assert 0 < difference < 0.1


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6, 7, 9, 10, 11, 14, 16, 17, 19])
def test_types_go_there_and_back_bit_by_bit(worker, number):
    dtypes, tensors, bridge = worker("dtypes"), worker("tensors"), worker("torch_tensors")
    storage = dtypes.storage_of(number)
    data = np.random.default_rng(number).integers(0, 2, (2, 3 * storage.itemsize), np.uint8)
    data = data.view(storage)
    sent = tensors.Tensor(number, data.shape, data)
    made = bridge.to_torch("x", sent, torch.device("cpu"), None, [])
    got = bridge.from_torch("x", made, None)
    assert (got.dtype, got.shape) == (number, data.shape)
    assert np.ascontiguousarray(got.data).tobytes() == data.tobytes()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused(tmp_path, load, worker, small):
    torch.save(small.state_dict(), tmp_path / "m.pth")
    with pytest.raises(worker("errors").TypedError, match="finds no GPU") as error:
        load(tmp_path / "m.pth", "cuda:0", model_factory="torch_models:small")
    assert error.value.error == "UnavailableError"
    facts = worker("devices").check("cuda:0")
    assert not facts["available"] and "finds no GPU" in facts["reason"]


def test_options_of_a_gpu_mean_nothing_on_cpu(tmp_path, refused, small):
    torch.save(small.state_dict(), tmp_path / "m.pth")
    told = refused(tmp_path / "m.pth", model_factory="torch_models:small", cudnn_benchmark="true")
    assert "cuda:n alone" in told
