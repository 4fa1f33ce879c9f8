# SPDX-License-Identifier: Apache-2.0
"""`xpurt cache`, on what the fake engine compiled (tests/fake_engine/fake_engine.h)."""

from pathlib import Path

import pytest
from conftest import FAKE_ENGINE, fail, succeed, xpurt


class Cache:
    def __init__(self, folder: Path) -> None:
        self.models = folder / "models"
        self.models.mkdir()
        self.folder = folder / "cache"

    def run(self, factor: int, **options: object) -> dict:
        """What becomes of the cache when a model, told by its factor, is run."""
        model = self.models / f"times_{factor}.fake"
        model.write_text(
            f"fake\ninput x float32 2\noutput y float32 2\ny = scale x {factor}\nend\n"
        )
        arguments = ["run", model, "--engine", FAKE_ENGINE, "--input", "random", "--json"]
        return succeed(*arguments, "--cache-dir", self.folder, **options).document["session"]

    def entries(self) -> list[dict]:
        return succeed("cache", "ls", "--cache-dir", self.folder, "--json").document["entries"]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_a_second_run_finds_what_the_first_compiled(cache: Cache):
    assert cache.run(2)["cache"]["outcome"] == "stored"
    assert cache.run(2)["cache"]["outcome"] == "hit"
    assert cache.run(3)["cache"]["outcome"] == "stored"


def test_ls_shows_the_one_used_last_first(cache: Cache):
    for factor in (2, 3, 2):
        cache.run(factor)
    assert [Path(each["model"]).name for each in cache.entries()] == [
        "times_2.fake",
        "times_3.fake",
    ]
    text = succeed("cache", "ls", "--cache-dir", cache.folder).stdout
    assert text.index("times_2.fake") < text.index("times_3.fake")
    assert text.splitlines()[-1].startswith("2 entries, ")


def test_info_counts(cache: Cache):
    cache.run(2)
    document = succeed("cache", "info", "--cache-dir", cache.folder, "--json").document
    (entry,) = cache.entries()
    assert (document["entries"], document["bytes"]) == (1, entry["bytes"])
    assert document["unusable_entries"] == 0
    assert str(cache.folder) in succeed("cache", "info", "--cache-dir", cache.folder).stdout


def test_verify_finds_a_damaged_byte(cache: Cache):
    for factor in (2, 3):
        cache.run(factor)
    whole = succeed("cache", "verify", "--cache-dir", cache.folder).stdout
    assert whole == "2 of 2 entries are whole\n"
    damaged = Path(cache.entries()[0]["path"])
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    result = xpurt("cache", "verify", "--cache-dir", cache.folder)
    assert result.code == 1
    assert "1 of 2 entries are whole" in result.stdout
    document = xpurt("cache", "verify", "--cache-dir", cache.folder, "--json").document
    assert [bool(each["problem"]) for each in document["entries"]] == [True, False]
    rebuilt = xpurt(
        "run", cache.models / "times_3.fake", "--engine", FAKE_ENGINE, "--input", "random",
        "--cache-dir", cache.folder, "--json",
    )  # fmt: skip
    assert rebuilt.document["session"]["cache"]["outcome"] == "rebuilt"
    assert "cannot be used" in rebuilt.stderr
    counted = succeed("cache", "info", "--cache-dir", cache.folder, "--json").document["rebuilds"]
    assert len(counted) == 1 and damaged.name in counted[0]
    text = succeed("cache", "info", "--cache-dir", cache.folder).stdout
    assert "built again  1; the last: " in text


def test_prune_keeps_those_used_last(cache: Cache):
    for factor in (2, 3, 4):
        cache.run(factor)
    size = cache.entries()[0]["bytes"]
    text = succeed("cache", "prune", "--max-size", 2 * size, "--cache-dir", cache.folder).stdout
    assert "times_2.fake" in text
    assert "removed 1 entry, " in text
    assert len(cache.entries()) == 2
    succeed("cache", "prune", "--max-size", "0", "--cache-dir", cache.folder)
    assert cache.entries() == []


def test_the_default_folder_is_the_one_of_the_environment(cache: Cache):
    environment = {"XPURT_CACHE_DIR": str(cache.folder)}
    cache.run(2)
    document = succeed("cache", "ls", "--json", env=environment).document
    assert document["folder"] == str(cache.folder)
    assert len(document["entries"]) == 1


def test_none_turns_it_off(cache: Cache):
    model = cache.models / "m.fake"
    model.write_text("fake\ninput x float32 2\noutput y float32 2\ny = identity x\nend\n")
    arguments = ["run", model, "--engine", FAKE_ENGINE, "--input", "random", "--json"]
    session = succeed(*arguments, "--cache-dir", "none", cwd=cache.models).document["session"]
    assert session["cache"]["outcome"] == "off"
    assert [each.name for each in cache.models.iterdir()] == ["m.fake"]


def test_a_folder_that_cannot_be_written_costs_no_success(cache: Cache):
    cache.folder.write_text("a file stands in the way")
    model = cache.models / "m.fake"
    model.write_text("fake\ninput x float32 2\noutput y float32 2\ny = identity x\nend\n")
    arguments = ["run", model, "--engine", FAKE_ENGINE, "--input", "random", "--json"]
    result = xpurt(*arguments, "--cache-dir", cache.folder)
    assert result.code == 0
    assert result.document["session"]["cache"]["outcome"] == "not stored"
    assert "is not stored" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["prune"], ["prune", "--max-size", "many"], ["prune", "--max-size", "-1"], ["polish"], []],
)
def test_wrong_use_is_told(arguments: list[str]):
    fail("InvalidArgumentError", "cache", *arguments)


def test_a_folder_that_is_none_is_told(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")
    fail("UnavailableError", "cache", "ls", "--cache-dir", file)


def test_without_any_folder_it_says_what_to_set():
    message = fail(
        "InvalidArgumentError", "cache", "info",
        env={"XPURT_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": ""},
    )  # fmt: skip
    assert "XPURT_CACHE_DIR" in message
