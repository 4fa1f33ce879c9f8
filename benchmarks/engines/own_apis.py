# SPDX-License-Identifier: Apache-2.0
"""Runtimes through their own Python APIs, as their manuals say that it is fastest: into memory that
is bound beforehand, with the threads and hints that our engines give them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass
class Way:
    """One way to run a model: `call` runs it once and fills `outputs`."""

    version: str
    call: Callable[[], object]
    outputs: Arrays


def onnxruntime_way(model: Path, feed: Arrays, threads: int) -> Way:
    """InferenceSession.run_with_iobinding."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin long between runs would take the others' cores; ours do not either.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "20")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    outputs = dict(zip(names, map(np.zeros_like, session.run(names, feed)), strict=True))
    binding = session.io_binding()
    for name, array in feed.items():
        binding.bind_cpu_input(name, array)
    for name, array in outputs.items():
        binding.bind_output(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
    return Way(ort.__version__, lambda: session.run_with_iobinding(binding), outputs)


def openvino_way(model: Path, feed: Arrays, threads: int) -> Way:
    """InferRequest.infer with its tensors set, which costs less than start_async and wait."""
    import openvino as ov

    properties = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,
    }
    request = ov.Core().compile_model(model, "CPU", properties).create_infer_request()
    results = request.infer(feed)
    outputs = {port.any_name: np.zeros_like(array) for port, array in results.items()}
    for name, array in {**feed, **outputs}.items():
        request.set_tensor(name, ov.Tensor(array, shared_memory=True))

    return Way(ov.__version__, lambda: request.infer(share_outputs=True), outputs)


# By the name of our engine.
OWN_APIS = {"onnxrt": onnxruntime_way, "openvino": openvino_way}
