# SPDX-License-Identifier: Apache-2.0
"""`--gate`: a planted wrong weight is found at each door, and what is right passes."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import DATA, engines, fail, xpurt
from onnx import numpy_helper

DIGITS = DATA / "digits.onnx"
RANDOM = ["run", DIGITS, "--input", "random"]
OTHERS = [
    each["name"]
    for each in engines()
    if each["available"] and each["name"] in ("onnxrt", "openvino")
]


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """Of the right model, by the reference engine."""
    images = np.load(DATA / "digits_heldout.npz")["images"][:8]
    np.savez(tmp_path / "in.npz", image=images)
    np.save(tmp_path / "image.npy", images)
    result = xpurt(
        *("run", DIGITS, "--engine", "reference", "--input", f"image={tmp_path}/image.npy"),
        *("--output", tmp_path / "out"),
    )
    assert result.code == 0, result.stderr
    path = tmp_path / "golden.npz"
    np.savez(path, image=images, logits=np.load(tmp_path / "out/logits.npy"))
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    model = onnx.load(DIGITS)
    [weight] = [each for each in model.graph.initializer if each.name == "conv3.weight"]
    values = numpy_helper.to_array(weight).copy()
    values.flat[7] += 0.5
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    onnx.save(model, tmp_path / "wrong.onnx")
    return tmp_path / "wrong.onnx"


@pytest.mark.parametrize("engine", ["reference", *OTHERS])
def test_engines_pass_strict_on_the_digits(engine: str, golden: Path):
    result = xpurt(*RANDOM, "--engine", engine, "--gate", golden)
    assert result.code == 0, result.stderr
    assert "passed" in result.stdout
    assert "golden.npz, strict (rtol 0.001, atol 1e-05)" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "command", [["run", "--input", "random"], ["bench", "--iterations", "1", "--warm-up", "0"]]
)
@pytest.mark.parametrize("engine", ["reference", *OTHERS])
def test_a_wrong_weight_is_refused(command: list[str], engine: str, golden: Path, wrong: Path):
    words = fail("AgreementError", *command, wrong, "--engine", engine, "--gate", golden)
    assert re.search(
        r"golden.npz: output 'logits' at \[\d,\d\]: expected -?\d\S*, got -?\d\S*; "
        r"\d+ of 80 elements do not agree, "
        rf"strict \(rtol 0.001, atol 1e-05\) \(engine {engine}@cpu, model .*wrong.onnx",
        words,
    )


def test_a_wrong_weight_is_found_by_compare_and_named_by_bisect(golden: Path, wrong: Path):
    result = xpurt(
        *("compare", DIGITS, wrong, "--engines", "reference", "--iterations", "1"),
        *("--warm-up", "0", "--inputs", golden.parent / "in.npz", "--bisect", "--json"),
    )
    assert result.code == 1, result.stderr
    [found] = result.document["bisections"]
    assert found["found"] is True
    assert (found["op_type"], found["node"]) == ("Conv", "conv3")


def test_another_engine_is_a_gate_in_the_shapes_asked_for():
    if not OTHERS:
        pytest.skip("no other engine that loads ONNX models")
    arguments = [*RANDOM, "--engine", OTHERS[0], "--shape", "image=3,1,8,8", "--json"]
    result = xpurt(*arguments, "--gate", "reference", "--rtol", "0.1")
    assert result.code == 0, result.stderr
    session = result.document["session"]
    assert session["validators"] == ["gate reference, rtol 0.1, atol 1e-05"]


def test_onnx_test_data_are_golden(tmp_path: Path, golden: Path):
    folder = tmp_path / "digits/test_data_set_0"
    folder.mkdir(parents=True)
    arrays = np.load(golden)
    for name, stem in (("image", "input_0"), ("logits", "output_0")):
        tensor = numpy_helper.from_array(arrays[name], name)
        (folder / f"{stem}.pb").write_bytes(tensor.SerializeToString())
    gate = ["--gate", tmp_path / "digits"]
    assert xpurt(*RANDOM, "--engine", "reference", *gate).code == 0
    assert xpurt(*RANDOM, "--engine", "reference", *gate, "--policy", "exact").code == 0
    tensor = numpy_helper.from_array(arrays["logits"] + np.float32(1), "logits")
    (folder / "output_0.pb").write_bytes(tensor.SerializeToString())
    assert "80 of 80" in fail("AgreementError", *RANDOM, "--engine", "reference", *gate)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--gate", "none.npz"], "InvalidArgumentError", "none.npz"),
        (["--gate", "no/data"], "InvalidArgumentError", "there are no golden data no/data"),
        (["--gate", "referense"], "UnsupportedOperationError", "did you mean 'reference'"),
        (["--policy", "exact"], "InvalidArgumentError", "--gate"),
        (["--rtol", "1"], "InvalidArgumentError", "--gate"),
        (["--gate", "reference", "--policy", "lax"], "InvalidArgumentError", "lax"),
    ],
)
def test_what_is_no_gate_is_said(arguments: list[str], error: str, words: str):
    assert words in fail(error, *RANDOM, "--engine", "reference", *arguments)
