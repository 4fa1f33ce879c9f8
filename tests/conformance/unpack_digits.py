# SPDX-License-Identifier: Apache-2.0
"""Writes the arrays of digits_heldout.npz as plain bytes, which a test reads without a library.

unpack_digits.py NPZ FOLDER
"""

import sys
from pathlib import Path

import numpy as np

with np.load(sys.argv[1]) as arrays:
    Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
    arrays["images"].astype("<f4").tofile(Path(sys.argv[2]) / "images")
    arrays["labels"].astype("<i8").tofile(Path(sys.argv[2]) / "labels")
