# SPDX-License-Identifier: Apache-2.0
"""What every transport is: a channel that carries messages."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .frames import ALIGNMENT, MAX_PAYLOAD, parse_json

#: Seconds without a byte after which a parent that is in the midst of a frame is taken as hanging.
STALL = 30.0
#: Seconds after which a parent that takes no answer is.
SEND_LIMIT = 60.0


class Block:
    """Bytes of a payload, where its channel wants them. Keeps alive what they lie in.

    ``is_private``: nobody else sees them, so that they may be written.
    """

    def __init__(self, data: np.ndarray, segment: object = None) -> None:
        self.data = data
        self.segment = segment

    @property
    def is_private(self) -> bool:
        return self.segment is None


@dataclass
class Message:
    type: int
    id: int
    json: bytes = b"{}"
    payload: Block | None = field(default=None, repr=False)

    @cached_property
    def body(self) -> dict[str, Any]:
        """What the JSON says, of a message that came. Raises TypedError, each time."""
        return parse_json(self.json)


def heap_block(size: int) -> Block:
    """Aligned memory, which costs nothing until it is written. Raises MemoryError."""
    whole = np.empty(size + ALIGNMENT, np.uint8)
    begin = -whole.ctypes.data % ALIGNMENT
    return Block(whole[begin : begin + size])


class Channel(ABC):
    """One thread receives; any may send."""

    max_payload = MAX_PAYLOAD

    @abstractmethod
    def receive(self, until: float | None = None) -> Message | None:
        """The next message; None at `until` (monotonic). Raises PeerGoneError, BadFrameError."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Raises PeerGoneError."""

    def allocate(self, size: int) -> Block:
        """Memory for a payload that is to be sent."""
        return heap_block(size)

    def abandon(self) -> None:
        """The parent is gone: what it would have removed is removed."""
        return None

    def close(self) -> None:
        """What was sent last arrives, and then the end does."""
        return None

    def give_up(self, block: Block) -> None:
        """For what was allocated and is not sent after all."""
        return None
