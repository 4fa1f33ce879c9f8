# SPDX-License-Identifier: Apache-2.0
"""Frames as messages of the Open Inference Protocol (docs/worker_protocol.md, grpc).

Imports protobuf: for transport grpc alone.
"""

import base64
import json
import struct
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from .channel import Block, Message, heap_block
from .dtypes import STRING
from .errors import BadFrameError
from .frames import ALIGNMENT, MAX_JSON, Type, name_of, parse_json, write_json
from .open_inference_schema import SCHEMA

_pool = DescriptorPool()  # of our own: a model may bring the same protocol
for _file in FileDescriptorSet.FromString(base64.b64decode(SCHEMA)).file:
    _pool.AddSerializedFile(_file.SerializeToString())
ModelInferRequest, ModelStreamInferResponse = (
    GetMessageClass(_pool.FindMessageTypeByName(f"inference.{name}"))
    for name in ("ModelInferRequest", "ModelStreamInferResponse")
)

_DATATYPES = {
    **{1: "FP32", 2: "UINT8", 3: "INT8", 4: "UINT16", 5: "INT16", 6: "INT32", 7: "INT64"},
    **{8: "BYTES", 9: "BOOL", 10: "FP16", 11: "FP64", 12: "UINT32", 13: "UINT64", 16: "BF16"},
}
_DTYPES = {name: number for number, name in _DATATYPES.items()}
_PLAIN = "UINT8"
_MOST_TENSORS = 4096


def _string_contents(data: np.ndarray, count: int) -> bytes:
    """Strings as BYTES: each behind its length."""
    offsets = data[: 8 * (count + 1)].view("<i8")
    text = data[8 * (count + 1) :].tobytes()
    return b"".join(struct.pack("<I", b - a) + text[a:b] for a, b in pairwise(offsets.tolist()))


def _read_strings(name: str, raw: bytes, count: int) -> np.ndarray:
    """As they lie in a payload."""
    texts, begin = [], 0
    while begin < len(raw):
        end = begin + 4
        if end <= len(raw):
            end += struct.unpack_from("<I", raw, begin)[0]
        if end > len(raw) or end < begin + 4:
            raise BadFrameError(f"tensor '{name}': a string is cut")
        texts.append(raw[begin + 4 : end])
        begin = end
    if len(texts) != count:
        raise BadFrameError(f"tensor '{name}': expected {count} strings, got {len(texts)}")
    offsets = np.zeros(count + 1, "<i8")
    np.cumsum([len(each) for each in texts], out=offsets[1:])
    return np.frombuffer(offsets.tobytes() + b"".join(texts), np.uint8)


def _describe(place: dict, tensor: Any) -> None:
    tensor.name = place["name"]
    datatype = _DATATYPES.get(place["dtype"])
    if datatype is not None:
        tensor.datatype = datatype
        tensor.shape.extend(place["shape"])
        return
    tensor.datatype = _PLAIN
    tensor.shape.append(place["bytes"])
    tensor.parameters["dtype"].int64_param = place["dtype"]
    tensor.parameters["shape"].string_param = json.dumps(place["shape"])


def _put(message: Message, to: Any, tensors: Any, contents: Any) -> None:
    to.id = str(message.id)
    to.parameters["type"].string_param = name_of(message.type)
    text, places = message.json, []
    payload = message.payload.data if message.payload is not None else np.empty(0, np.uint8)
    if b'"tensors"' in text and (places := (body := parse_json(text)).get("tensors", [])):
        del body["tensors"]
        text = write_json(body)
    to.parameters["json"].string_param = text.decode()
    if not places and payload.size:
        to.parameters["payload"].bool_param = True
        plain = {"name": "payload", "dtype": _DTYPES[_PLAIN], "shape": [payload.size]}
        places = [{**plain, "offset": 0, "bytes": payload.size}]
    for place in places:
        _describe(place, tensors.add())
        data = payload[place["offset"] : place["offset"] + place["bytes"]]
        is_text = place["dtype"] == STRING
        raw = _string_contents(data, prod(place["shape"])) if is_text else data.tobytes()
        contents.append(raw if place["bytes"] else b"")


def write_request(message: Message) -> bytes:
    """As a parent sends it."""
    request = ModelInferRequest()
    _put(message, request, request.inputs, request.raw_input_contents)
    return request.SerializeToString()


def write_response(message: Message) -> bytes:
    """As a worker sends it."""
    whole = ModelStreamInferResponse()
    response = whole.infer_response
    _put(message, response, response.outputs, response.raw_output_contents)
    return whole.SerializeToString()


def _text(parameters: Any, name: str) -> str:
    if name not in parameters or not parameters[name].HasField("string_param"):
        raise BadFrameError(f"parameter '{name}' is missing, or no text")
    return parameters[name].string_param


def _shape(text: str) -> list:
    try:
        shape = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrameError(f"parameter 'shape' is none: {error}") from None
    if not isinstance(shape, list):
        raise BadFrameError("parameter 'shape' is no list")
    return shape


def _place(tensor: Any) -> dict:
    """Of a tensor, without where it lies."""
    if "dtype" in tensor.parameters:
        dtype = tensor.parameters["dtype"].int64_param
        shape = _shape(_text(tensor.parameters, "shape"))
    elif tensor.datatype in _DTYPES:
        dtype, shape = _DTYPES[tensor.datatype], list(tensor.shape)
    else:
        raise BadFrameError(f"tensor '{tensor.name}': there is no datatype '{tensor.datatype}'")
    return {"name": tensor.name, "dtype": dtype, "shape": shape}


def _lay_out(tensors: Any, contents: Any, most: int) -> tuple[list[dict], Block | None]:
    if len(tensors) != len(contents) or len(tensors) > _MOST_TENSORS:
        raise BadFrameError(f"{len(tensors)} tensors came with the contents of {len(contents)}")
    places, pieces, end = [], [], 0
    for tensor, raw in zip(tensors, contents, strict=True):
        place = _place(tensor)
        if place["dtype"] == STRING:
            piece = _read_strings(tensor.name, raw, prod(place["shape"]))
        else:
            piece = np.frombuffer(raw, np.uint8)
        offset = -(-end // ALIGNMENT) * ALIGNMENT
        places.append({**place, "offset": offset, "bytes": piece.size})
        if piece.size:
            pieces.append((offset, piece))
            end = offset + piece.size
    if end > most:
        raise BadFrameError(f"a payload of {end} bytes came, and at most {most} are taken")
    if not end:
        return places, None
    block = heap_block(end)
    for offset, piece in pieces:
        block.data[offset : offset + piece.size] = piece
    return places, block


def _take(from_: Any, tensors: Any, contents: Any, most: int) -> Message:
    if not (from_.id.isascii() and from_.id.isdecimal() and int(from_.id) < 1 << 64):
        raise BadFrameError(f"id '{from_.id}' is no number")
    number, kind = int(from_.id), _text(from_.parameters, "type")
    if kind.upper() not in Type.__members__ or kind == "segments":
        raise BadFrameError(f"there is no message type '{kind}'", number)
    text = _text(from_.parameters, "json").encode()
    if len(text) > MAX_JSON:
        raise BadFrameError(f"{len(text)} bytes of JSON are too many", number)
    places, block = _lay_out(tensors, contents, most)
    if places and "payload" not in from_.parameters:
        rest = text.lstrip()
        if not rest.startswith(b"{"):
            raise BadFrameError("the JSON is no object", number)
        rest = rest[1:].lstrip()
        comma = b"" if rest.startswith(b"}") else b","
        text = b'{"tensors":' + json.dumps(places).encode() + comma + rest
    return Message(Type[kind.upper()], number, text, block)


def read_request(data: bytes, most: int) -> Message:
    """What a parent sent, with a payload of `most` bytes at most. Raises BadFrameError."""
    try:
        request = ModelInferRequest.FromString(data)
    except DecodeError as error:
        raise BadFrameError(f"what came is no ModelInferRequest: {error}") from None
    return _take(request, request.inputs, request.raw_input_contents, most)


def read_response(data: bytes, most: int) -> Message:
    """What a worker sent."""
    try:
        response = ModelStreamInferResponse.FromString(data).infer_response
    except DecodeError as error:
        raise BadFrameError(f"what came is no ModelStreamInferResponse: {error}") from None
    return _take(response, response.outputs, response.raw_output_contents, most)
