# SPDX-License-Identifier: Apache-2.0
"""`xpurt run` and `xpurt compare` on pictures."""

import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA, fail, onnx_engines, succeed, xpurt

DIGITS = DATA / "digits.onnx"
PHOTO = DATA / "images" / "wide.jpg"
AS_SCANNED = {"color": "grey", "scale": 1 / 16}


def write_png(path: Path, grey: np.ndarray) -> None:
    """As little of ISO/IEC 15948 as a grey picture needs."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width = grey.shape
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def scans(tmp_path: Path) -> list[tuple[Path, int]]:
    """Scanned digits as pictures of 17 levels of grey, and what they are."""
    with np.load(DATA / "digits_heldout.npz") as heldout:
        images, labels = heldout["images"][:5, 0], heldout["labels"][:5]
    written = []
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        levels = image * 16
        np.testing.assert_array_equal(levels, levels.round())
        write_png(tmp_path / f"{i}.png", levels.astype(np.uint8))
        written.append((tmp_path / f"{i}.png", int(label)))
    return written


def test_scanned_digits_are_classified(scans: list[tuple[Path, int]], tmp_path: Path):
    (tmp_path / "scan.json").write_text(json.dumps(AS_SCANNED))
    for picture, label in scans:
        document = succeed(
            *("run", DIGITS, "--input", f"image={picture}", "--top-k", 3, "--json"),
            *("--preprocess", tmp_path / "scan.json", "--engine", "reference"),
        ).document
        top = document["top"]
        assert [score["row"] for score in top] == [0, 0, 0]
        assert top[0]["class"] == label
        assert top[0]["label"] is None
        logits = np.array(document["outputs"][0]["first"])  # the first 8 of 10
        assert 1 >= top[0]["confidence"] >= top[1]["confidence"] >= top[2]["confidence"] > 0
        if top[0]["class"] < 8 and top[1]["class"] < 8:
            ratio = np.exp(logits[top[0]["class"]] - logits[top[1]["class"]])
            assert top[0]["confidence"] / top[1]["confidence"] == pytest.approx(ratio, rel=1e-4)
        assert document["inputs"][0]["source"] == str(picture)


def test_the_notes_beside_a_model_say_how(scans: list[tuple[Path, int]], tmp_path: Path):
    model = shutil.copy(DIGITS, tmp_path / "net.onnx")
    picture, label = scans[0]
    arguments = ("run", model, "--input", picture, "--top-k", 1, "--engine", "reference")
    assert "net_info.json" in fail("InvalidArgumentError", *arguments)
    (tmp_path / "net_info.json").write_text(json.dumps({"preprocessing": AS_SCANNED}))
    (tmp_path / "names.txt").write_text("\n".join(f"digit {i}" for i in range(10)))
    text = succeed(*arguments, "--labels", tmp_path / "names.txt").stdout
    assert f"digit {label}" in text
    assert "confidence" in text
    # What is asked for goes before the notes.
    assert "1,3,224,224" in fail("InvalidArgumentError", *arguments, "--preprocess", "imagenet")


def test_what_is_wrong_is_named(tmp_path: Path):
    run = ("run", DIGITS, "--engine", "reference")
    photo = ("--input", f"image={PHOTO}")
    assert "did you mean 'imagenet'" in fail(
        "InvalidArgumentError", *run, *photo, "--preprocess", "imagenot"
    )
    (tmp_path / "bad.json").write_text('{"resise": 8}')
    assert "did you mean 'resize'" in fail(
        "InvalidArgumentError", *run, *photo, "--preprocess", tmp_path / "bad.json"
    )
    assert "none.json" in fail("InvalidArgumentError", *run, *photo, "--preprocess", "none.json")
    (tmp_path / "cut.jpg").write_bytes(PHOTO.read_bytes()[:500])
    assert "cut off" in fail(
        *("InvalidArgumentError", *run, "--input", tmp_path / "cut.jpg"),
        *("--preprocess", "imagenet"),
    )
    random = ("--input", "random", "--top-k", 2)
    assert "none.txt" in fail("InvalidArgumentError", *run, *random, "--labels", "none.txt")
    no_scores = ("run", DATA / "identity_int64.onnx", "--engine", "reference", "--shape", "x=3")
    assert "int64[3]" in fail("InvalidArgumentError", *no_scores, *random)


def test_engines_are_compared_on_a_picture(tmp_path: Path):
    preprocessing = tmp_path / "scan.json"
    preprocessing.write_text(json.dumps({**AS_SCANNED, "resize": [8, 8]}))
    engines = ",".join(each["name"] for each in onnx_engines())
    result = xpurt(
        *("compare", DIGITS, "--engines", engines, "--inputs", PHOTO, "--json"),
        *("--preprocess", preprocessing, "--iterations", 2, "--warm-up", 1),
    )
    assert result.code == 0, result.stderr
    assert result.document["input_source"] == str(PHOTO)
    assert result.document["inputs"] == [
        {"name": "image", "dtype": "float32", "shape": [1, 1, 8, 8]}
    ]
    assert "net_info.json" not in fail("InvalidArgumentError", "compare", DIGITS, "--inputs", PHOTO)
