# SPDX-License-Identifier: Apache-2.0
"""Pictures become what models take; what is checked of them in C++ is not checked again here."""

import json
from pathlib import Path

import numpy as np
import pytest
from support import DATA

import xpuruntime as xrt
from xpuruntime.toolkit import Preprocessing, image_of, read_image, write_png

IMAGES = DATA / "images"


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray]:
    with np.load(IMAGES / "expected.npz") as archive:
        return dict(archive)


def test_a_path_bytes_and_an_array_give_the_same(expected: dict[str, np.ndarray]):
    path = IMAGES / "wide.png"
    image = xrt.preprocess_image(path)
    assert (image.shape, image.dtype) == ((1, 3, 224, 224), np.float32)
    np.testing.assert_allclose(
        image[0, :, 8::16, 8::16], expected["imagenet_samples"], rtol=1e-6, atol=1e-6
    )
    np.testing.assert_array_equal(image, xrt.preprocess_image(path.read_bytes()))
    pixels = read_image(path)
    np.testing.assert_array_equal(image, xrt.preprocess_image(pixels, Preprocessing.imagenet()))
    turned = np.asfortranarray(pixels)
    np.testing.assert_array_equal(image, xrt.preprocess_image(turned))


def test_every_member_says_what_it_was_given():
    made = Preprocessing(
        color="grey",
        resize=(8, 9),
        filter="bicubic",
        crop=4,
        scale=1 / 16,
        mean=0.5,
        std=[2],
        layout="NHWC",
    )
    assert (made.color, made.resize, made.filter, made.crop) == ("grey", [8, 9], "bicubic", 4)
    assert (made.dtype, made.scale, made.mean, made.std) == ("float32", 1 / 16, [0.5], [2])
    assert made.layout == "NHWC"
    assert Preprocessing.from_json(made.to_json()) == made
    assert hash(Preprocessing.from_json(made.to_json())) == hash(made)
    assert made != Preprocessing()
    assert made != "grey"
    assert json.loads(made.to_json())["crop"] == 4
    assert '"grey"' in repr(made)
    assert Preprocessing(preset="imagenet") == Preprocessing.imagenet()
    assert Preprocessing(preset="imagenet", crop=None).crop is None
    image = np.full((20, 30), 16, np.uint8)
    np.testing.assert_array_equal(xrt.preprocess_image(image, made), np.full((1, 4, 4, 1), 0.25))


def test_what_is_wrong_is_named(tmp_path: Path):
    with pytest.raises(xrt.InvalidArgumentError, match="did you mean 'resize'"):
        Preprocessing(resise=3)
    with pytest.raises(xrt.InvalidArgumentError, match=r"preset 'imagenot'.*'imagenet'"):
        xrt.preprocess_image(IMAGES / "wide.png", "imagenot")
    with pytest.raises(xrt.InvalidArgumentError, match="no such file"):
        xrt.preprocess_image(tmp_path / "none.jpg")
    with pytest.raises(xrt.InvalidArgumentError, match="an empty one"):
        xrt.preprocess_image(b"")
    with pytest.raises(xrt.InvalidArgumentError, match=r"uint8 \[height, width, 3\]"):
        xrt.preprocess_image(np.zeros((4, 4, 3)))
    with pytest.raises(xrt.InvalidArgumentError, match="image"):
        xrt.preprocess_image(np.zeros((0, 4, 3), np.uint8))


def test_a_picture_goes_there_and_back(tmp_path: Path):
    pixels = read_image(IMAGES / "small.png")
    whole = Preprocessing(preset="imagenet", resize=None, crop=None)
    back = image_of(xrt.preprocess_image(pixels, whole), whole)
    np.testing.assert_array_equal(back, pixels)
    write_png(tmp_path / "out.png", back)
    np.testing.assert_array_equal(read_image((tmp_path / "out.png").read_bytes()), pixels)


def test_notes_beside_a_model_say_it(tmp_path: Path):
    assert Preprocessing.beside(tmp_path / "m.onnx") is None
    (tmp_path / "m_info.json").write_text('{"preprocessing": {"preset": "imagenet", "crop": 5}}')
    assert Preprocessing.beside(tmp_path / "m.onnx") == Preprocessing(preset="imagenet", crop=5)
