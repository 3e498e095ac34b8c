"""What fits in a text message: segments as phones count them (3GPP TS 23.038), and words cut to two of them. Pure."""

import re
import unicodedata
from collections.abc import Sequence

MOST_SEGMENTS = 2
#: The default alphabet; each of the extension table takes two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_BEYOND_BMP = 0xFFFF
#: Places in a message that stands alone, and in each segment of a longer one, whose header takes some.
_GSM, _GSM_PART = 160, 153
_UCS2, _UCS2_PART = 70, 67
_PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",  # noqa: RUF001  # signs as people type them
    "œ": "oe", "Œ": "OE", "ẞ": "SS", "\u00a0": " ", "\u202f": " ", "ç": "c", "•": "-",
})  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\Wa-z])|\n+")


def segments(text: str) -> int:
    """How many segments a text takes; 0 for none. One sign outside of the default alphabet makes all of it UCS-2."""
    if not text:
        return 0
    if _BASIC.issuperset(text) or (_BASIC | _EXTENDED).issuperset(text):
        places = [2 if sign in _EXTENDED else 1 for sign in text]
        return _packed(places, alone=_GSM, part=_GSM_PART)
    places = [2 if ord(sign) > _BEYOND_BMP else 1 for sign in text]
    return _packed(places, alone=_UCS2, part=_UCS2_PART)


def _packed(places: Sequence[int], *, alone: int, part: int) -> int:
    """A sign of two places is never cut in two by the end of a segment."""
    if sum(places) <= alone:
        return 1
    count, left = 1, part
    for taken in places:
        if taken > left:
            count, left = count + 1, part
        left -= taken
    return count


def fitted(told: str, link: str, *, alone: str) -> str:
    """What is told and the link, in two segments: sentences are left out whole, from the end, and the link stays.

    Accents that would halve the room are left out before a sentence is. alone: what stands before the link when not
    even the first sentence fits; it may then take more segments.
    """
    told = told.strip()
    ends = [found.start() for found in _SENTENCE_END.finditer(told)]
    for end in (len(told), *reversed(ends)):
        for said in (told[:end], plain(told[:end])):
            text = f"{said} {link}".strip()
            if said and segments(text) <= MOST_SEGMENTS:
                return text
    return f"{plain(alone)} {link}".strip()


def plain(text: str) -> str:
    """The same words in signs of the default alphabet, as far as they can be written so."""
    return "".join(sign if sign in _BASIC or sign in _EXTENDED else _bare(sign) for sign in text.translate(_PLAIN))


def _bare(sign: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(one))
    return bare if bare and (_BASIC | _EXTENDED).issuperset(bare) else sign
