# SPDX-License-Identifier: Apache-2.0
"""Open a session only where its numbers are right."""

import sys
import tempfile
from pathlib import Path

import numpy as np

import xpuruntime as xrt

model = sys.argv[1] if len(sys.argv) > 1 else "model.onnx"
images = np.random.default_rng(0).random((4, 1, 8, 8), np.float32)

# Against another engine, which runs the same model on random inputs once.
against = xrt.gate("reference", batch=4)
with xrt.InferenceSession(model, engine="onnxrt", gate=against) as session:
    print("passed:", *session.report().validators)
    logits = session.run({"image": images})["logits"]

with tempfile.TemporaryDirectory() as folder:
    # Against golden data: inputs and outputs by their names, stored where the numbers are trusted.
    golden = Path(folder) / "golden.npz"
    np.savez(golden, image=images, logits=logits)
    with xrt.InferenceSession(
        model, engine="onnxrt", fallback=["reference"], gate=golden
    ) as session:
        print("opened on", session.engine_name)

    # What does not agree is not opened, and the error says where.
    logits[2, 3] += 1
    np.savez(golden, image=images, logits=logits)
    try:
        xrt.InferenceSession(model, engine="onnxrt", gate=golden)
    except xrt.AgreementError as error:
        print("refused:", str(error).split("output ")[1])
