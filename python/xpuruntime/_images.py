# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

from ._arguments import StrPath, tensor_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._core import Tensor
    from ._toolkit import Preprocessing
    from .typing import TensorLike

    Image: TypeAlias = StrPath | bytes | TensorLike


def read_image(image: StrPath | bytes) -> npt.NDArray[Any]:
    """Reads a JPEG or PNG file, or its bytes.

    Grey is repeated, 16 bits are scaled to 8, CMYK is converted, alpha is dropped; an orientation
    in EXIF is not applied. The GIL is released.

    Returns
    -------
    numpy.ndarray
        RGB, uint8 [height, width, 3].

    Raises
    ------
    InvalidArgumentError
        There is no such file, or it is of another kind, damaged, cut off or too large: sides are
        at most 65,535, with at most 2**27 pixels.
    """
    from . import _toolkit

    if isinstance(image, bytes):
        return _toolkit.decode_image(image).numpy()
    return _toolkit.read_image(os.fspath(image)).numpy()


def write_png(path: StrPath, image: TensorLike) -> None:
    """Writes uint8 [height, width, 3] (RGB), [height, width, 1] or [height, width] (grey).

    Raises InvalidArgumentError (no picture, the folder does not take a file), UnavailableError
    (disk full).
    """
    from . import _toolkit

    _toolkit.write_png(os.fspath(path), tensor_of(image))


def preprocess_image(
    image: Image, preprocessing: Preprocessing | str = "imagenet"
) -> npt.NDArray[Any]:
    """Makes a picture what a model takes; by default, what classifiers trained on ImageNet take.

    Parameters
    ----------
    image : path-like, bytes or array
        A JPEG or PNG file, or its bytes; uint8 [height, width, 3] as RGB, [height, width, 1] or
        [height, width] as grey.
    preprocessing : xpuruntime.toolkit.Preprocessing or str
        Or the name of a preset: "imagenet" or "picture".

    Returns
    -------
    numpy.ndarray
        [1, C, H, W] or [1, H, W, C], float32 or uint8, as `preprocessing` says.

    Raises
    ------
    InvalidArgumentError
        What ``read_image`` raises; a picture smaller than its crop; an unknown preset.
    """
    from . import _toolkit

    return _toolkit.preprocess_image(picture_of(image), preprocessing_of(preprocessing)).numpy()


def image_of(tensor: TensorLike, preprocessing: Preprocessing | str) -> npt.NDArray[Any]:
    """The way back, for models that give pictures: undoes layout, normalisation and scale.

    Parameters
    ----------
    tensor : array
        [1, C, H, W] or [1, H, W, C] with C 3 or 1, float32 or uint8.
    preprocessing : xpuruntime.toolkit.Preprocessing or str

    Returns
    -------
    numpy.ndarray
        uint8 [height, width, C], RGB or grey; values are rounded, and cut off at 0 and 255.

    Raises
    ------
    InvalidArgumentError
        It is no picture.
    """
    from . import _toolkit

    return _toolkit.image_of(tensor_of(tensor), preprocessing_of(preprocessing)).numpy()


def top_classes(scores: TensorLike, count: int = 5) -> list[list[tuple[int, float]]]:
    """What a classifier says: its best classes, and how sure it is.

    Parameters
    ----------
    scores : array
        Floats [..., classes].
    count : int
        Classes a row.

    Returns
    -------
    list of list of (int, float)
        For each row the classes with the highest scores, best first, and their confidence: the
        softmax over the row, or the row itself where it is probabilities already.

    Raises
    ------
    InvalidArgumentError
        It is no such array, or holds NaN or infinity.
    """
    from . import _toolkit

    return _toolkit.top_classes(tensor_of(scores), count)


def picture_of(image: Image) -> Tensor:
    """As a tensor."""
    from . import _toolkit

    if isinstance(image, bytes):
        return _toolkit.decode_image(image)
    if isinstance(image, str | os.PathLike):
        return _toolkit.read_image(os.fspath(image))
    return tensor_of(image)


def preprocessing_of(preprocessing: Preprocessing | str) -> Preprocessing:
    from . import _toolkit

    if isinstance(preprocessing, str):
        return _toolkit.Preprocessing(preset=preprocessing)
    return preprocessing
