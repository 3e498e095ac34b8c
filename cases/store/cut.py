"""A blob that holds other blobs of its owner, kept without them: a form with its photos is stored once, not twice.

What is kept is one line of JSON, the place in the whole and the SHA-256 of each part, and then the bytes between them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

#: A smaller part stays where it is: a file of its own would cost more than its bytes.
LEAST = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A blob that lies in another one from byte `at` on."""

    at: int
    data: bytes
    sha256: str


def cut(whole: bytes, parts: Sequence[Part]) -> bytes:
    """The whole without its parts, which are in order. ValueError when a part does not lie where it says."""
    view, rest, done = memoryview(whole), list[memoryview | bytes](), 0
    for part in parts:
        end = part.at + len(part.data)
        if part.at < done or not whole.startswith(part.data, part.at):
            raise ValueError(f"the part {part.sha256} does not lie at byte {part.at}; tell where it does")
        rest.append(view[done : part.at])
        done = end
    places = orjson.dumps([[part.at, part.sha256] for part in parts])
    return b"".join([places, b"\n", *rest, view[done:]])


def mend(kept: bytes, part: Callable[[str], bytes]) -> bytes:
    """The whole again, from what `cut` made; `part` gets a part by its SHA-256."""
    places, _, rest = kept.partition(b"\n")
    pieces, done, taken = list[bytes](), 0, 0
    for at, sha256 in orjson.loads(places):
        between = rest[taken : taken + at - done]
        data = part(sha256)
        pieces += (between, data)
        taken += len(between)
        done = at + len(data)
    return b"".join([*pieces, rest[taken:]])
