# SPDX-License-Identifier: Apache-2.0
"""Batches: what they take, how they are joined, and how an item that fails shows."""

import numpy as np
import pytest
from support import DATA, ENGINES, fake_session

import xpuruntime as xrt

SCALE = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2"


def rows(*values: float) -> np.ndarray:
    return np.array([[value, -value] for value in values], np.float32)


def test_joins_items_and_gives_each_its_rows():
    session = fake_session(SCALE, max_batch_size=4)
    reports: list[xrt.RunReport] = []
    results = session.run_batch(
        [{"x": rows(1)}, [rows(2, 3)], (rows(4),), {"x": rows(5)}], reports=reports
    )
    np.testing.assert_array_equal(results[0]["y"], 2 * rows(1))
    np.testing.assert_array_equal(results[1][0], 2 * rows(2, 3))
    np.testing.assert_array_equal(results[2][0], 2 * rows(4))
    np.testing.assert_array_equal(results[3]["y"], 2 * rows(5))
    assert [report.joined for report in reports] == [3, 3, 3, 1]
    assert session.statistics().count == 2


def test_each_row_of_a_dict_is_an_item():
    session = fake_session(SCALE, max_batch_size=8)
    reports: list[xrt.RunReport] = []
    results = session.run_batch({"x": rows(1, 2, 3)}, reports=reports)
    assert [each["y"].tolist() for each in results] == [[[2, -2]], [[4, -4]], [[6, -6]]]
    assert [report.joined for report in reports] == [3, 3, 3]
    assert session.run_batch({"x": np.empty((0, 2), np.float32)}) == []
    with pytest.raises(xrt.InvalidArgumentError, match="rows"):
        fake_session(SCALE.replace("N 2", "?")).run_batch({"x": np.float32(1)})


def test_a_bad_item_fails_alone():
    session = fake_session(SCALE, max_batch_size=8)
    items = [
        {"x": rows(1)},
        {"z": rows(2)},
        {"x": rows(3).astype(np.int8)},
        [[1.0]],
        [],
        rows(4),
        {"x": rows(5)},
    ]
    reports: list[xrt.RunReport] = []
    results = session.run_batch(items, return_exceptions=True, reports=reports)
    assert len(reports) == len(items)
    assert results[0]["y"][0, 0] == 2
    assert results[6]["y"][0, 0] == 10
    for result, words in zip(
        results[1:6],
        ["no input 'z'", "expected float32", "expected a NumPy array", "item 4", "item 5"],
        strict=True,
    ):
        assert isinstance(result, xrt.InvalidArgumentError)
        assert words in str(result)
    with pytest.raises(xrt.InvalidArgumentError, match="no input 'z'"):
        session.run_batch(items)
    assert session.statistics().count == 2, "the good ones ran each time"


def test_an_error_of_the_engine_is_each_items():
    session = fake_session('fail engine "broken"\n' + SCALE)
    results = session.run_batch([[rows(1)], [rows(2)]], return_exceptions=True)
    assert [type(result) for result in results] == [xrt.EngineError, xrt.EngineError]


def test_a_timeout_is_for_all_items():
    session = fake_session("meet 2\n" + SCALE)
    with pytest.raises(xrt.DeadlineExceededError):
        session.run_batch([[rows(1)], [rows(2)]], timeout=1e-3)


def test_what_is_no_batch_is_refused():
    session = fake_session(SCALE)
    for items in (rows(1), iter([[rows(1)]]), 3):
        with pytest.raises(xrt.InvalidArgumentError, match="expected a list of items"):
            session.run_batch(items)
    assert session.run_batch([]) == []
    session.close()
    with pytest.raises(xrt.InvalidStateError, match="closed"):
        session.run_batch([[rows(1)]])


def test_reports_copies_of_inputs():
    session = fake_session(SCALE)
    reports: list[xrt.RunReport] = []
    session.run_batch([{"x": np.ones((2, 3), np.float32).T[:, :2]}], reports=reports)
    assert [copy.why for copy in reports[0].copies] == ["it is not contiguous"]


@pytest.mark.parametrize("engine", ENGINES)
def test_equals_runs_one_by_one(engine: str):
    session = xrt.InferenceSession(DATA / "mlp.onnx", engine=engine, max_batch_size=16)
    generator = np.random.default_rng(1)
    items = [{"x": generator.standard_normal((1 + i % 3, 16), np.float32)} for i in range(20)]
    [name] = [info.name for info in session.output_info]
    for item, result in zip(items, session.run_batch(items), strict=True):
        np.testing.assert_allclose(result[name], session.run(item)[name], rtol=1e-5, atol=1e-6)
