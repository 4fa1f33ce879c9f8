# SPDX-License-Identifier: Apache-2.0
"""Conversions of models of PyTorch, by the command line and by Python."""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from torch_engines_test import BUILD, STATUS, TIMEOUT_S, XPURT

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import convert_models  # noqa: E402

torch = pytest.importorskip("torch", reason="torch is not installed (make setup-torch)")
pytestmark = [
    pytest.mark.skipif(not STATUS[name]["available"], reason=STATUS[name]["reason"] or "available")
    for name in ("torch", "executorch")
]

X = ["--input-shape", "x=N,16", "--dynamic", "N=1-32"]


def command_of(source: object, *arguments: object) -> list[str]:
    return [str(x) for x in (XPURT, "convert", source, *arguments, "--python", sys.executable)]


def environment(temporary: object) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE), "TMPDIR": str(temporary)}


def convert(folder: Path, source: object, *arguments: object) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as temporary:
        done = subprocess.run(
            command_of(source, *arguments),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env=environment(temporary),
        )
        assert not list(Path(temporary).iterdir())
    return done


def converted(folder: Path, source: object, *arguments: object) -> dict:
    done = convert(folder, source, *arguments, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    document = json.loads(done.stdout)
    assert document["agrees"] and len(document["runs"]) == 2
    assert all(Path(folder, each).is_file() for each in document["files"])
    return document


def refused(folder: Path, code: int, source: object, *arguments: object) -> str:
    before = {each.name for each in folder.iterdir()}
    done = convert(folder, source, *arguments)
    assert done.returncode == code, done.stderr + done.stdout
    assert {each.name for each in folder.iterdir()} == before
    return done.stderr + done.stdout


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "mlp.pth"
    torch.save({"state_dict": convert_models.mlp().state_dict(), "epoch": 3}, path)
    return path


FACTORY = ["--model-factory", "convert_models:mlp"]


@pytest.mark.parametrize(
    ("target", "ending", "engine"),
    [
        ("onnx", ".onnx", "onnxrt"),
        ("torchscript", ".pt", "torch"),
        ("pt2", ".pt2", "torch"),
        ("executorch", ".pte", "executorch"),
    ],
)
def test_weights_become_every_format(weights: Path, target: str, ending: str, engine: str):
    document = converted(weights.parent, weights, "--to", target, *FACTORY, *X)
    assert document["engine"].startswith(engine)
    assert document["files"] == [str(weights.with_suffix(ending))]
    assert {each["inputs"][0]["shape"][0] for each in document["runs"]} == {2, 4}
    notes = json.loads(Path(document["notes"]).read_text())
    assert notes["inputs"][0]["max"] == [32, 16]
    assert notes["outputs"][0]["shape"] == [-1, 4]


def test_notes_of_one_conversion_serve_the_next(weights: Path):
    converted(weights.parent, weights, "--to", "torchscript", *FACTORY, *X)
    document = converted(weights.parent, weights, "--to", "onnx", *FACTORY, "--opset", "11")
    assert document["opset"] == 11
    notes = json.loads(Path(document["notes"]).read_text())
    assert set(notes["conversions"]) == {"mlp.pt", "mlp.onnx"}
    Path(document["files"][0]).unlink()
    other = ["--to", "onnx", "--input-shape", "x=3,16"]
    words = refused(weights.parent, 2, weights, *other, *FACTORY)
    assert "tells of other inputs or outputs" in words


def test_torchscript_is_compared_on_its_engine_with_weights_in_python(weights: Path):
    converted(weights.parent, weights, "--to", "torchscript", *FACTORY, *X)
    command = [XPURT, "compare", weights.with_suffix(".pt"), weights, *FACTORY, "--json"]
    command += ["--engines", "torch,python", "--python", sys.executable, "--iterations", "3"]
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=environment(weights.parent),
    )
    assert done.returncode == 0, done.stderr + done.stdout
    rows = json.loads(done.stdout)["candidates"]
    assert [(x["engine"], Path(x["model"]).name) for x in rows] == [
        ("torch", "mlp.pt"),
        ("python", "mlp.pth"),
    ]


@pytest.fixture
def torchscript(tmp_path: Path) -> Path:
    """With both ways of its branch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.jit.save(torch.jit.script(convert_models.branch()), tmp_path / "branch.pt")
    return tmp_path / "branch.pt"


def test_torchscript_becomes_onnx(torchscript: Path):
    document = converted(torchscript.parent, torchscript, "--to", "onnx", *X)
    assert (document["opset"], document["precision"]) == (17, "fp32")


@pytest.mark.parametrize("target", ["pt2", "executorch"])
def test_torchscript_of_fixed_sizes_is_exported(torchscript: Path, target: str):
    fixed = ["--input-shape", "x=3,16"]
    document = converted(torchscript.parent, torchscript, "--to", target, *fixed)
    assert document["runs"][0]["inputs"][0]["shape"] == [3, 16]
    words = refused(torchscript.parent, 4, torchscript, "--to", target, *X, "--force")
    assert "for fixed sizes alone: give numbers for the dimensions N" in words


@pytest.mark.parametrize("opset", [17, 20])
def test_outputs_keep_names_that_exporters_use_themselves(tmp_path: Path, opset: int):
    shapes = ["--input-shape", "ids:int64=N", "--input-shape", "scale=3"]
    document = converted(
        tmp_path, "convert_models:named", "--to", "onnx", *shapes, "--opset", opset
    )
    assert document["opset"] == opset
    assert [each["name"] for each in document["runs"][0]["outputs"]] == ["embedding", "linear"]
    assert [each["name"] for each in document["runs"][0]["inputs"]] == ["ids", "scale"]


def test_half_precision_is_judged_by_the_relaxed_policy(tmp_path: Path):
    half = ["--to", "onnx", "--fp16", *X]
    document = converted(tmp_path, "convert_models:mlp", *half)
    assert document["tolerance"]["relative"] == 1e-2
    errors = [each["outputs"][0]["agreement"]["max_absolute_error"] for each in document["runs"]]
    assert max(errors) > 0
    words = refused(tmp_path, 1, "convert_models:overflow", *half)
    assert "does not agree with the source; no file was kept" in words


def test_a_trace_that_took_one_way_is_not_kept_and_says_where(tmp_path: Path):
    words = refused(tmp_path, 1, "convert_models:branch", "--to", "torchscript", *X)
    assert "differs" in words and "agrees" in words
    assert "Converting a tensor to a Python boolean" in words
    assert "convert_models.py:" in words


def test_what_an_exporter_cannot_do_is_named(tmp_path: Path):
    spectrum = ["convert_models:spectrum", "--to", "onnx", *X]
    assert "aten::linalg_eigvals" in refused(tmp_path, 4, *spectrum)
    assert "opset 3: the exporter that traces writes 7 to 20" in refused(
        tmp_path, 4, "convert_models:mlp", "--to", "onnx", *X, "--opset", "3"
    )


def test_a_crash_of_an_exporter_ends_the_conversion_alone(tmp_path: Path):
    words = refused(tmp_path, 12, "convert_models:crash", "--to", "torchscript", *X)
    assert "was killed by signal 6 (Aborted) during 'export'" in words


def descendants(process: int) -> list[int]:
    found = []
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            found += [child, *descendants(child)]
    return found


def wait_until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def test_a_killed_command_leaves_nothing(tmp_path: Path):
    command = command_of("convert_models:mlp", "--to", "pt2", *X)
    folder, temporary = tmp_path / "folder", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    parent = subprocess.Popen(command, cwd=folder, env=environment(temporary))
    wait_until(lambda: list(folder.glob(".*/inductor/**/*.cpp")), "the start of the compiler")
    processes = descendants(parent.pid)
    assert len(processes) >= 1
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in processes), "their end")
    assert not list(folder.iterdir()) and not list(temporary.iterdir())


def test_sources_that_say_too_little_are_told_what_to_say(weights: Path):
    folder = weights.parent
    onnx = ["--to", "onnx"]
    assert "name what makes the model by model_factory" in refused(folder, 2, weights, *onnx, *X)
    assert "no torch.nn.Module" in refused(folder, 4, "convert_models:no_module", *onnx, *X)


def test_python_converts_as_the_command_does(tmp_path: Path):
    program = """
import sys
import numpy as np
import xpuruntime as xrt
told = []
report = xrt.convert("convert_models:named", "torchscript", output=sys.argv[1],
    input_shapes={"ids": ["N"], "scale": [3]}, dtypes={"ids": "int64"}, dynamic={"N": (1, 8)},
    progress=lambda phase, fraction: told.append(phase))
assert report.agrees() and [path.name for path in report.files] == ["named.pt"], report
assert told[0] == "start" and told[-1] == "check", told
outputs = xrt.InferenceSession(report.files[0]).run(
    {"ids": np.array([0, 3, 1]), "scale": np.ones(3, np.float32)})
assert sorted(outputs) == ["embedding", "linear"] and outputs["embedding"].shape == (3, 3)
try:
    xrt.convert("convert_models:named", "onnx", output=sys.argv[2], progress=lambda *told: 1 / 0,
        input_shapes={"ids": [2], "scale": [3]}, dtypes={"ids": "int64"})
except ZeroDivisionError:
    print("stopped")
try:
    xrt.convert("convert_models:named", "onnx", dtypes={"ids": "int64"})
except xrt.InvalidArgumentError as error:
    print(error)
"""
    command = [sys.executable, "-c", program, tmp_path / "named.pt", tmp_path / "named.onnx"]
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "PYTHONPATH": f"{BUILD / 'python'}:{HERE}"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["stopped", "dtypes: 'ids' is not in input_shapes"]
    assert {each.name for each in tmp_path.iterdir()} == {"named.pt", "named_info.json"}


def test_given_inputs_are_what_source_and_result_run_on(weights: Path):
    np.savez(weights.parent / "x.npz", x=np.ones((7, 16), np.float32))
    given = ["--inputs", weights.parent / "x.npz"]
    document = converted(weights.parent, weights, "--to", "onnx", *FACTORY, *X, *given)
    assert [each["inputs"][0]["shape"] for each in document["runs"]] == [[7, 16], [4, 16]]
