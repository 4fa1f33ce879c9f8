# SPDX-License-Identifier: Apache-2.0
"""One run after the other: by name, in order, into memory of your own, with a report."""

import sys

import numpy as np

import xpuruntime as xrt

with xrt.InferenceSession(sys.argv[1] if len(sys.argv) > 1 else "model.onnx") as session:
    image = np.full((1, 1, 8, 8), 0.5, np.float32)

    by_name = session.run({"image": image})
    print("by name:", by_name["logits"].argmax())

    [logits] = session.run([image])
    print("in order:", logits.argmax())

    session.run([image], [logits])
    print("into the same memory:", logits.argmax())

    report = xrt.RunReport()
    session.run({"image": image[:, :, :, ::-1]}, timeout=10, report=report)
    print(report)
    for copy in report.copies:
        print(" copied", copy.bytes, "bytes of", copy.what, "since", copy.why)
