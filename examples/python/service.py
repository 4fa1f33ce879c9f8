# SPDX-License-Identifier: Apache-2.0
"""Pictures in, pictures out: a native model takes over from one in Python without losing a request.

Usage: service.py MODEL.onnx PACKAGE.MODULE:CALLABLE PHOTO.jpg RESULT.png
"""

import sys

import xpuruntime as xrt
from xpuruntime.toolkit import write_png

model, python_model, photo, result = sys.argv[1:]
with xrt.InferenceService(python_model) as service:
    before = service.predict_image(photo)
    service.switch_to(model)  # requests in flight finish on the old session
    after = service.predict_image(photo)
    write_png(result, after)
    told = service.statistics()
    largest = abs(after.astype(int) - before.astype(int)).max()
    print(f"{told.inferences} pictures, {told.switches} switch, {largest} apart at most")
    print(
        f"{told.engine} {told.engine_version} on {told.device}: {told.average_seconds:.4f} s each"
    )
