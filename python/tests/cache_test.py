# SPDX-License-Identifier: Apache-2.0
import json
import time
from pathlib import Path

import numpy as np
import pytest
from support import FAKE_ENGINE, fake_session

import xpuruntime as xrt

PROGRAM = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"
X = np.ones((1, 2), np.float32)


def outcome_of(folder: Path | None, program: str = PROGRAM) -> xrt.CacheReport:
    with fake_session(program, cache_dir=folder) as session:
        np.testing.assert_array_equal(session.run([X])[0], 2 * X)
        return session.report().cache


def test_the_second_session_comes_from_the_cache(tmp_path: Path):
    first = outcome_of(tmp_path)
    second = outcome_of(tmp_path)
    assert first.outcome == xrt.CacheOutcome.STORED
    assert second.outcome == xrt.CacheOutcome.HIT
    assert Path(first.entry) == Path(second.entry)
    assert Path(second.entry).parent == tmp_path


def test_none_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XPURT_CACHE_DIR", str(tmp_path))
    assert outcome_of(None).outcome == xrt.CacheOutcome.OFF
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_entry_is_built_again(tmp_path: Path):
    entry = Path(outcome_of(tmp_path).entry)
    damaged = bytearray(entry.read_bytes())
    damaged[-1] ^= 1
    entry.write_bytes(damaged)
    (found,) = xrt.ModelCache(tmp_path).verify()
    assert found.problem
    rebuilt = outcome_of(tmp_path)
    assert rebuilt.outcome == xrt.CacheOutcome.REBUILT
    assert rebuilt.reason
    assert outcome_of(tmp_path).outcome == xrt.CacheOutcome.HIT


def test_an_entry_tells_what_it_is(tmp_path: Path):
    before = time.time() - 1
    outcome_of(tmp_path)
    (entry,) = xrt.ModelCache(tmp_path).entries()
    assert (entry.engine, entry.device, entry.problem) == ("fake 1.0", "cpu", "")
    assert entry.path.stem == entry.key
    assert entry.bytes == entry.path.stat().st_size
    assert before <= entry.last_used <= time.time() + 1
    assert json.loads(entry.parts)["engine"] == "fake"
    assert "fake 1.0 on cpu" in repr(entry)


def test_prune_leaves_what_fits(tmp_path: Path):
    outcome_of(tmp_path)
    outcome_of(tmp_path, PROGRAM + "\nz = scale x 3")
    cache = xrt.ModelCache(str(tmp_path))
    latest, oldest = cache.entries()
    removed = cache.prune(max_bytes=latest.bytes)
    assert [each.path for each in removed] == [oldest.path]
    assert [each.path for each in cache.entries()] == [latest.path]


def test_the_default_folder_is_the_one_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XPURT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XPURT_CACHE_BYTES", "12345")
    assert xrt.ModelCache().folder == tmp_path
    assert xrt.default_cache_bytes() == 12345


@pytest.mark.parametrize(
    "asked", [{"precision": "fp16"}, {"fp16": True}, {"int8": True, "precision": "int8"}]
)
def test_a_precision_that_an_engine_does_not_have_is_refused(asked: dict[str, object]):
    with pytest.raises(xrt.UnsupportedOperationError, match="precision"):
        fake_session(PROGRAM, **asked)


def test_precisions_that_contradict_one_another_are_refused():
    with pytest.raises(ValueError, match="fp16 and int8 contradict"):
        xrt.InferenceSession(b"fake\n", engine=FAKE_ENGINE, fp16=True, int8=True)
