# SPDX-License-Identifier: Apache-2.0
import platform
import sys
from pathlib import Path

from conftest import BUILD, DATA, XPURT, fail, succeed, xpurt


def test_lists_the_engines_that_are_built():
    engines = {each["name"]: each for each in succeed("engines", "--json").document["engines"]}
    built = BUILD / "lib/xpuruntime/engines"
    for plugin in built.glob("libxpuruntime_engine_*.so"):
        name = plugin.stem.removeprefix("libxpuruntime_engine_")
        if name == "worker":  # it runs the others, and is none itself
            continue
        assert engines[name]["path"] == str(plugin)
        assert engines[name]["available"] or engines[name]["reason"]
    assert engines["reference"]["available"]
    assert engines["reference"]["devices"] == ["cpu"]
    assert engines["reference"]["version"]


def test_lists_engine_python_with_the_version_of_its_interpreter():
    document = succeed("engines", "--json", "--python", sys.executable).document
    python = next(each for each in document["engines"] if each["name"] == "python")
    assert python["available"], python["reason"]
    assert python["version"] == platform.python_version()
    assert "cpu" in python["devices"]
    assert {"model_factory", "worker.transport"} <= {each["name"] for each in python["options"]}


def test_says_why_engine_python_cannot_be_used(tmp_path: Path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho it is broken >&2\nexit 7\n")
    broken.chmod(0o755)
    for given, reason in (
        (["--python", broken], "it is broken"),
        (["--python", tmp_path / "none"], str(tmp_path / "none")),
    ):
        document = succeed("engines", "--json", *given).document
        python = next(each for each in document["engines"] if each["name"] == "python")
        assert not python["available"]
        assert reason in python["reason"]
    table = succeed("engines", env={"PATH": str(tmp_path / "empty")}).stdout
    line = next(each for each in table.splitlines() if each.startswith("python "))
    assert "there is no Python 'python3'" in line


def test_shows_a_table_and_the_options():
    python = ["--python", sys.executable]
    plain = succeed("engines", *python).stdout
    assert plain.splitlines()[0].split() == ["engine", "version", "loads", "available"]
    with_options = succeed("engines", "--options", *python).stdout
    assert with_options.startswith(plain)
    assert "options of reference" in with_options


def test_json_has_the_options_always():
    for engine in succeed("engines", "--json").document["engines"]:
        for option in engine["options"]:
            assert set(option) == {"name", "type", "default", "doc", "choices"}
            assert option["type"] in {"bool", "int", "float", "string"}
            assert option["doc"]


def test_says_why_an_engine_cannot_be_used(tmp_path: Path):
    (tmp_path / "libxpuruntime_engine_broken.so").write_text("not a library")
    document = succeed("engines", "--json", env={"XPURT_ENGINE_PATH": str(tmp_path)}).document
    broken = next(each for each in document["engines"] if each["name"] == "broken")
    assert not broken["available"]
    assert str(tmp_path) in broken["reason"]


def test_never_looks_in_the_current_folder(tmp_path: Path):
    (tmp_path / "libxpuruntime_engine_here.so").write_text("not a library")
    names = [
        each["name"] for each in succeed("engines", "--json", cwd=tmp_path).document["engines"]
    ]
    assert "here" not in names


def test_takes_a_plug_in_by_its_path():
    plugin = BUILD / "lib/xpuruntime/engines/libxpuruntime_engine_reference.so"
    arguments = ["run", DATA / "add.onnx", "--input", "random", "--json", "--engine", plugin]
    session = succeed(*arguments).document["session"]
    assert session["engine"] == "reference"
    assert session["engine_path"] == str(plugin)


def test_names_what_is_no_plug_in(tmp_path: Path):
    path = tmp_path / "libxpuruntime_engine_x.so"
    run = ["run", DATA / "add.onnx", "--input", "random", "--engine", path]
    assert str(path) in fail("UnavailableError", *run)
    path.write_text("not a library")
    assert str(path) in fail("UnavailableError", *run)


def test_shows_its_version():
    result = xpurt("--version")
    assert result.code == 0
    assert result.stdout.startswith("xpurt ")
    assert XPURT.exists()
