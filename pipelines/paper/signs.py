"""Text as the document's letter types can set it. PDF/A allows no sign without a glyph, and strangers type anything."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

SIGNS = Path(__file__).parents[2] / "configs" / "paper" / "signs.txt"
BOX = "□"
_PLAIN = re.compile("[\n -~]*")
_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
#: Reordering marks could show an amount or a name otherwise than it is; joiners and the like have no glyph.
_UNSEEN = frozenset({"Cf", "Cc"})


def printable(text: str) -> str:
    """The text in NFC; what has no glyph here is a box, what is never seen is left out. Lines stay apart."""
    if _PLAIN.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFC", _BREAKS.sub("\n", text)).replace("\t", " ")
    return "".join(_sign(sign) for sign in plain)


def all_printable(value: Any) -> Any:
    """As printable, of every text within a document's data; keys stay as they are."""
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {key: all_printable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [all_printable(inner) for inner in value]
        case _:
            return value


def plainest(value: Any) -> Any:
    """Only ASCII, for the rare run of signs that have glyphs singly and not together."""
    match value:
        case str():
            return re.sub(r"[^\n -~]", BOX, unicodedata.normalize("NFC", value))
        case Mapping():
            return {key: plainest(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plainest(inner) for inner in value]
        case _:
            return value


def _sign(sign: str) -> str:
    if _PLAIN.fullmatch(sign):
        return sign
    kind = unicodedata.category(sign)
    if kind in _UNSEEN or kind == "Zs":
        return " " if kind == "Zs" else ""
    begins, ends = ranges()
    at = bisect_right(begins, ord(sign)) - 1
    return sign if at >= 0 and ord(sign) <= ends[at] else BOX


@cache
def ranges() -> tuple[Sequence[int], Sequence[int]]:
    """First and last code points of the ranges that have glyphs, in order."""
    words = [
        word for line in SIGNS.read_text("ascii").splitlines() if not line.startswith("#") for word in line.split()
    ]
    pairs = [word.partition("-") for word in words]
    return [int(first, 16) for first, _, _ in pairs], [int(last or first, 16) for first, _, last in pairs]
