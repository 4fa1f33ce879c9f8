# SPDX-License-Identifier: Apache-2.0
import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import DATA, EXIT_CODES, FAKE_ENGINE, TIMEOUT_S, XPURT, fail, xpurt

LATENCIES = ["min", "p50", "p90", "p99", "p99.9", "max"]
FEW = ["--iterations", "20", "--warm-up", "2"]


def bench(*arguments: object) -> dict:
    result = xpurt("bench", DATA / "digits.onnx", "--json", *arguments)
    assert result.code == 0, result.stderr
    return result.document


@pytest.mark.parametrize("mode", ["bound", "run"])
def test_measures_each_batch(engine: str, mode: str):
    document = bench("--engine", engine, "--batch", "1,4", "--mode", mode, *FEW)
    assert document["session"]["engine"] == engine
    assert document["mode"] == mode
    assert [row["batch"] for row in document["results"]] == [1, 4]
    for row in document["results"]:
        assert row["shapes"] == {"image": [row["batch"], 1, 8, 8]}
        assert row["runs"] == 20
        latency = row["latency_seconds"]
        assert 0 < latency["min"] <= latency["mean"] <= latency["max"]
        assert [latency[name] for name in LATENCIES] == sorted(latency[name] for name in LATENCIES)
        rate = row["batch"] * row["runs"] / row["seconds"]
        assert row["items_per_second"] == pytest.approx(rate)
        assert row["coefficient_of_variation"] >= 0
        assert 0 < row["resident_bytes"] <= row["peak_resident_bytes"]
        assert not row["interrupted"]


def test_copies_nothing_in_a_bound_run(engine: str):
    [row] = bench("--engine", engine, *FEW)["results"]
    assert row["bytes_copied_per_run"] == 0


def test_describes_the_machine():
    machine = bench("--engine", "reference", *FEW)["machine"]
    assert machine["cores_allowed"] == len(os.sched_getaffinity(0))
    assert machine["kernel"].startswith("Linux")
    assert machine["memory_bytes"] > 0
    assert len(machine["load_average"]) == 3


def test_warns_of_latencies_that_vary():
    document = bench("--engine", "reference", *FEW)
    [row] = document["results"]
    assert bool(document["warnings"]) == (row["coefficient_of_variation"] > 0.05)


def test_measures_models_of_any_shapes(engine: str):
    for model in ["add", "scalar", "nonzero", "fill", "multi_io"]:
        result = xpurt("bench", DATA / f"{model}.onnx", "--engine", engine, "--json", *FEW)
        assert result.code == 0, result.stderr
        [row] = result.document["results"]
        assert row["runs"] == 20


def test_shows_a_table_to_a_person():
    result = xpurt("bench", DATA / "digits.onnx", "--engine", "reference", "--batch", "1,2", *FEW)
    assert result.code == 0
    for words in ["batch 1", "batch 2", "p99.9", "items/s", "RSS", "variation", "machine"]:
        assert words in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_keeps_to_the_time_given():
    [row] = bench("--engine", "reference", "--seconds", "0.05")["results"]
    assert row["runs"] >= 1
    assert row["seconds"] >= 0.05


@pytest.mark.parametrize(
    "arguments",
    [
        ["--batch", "0"],
        ["--batch", "many"],
        ["--iterations", "0"],
        ["--iterations", "5", "--seconds", "5"],
        ["--seconds", "-1"],
        ["--mode", "fast"],
        ["--threads", "-1"],
        ["--batch", "2", "--shape", "image=1,1,8,8"],
    ],
)
def test_refuses_what_makes_no_sense(arguments: list[str]):
    fail("InvalidArgumentError", "bench", DATA / "digits.onnx", "--engine", "reference", *arguments)


def test_refuses_a_batch_that_the_model_does_not_take():
    message = fail(
        *("InvalidArgumentError", "bench", DATA / "add.onnx"),
        *("--engine", "reference", "--batch", "2"),
    )
    assert "--batch" in message


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("as_json", [True, False])
def test_shows_what_there_is_when_interrupted(number: signal.Signals, as_json: bool):
    # Progress shows on a terminal; it tells when the benchmark is under way.
    terminal, stderr = pty.openpty()
    process = subprocess.Popen(
        [
            *(XPURT, "bench", DATA / "digits.onnx", "--engine", "reference"),
            *("--seconds", "600", "--batch", "1,2", *(["--json"] if as_json else [])),
        ],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    os.close(stderr)
    progress = ""
    while "%" not in progress.split("warming up")[-1].replace("%, 0 runs", ""):
        progress += os.read(terminal, 4096).decode()
    process.send_signal(number)
    output, _ = process.communicate(timeout=TIMEOUT_S)
    os.close(terminal)
    assert process.returncode == EXIT_CODES["CancelledError"]
    if not as_json:
        assert "batch 1" in output
        assert "batch 2" not in output
        return
    document = json.loads(output)
    assert document["interrupted"]
    [row] = document["results"]
    assert row["interrupted"]
    assert row["batch"] == 1


def test_shows_no_progress_where_there_is_no_terminal():
    result = xpurt("bench", DATA / "digits.onnx", "--engine", "reference", *FEW)
    assert "\r" not in result.stderr
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.parametrize("mode", ["bound", "run"])
def test_checks_for_leaks(engine: str, mode: str):
    # OpenVINO's TBB may take a kilobyte a run, up to 5 MB, until it uses again what it has.
    warm_up = {"openvino": "8000"}.get(engine, "200")
    few = ["--iterations", "3000", "--warm-up", warm_up, "--mode", mode, "--leak-check"]
    [row] = bench("--engine", engine, *few)["results"]
    growth = row["memory_growth"]
    assert growth["runs"] == 3000 - 30
    assert growth["grows"] is False


def test_tells_a_person_of_growth():
    result = xpurt("bench", DATA / "digits.onnx", "--engine", "reference", "--leak-check", *FEW)
    assert result.code == 0
    for words in ["grown/run", " KiB", "memory", "level"]:
        assert words in result.stdout
    assert "grown" not in xpurt("bench", DATA / "digits.onnx", "--engine", "reference", *FEW).stdout
    [row] = bench("--engine", "reference", *FEW)["results"]
    assert row["memory_growth"] is None


def test_a_leak_is_found(tmp_path: Path):
    model = tmp_path / "leaking.fake"
    model.write_text("fake\ninput x float32 2\noutput y float32 2\nleak 4096\ny = scale x 2\nend\n")
    few = ["--iterations", "1000", "--warm-up", "10", "--leak-check"]
    result = xpurt("bench", model, "--engine", FAKE_ENGINE, *few)
    assert result.code == 1
    assert "grows" in result.stdout
    result = xpurt("bench", model, "--engine", FAKE_ENGINE, "--json", *few)
    assert result.code == 1
    [row] = result.document["results"]
    assert row["memory_growth"]["grows"] is True
    assert row["memory_growth"]["bytes_per_run"] == pytest.approx(4096, rel=0.25)


def test_a_leak_check_of_few_runs_is_refused():
    arguments = ["bench", DATA / "digits.onnx", "--engine", "reference", "--leak-check"]
    message = fail("InvalidArgumentError", *arguments, "--iterations", "5")
    assert "at least 10 iterations, got 5" in message
