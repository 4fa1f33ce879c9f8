# SPDX-License-Identifier: Apache-2.0
"""Jobs: waited for, with a callback, with a time limit, and cancelled."""

import sys
from typing import Any

import numpy as np

import xpuruntime as xrt


def image(ink: float) -> dict[str, Any]:
    return {"image": np.full((1, 1, 8, 8), ink, np.float32)}


def tell(job: xrt.Job[Any], frame: object) -> None:
    """On a thread of the session's; outputs() raises what the run failed with."""
    print("callback: frame", frame, "is a", job.outputs()["logits"].argmax())


with xrt.InferenceSession(sys.argv[1] if len(sys.argv) > 1 else "model.onnx") as session:
    jobs = [session.run_async(image(ink / 10)) for ink in range(10)]
    print("waited:", [int(job.wait()["logits"].argmax()) for job in jobs])

    session.run_async(image(0.5), tell, "seven").wait()

    urgent = session.run_async(image(0.5), timeout=10, priority=1)
    print("job", urgent.id, "by id:", session.wait(urgent.id)["logits"].argmax())

    late = session.run_async(image(0.5), timeout=0)
    try:
        late.wait()
    except xrt.DeadlineExceededError as error:
        print("late:", error)

    print("cancelled:", session.run_async(image(0.5)).cancel())
    print(session.statistics())
