# SPDX-License-Identifier: Apache-2.0
"""A stream: results in order while the next inputs are read, in bounded memory."""

import sys
from collections.abc import Iterator

import numpy as np

import xpuruntime as xrt


def camera(frames: int) -> Iterator[dict[str, np.ndarray]]:
    for frame in range(frames):
        yield {"image": np.full((1, 1, 8, 8), frame / frames, np.float32)}


profiler = xrt.Profiler()
model = sys.argv[1] if len(sys.argv) > 1 else "model.onnx"
with xrt.InferenceSession(model, profiler=profiler) as session:
    digits = [
        int(outputs["logits"].argmax()) for outputs in session.stream(camera(20), in_flight=4)
    ]
    print("all:", digits)

    with session.stream(camera(1000)) as results:
        for outputs in results:
            if outputs["logits"].argmax() != digits[0]:
                break  # what is in flight is cancelled
    print(session.statistics())
if len(sys.argv) > 2:
    profiler.write(sys.argv[2])
