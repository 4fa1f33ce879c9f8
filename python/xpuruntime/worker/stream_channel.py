# SPDX-License-Identifier: Apache-2.0
"""Frames over a stream of bytes, with payloads in it or in shared memory."""

import os
import threading
import time

from .byte_stream import PipeStream, SocketStream
from .channel import STALL, Block, Channel, Message, heap_block
from .errors import BadFrameError, PeerGoneError
from .frames import HEADER_BYTES, PLACE_BYTES, SHARED, Header, Place, Type, write_json
from .segments import OwnSegment, Segments

_BUFFER_BYTES = 1 << 16


class StreamChannel(Channel):
    """`segments`: where payloads lie; None: in the stream."""

    def __init__(self, stream: SocketStream | PipeStream, segments: Segments | None) -> None:
        self._stream = stream
        self._segments = segments
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._begin = self._end = 0
        self._sending = threading.Lock()

    def allocate(self, size: int) -> Block:
        return heap_block(size) if self._segments is None else self._segments.allocate(size)

    def give_up(self, block: Block) -> None:
        if self._segments is not None:
            self._segments.give_up(block)

    def send(self, message: Message) -> None:
        payload = message.payload
        size = 0 if payload is None else payload.data.size
        flags = SHARED if size and self._segments is not None else 0
        header = Header(message.type, message.id, len(message.json), size, flags).encode()
        with self._sending:
            if self._segments is None:
                pieces = [memoryview(header + message.json)]
                if size:
                    pieces.append(memoryview(payload.data))
                self._stream.write(pieces)
                return
            if (notes := self._segments.take_notes()) is not None:
                json = write_json(notes)
                head = Header(Type.SEGMENTS, 0, len(json)).encode()
                self._stream.write([memoryview(head + json)])
            if not flags:
                self._stream.write([memoryview(header + message.json)])
                return
            self._send_shared(header, message.json, payload.segment)

    def _send_shared(self, header: bytes, json: bytes, segment: OwnSegment) -> None:
        place = Place(segment.id, segment.size, 0).encode()
        self._stream.write([memoryview(header + place + json)], segment.descriptor)
        if segment.descriptor is not None:
            os.close(segment.descriptor)
            segment.descriptor = None

    def receive(self, until: float | None = None) -> Message | None:
        while True:
            message = self._receive_one(until)
            if message is None or message.type != Type.SEGMENTS:
                return message
            if self._segments is None:
                raise BadFrameError("message segments over a transport without segments")
            self._segments.take_notes_of_parent(message.json)

    def _receive_one(self, until: float | None) -> Message | None:
        if self._begin == self._end:
            self._begin = self._end = 0
            self._end = self._stream.read_into(self._view, until)
            if self._end == 0:
                return None
        header = Header.decode(self._next(HEADER_BYTES), self.max_payload)
        place = None
        if header.flags & SHARED:
            if self._segments is None:
                raise BadFrameError("a shared payload over a transport without segments", header.id)
            place = Place.decode(self._next(PLACE_BYTES), header)
        json = self._next(header.json_bytes)
        return Message(header.type, header.id, json, self._payload(header, place))

    def _payload(self, header: Header, place: Place | None) -> Block | None:
        if header.payload_bytes == 0:
            return None
        if place is not None:
            is_new = not self._segments.knows(place.segment)
            descriptor = self._stream.take_attached() if is_new else None
            return self._segments.open(place, header.payload_bytes, descriptor)
        try:
            block = heap_block(header.payload_bytes)
        except MemoryError:
            raise BadFrameError(
                f"there is no memory for a payload of {header.payload_bytes} bytes", header.id
            ) from None
        self._take(memoryview(block.data))
        return block

    def _next(self, size: int) -> bytes:
        if size <= self._end - self._begin:
            begin, self._begin = self._begin, self._begin + size
            return bytes(self._view[begin : begin + size])
        data = bytearray(size)  # bounded by the limits of a frame
        self._take(memoryview(data))
        return bytes(data)

    def _take(self, to: memoryview) -> None:
        ready = min(len(to), self._end - self._begin)
        to[:ready] = self._view[self._begin : self._begin + ready]
        self._begin += ready
        done = ready
        while done < len(to):
            # What is small is read with what comes behind it.
            if len(to) - done < _BUFFER_BYTES:
                self._begin, self._end = 0, self._read(self._view)
                ready = min(len(to) - done, self._end)
                to[done : done + ready] = self._view[:ready]
                self._begin = ready
                done += ready
            else:
                done += self._read(to[done:])

    def _read(self, to: memoryview) -> int:
        got = self._stream.read_into(to, time.monotonic() + STALL)
        if got == 0:
            raise PeerGoneError("the parent stopped in the midst of a frame")
        return got
