# SPDX-License-Identifier: Apache-2.0
import json
import time
from pathlib import Path

import numpy as np
import pytest
from support import DATA, FAKE_ENGINE, fake_session

import xpuruntime as xrt

PROGRAM = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"
X = np.ones((1, 2), np.float32)


def outcome_of(
    folder: Path | None, program: str = PROGRAM, isolation: str = "none"
) -> xrt.CacheReport:
    with fake_session(program, cache_dir=folder, isolation=isolation) as session:
        np.testing.assert_array_equal(session.run([X])[0], 2 * X)
        return session.report().cache


def test_the_second_session_comes_from_the_cache(tmp_path: Path):
    first = outcome_of(tmp_path)
    second = outcome_of(tmp_path)
    assert first.outcome == xrt.CacheOutcome.STORED
    assert second.outcome == xrt.CacheOutcome.HIT
    assert Path(first.entry) == Path(second.entry)
    assert Path(second.entry).parent == tmp_path


def test_a_session_in_a_worker_tells_of_the_cache_of_that(tmp_path: Path):
    first = outcome_of(tmp_path, isolation="process")
    second = outcome_of(tmp_path, isolation="process")
    here = outcome_of(tmp_path)
    outcomes = [each.outcome for each in (first, second, here)]
    assert outcomes == [xrt.CacheOutcome.STORED, xrt.CacheOutcome.HIT, xrt.CacheOutcome.HIT]
    assert first.entry == second.entry == here.entry
    entry = Path(first.entry)
    entry.write_bytes(entry.read_bytes()[:40])
    rebuilt = outcome_of(tmp_path, isolation="process")
    assert rebuilt.outcome == xrt.CacheOutcome.REBUILT
    assert "cut off or damaged" in rebuilt.reason
    off = outcome_of(None, isolation="process")
    assert (off.outcome, off.entry, off.reason) == (xrt.CacheOutcome.OFF, "", "")


def test_none_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XPURT_CACHE_DIR", str(tmp_path))
    assert outcome_of(None).outcome == xrt.CacheOutcome.OFF
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_entry_is_built_again(tmp_path: Path):
    entry = Path(outcome_of(tmp_path).entry)
    damaged = bytearray(entry.read_bytes())
    damaged[-1] ^= 1
    entry.write_bytes(damaged)
    (found,) = xrt.ModelCache(tmp_path).verify()
    assert found.problem
    rebuilt = outcome_of(tmp_path)
    assert rebuilt.outcome == xrt.CacheOutcome.REBUILT
    assert rebuilt.reason
    assert outcome_of(tmp_path).outcome == xrt.CacheOutcome.HIT


def test_what_was_built_again_is_counted(tmp_path: Path):
    entry = Path(outcome_of(tmp_path).entry)
    entry.write_bytes(entry.read_bytes()[:40])
    assert xrt.ModelCache(tmp_path).rebuilds() == []
    assert outcome_of(tmp_path).outcome == xrt.CacheOutcome.REBUILT
    [line] = xrt.ModelCache(tmp_path).rebuilds()
    assert entry.name in line and "cut off or damaged" in line


needs_openvino = pytest.mark.skipif(
    "openvino" not in xrt.available_engines(), reason="OpenVINO is not installed"
)


def run_openvino(model: Path | bytes, folder: Path, x: np.ndarray, **config: object):
    """The output for one input, and what became of the cache."""
    with xrt.InferenceSession(model, engine="openvino", cache_dir=folder, **config) as session:
        return session.run([x])[0], session.report().cache.outcome


@needs_openvino
@pytest.mark.parametrize(("model", "shape"), [("digits", (1, 1, 8, 8)), ("mlp", (3, 16))])
def test_openvino_computes_the_same_from_the_cache(tmp_path: Path, model: str, shape: tuple):
    x = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    first, stored = run_openvino(DATA / f"{model}.onnx", tmp_path, x)
    second, hit = run_openvino(DATA / f"{model}.onnx", tmp_path, x)
    assert (stored, hit) == (xrt.CacheOutcome.STORED, xrt.CacheOutcome.HIT)
    np.testing.assert_array_equal(second, first)


@needs_openvino
def test_a_session_outlives_its_entry(tmp_path: Path):
    x = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 1, 8, 8)
    expected, _ = run_openvino(DATA / "digits.onnx", tmp_path, x)
    with xrt.InferenceSession(
        DATA / "digits.onnx", engine="openvino", cache_dir=tmp_path
    ) as session:
        assert session.report().cache.outcome == xrt.CacheOutcome.HIT
        xrt.ModelCache(tmp_path).prune(0)
        np.testing.assert_array_equal(session.run([x])[0], expected)


def scaling(factor: float, *, external: Path | None = None):
    """y = factor x; the factors lie in the file `external` where it is given."""
    onnx = pytest.importorskip("onnx")
    weights = np.full(64, factor, np.float32)
    tensor = onnx.numpy_helper.from_array(weights, "w")
    if external is not None:
        external.write_bytes(weights.tobytes())
        onnx.external_data_helper.set_external_data(tensor, location=external.name)
        tensor.ClearField("raw_data")
    float32 = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Mul", ["x", "w"], ["y"])],
        "scaling",
        [onnx.helper.make_tensor_value_info("x", float32, [64])],
        [onnx.helper.make_tensor_value_info("y", float32, [64])],
        [tensor],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)


@needs_openvino
@pytest.mark.parametrize("as_bytes", [False, True])
def test_models_that_differ_in_external_data_alone_share_nothing(tmp_path: Path, as_bytes: bool):
    x = np.ones(64, np.float32)
    model = tmp_path / "m.onnx"
    for factor in (2, 3):
        content = scaling(factor, external=tmp_path / "w.bin").SerializeToString()
        model.write_bytes(content)
        given = {"model": content, "base_folder": str(tmp_path)} if as_bytes else {"model": model}
        y, outcome = run_openvino(folder=tmp_path / "cache", x=x, **given)
        assert outcome == xrt.CacheOutcome.STORED
        np.testing.assert_array_equal(y, factor * x)


@needs_openvino
def test_openvino_models_that_differ_in_weights_alone_share_nothing(tmp_path: Path):
    openvino = pytest.importorskip("openvino")
    x = np.ones(64, np.float32)
    cache = tmp_path / "cache"
    files = {}
    for factor in (2, 3):
        source = tmp_path / f"{factor}.onnx"
        source.write_bytes(scaling(factor).SerializeToString())
        openvino.save_model(openvino.convert_model(source), tmp_path / f"{factor}.xml")
        files[factor] = (tmp_path / f"{factor}.bin").read_bytes()
    assert files[2] != files[3]
    for factor, expected in ((2, "STORED"), (2, "HIT"), (3, "STORED"), (3, "HIT"), (2, "HIT")):
        (tmp_path / "2.bin").write_bytes(files[factor])
        y, outcome = run_openvino(tmp_path / "2.xml", cache, x)
        np.testing.assert_array_equal(y, factor * x)
        assert outcome.name == expected


def test_an_entry_tells_what_it_is(tmp_path: Path):
    before = time.time() - 1
    outcome_of(tmp_path)
    (entry,) = xrt.ModelCache(tmp_path).entries()
    assert (entry.engine, entry.device, entry.problem) == ("fake 1.0", "cpu", "")
    assert entry.path.stem == entry.key
    assert entry.bytes == entry.path.stat().st_size
    assert before <= entry.last_used <= time.time() + 1
    assert json.loads(entry.parts)["engine"] == "fake"
    assert "fake 1.0 on cpu" in repr(entry)


def test_prune_leaves_what_fits(tmp_path: Path):
    outcome_of(tmp_path)
    outcome_of(tmp_path, PROGRAM + "\nz = scale x 3")
    cache = xrt.ModelCache(str(tmp_path))
    latest, oldest = cache.entries()
    removed = cache.prune(max_bytes=latest.bytes)
    assert [each.path for each in removed] == [oldest.path]
    assert [each.path for each in cache.entries()] == [latest.path]


def test_the_default_folder_is_the_one_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XPURT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XPURT_CACHE_BYTES", "12345")
    assert xrt.ModelCache().folder == tmp_path
    assert xrt.default_cache_bytes() == 12345


@pytest.mark.parametrize(
    "asked", [{"precision": "fp16"}, {"fp16": True}, {"int8": True, "precision": "int8"}]
)
def test_a_precision_that_an_engine_does_not_have_is_refused(asked: dict[str, object]):
    with pytest.raises(xrt.UnsupportedOperationError, match="precision"):
        fake_session(PROGRAM, **asked)


def test_precisions_that_contradict_one_another_are_refused():
    with pytest.raises(ValueError, match="fp16 and int8 contradict"):
        xrt.InferenceSession(b"fake\n", engine=FAKE_ENGINE, fp16=True, int8=True)
