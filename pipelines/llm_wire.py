"""The way to a language model: nothing takes longer than its deadline, and nothing leaves that nobody meant to send.

Loaded at the first question only: the client that it speaks for comes with the extra `llm`.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

MOST_RECEIVED = 32 * 1024 * 1024  # bytes of all answers to one question: streams wrap each word in 300 of them
_PIECE = 64 * 1024  # bytes that are sent before the clock is looked at
_SENT = {b"host", b"accept", b"content-type", b"content-length", b"authorization", b"idempotency-key"}


class TooMuch(Exception):
    """An answer has no end."""


class Deadline:
    """Of all tries together."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._received = 0

    @property
    def left(self) -> float:
        """Seconds; 0 or less when it is over."""
        return self._until - time.monotonic()

    def to_go(self) -> float:
        """Seconds. Raises httpcore2.TimeoutException when it is over."""
        if (left := self.left) <= 0:
            raise httpcore2.TimeoutException("the time for this answer is over")
        return left

    def take(self, piece: bytes) -> bytes:
        self._received += len(piece)
        if self._received > MOST_RECEIVED:
            raise TooMuch(f"more than {MOST_RECEIVED} bytes were sent")
        return piece


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every read and write ends by the deadline.

    The time-outs of HTTP clients count anew with each byte, so that a server that sends one byte a second, of its
    headers or body, keeps them for ever.
    """

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # the deadline's instead
        return self._deadline.take(self._stream.read(max_bytes, self._deadline.to_go()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # as above
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._deadline.to_go())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  # as above
    ) -> httpcore2.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._deadline.to_go())
        return _TimedStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _TimedNetwork(httpcore2.NetworkBackend):
    """Looking up a name is the one thing that the deadline does not bound: the system's resolver has its own."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline, self._system = deadline, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # the deadline's instead
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Each address of the host gets its share of what is left, as one that swallows packets would take it all."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        for others in range(len(addresses) - 1, -1, -1):
            share = self._deadline.to_go() / (others + 1)
            try:
                stream = self._system.connect_tcp(
                    addresses[-1 - others], port, share, local_address, socket_options or ()
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not others:
                    raise
            else:
                return _TimedStream(stream, self._deadline)
        raise httpcore2.ConnectError("the host has no address")


class _Wire(httpx2.BaseTransport):
    """Straight to the endpoint: no proxy, no redirect, no compression (a bomb), no header that tells about us."""

    def __init__(self, deadline: Deadline, *, has_key: bool, secure: bool) -> None:
        self._sent = _SENT if has_key else _SENT - {b"authorization"}
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context() if secure else None, network_backend=_TimedNetwork(deadline)
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=[
                    *(pair for pair in request.headers.raw if pair[0].lower() in self._sent),
                    (b"User-Agent", b"casewright"),
                    (b"Accept-Encoding", b"identity"),
                ],
                content=request.stream,
            )
        )
        plain = [pair for pair in answer.headers if pair[0].lower() != b"content-encoding"]
        return httpx2.Response(answer.status, headers=plain, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Any:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def open_client(url: str, deadline: Deadline, *, has_key: bool) -> httpx2.Client:
    """For one question. To be closed."""
    wire = _Wire(deadline, has_key=has_key, secure=url.lower().startswith("https:"))
    return httpx2.Client(transport=wire, trust_env=False, follow_redirects=False)
