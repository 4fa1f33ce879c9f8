# SPDX-License-Identifier: Apache-2.0
import sys

import numpy as np

import xpuruntime as xrt

with xrt.InferenceSession(sys.argv[1] if len(sys.argv) > 1 else "model.onnx") as session:
    pixels = np.full((1, 1, 8, 8), 0.5, np.float32)
    outputs = session.run({"image": pixels})
    print(outputs["logits"], "by", session.engine_name, "on", session.device)
