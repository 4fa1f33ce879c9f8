# SPDX-License-Identifier: Apache-2.0
"""Frames as messages of one gRPC call. Imports grpc: for transport grpc alone."""

import hmac
import json
import queue
import secrets
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc

from .channel import SEND_LIMIT, Block, Channel, Message, heap_block
from .errors import PeerGoneError, unsupported
from .frames import MAX_JSON
from .open_inference import read_request, write_response

SERVICE = "inference.GRPCInferenceService"
METHOD = "ModelStreamInfer"
TOKEN_KEY = "xpurt-token"
#: Bytes of a message that gRPC sends and takes at most.
MAX_MESSAGE = (1 << 31) - 1
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
)
_CALL_SECONDS = 30.0
_LOOK_SECONDS = 0.02


class GrpcChannel(Channel):
    """`life`: a socket over which the parent is told where to call; its end says that it died."""

    def __init__(self, life: socket.socket) -> None:
        self._token = secrets.token_hex(16)
        self._changed = threading.Condition()
        self._is_called = self._is_over = self._is_closing = False
        self._outgoing: bytes | None = None
        self._sending = threading.Lock()
        self._incoming: queue.Queue[bytes | None] = queue.Queue(1)
        # One serves the parent, the other turns strangers away.
        self._server = grpc.server(
            ThreadPoolExecutor(2, "grpc"), options=(*OPTIONS, ("grpc.so_reuseport", 0))
        )
        handler = grpc.stream_stream_rpc_method_handler(self._serve)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),)
        )
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        line = json.dumps({"address": f"127.0.0.1:{port}", "token": self._token})
        with life:
            try:
                life.sendall(line.encode() + b"\n")
            except OSError as error:
                raise PeerGoneError(f"the parent is gone: {error}") from None
            self._wait_for_call(life)

    def _wait_for_call(self, life: socket.socket) -> None:
        end = time.monotonic() + _CALL_SECONDS
        poll = select.poll()
        poll.register(life, select.POLLIN)
        with self._changed:
            while not self._changed.wait_for(lambda: self._is_called, _LOOK_SECONDS):
                if poll.poll(0) or time.monotonic() > end:
                    raise PeerGoneError("the parent did not call")

    def _serve(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        said = dict(context.invocation_metadata()).get(TOKEN_KEY, "")
        with self._changed:
            is_parent = not self._is_called and hmac.compare_digest(
                str(said).encode(), self._token.encode()
            )
            self._is_called = self._is_called or is_parent
        if not is_parent:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is not the worker's")
        context.add_callback(self._end)
        threading.Thread(target=self._read, args=(requests,), daemon=True).start()
        with self._changed:
            self._changed.notify_all()
        return self._responses()

    def _end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _read(self, requests: Iterator[bytes]) -> None:
        try:
            for each in requests:
                self._incoming.put(each)
        except grpc.RpcError:
            pass  # the call has ended
        self._incoming.put(None)

    def _responses(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._outgoing is not None or self._is_over or self._is_closing
                )
                if self._outgoing is None:
                    return
            yield self._outgoing
            with self._changed:  # it has been sent
                self._outgoing = None
                self._changed.notify_all()

    def allocate(self, size: int) -> Block:
        if size > MAX_MESSAGE - 2 * MAX_JSON:
            raise unsupported(f"transport grpc does not take the {size} bytes of these tensors")
        return heap_block(size)

    def send(self, message: Message) -> None:
        data = write_response(message)
        with self._sending, self._changed:
            self._outgoing = data
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._outgoing is None or self._is_over, SEND_LIMIT)
            if self._outgoing is not None:
                raise PeerGoneError("the parent does not take what is sent")

    def receive(self, until: float | None = None) -> Message | None:
        try:
            left = None if until is None else max(0.0, until - time.monotonic())
            data = self._incoming.get(timeout=left)
        except queue.Empty:
            return None
        if data is None:
            raise PeerGoneError("the parent has ended the call")
        return read_request(data, self.max_payload)

    def close(self) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._server.stop(1.0).wait()
