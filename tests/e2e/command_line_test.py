# SPDX-License-Identifier: Apache-2.0
"""What all commands have in common: help, errors, exit codes, colours, pipes."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from conftest import DATA, EXIT_CODES, TIMEOUT_S, XPURT, fail, succeed, xpurt

COMMANDS = ["engines", "info", "run", "bench"]
INFO = ["info", DATA / "digits.onnx"]


def run_on_terminal(*arguments: object, **env: str) -> str:
    """What xpurt writes to a terminal of 80 columns."""
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **env}
    process = subprocess.Popen(
        [XPURT, *map(str, arguments)], stdout=end, stderr=end, env=environment
    )
    os.close(end)
    output = b""
    try:
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    process.wait(timeout=TIMEOUT_S)
    return output.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command: str):
    text = succeed(command, "--help").stdout
    assert f"Example: xpurt {command}" in text
    assert "--json" in text


def test_help_lists_the_commands():
    text = succeed("--help").stdout
    for command in COMMANDS:
        assert command in text


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no_such_command"],
        ["info"],
        ["run"],
        ["info", "a", "b"],
        ["engines", "--no-such-option"],
        ["run", "m.onnx", "--threads", "many"],
        ["run", "m.onnx", "--seed", "-1"],
    ],
)
def test_refuses_a_wrong_command_line(arguments: list[str]):
    assert "--help" in fail("InvalidArgumentError", *arguments)


@pytest.mark.parametrize(
    ("error_class", "model", "arguments"),
    [
        ("InvalidArgumentError", "wrong/not_onnx.onnx", []),
        ("InvalidArgumentError", "add.onnx", ["--device", "toaster"]),
        ("ModelNotFoundError", "none.onnx", []),
        ("UnsupportedOperationError", "add.onnx", ["--engine", "no_such_engine"]),
        ("UnsupportedOperationError", "add.onnx", ["--option", "no_such_option=1"]),
        ("UnavailableError", "add.onnx", ["--device", "cuda:99"]),
    ],
)
def test_exits_with_the_code_of_the_error(error_class: str, model: str, arguments: list[str]):
    chosen = [] if "--engine" in arguments else ["--engine", "reference"]
    fail(error_class, "run", DATA / model, "--input", "random", *chosen, *arguments)


def test_error_table_was_read():
    assert EXIT_CODES["InvalidArgumentError"] == 2
    assert EXIT_CODES["InternalError"] == 13


def test_ends_quietly_when_nobody_reads():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([XPURT, *INFO], stdout=writer, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == -13  # SIGPIPE, as other programs of a pipeline


def test_tells_when_output_cannot_be_written():
    with Path("/dev/full").open("w") as full:
        for arguments in [INFO, [*INFO, "--json"]]:
            done = subprocess.run(
                [XPURT, *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=TIMEOUT_S,
            )
            assert done.returncode == EXIT_CODES["UnavailableError"]
            assert "No space left on device" in done.stderr


def test_has_colours_on_a_terminal_alone():
    assert "\x1b[" in run_on_terminal(*INFO)
    assert "\x1b[" not in run_on_terminal(*INFO, NO_COLOR="1")
    assert "\x1b[" not in run_on_terminal(*INFO, TERM="dumb")
    assert "\x1b[" not in succeed(*INFO).stdout
    assert "\x1b[" not in xpurt("info", "none.onnx").stderr


def test_json_has_no_colours_on_a_terminal():
    assert "\x1b" not in run_on_terminal(*INFO, "--json")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["engines", "--options"],
        INFO,
        ["run", DATA / "multi_io.onnx", "--engine", "reference", "--input", "random"],
        *([command, "--help"] for command in COMMANDS),
    ],
)
def test_is_readable_on_80_columns(arguments: list):
    text = run_on_terminal(*arguments, NO_COLOR="1")
    # A word that is longer than the line, such as a path, is not broken.
    long = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip()]
    assert not [line for line in long if "/" not in line], text


def test_reads_utf8_paths(tmp_path: Path):
    name = "modèle ü.onnx"
    (tmp_path / name).write_bytes((DATA / "add.onnx").read_bytes())
    assert succeed("info", name, "--json", cwd=tmp_path).document["model"] == name
    assert name in succeed("info", name, cwd=tmp_path).stdout


RUN = ["run", DATA / "digits.onnx", "--input", "random"]
CONVERT = ["convert", DATA / "digits.onnx", "--to", "openvino"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([*RUN, "--config"], id="settings"),
        pytest.param([*RUN, "--preprocess"], id="preprocessing"),
        pytest.param([*CONVERT, "--preprocessing"], id="preprocessing of a conversion"),
    ],
)
def test_a_file_of_text_is_neither_a_folder_nor_empty(arguments: list[object], tmp_path: Path):
    folder, empty = tmp_path / "folder.json", tmp_path / "empty.json"
    folder.mkdir()
    empty.touch()
    assert f"{folder} cannot be read" in fail("InvalidArgumentError", *arguments, folder)
    assert f"{empty} is empty" in fail("InvalidArgumentError", *arguments, empty)
