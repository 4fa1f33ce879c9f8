# SPDX-License-Identifier: Apache-2.0
"""The header that every frame begins with, its limits, and the JSON behind it."""

import json
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from .errors import BadFrameError, TypedError

VERSION = 1
MAGIC = b"XPRW"
SHARED = 1
MAX_JSON = 16 << 20
MAX_PAYLOAD = 1 << 40
MAX_DEPTH = 64
ALIGNMENT = 64

_HEADER = struct.Struct("<4sHHIIQQ")
_PLACE = struct.Struct("<QQQ")
HEADER_BYTES = _HEADER.size
PLACE_BYTES = _PLACE.size


class Type(IntEnum):
    """What a frame is; the names are those of json_file too."""

    HELLO = 1
    LOAD = 2
    INFO = 3
    RUN = 4
    CONVERT = 5
    STATS = 6
    CHECK_DEVICE = 7
    HEALTH = 8
    CANCEL = 9
    SHUTDOWN = 10
    REPLY = 64
    ERROR = 65
    PROGRESS = 66
    LOG = 67
    SEGMENTS = 68


def name_of(kind: int) -> str:
    """ "run"; the number of a type that there is not."""
    return Type(kind).name.lower() if kind in Type._value2member_map_ else str(kind)


@dataclass(frozen=True)
class Header:
    type: int
    id: int
    json_bytes: int = 0
    payload_bytes: int = 0
    flags: int = 0

    def encode(self) -> bytes:
        return _HEADER.pack(
            *(MAGIC, VERSION, self.type, self.flags, self.json_bytes, self.id, self.payload_bytes)
        )

    @staticmethod
    def decode(data: bytes, max_payload: int = MAX_PAYLOAD) -> "Header":
        """Raises BadFrameError for what breaks the protocol: magic, version, type, flags, sizes."""
        magic, version, kind, flags, json_bytes, number, payload_bytes = _HEADER.unpack(data)
        if magic != MAGIC:
            raise BadFrameError("what came does not begin as a frame: expected 'XPRW'")
        if version != VERSION:
            raise BadFrameError(
                f"the frame is of version {version} of the worker protocol, and {VERSION} is "
                "spoken here",
                number,
            )
        # A request that is not known can be answered; what else is not known cannot.
        if kind >= 64 and kind not in Type._value2member_map_:
            raise BadFrameError(f"there is no message type {kind}", number)
        if flags & ~SHARED:
            raise BadFrameError(f"flags {flags} are not known", number)
        if flags & SHARED and payload_bytes == 0:
            raise BadFrameError("a payload of 0 bytes cannot be shared", number)
        if json_bytes > MAX_JSON:
            raise BadFrameError(
                f"{json_bytes} bytes of JSON are announced, and at most {MAX_JSON} are taken",
                number,
            )
        if payload_bytes > min(max_payload, MAX_PAYLOAD):
            raise BadFrameError(
                f"a payload of {payload_bytes} bytes is announced, and at most "
                f"{min(max_payload, MAX_PAYLOAD)} are taken",
                number,
            )
        return Header(kind, number, json_bytes, payload_bytes, flags)


@dataclass(frozen=True)
class Place:
    """Where a shared payload lies."""

    segment: int
    segment_bytes: int
    offset: int

    def encode(self) -> bytes:
        return _PLACE.pack(self.segment, self.segment_bytes, self.offset)

    @staticmethod
    def decode(data: bytes, header: Header) -> "Place":
        """Raises BadFrameError for a place that cannot hold the payload of `header`."""
        place = Place(*_PLACE.unpack(data))
        if place.segment == 0:
            raise BadFrameError("segment 0 is none", header.id)
        if place.segment_bytes > MAX_PAYLOAD:
            raise BadFrameError(f"a segment of {place.segment_bytes} bytes is too long", header.id)
        if place.offset % ALIGNMENT:
            raise BadFrameError(f"a payload at offset {place.offset} is not aligned", header.id)
        if place.offset + header.payload_bytes > place.segment_bytes:
            raise BadFrameError(
                f"{header.payload_bytes} bytes at offset {place.offset} do not lie in a segment "
                f"of {place.segment_bytes}",
                header.id,
            )
        return place


def _depth_is_within(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        if not level:
            return True
        inner = []
        for each in level:
            if isinstance(each, dict):
                inner += [x for x in each.values() if isinstance(x, (dict, list))]
            elif isinstance(each, list):
                inner += [x for x in each if isinstance(x, (dict, list))]
        level = inner
    return not level


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def parse_json(data: bytes) -> dict:
    """Raises TypedError (ProtocolError): the frame is answered so, and the stream goes on."""
    if not data:
        return {}
    try:
        body = json.loads(data.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise TypedError("ProtocolError", f"what should be JSON is none: {error}") from None
    if not isinstance(body, dict):
        raise TypedError("ProtocolError", f"expected an object, got a {type(body).__name__}")
    if not _depth_is_within(body, MAX_DEPTH - 1):
        raise TypedError("ProtocolError", f"the JSON is nested deeper than {MAX_DEPTH}")
    return body


def write_json(body: dict) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="replace")


_MISSING = object()


def member(body: dict, name: str, kind: type, default: Any = _MISSING) -> Any:
    """A member of a message, which has to be of that type. Raises TypedError (ProtocolError)."""
    value = body.get(name, _MISSING)
    if value is _MISSING:
        if default is _MISSING:
            raise TypedError("ProtocolError", f"member '{name}' is missing")
        return default
    kinds = (float, int) if kind is float else kind
    if not isinstance(value, kinds) or (isinstance(value, bool) and kind is not bool):
        raise TypedError(
            "ProtocolError",
            f"member '{name}': expected {kind.__name__}, got {type(value).__name__}",
        )
    return value
