# SPDX-License-Identifier: Apache-2.0
"""What ``await job`` does. A module of its own, since asyncio takes long to import."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeVar

from ._core import Job

Outputs = TypeVar("Outputs")


async def outputs(job: Job[Outputs]) -> Outputs:
    """The outputs of a job, once it is done; a cancelled task cancels it."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def end() -> None:
        if not done.done():
            done.set_result(None)

    def tell() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(end)

    job.when_done(tell)
    try:
        await done
    except asyncio.CancelledError:
        job.cancel()
        raise
    return job.outputs()
