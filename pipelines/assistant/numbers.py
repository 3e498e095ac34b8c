"""Numbers as wholes, to hold a statement against its quote: of "1.250,50" neither 250 nor 50 is one."""

import re
import unicodedata

_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[.,:])(?P<whole>\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?!\d)|\d++)"  # noqa: RUF001  # as they are typed
    r"(?:[.,:](?P<part>\d{1,2})(?!\d))?(?![.,:]\d)|\d++"
)
_NO_DIGIT = re.compile(r"\D")


def numbers_in(text: str) -> frozenset[str]:
    """Each in one writing: "1 250,50", "1,250.5" and "1250.50" are the same, and so are "10.30" and "10:30".

    Of what is longer than a number and its decimals, as a date, each part is a number. Figures of every script count.
    """
    return frozenset(_plain(found) for found in _NUMBER.finditer(text))


def _plain(found: re.Match[str]) -> str:
    whole = _figures(found["whole"] or found[0]).lstrip("0") or "0"
    part = _figures(found["part"] or "").rstrip("0")
    return f"{whole}.{part}" if part else whole


def _figures(written: str) -> str:
    return "".join(str(unicodedata.decimal(figure)) for figure in _NO_DIGIT.sub("", written))
