# SPDX-License-Identifier: Apache-2.0
"""How the worker reaches its parent, as the command line says."""

import argparse
import json
import os
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path

from .byte_stream import PipeStream, SocketStream
from .channel import Channel
from .errors import not_installed
from .file_channel import FileChannel
from .segments import Segments
from .stream_channel import StreamChannel

TRANSPORTS = ("shared_memory", "unix", "tcp", "pipe", "grpc", "json_file")
_NEEDS = {
    "shared_memory": ("fd",),
    "unix": ("fd",),
    "tcp": ("connect",),
    "pipe": ("requests", "replies"),
    "grpc": ("fd",),
    "json_file": ("folder",),
}


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Exits with code 2 and says why where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="xpuruntime.worker", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--transport", choices=TRANSPORTS, required=True)
    parser.add_argument("--fd", type=int, metavar="NUMBER", help="the inherited socket")
    parser.add_argument("--connect", metavar="ADDRESS:PORT", help="of tcp: on 127.0.0.1")
    parser.add_argument("--requests", metavar="PATH", help="of pipe")
    parser.add_argument("--replies", metavar="PATH", help="of pipe")
    parser.add_argument("--folder", metavar="PATH", help="of json_file")
    arguments = parser.parse_args(words)
    for each in _NEEDS[arguments.transport]:
        if getattr(arguments, each) is None:
            parser.error(f"transport {arguments.transport} needs --{each}")
    return arguments


def _inherited(number: int) -> int:
    os.set_inheritable(number, False)  # programs that a model starts do not get it
    return number


def _connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    try:
        is_loopback = IPv4Address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback or not port.isdecimal():
        raise ValueError(f"--connect: expected an address as 127.0.0.1:1234, got '{address}'")
    connected = socket.create_connection((host, int(port)), timeout=30)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def _open_grpc(life: socket.socket) -> Channel:
    try:
        from .grpc_channel import GrpcChannel
    except ImportError as error:
        missing = not_installed(error.name or "grpc", "transport grpc needs it")
        # There is no channel yet to say it over.
        body = {"error": missing.error, "message": str(missing)}
        life.sendall(json.dumps(body).encode() + b"\n")
        raise missing from None
    return GrpcChannel(life)


def open_channel(arguments: argparse.Namespace) -> Channel:
    """Raises OSError, ValueError, PeerGoneError, TypedError."""
    match arguments.transport:
        case "grpc":
            return _open_grpc(socket.socket(fileno=_inherited(arguments.fd)))
        case "pipe":
            return StreamChannel(PipeStream(arguments.requests, arguments.replies), None)
        case "tcp":
            return StreamChannel(SocketStream(_connect(arguments.connect)), None)
        case "json_file":
            life = None if arguments.fd is None else _inherited(arguments.fd)
            return FileChannel(Path(arguments.folder), life)
    connected = socket.socket(fileno=_inherited(arguments.fd))
    is_shared = arguments.transport == "shared_memory"
    return StreamChannel(SocketStream(connected), Segments() if is_shared else None)
