# SPDX-License-Identifier: Apache-2.0
"""Conversions from the command line that need no PyTorch; tests/torch_engines has the others."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA, TIMEOUT_S, XPURT, fail, succeed, xpurt
from worker_test import children_of, has_ended, wait_until

PYTHON = ["--python", sys.executable]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copy(DATA / "digits.onnx", tmp_path))


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def program(folder: Path, text: str) -> Path:
    """What stands for Python."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_onnx_becomes_openvino_that_agrees(model: Path):
    document = succeed("convert", model, "--to", "openvino", *PYTHON, "--json").document
    folder = model.parent
    assert document["agrees"] and document["failure"] is None
    assert document["files"] == [str(folder / "digits.xml"), str(folder / "digits.bin")]
    assert len(document["runs"]) == 2
    batches = [each["inputs"][0]["shape"][0] for each in document["runs"]]
    assert batches[0] != batches[1]
    for run in document["runs"]:
        assert run["outputs"][0]["agreement"]["max_absolute_error"] < 1e-4
    notes = json.loads((folder / "digits_info.json").read_text())
    assert [each["name"] for each in notes["inputs"]] == ["image"]
    told = notes["conversions"]["digits.xml"]
    assert told["agreement"]["agrees"] and told["agreement"]["runs"] == 2
    assert told["format"] == "openvino" and "openvino" in told["tools"]
    assert names(folder) == {"digits.onnx", "digits.xml", "digits.bin", "digits_info.json"}
    succeed("run", folder / "digits.xml", "--input", "random")


def test_one_whose_numbers_are_off_is_not_kept(model: Path):
    off = ["convert", model, "--to", "openvino", *PYTHON, "--fp16", "--policy", "exact"]
    result = xpurt(*off)
    assert result.code == 1 and result.stderr == ""
    assert "the result does not agree with the source; no file was kept" in result.stdout
    assert names(model.parent) == {"digits.onnx"}
    result = xpurt(*off, "--keep")
    assert result.code == 1
    assert {"digits.xml", "digits.bin"} <= names(model.parent)
    notes = json.loads((model.parent / "digits_info.json").read_text())
    assert not notes["conversions"]["digits.xml"]["agreement"]["agrees"]


def test_what_is_there_is_overwritten_on_purpose_alone(model: Path):
    there = model.with_suffix(".xml")
    there.write_text("mine")
    message = fail("InvalidArgumentError", "convert", model, "--to", "openvino", *PYTHON)
    assert "--force" in message and there.read_text() == "mine"
    succeed("convert", model, "--to", "openvino", *PYTHON, "--force")
    assert there.read_text() != "mine"


def test_a_result_that_no_engine_here_can_run_is_kept_on_purpose_alone(model: Path):
    env = {"XPURT_OPENVINO_LIBRARY": "/no/such/libopenvino.so"}
    arguments = ["convert", model, "--to", "openvino", *PYTHON]
    message = fail("EngineNotInstalledError", *arguments, env=env)
    assert message.startswith("the result cannot be run by engine openvino, to compare it")
    assert names(model.parent) == {"digits.onnx"}
    result = xpurt(*arguments, "--keep", "--json", env=env)
    assert result.code == 1 and result.document["runs"] == []
    assert "/no/such/libopenvino.so" in result.document["failure"]
    assert "digits.xml" in names(model.parent)


def test_what_is_impossible_is_told_before_the_engine_that_is_missing(model: Path):
    env = {"XPURT_OPENVINO_LIBRARY": "/no/such/libopenvino.so"}
    weights = model.parent / "weights.npz"
    np.savez(weights, w=np.ones(2, np.float32))
    arguments = ["--to", "openvino", *PYTHON]
    told = fail("UnsupportedOperationError", "convert", weights, *arguments, env=env)
    assert "for openvino, convert to onnx first" in told
    told = fail("InvalidArgumentError", "convert", model, *arguments, "--opset", "17", env=env)
    assert "only ONNX models have one" in told
    told = fail("EngineNotInstalledError", "convert", model, *arguments, env=env)
    assert "cannot be run by engine openvino" in told
    assert names(model.parent) == {"digits.onnx", "weights.npz"}


def test_inputs_can_be_given_and_are_noted_with_preprocessing(model: Path):
    (model.parent / "p.json").write_text('{"mean": [0.5]}')
    np.savez(model.parent / "images.npz", image=np.ones((5, 1, 8, 8), np.float32))
    given = ["--inputs", model.parent / "images.npz", "--preprocessing", model.parent / "p.json"]
    output = ["--output", model.parent / "other.xml"]
    done = succeed("convert", model, "--to", "openvino", *PYTHON, *output, *given, "--json")
    batches = [each["inputs"][0]["shape"][0] for each in done.document["runs"]]
    assert batches == [5, 3]
    notes = json.loads((model.parent / "other_info.json").read_text())
    assert notes["preprocessing"] == {"mean": [0.5]}


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        ("InvalidArgumentError", "there is no format 'coreml'", ["--to", "coreml"]),
        ("InvalidArgumentError", "--to is required", []),
        (
            "UnsupportedOperationError",
            "can be converted to openvino, and not to torchscript",
            ["--to", "torchscript"],
        ),
        (
            "InvalidArgumentError",
            "--input-shape x: expected sizes",
            ["--to", "openvino", "--input-shape", "x=1,,2"],
        ),
        (
            "InvalidArgumentError",
            "input 'image': the model says itself which sizes it takes",
            ["--to", "openvino", "--input-shape", "image=1,1,8,8"],
        ),
        (
            "InvalidArgumentError",
            "there is no input 'x'; there are image",
            ["--to", "openvino", "--input-shape", "x=1"],
        ),
        (
            "InvalidArgumentError",
            "--input-shape: expected NAME=1,3,224,224",
            ["--to", "openvino", "--input-shape", "1,3"],
        ),
        (
            "InvalidArgumentError",
            "--dynamic N: expected bounds as 1-32",
            ["--to", "openvino", "--dynamic", "N=many"],
        ),
        (
            "InvalidArgumentError",
            "dynamic 'N': expected sizes as 1-32",
            ["--to", "openvino", "--dynamic", "N=4-2"],
        ),
        (
            "InvalidArgumentError",
            "only ONNX models have one",
            ["--to", "openvino", "--opset", "17"],
        ),
        (
            "EngineNotInstalledError",
            "there is no Python '/no/such/python'",
            ["--to", "openvino", "--python", "/no/such/python"],
        ),
    ],
)
def test_wrong_arguments_are_named(model: Path, error: str, words: str, arguments: list[str]):
    assert words in fail(
        error, "convert", model, *PYTHON[: 0 if "--python" in arguments else 2], *arguments
    )
    assert names(model.parent) == {"digits.onnx"}


def test_names_without_a_folder_are_of_the_current_one(model: Path):
    """Also where what runs the result is not there, so that the conversion is asked for alone."""
    arguments = ["convert", model.name, "--to", "torchscript", *PYTHON]
    no_engines = {"XPURT_ENGINE_PATH": str(model.parent), "XPURT_TORCH_PACKAGE": "/no/such/folder"}
    for environment in ({}, no_engines):
        told = fail("UnsupportedOperationError", *arguments, cwd=model.parent, env=environment)
        assert "digits.onnx is an ONNX model" in told
    assert names(model.parent) == {"digits.onnx"}


def test_a_missing_source_and_a_broken_one_are_told(tmp_path: Path):
    missing = ["convert", tmp_path / "none.onnx", "--to", "openvino", *PYTHON]
    assert "none.onnx" in fail("ModelNotFoundError", *missing)
    (tmp_path / "broken.onnx").write_text("no model")
    fail("InvalidArgumentError", "convert", tmp_path / "broken.onnx", "--to", "openvino", *PYTHON)
    assert names(tmp_path) == {"broken.onnx"}


def test_a_python_that_crashes_is_told_and_leaves_nothing(model: Path):
    crashing = program(model.parent, "echo last words >&2\nkill -SEGV $$")
    message = fail("EngineError", "convert", model, "--to", "openvino", "--python", crashing)
    assert "was killed by signal 11" in message and "last words" in message
    assert names(model.parent) == {"digits.onnx", "python"}


def test_ctrl_c_ends_the_worker_and_leaves_nothing(model: Path):
    hanging = program(model.parent, "sleep 600 & wait")
    parent = subprocess.Popen(
        [XPURT, "convert", model, "--to", "openvino", "--python", hanging],
        stderr=subprocess.PIPE,
        env=os.environ,
        text=True,
    )

    def the_worker() -> list[int]:
        """It has begun to hang: it has a child itself."""
        return [each for each in children_of(parent.pid) if children_of(each)]

    [worker] = wait_until(the_worker, "a worker")
    [sleep] = children_of(worker)
    parent.send_signal(signal.SIGINT)
    _, told = parent.communicate(timeout=TIMEOUT_S)
    assert parent.returncode == 9 and "CancelledError: the conversion was interrupted" in told
    wait_until(lambda: has_ended(worker) and has_ended(sleep), "the end of the worker")
    assert names(model.parent) == {"digits.onnx", "python"}
