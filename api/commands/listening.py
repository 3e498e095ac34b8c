"""Where the server listens, and how it is told to end."""

import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from cases.errors import CaseError


class CannotListen(CaseError):
    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"cannot listen on {host}, port {port}: {why}; end what listens there, or choose another --host or --port"
        )


@contextmanager
def listening(host: str, port: int) -> Iterator[Sequence[socket.socket]]:
    """Sockets that hold the place, closed at the end; nobody is let in before the server listens on them.

    One for each address of the host. Raises CannotListen.
    """
    bound: list[socket.socket] = []
    try:
        for family, *_, address in _addresses(host, port):
            bound.append(_bound(family, address))
    except OSError as error:
        _close(bound)
        raise CannotListen(host, port, error.strerror or str(error)) from error
    try:
        yield bound
    finally:
        _close(bound)


def _addresses(host: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(found))


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits for connections of before
        if family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # the other family has a socket of its own
        held.bind(address)
    except OSError:
        held.close()
        raise
    return held


def _close(sockets: Sequence[socket.socket]) -> None:
    for one in sockets:
        one.close()


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM ends what is within as SystemExit does: without it, nothing after the server would run.

    uvicorn ends its own part, then raises the signal again for whoever comes after it.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(_: int, __: FrameType | None) -> NoReturn:
    raise SystemExit(0)
