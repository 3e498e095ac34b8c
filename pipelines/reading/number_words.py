"""Dutch and English number words up to 999,999, as customers spell them: with or without spaces and accents."""

import re

_UNITS = {
    "een": 1, "één": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_TEENS = {
    "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "zestien": 16,
    "zeventien": 17, "achttien": 18, "negentien": 19,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70, "tachtig": 80,
    "negentig": 90,
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip


def _any(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_GAP = r"[ \t\u00a0-]?"
_AND = rf"(?:{_GAP}(?:en|and){_GAP}|{_GAP})"
_UP_TO_99 = (
    rf"(?:{_any(_UNITS)}{_GAP}[eë]n{_GAP}{_any(_TENS)}"  # vijfentwintig
    rf"|{_any(_TENS)}{_GAP}{_any(_UNITS)}"  # twenty-five
    rf"|{_any(_TEENS)}|{_any(_TENS)}|{_any(_UNITS)})"
)
_UP_TO_999 = rf"(?:(?:(?:{_UP_TO_99}|a){_GAP})?(?:honderd|hundred)(?:{_AND}{_UP_TO_99})?|{_UP_TO_99})"
NUMBER_WORDS = rf"(?:(?:(?:{_UP_TO_999}|a){_GAP})?(?:duizend|thousand)(?:{_AND}{_UP_TO_999})?|{_UP_TO_999})"
"""One number in words, without groups; use it between word boundaries and ignoring case."""

_WHOLE = re.compile(NUMBER_WORDS, re.IGNORECASE)
_PARTS = re.compile(rf"duizend|thousand|honderd|hundred|{_any(_TEENS)}|{_any(_TENS)}|{_any(_UNITS)}")
_VALUES = _UNITS | _TEENS | _TENS


def read_number_words(text: str) -> int | None:
    """The number that the whole text spells, or None."""
    if not _WHOLE.fullmatch(text):
        return None
    thousands, current = 0, 0
    for part in _PARTS.findall(text.lower()):
        if part in ("duizend", "thousand"):
            thousands, current = (current or 1) * 1000, 0
        elif part in ("honderd", "hundred"):
            current = (current or 1) * 100
        else:
            current += _VALUES[part]
    return thousands + current or None
