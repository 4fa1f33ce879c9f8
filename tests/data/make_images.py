# SPDX-License-Identifier: Apache-2.0
"""Writes images/: small pictures of many kinds, and what Pillow makes of them. Needs Pillow and
NumPy, in any environment; only this script does.

Usage: python tests/data/make_images.py
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent / "images"
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def scene(height: int, width: int) -> np.ndarray:
    """Gradients, discs and stripes: smooth parts and edges in all channels."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 255 * x / (width - 1)
    green = 255 * y / (height - 1)
    blue = 127 + 120 * np.sin(x / 3) * np.cos(y / 5)
    inside = (x - width / 3) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 3) ** 2
    red[inside], green[inside] = 240 - red[inside] / 4, 30
    return np.stack([red, green, blue], axis=-1).round().astype(np.uint8)


def write_png16(path: Path, pixels: np.ndarray) -> None:
    """RGB of 16 bits, which Pillow does not write; ISO/IEC 15948."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def cropped(image: Image.Image, resize: int, crop: int) -> np.ndarray:
    """As torchvision's Resize and CenterCrop have it for Pillow's images."""
    width, height = image.size
    short = min(width, height)
    size = (int(resize * width / short), int(resize * height / short))
    resized = image.resize(size, Image.Resampling.BILINEAR)
    top, left = round((size[1] - crop) / 2), round((size[0] - crop) / 2)
    return np.asarray(resized)[top : top + crop, left : left + crop]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    expected = {}
    wide = Image.fromarray(scene(90, 126))
    wide.save(FOLDER / "wide.png")
    wide.save(FOLDER / "wide.jpg", quality=85)
    wide.save(FOLDER / "progressive.jpg", quality=60, progressive=True)
    small = Image.fromarray(scene(20, 29))
    small.convert("L").save(FOLDER / "grey.jpg")
    small.convert("CMYK").save(FOLDER / "cmyk.jpg")
    small.save(FOLDER / "small.png")
    small.convert("L").save(FOLDER / "grey.png")
    small.convert("P", palette=Image.Palette.ADAPTIVE).save(FOLDER / "palette.png")
    alpha = small.copy()
    alpha.putalpha(Image.fromarray(scene(20, 29)[:, :, 2]))
    alpha.save(FOLDER / "alpha.png")
    write_png16(FOLDER / "deep.png", scene(20, 29).astype(np.uint16) * 257)

    for path in sorted([*FOLDER.glob("*.jpg"), *FOLDER.glob("*.png")]):
        if path.name not in ("deep.png", "wide.png"):
            expected[path.name] = np.asarray(Image.open(path).convert("RGB"))
    expected["deep.png"] = expected["small.png"]

    photo = wide
    for name, size, filter in [
        ("smaller", (40, 31), "BILINEAR"),
        ("larger", (151, 170), "BILINEAR"),
        ("turned", (19, 140), "BILINEAR"),
        ("one", (1, 1), "BILINEAR"),
        ("cubic", (77, 40), "BICUBIC"),
    ]:
        expected[name] = np.asarray(photo.resize(size, Image.Resampling[filter]))
    expected["grey"] = np.asarray(photo.convert("L"))
    expected["grey_smaller"] = np.asarray(
        photo.convert("L").resize((40, 31), Image.Resampling.BILINEAR)
    )
    expected["odd_crop"] = cropped(photo, 64, 41)
    pixels = cropped(photo, 256, 224).astype(np.float64) / 255
    normalised = ((pixels - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)
    # Every 16th pixel, and sums of all, are as telling as all.
    expected["imagenet_samples"] = np.ascontiguousarray(normalised[:, 8::16, 8::16])
    expected["imagenet_sums"] = normalised.sum(axis=(1, 2), dtype=np.float64)
    np.savez_compressed(FOLDER / "expected.npz", **expected)


if __name__ == "__main__":
    main()
