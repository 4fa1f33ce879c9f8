# SPDX-License-Identifier: Apache-2.0
"""Memory that is bound once: each run reads and writes it, and allocates and copies nothing."""

import sys

import numpy as np

import xpuruntime as xrt

with xrt.InferenceSession(sys.argv[1] if len(sys.argv) > 1 else "model.onnx") as session:
    image = np.zeros((1, 1, 8, 8), np.float32)
    logits = np.empty((1, 10), np.float32)
    binding = session.create_io_binding()
    binding.bind_input("image", image)
    binding.bind_output("logits", logits)
    for ink in (0.1, 0.5, 0.9):
        image[:] = ink
        session.run(binding)
        print("ink", ink, "is a", logits.argmax())

    binding.bind_output("logits")  # left to the engine
    session.run_with_io_binding(binding)
    print("the engine's own:", binding.outputs["logits"].argmax())
