# SPDX-License-Identifier: Apache-2.0
"""Jobs in an event loop: await takes no thread and polls nothing."""

import asyncio
import sys
from typing import Any

import numpy as np

import xpuruntime as xrt


async def classify(session: xrt.InferenceSession, ink: float) -> int:
    image = np.full((1, 1, 8, 8), ink, np.float32)
    outputs = await session.run_async({"image": image})
    return int(outputs["logits"].argmax())


async def main(model: str) -> None:
    # In an event loop a full queue had better reject than block.
    with xrt.InferenceSession(model, queue_size=64, when_full="reject") as session:
        digits = await asyncio.gather(*[classify(session, ink / 10) for ink in range(10)])
        print("gathered:", digits)

        image: dict[str, Any] = {"image": np.full((1, 1, 8, 8), 0.5, np.float32)}
        [logits] = (await asyncio.wait_for(session.run_async(image), timeout=10)).values()
        print("in time:", logits.argmax())


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "model.onnx"))
