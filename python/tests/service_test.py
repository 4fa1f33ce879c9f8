# SPDX-License-Identifier: Apache-2.0
"""Pictures in, pictures out, from a model that is exchanged while it is used."""

import threading
from pathlib import Path

import numpy as np
import pytest
from support import DATA, save_add

import xpuruntime as xrt
from xpuruntime.toolkit import read_image, top_classes

PHOTO = DATA / "images" / "small.png"


@pytest.fixture
def brighter(tmp_path: Path) -> Path:
    return save_add(tmp_path / "brighter.onnx", 0.2)


@pytest.fixture
def darker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A callable of Python that takes the same from every pixel."""
    (tmp_path / "darken.py").write_text("def model(x):\n    return x - x.dtype.type(0.2)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "darken:model"


def changed(pixels: np.ndarray, by: int) -> np.ndarray:
    return np.clip(pixels.astype(int) + by, 0, 255).astype(np.uint8)


def children() -> set[str]:
    """Processes that this one started."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def test_a_picture_goes_through_a_native_model(brighter: Path):
    pixels = read_image(PHOTO)
    service = xrt.InferenceService(brighter, engine="reference")
    assert not service.available
    assert "not loaded" in repr(service)
    with pytest.raises(xrt.InvalidStateError, match=r"load\(\)"):
        service.predict_image(PHOTO)
    with service:
        assert service.available
        assert service.type == "native"
        for image in (PHOTO, PHOTO.read_bytes(), pixels):
            np.testing.assert_array_equal(service.predict_image(image), changed(pixels, 51))
        told = service.statistics()
        assert (told.inferences, told.failures, told.open_sessions) == (3, 1, 1)
        assert told.average_seconds == pytest.approx(told.total_seconds / 3, rel=1e-3)
        assert told.last_seconds > 0
        assert (told.engine, told.device) == ("reference", "cpu")
        info = service.info()
        assert info.session.engine == "reference"
        assert info.type == "native"
        assert [each.name for each in info.model.inputs] == ["x"]
        assert info.preprocessing == xrt.toolkit.Preprocessing()
    assert not service.available


def test_it_switches_between_native_and_python_while_it_runs(brighter: Path, darker: str):
    pixels = read_image(PHOTO)
    answers = {changed(pixels, 51).tobytes(), changed(pixels, -51).tobytes()}
    with xrt.InferenceService.open(brighter, type="native", engine="reference") as service:
        stop, started = threading.Event(), threading.Barrier(4)
        wrong: list[object] = []
        counts = [0] * 3

        def call(which: int) -> None:
            try:
                while not stop.is_set():
                    if service.predict_image(pixels).tobytes() not in answers:
                        wrong.append("another picture")
                    if counts[which] == 0:
                        started.wait()
                    counts[which] += 1
            except BaseException as error:
                wrong.append(error)
                raise

        threads = [threading.Thread(target=call, args=[i]) for i in range(3)]
        for thread in threads:
            thread.start()
        started.wait()
        service.switch_to(darker)
        assert service.type == "python"
        np.testing.assert_array_equal(service.predict_image(pixels), changed(pixels, -51))
        service.switch_to(brighter, engine="reference")
        assert service.type == "native"
        np.testing.assert_array_equal(service.predict_image(pixels), changed(pixels, 51))
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        told = service.statistics()
        assert told.inferences == sum(counts) + 2
        assert (told.failures, told.switches, told.open_sessions) == (0, 2, 1)


def test_what_fails_to_load_leaves_nothing_behind(brighter: Path, tmp_path: Path):
    before = children()
    with pytest.raises(xrt.XpuRuntimeError, match="no_such_module"):
        xrt.InferenceService.open("no_such_module:model")
    assert children() <= before
    with pytest.raises(xrt.ModelNotFoundError):
        xrt.InferenceService.open(tmp_path / "none.onnx")
    with pytest.raises(xrt.InvalidArgumentError, match="expected type native"):
        xrt.InferenceService.open("darken:model", type="native")
    with pytest.raises(xrt.InvalidArgumentError, match="one input"):
        xrt.InferenceService.open(DATA / "add.onnx", engine="reference")
    with pytest.raises(xrt.InvalidArgumentError, match="did you mean 'threads'"):
        xrt.InferenceService(brighter, thread=3)
    with xrt.InferenceService.open(brighter, engine="reference") as service:
        with pytest.raises(xrt.ModelNotFoundError):
            service.switch_to(tmp_path / "none.onnx")
        assert service.statistics().switches == 0
        assert service.predict_image(PHOTO).shape == (20, 29, 3)


def test_an_output_that_is_no_picture_says_so():
    whole = {"preprocessing": xrt.toolkit.Preprocessing(color="grey", resize=(8, 8))}
    with (
        xrt.InferenceService.open(DATA / "digits.onnx", engine="reference", **whole) as service,
        pytest.raises(xrt.InvalidArgumentError, match=r"output 'logits'.*expected a picture"),
    ):
        service.predict_image(PHOTO)


def test_top_classes_ranks_rows():
    [row] = top_classes(np.array([[0, 2, 1]], np.float32), 2)
    assert [index for index, _ in row] == [1, 2]
    assert row[0][1] == pytest.approx(np.exp(2) / np.exp([0, 1, 2]).sum())
    with pytest.raises(xrt.InvalidArgumentError, match="NaN"):
        top_classes(np.array([np.nan]))
