# SPDX-License-Identifier: Apache-2.0
"""`xpurt compare model.onnx weights.npz --model-factory ...`: native engines against Python."""

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA, Result, fail, xpurt

ADD = DATA / "add.onnx"
FACTORY = """
import numpy as np

def add(weights):
    blob = bytearray(64 << 20)
    blob[::4096] = b"x" * len(blob[::4096])
    def model(x, y):
        assert blob
        return {"z": (x + y) * weights["scale"]}
    return model
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nets.py").write_text(FACTORY)
    np.savez(tmp_path / "right.npz", scale=np.float32(1))
    np.savez(tmp_path / "wrong.npz", scale=np.float32(1.5))
    return tmp_path


def compare(
    folder: Path,
    weights: str,
    *arguments: object,
    factory: str = "nets:add",
    python: object = sys.executable,
) -> Result:
    return xpurt(
        *("compare", ADD, weights, "--model-factory", factory, "--python", python),
        *("--iterations", 3, "--warm-up", 1, *arguments),
        cwd=folder,
    )


def test_one_report_tells_which_to_use(folder: Path):
    page = folder / "out.html"
    arguments = ("--engines", "reference,python", "--json", "--report", page)
    result = compare(folder, "right.npz", *arguments)
    assert result.code == 0, result.stderr
    document = result.document
    native, python = document["candidates"]
    assert (native["service"], native["model"]) == ("native", str(ADD))
    assert (python["service"], python["model"]) == ("python", "right.npz")
    for row in native, python:
        assert row["ran"]
        assert row["agrees"]
        assert row["runs"] == 3
        assert row["total_seconds"] == pytest.approx(3 * row["latency_seconds"]["mean"])
    assert python["memory_bytes"] > 64 << 20, "the worker's memory counts"
    assert native["memory_bytes"] < 64 << 20
    sentence = document["recommendation"]
    assert sentence.startswith(f"use {document['winner']}: its outputs agree with those of ")
    html = page.read_text()
    assert "Native and Python" in html
    assert sentence in html
    text = " ".join(compare(folder, "right.npz", "--engines", "reference,python").stdout.split())
    assert "service candidate available average total runs memory" in text
    assert f"native {native['name']} yes" in text
    assert f"recommendation: use {document['winner']}" in text


def test_outputs_that_differ_are_no_recommendation(folder: Path):
    result = compare(folder, "wrong.npz", "--engines", "reference,python", "--json")
    assert result.code == 1, result.stderr
    assert "use neither before it is known" in result.document["recommendation"]


def test_weights_bring_python_into_all(folder: Path):
    result = compare(folder, "right.npz", "--json")
    assert result.code == 0, result.stderr
    rows = {
        (row["engine"], Path(row["model"] or "-").name) for row in result.document["candidates"]
    }
    assert ("python", "right.npz") in rows
    assert ("reference", "add.onnx") in rows
    assert ("python", "add.onnx") not in rows
    assert ("reference", "right.npz") not in rows


def test_a_python_that_cannot_be_used_is_a_row_that_says_why(folder: Path):
    arguments = ("--engines", "reference,python", "--json")
    result = compare(folder, "right.npz", *arguments, python=folder / "no_python")
    assert result.code == 5, "nothing was compared"
    [row] = [row for row in result.document["candidates"] if row["service"] == "python"]
    assert not row["ran"]
    assert "no_python" in row["reason"]
    assert "the only kind that could be run" in result.document["recommendation"]
    assert "no_python" in result.document["recommendation"]


def test_a_factory_that_nothing_is_made_of_is_refused(folder: Path):
    factory = ["--model-factory", "nets:add"]
    told = fail("InvalidArgumentError", "compare", ADD, *factory, "--engines", "reference")
    assert "nets:add" in told and "none of the models is one" in told
    both = ["compare", ADD, folder / "right.npz", *factory, "--engines", "reference"]
    assert "add python to the engines" in fail("InvalidArgumentError", *both)


def test_torchscript_is_no_file_of_weights(tmp_path: Path):
    arguments = ["--model-factory", "nets:add", "--engines", "reference"]
    for entry, words in [
        ("archive/constants.pkl", "none of the models is one"),
        ("archive/data.pkl", "add python to the engines"),
    ]:
        with zipfile.ZipFile(tmp_path / "net.pt", "w") as archive:
            archive.writestr(entry, b"")
        told = fail("InvalidArgumentError", "compare", ADD, tmp_path / "net.pt", *arguments)
        assert words in told


def test_options_of_engine_python_are_given_by_name(folder: Path):
    arguments = ("--engines", "reference,worker:python", "--json")
    (folder / "elsewhere").mkdir()
    (folder / "nets.py").rename(folder / "elsewhere/nets.py")
    result = compare(folder, "right.npz", *arguments, "--option", "python_path=elsewhere")
    assert result.code == 0, result.stderr
    result = compare(folder, "right.npz", *arguments, "--option", "colour=red")
    [row] = [row for row in result.document["candidates"] if row["service"] == "python"]
    assert row["error"] == "UnsupportedOperationError" and "colour" in row["reason"]
    told = compare(folder, "right.npz", *arguments, "--option", "python_path")
    assert told.code == 2 and "--option: expected NAME=VALUE" in told.stderr


def test_a_factory_that_is_wrong_is_a_row_too(folder: Path):
    arguments = ("--engines", "reference,python", "--json")
    result = compare(folder, "right.npz", *arguments, factory="nets:no")
    assert result.code == 5, result.stderr
    [row] = [row for row in result.document["candidates"] if row["service"] == "python"]
    assert "nets has no 'no'" in row["reason"]


def test_native_engines_alone_have_no_such_sentence():
    arguments = ("--engines", "reference", "--iterations", 1, "--json")
    result = xpurt("compare", ADD, *arguments)
    assert result.document["recommendation"] is None
    assert result.document["candidates"][0]["service"] == "native"
    assert "model" in fail("ModelNotFoundError", "compare", "none.npz", "--model-factory", "a:b")
