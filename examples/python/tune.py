# SPDX-License-Identifier: Apache-2.0
"""Finds the fastest way to run a model; engine "auto" uses it from then on.

python tune.py [MODEL [CACHE_DIR [SECONDS]]]
"""

import sys

import xpuruntime as xrt

model = sys.argv[1] if len(sys.argv) > 1 else "model.onnx"
cache_dir = sys.argv[2] if len(sys.argv) > 2 else "auto"
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 30

report = xrt.tune(model, seconds=seconds, final_seconds=seconds / 10, cache_dir=cache_dir)
print(report)
with xrt.InferenceSession(model, cache_dir=cache_dir) as session:
    print(session.report().rule)
