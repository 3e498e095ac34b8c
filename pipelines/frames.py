"""Messages between the decoder and its child over one socket: two lengths, a JSON head, and bytes."""

import socket
import struct
from typing import Any

import orjson

_LENGTHS = struct.Struct("!IQ")
_CHUNK = 1 << 20


class ConnectionEnded(Exception):
    """The other side closed the socket, between frames or inside one."""


def send_frame(connection: socket.socket, head: dict[str, Any], body: bytes = b"") -> None:
    """Raises TimeoutError past the socket's time-out and ConnectionEnded when nobody listens."""
    raw = orjson.dumps(head)
    try:
        connection.sendall(_LENGTHS.pack(len(raw), len(body)) + raw)
        connection.sendall(body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ConnectionEnded from error


def receive_frame(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Raises TimeoutError past the socket's time-out and ConnectionEnded at the end."""
    head_length, body_length = _LENGTHS.unpack(_receive(connection, _LENGTHS.size))
    head: dict[str, Any] = orjson.loads(_receive(connection, head_length))
    return head, bytes(_receive(connection, body_length))


def _receive(connection: socket.socket, length: int) -> bytearray:
    received = bytearray(length)
    view = memoryview(received)
    done = 0
    while done < length:
        try:
            count = connection.recv_into(view[done : done + _CHUNK])
        except ConnectionResetError as error:
            raise ConnectionEnded from error
        if not count:
            raise ConnectionEnded
        done += count
    return received
