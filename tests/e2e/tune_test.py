# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import BUILD, DATA, EXIT_CODES, TIMEOUT_S, XPURT, fail, succeed, xpurt

DIGITS = DATA / "digits.onnx"
QUICK = ["--engines", "reference", "--seconds", "1", "--final-seconds", "0.01"]
WRONG = BUILD / "tests/engines/libxpuruntime_engine_wrong.so"


def tune(folder: Path, *arguments: object) -> dict:
    result = xpurt("tune", DIGITS, *QUICK, "--cache-dir", folder, "--json", *arguments)
    assert result.code == 0, result.stderr
    return result.document


def rule(*arguments: object) -> str:
    arguments = ("run", DIGITS, "--input", "random", "--json", *arguments)
    return succeed(*arguments).document["session"]["rule"]


def test_auto_goes_by_what_was_found(tmp_path: Path):
    any_shapes, fixed = tune(tmp_path)["decisions"]
    assert rule("--cache-dir", tmp_path) == f"auto: tuned, by {any_shapes}"
    assert (
        rule("--cache-dir", tmp_path, "--fixed-shape", "image=1,1,8,8")
        == f"auto: tuned, by {fixed}"
    )
    assert "tuned" not in rule("--cache-dir", "none")


def test_auto_says_why_it_does_not_go_by_a_decision(tmp_path: Path):
    path = Path(tune(tmp_path, "--keep-dynamic")["decisions"][0])
    stored = json.loads(path.read_text())
    stored["engine_version"] = "0.1"
    path.write_text(json.dumps(stored))
    told = rule("--cache-dir", tmp_path)
    assert told.startswith("auto: .onnx files go to onnxrt")
    assert "0.1" in told


def test_its_settings_are_taken_again(tmp_path: Path):
    best = tmp_path / "best.json"
    document = tune(tmp_path, "--output", best)
    assert json.loads(best.read_text()) == document["best"]
    session = succeed("run", DIGITS, "--input", "random", "--config", best, "--json").document[
        "session"
    ]
    assert session["engine"] == document["best"]["engine"]
    assert session["rule"] == "the engine asked for"
    other = succeed(
        "run", DIGITS, "--input", "random", "--config", best, "--engine", "reference", "--json"
    ).document["session"]
    assert other["engine"] == "reference"


def test_an_engine_that_is_wrong_is_refused(tmp_path: Path):
    document = tune(tmp_path, "--engines", WRONG, "--reference", "reference")
    refused = [each for each in document["trials"] if each["outcome"] == "refused"]
    assert refused
    assert all("output 'logits'" in each["reason"] for each in refused)
    assert all(each["config"]["engine"] != str(WRONG) for each in document["finalists"])


def test_the_tables_tell_the_fastest(tmp_path: Path):
    result = xpurt("tune", DIGITS, *QUICK, "--cache-dir", "none")
    assert result.code == 0, result.stderr
    assert "measured again, in turns" in result.stdout
    assert "is the fastest" in result.stdout
    assert "goes by" not in result.stdout


def test_ctrl_c_ends_it_with_nothing_decided(tmp_path: Path):
    process = subprocess.Popen(
        [XPURT, "tune", DIGITS, "--seconds", "600", "--engines", "reference",
         "--final-seconds", "600", "--cache-dir", tmp_path / "cache"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env={**os.environ, "XPURT_LOG_LEVEL": "info"},
    )  # fmt: skip
    for line in process.stderr:
        if "opened" in line:
            break
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == EXIT_CODES["CancelledError"], error
    assert "CancelledError: interrupted" in error
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("error_class", "arguments"),
    [
        ("InvalidArgumentError", []),
        ("InvalidArgumentError", [DIGITS, "--seconds", "0"]),
        ("InvalidArgumentError", [DIGITS, "--engines", "onnxrt@moon"]),
        ("UnsupportedOperationError", [DIGITS, "--engines", "nonesuch"]),
        ("ModelNotFoundError", ["nowhere.onnx"]),
    ],
)
def test_wrong_use_is_told(error_class: str, arguments: list[object]):
    fail(error_class, "tune", *arguments)


def test_where_nothing_can_be_written_is_told_before_the_search(tmp_path: Path):
    arguments = ["tune", DIGITS, "--seconds", "600", "--output"]
    assert "no folder" in fail("InvalidArgumentError", *arguments, tmp_path / "a" / "b.json")
    assert "is a folder" in fail("InvalidArgumentError", *arguments, tmp_path)


def test_a_wrong_file_of_settings_is_told(tmp_path: Path):
    settings = tmp_path / "settings.json"
    arguments = ["run", DIGITS, "--input", "random", "--config", settings]
    assert "cannot be read" in fail("InvalidArgumentError", *arguments)
    settings.write_text('{"thread": 1}')
    assert "did you mean 'threads'" in fail("InvalidArgumentError", *arguments)
