# SPDX-License-Identifier: Apache-2.0
"""Batches: items are joined into as few runs as max_batch_size allows, and one fails alone."""

import sys
from typing import Any

import numpy as np

import xpuruntime as xrt

model = sys.argv[1] if len(sys.argv) > 1 else "model.onnx"
with xrt.InferenceSession(model, max_batch_size=8) as session:
    images = np.linspace(0, 1, 10 * 64, dtype=np.float32).reshape(10, 1, 8, 8)

    reports: list[xrt.RunReport] = []
    results = session.run_batch({"image": images}, reports=reports)
    print("rows:", [int(outputs["logits"].argmax()) for outputs in results])
    print("joined:", [report.joined for report in reports])

    items: list[dict[str, Any]] = [
        {"image": images[:3]},
        {"imige": images[:1]},
        {"image": images[3:]},
    ]
    for result in session.run_batch(items, return_exceptions=True):
        print("item:", result if isinstance(result, Exception) else result["logits"].shape)
