"""Takes out what people cannot see in a text and a machine can read: a place to hide orders in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but the tab and the ends of lines
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphens, fillers, selectors of single scripts
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # zero width, bidi, selectors
    "\ud800-\udfff"  # halves of characters, which no request can carry
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags, and the selectors that can spell a whole text behind one emoji
    "]|\r(?=\n)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as a person sees it; character i of `text` was character `origin[i]` of what came in."""

    text: str
    origin: Sequence[int]


def only_seen(text: str) -> Seen:
    """The text without Unicode's default-ignorable characters, other format controls, C0, C1 and surrogates.

    Newline and tab stay; a lone carriage return becomes a newline. The joiners of Persian, Indic and emoji writing
    (U+200C, U+200D) go as well: a word without them is still read, and a row of them can spell an order. The Arabic
    number signs (U+0600 to U+0605 and their like) are seen, so they stay. Linear in the length of the text.
    Source: Unicode 15, DerivedCoreProperties.txt, Default_Ignorable_Code_Point.
    """
    if _UNSEEN.search(text) is None:
        return Seen(text.replace("\r", "\n"), range(len(text)))
    origin: list[int] = []
    kept: list[str] = []
    position = 0
    for unseen in _UNSEEN.finditer(text):
        kept.append(text[position : unseen.start()])
        origin.extend(range(position, unseen.start()))
        position = unseen.end()
    kept.append(text[position:])
    origin.extend(range(position, len(text)))
    return Seen("".join(kept).replace("\r", "\n"), origin)
