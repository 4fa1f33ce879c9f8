# SPDX-License-Identifier: Apache-2.0
import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import BUILD, DATA, EXIT_CODES, TIMEOUT_S, XPURT, Result, engines, fail, xpurt
from onnx import TensorProto, helper, numpy_helper

DIGITS = DATA / "digits.onnx"
FEW = ["--iterations", "3", "--warm-up", "1"]
WRONG = BUILD / "tests/engines/libxpuruntime_engine_wrong.so"
OTHERS = [
    each["name"]
    for each in engines()
    if each["available"] and each["name"] in ("onnxrt", "openvino")
]
needs_another = pytest.mark.skipif(not OTHERS, reason="no other engine that loads ONNX models")


def compare(*arguments: object, code: int = 0) -> dict:
    result = xpurt("compare", "--json", *FEW, *arguments)
    assert result.code == code, result.stderr
    return result.document


def save_digits(path: Path, weight: str, element: int, value: float) -> Path:
    """The digit classifier with one element of one weight changed."""
    model = onnx.load(DIGITS)
    [found] = [each for each in model.graph.initializer if each.name == weight]
    values = numpy_helper.to_array(found).copy()
    values.flat[element] = value
    found.CopyFrom(numpy_helper.from_array(values, weight))
    onnx.save(model, path)
    return path


@needs_another
def test_engines_agree_strictly_on_the_digits(tmp_path: Path):
    images = np.load(DATA / "digits_heldout.npz")["images"][:64]
    np.savez(tmp_path / "in.npz", image=images)
    document = compare(
        DIGITS, "--engines", ",".join(["reference", *OTHERS]), "--inputs", tmp_path / "in.npz"
    )
    assert document["agrees"] is True
    assert document["compared"] == len(OTHERS)
    assert document["reference"] == "reference@cpu"
    assert document["tolerance"] == {"relative": 1e-3, "absolute": 1e-5, "bitwise": False}
    assert document["inputs"] == [
        {"name": "image", "dtype": "float32", "shape": [64, 1, 8, 8]},
    ]
    assert document["winner"] in [row["name"] for row in document["candidates"]]
    for row in document["candidates"]:
        assert row["ran"]
        assert row["runs"] == 3
        assert 0 < row["latency_seconds"]["min"] <= row["latency_seconds"]["p50"]
        for output in row["outputs"]:
            assert output["agreement"]["rows"] == 64
            assert output["agreement"]["top5_overlap"] > 0.99


@needs_another
def test_every_engine_is_taken_by_default():
    document = compare(DIGITS)
    assert {row["engine"] for row in document["candidates"] if row["ran"]} >= {
        "reference",
        *OTHERS,
    }


def test_a_wrong_weight_is_found_and_named(tmp_path: Path):
    wrong = save_digits(tmp_path / "wrong.onnx", "conv3.bias", 5, 9)
    arguments = [DIGITS, wrong, "--engines", "reference", "--bisect"]
    document = compare(*arguments, code=1)
    assert document["agrees"] is False
    [found] = document["bisections"]
    assert (found["op_type"], found["node"]) == ("Conv", "conv3")
    assert found["survives_showing"]
    assert found["comparison"]["agreement"]["first_difference"]["index"] == [0, 5, 0, 0]
    shown = xpurt("compare", *arguments, *FEW)
    assert shown.code == 1
    assert "Conv 'conv3' is the first node whose output differs" in flat(shown.stdout)


@needs_another
@pytest.mark.parametrize("reference", OTHERS)
def test_a_wrong_weight_is_found_by_engines_that_show_no_inner_values(
    reference: str, tmp_path: Path
):
    wrong = save_digits(tmp_path / "wrong.onnx", "conv3.bias", 5, 9)
    document = compare(DIGITS, wrong, "--engines", reference, "--bisect", code=1)
    [found] = document["bisections"]
    assert found["node"] == "conv3", found["text"]


@pytest.mark.parametrize(("engine", "survives"), [("wrong", True), ("wrong_fused", False)])
def test_a_wrong_operator_is_found_and_named(engine: str, survives: bool):
    plugin = BUILD / f"tests/engines/libxpuruntime_engine_{engine}.so"
    document = compare(DIGITS, "--engines", f"reference,{plugin}", "--bisect", code=1)
    [found] = document["bisections"]
    assert found["candidate"] == f"{engine}@cpu"
    assert found["survives_showing"] is survives
    assert (found["op_type"], found["node"]) == ("Relu", "relu1")
    assert found["last_agreeing"] == "conv0"


@needs_another
def test_external_data_is_found_where_a_model_is_cut(tmp_path: Path):
    def save(name: str, value: float) -> Path:
        weight = numpy_helper.from_array(np.full(300, value, np.float32), "w")
        nodes = [
            helper.make_node("Abs", ["x"], ["a"], name="abs"),
            helper.make_node("Add", ["a", "w"], ["b"], name="add"),
            helper.make_node("Neg", ["b"], ["y"], name="neg"),
        ]
        x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [300]) for n in "xy")
        model = helper.make_model(
            helper.make_graph(nodes, "g", [x], [y], [weight]),
            opset_imports=[helper.make_opsetid("", 17)],
            ir_version=8,
        )
        (tmp_path / name).mkdir()
        path = tmp_path / name / "model.onnx"
        onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
        return path

    good, bad = save("good", 1), save("bad", 2)
    document = compare(good, bad, "--engines", f"reference,{OTHERS[0]}", "--bisect", code=1)
    assert {found["node"] for found in document["bisections"]} == {"add"}
    # Files of one name are told apart by their folders.
    assert f"reference@cpu {bad}" in [row["name"] for row in document["candidates"]]


def flat(text: str) -> str:
    return " ".join(text.split())


@needs_another
def test_strings_have_verdicts_and_no_errors():
    result = xpurt(
        *("compare", DATA / "identity_string.onnx", "--engines", f"reference,{OTHERS[0]}"), *FEW
    )
    assert result.code == 0, result.stderr
    [line] = [each for each in result.stdout.splitlines() if "agrees " in each and " - " in each]
    assert line.split()[2:5] == ["agrees", "-", "-"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_person_sees_tables(columns: int, tmp_path: Path):
    save_digits(tmp_path / "wrong.onnx", "conv3.bias", 5, 9)
    terminal, stdout = pty.openpty()
    subprocess.run(["stty", "cols", str(columns)], stdin=stdout, check=True)
    process = subprocess.Popen(
        [XPURT, "compare", DIGITS, "wrong.onnx", "--engines", "reference", "--bisect", *FEW],
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
    )
    os.close(stdout)
    output = b""
    try:
        while part := os.read(terminal, 4096):
            output += part
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    assert process.wait(timeout=TIMEOUT_S) == 1
    lines = output.decode().splitlines()
    assert max(map(len, lines)) <= columns
    for words in ["candidate", "p99", "CV", "runs/s", "memory", "verdict", "cosine", "bisect"]:
        assert any(words in line for line in lines)


def test_a_page_is_written(tmp_path: Path):
    page = tmp_path / "out.html"
    document = compare(
        DIGITS, "--engines", f"reference,{WRONG}", "--report", page, "--bisect", code=1
    )
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    for row in document["candidates"]:
        assert row["name"] in text
    assert "<script" not in text
    assert "://" not in text
    assert list(tmp_path.iterdir()) == [page]


def test_what_could_not_run_says_why():
    result = xpurt("compare", DIGITS, "--engines", f"reference,{WRONG},reference@cuda:0", *FEW)
    assert result.code == 1
    assert "not run: reference@cuda:0: UnavailableError: " in flat(result.stdout)


def test_nothing_to_compare_with_is_no_agreement():
    result = xpurt("compare", DIGITS, "--engines", "reference", *FEW)
    assert result.code == EXIT_CODES["UnavailableError"]
    assert "nothing was compared" in result.stderr
    assert "reference@cpu" in result.stdout


def test_onnx_test_data_is_taken(tmp_path: Path):
    x, y = np.float32([[1, 2, 3], [4, 5, 6]]), np.ones((2, 3), np.float32)
    for i, (name, values) in enumerate([("x", x), ("y", y)]):
        tensor = numpy_helper.from_array(values, name)
        (tmp_path / f"input_{i}.pb").write_bytes(tensor.SerializeToString())
    model = onnx.load(DATA / "add.onnx")
    names = [value.name for value in model.graph.input]
    document = compare(DATA / "add.onnx", "--engines", f"reference,{WRONG}", "--inputs", tmp_path)
    assert document["input_source"] == str(tmp_path)
    assert [value["name"] for value in document["inputs"]] == names


def test_policies_and_figures():
    at = ["--engines", f"reference,{WRONG}"]
    assert compare(DIGITS, *at, "--policy", "exact", code=1)["tolerance"]["bitwise"]
    assert compare(DIGITS, *at, "--rtol", "1", "--atol", "100")["agrees"]


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        ("InvalidArgumentError", "--policy", ["--policy", "loose"]),
        ("InvalidArgumentError", "--rtol", ["--rtol", "-1"]),
        ("InvalidArgumentError", "rtol", ["--rtol", "nan"]),
        ("InvalidArgumentError", "--policy", ["--policy", "exact", "--atol", "1"]),
        ("UnsupportedOperationError", "nothing", ["--reference", "nothing"]),
        ("UnsupportedOperationError", "nothing", ["--engines", "nothing"]),
        ("UnavailableError", "cpu alone", ["--reference", "reference@cuda:0"]),
        ("InvalidArgumentError", "toaster", ["--engines", "reference@toaster"]),
        ("InvalidArgumentError", "'images'", ["--inputs", DATA / "digits_heldout.npz"]),
        ("InvalidArgumentError", "none.npz", ["--inputs", "none.npz"]),
        ("InvalidArgumentError", ".npz", ["--inputs", "none.txt"]),
        ("InvalidArgumentError", "--shape", ["--shape", "image"]),
        ("InvalidArgumentError", "'x'", ["--shapes", "x=1"]),
        ("InvalidArgumentError", "--iterations", ["--seconds", "1"]),
        ("InvalidArgumentError", "none", ["--report", "none/out.html"]),
        ("InvalidArgumentError", "data", ["--report", DATA]),
        ("InvalidArgumentError", "twice", [DIGITS]),
        ("InvalidArgumentError", "add.onnx", [DATA / "add.onnx"]),
        ("ModelNotFoundError", "none.onnx", ["none.onnx"]),
    ],
)
def test_what_makes_no_sense_is_refused(error: str, words: str, arguments: list[object]):
    engine = [] if "--engines" in arguments else ["--engines", "reference"]
    assert words in fail(error, "compare", DIGITS, *engine, *FEW, *arguments)


def test_a_file_that_no_engine_loads_is_refused(tmp_path: Path):
    (tmp_path / "model.other").write_text("x")
    message = fail("UnsupportedOperationError", "compare", tmp_path / "model.other")
    assert ".onnx (reference)" in message


@pytest.mark.parametrize("as_json", [True, False])
def test_shows_what_there_is_when_interrupted(as_json: bool):
    # Progress shows on a terminal; it tells when the measurement is under way.
    terminal, stderr = pty.openpty()
    process = subprocess.Popen(
        [
            *(XPURT, "compare", DIGITS, "--engines", f"reference,{WRONG}", "--seconds", "600"),
            *(["--json"] if as_json else []),
        ],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    os.close(stderr)
    progress = ""
    while "measure [" not in progress:
        progress += os.read(terminal, 4096).decode()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=TIMEOUT_S)
    os.close(terminal)
    assert process.returncode == EXIT_CODES["CancelledError"]
    if as_json:
        document = json.loads(output)
        assert document["interrupted"]
        assert document["compared"] == 1
    else:
        assert "disagrees with reference@cpu" in output


def test_shows_no_progress_where_there_is_no_terminal():
    result: Result = xpurt("compare", DIGITS, "--engines", f"reference,{WRONG}", *FEW)
    assert "\r" not in result.stderr
    assert "\x1b" not in result.stdout + result.stderr
