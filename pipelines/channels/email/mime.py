"""The tree of a mail's parts, walked without recursion and under caps.

The standard library's parser raises RecursionError on deep nesting and tries every open boundary on every
line; this one finds boundaries in the raw bytes and stops at the caps.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.channels.email.mail_headers import Headers, split_headers
from pipelines.channels.parsed import TooDeep, TooManyParts

MAX_PARTS = 200
MAX_DEPTH = 20
MAX_PART_HEADER_BYTES = 16 * 1024
MAX_BOUNDARY_CHARS = 250  # RFC 2046 allows 70; real mailers exceed it
MAX_FALSE_BOUNDARIES = 10_000  # lines that start like the boundary and go on differently

_REST_OF_LINE = re.compile(rb"[ \t]*(?:\r?\n|\Z)")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part that holds content. `message` counts the mails inside the mail (0 is the outer one).

    `alternative` names the multipart/alternative it is a rendering of, None when it stands on its own.
    """

    headers: Headers
    body: bytes
    message: int
    alternative: int | None

    def content(self) -> bytes:
        """The body with its transfer encoding undone; damaged base64 gives what could be read."""
        encoding = self.headers.first("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _read_base64(self.body)
        return binascii.a2b_qp(self.body) if encoding == "quoted-printable" else self.body


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail inside the mail (a forward): its number and its headers."""

    message: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class _Part:
    raw: bytes
    depth: int
    message: int
    alternative: int | None
    default_type: str = "text/plain"


def walk(headers: Headers, body: bytes, notes: list[str]) -> Iterator[Leaf | Envelope]:
    """Leaves and inner mails in reading order. Raises TooDeep and TooManyParts; `notes` gains what was mended."""
    waiting: list[tuple[Headers, bytes, _Part]] = [(headers, body, _Part(b"", 0, 0, None))]
    parts = messages = 0
    while waiting:
        headers, body, place = waiting.pop()
        if place.depth > MAX_DEPTH:
            raise TooDeep(MAX_DEPTH)
        kind = headers.content_type if headers.has("content-type") else place.default_type
        if kind == "message/rfc822":
            messages += 1
            inner = split_headers(body, MAX_PART_HEADER_BYTES)
            if inner is not None:
                yield Envelope(messages, inner[0])
                place = _Part(b"", place.depth + 1, messages, None)
                waiting.append((inner[0], body[inner[1] :], place))
                continue
        children = _children(headers, body, kind, notes) if kind.startswith("multipart/") else None
        if children is None:
            yield Leaf(headers, body, place.message, place.alternative)
            continue
        parts += len(children)
        if parts > MAX_PARTS:
            raise TooManyParts(MAX_PARTS)
        alternative = parts if kind == "multipart/alternative" else place.alternative
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        for child in reversed(children):
            below = _Part(child, place.depth + 1, place.message, alternative, default)
            split = split_headers(child, MAX_PART_HEADER_BYTES)
            waiting.append((split[0], child[split[1] :], below) if split else (Headers(()), child, below))


def _children(headers: Headers, body: bytes, kind: str, notes: list[str]) -> list[bytes] | None:
    """The raw parts of a multipart; None when it has no usable boundary and so reads as one part."""
    boundary = headers.parameter("content-type", "boundary").rstrip()
    raw_boundary = boundary.encode("utf-8", "replace")
    if not raw_boundary or len(raw_boundary) > MAX_BOUNDARY_CHARS:
        notes.append(f"{kind} without a usable boundary, read as one part")
        return None
    children, closed = split_parts(body, raw_boundary)
    if not children:
        notes.append(f"{kind} in which the boundary does not occur, read as one part")
        return None
    if not closed:
        notes.append("the closing boundary is missing; the mail may have been cut off")
    return children


def split_parts(body: bytes, boundary: bytes) -> tuple[list[bytes], bool]:
    """The raw parts between the boundary lines, and whether the closing one was there. Raises TooManyParts."""
    parts: list[bytes] = []
    start = -1
    for at, end, closing in _boundary_lines(body, boundary):
        if start >= 0:
            parts.append(body[start : at - 1].removesuffix(b"\r") if at > start else b"")
        if closing:
            return parts, True
        if len(parts) >= MAX_PARTS:
            raise TooManyParts(MAX_PARTS)
        start = end
    if start >= 0:
        parts.append(body[start:])
    return parts, False


def _boundary_lines(body: bytes, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it closes) of each boundary line; neighbours may share a newline."""
    opening = b"--" + boundary
    at = 0 if body.startswith(opening) else body.find(b"\n" + opening) + 1 or -1
    false_ones = 0
    while at >= 0:
        after = at + len(opening)
        closing = body.startswith(b"--", after)
        rest = _REST_OF_LINE.match(body, after + 2 if closing else after)
        if rest:
            yield at, rest.end(), closing
        elif (false_ones := false_ones + 1) > MAX_FALSE_BOUNDARIES:
            raise TooManyParts(MAX_PARTS)
        at = body.find(b"\n" + opening, rest.end() - 1 if rest else after) + 1 or -1


def _read_base64(body: bytes) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        clean = body.translate(None, _NOT_BASE64)
        clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
