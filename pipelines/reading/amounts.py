"""Amounts of money and plain numbers in Dutch and English, in figures and in words."""

import re
from decimal import ROUND_HALF_UP, Decimal

from pipelines.reading.found import Found, found_at, without_overlap
from pipelines.reading.hinted import Hinted
from pipelines.reading.number_words import NUMBER_WORDS, read_number_words

_CENT = Decimal("0.01")
_SPACE = r"[ \t\u00a0\u202f]"
_FIGURES = (
    r"(?<![\w.,/-])(?P<figures>(?!0\d)(?:"
    rf"\d{{1,3}}(?:(?:\.\d{{3}})+|(?:,\d{{3}})+|(?:'\d{{3}})+|(?:{_SPACE}\d{{3}})+)(?![\d])(?:[.,]\d{{1,2}}(?!\d))?"
    r"|\d{1,9}(?:[.,]\d{1,2}(?!\d))?"
    r"))(?![\d]|[.,/]\d|-\d)"
)
_AFTER_SIGN = _FIGURES.replace(r"(?<![\w.,/-])", "", 1)  # "€12" and "EUR-12" put the sign against the figures
_TIMES = {
    "k": 1000, "duizend": 1000, "thousand": 1000, "mille": 1000,
    "miljoen": 1_000_000, "million": 1_000_000, "mln": 1_000_000,
}  # fmt: skip
_TIMES_WORD = rf"(?:{_SPACE}?(?P<times>{'|'.join(_TIMES)})(?![A-Za-z]))?"
_ROUND = rf"(?:[.,]{_SPACE}?[-–—=]{{1,2}})?"  # noqa: RUF001  # the dash of "250,-" in all its guises
_EURO = r"(?:euro'?s?|euro’s|eurootjes|eur|€|pounds?|pond|gbp|£|quid|dollars?|usd|\$)"  # noqa: RUF001
_CENTS = r"(?:eurocent|cents?|ct|pence|p)"
_SIGN = r"(?:€|£|\$|\b(?:eur|euro|gbp|usd)\b)"

_SIGN_FIRST = re.compile(rf"{_SIGN}{_SPACE}?:?{_SPACE}?{_AFTER_SIGN}{_ROUND}{_TIMES_WORD}", re.IGNORECASE)
_SIGN_LAST = re.compile(
    rf"{_FIGURES}{_ROUND}{_TIMES_WORD}{_SPACE}?{_EURO}(?!\w)"
    rf"(?:{_SPACE}(?:(?:en|and){_SPACE})?(?P<cents>\d\d)(?![\d.,:/-])(?:{_SPACE}?{_CENTS}(?!\w))?)?",
    re.IGNORECASE,
)
_ONLY_CENTS = re.compile(rf"{_FIGURES}{_SPACE}?{_CENTS}(?!\w)", re.IGNORECASE)
_ROUND_ONLY = re.compile(rf"{_FIGURES}[.,]{_SPACE}?[-–—=]{{1,2}}(?!\w)")  # noqa: RUF001
_THOUSANDS_ONLY = re.compile(rf"{_FIGURES}k(?!\w)", re.IGNORECASE)
_UNIT = rf"(?:{_EURO}|eurocent|cents?|pence)(?!\w)"
_IN_WORDS = Hinted(
    re.compile(_UNIT, re.IGNORECASE),
    re.compile(rf"\b(?P<words>{NUMBER_WORDS}){_SPACE}?(?P<unit>{_EURO}|eurocent|cents?|pence)(?!\w)", re.IGNORECASE),
)
_BARE = re.compile(rf"{_FIGURES}(?!\w)")
_NO_MONEY_BEFORE = re.compile(
    r"(?:\b(?:om|rond|omstreeks|tegen|at|around|about|vanaf|tot|until|versie|version|v)|[:#])\s*$", re.IGNORECASE
)
_NO_MONEY_AFTER = re.compile(
    r"\s?(?:uur|u\b|hrs?\b|hours?|[ap]\.?m\b|%|procent|percent|km|kilo|kg|gram|cm\b|mm\b|m[23²³]?\b|meter|metre"
    r"|liter|litre|l\b|kwh|bar\b|graden|degrees|°|volt|watt|inch|keer|x\b)",
    re.IGNORECASE,
)


def find_amounts(text: str, *, language: str) -> list[Found]:
    """Money, kind `amount`, value a decimal with two places and a point ("1234.56"), in reading order.

    The certainty is lower without a currency (at most 0.5), for dollars, and when the separators contradict
    the language. The currency itself is not part of the value.
    """
    found = [_in_figures(text, match, language) for match in _SIGN_FIRST.finditer(text)]
    found += [_in_figures(text, match, language) for match in _SIGN_LAST.finditer(text)]
    found += [_cents(text, match, language) for match in _ONLY_CENTS.finditer(text)]
    found += [_without_currency(text, match, language, 0.9) for match in _ROUND_ONLY.finditer(text)]
    found += [_without_currency(text, match, language, 0.5) for match in _THOUSANDS_ONLY.finditer(text)]
    found += [_in_words(text, match) for match in _IN_WORDS.finditer(text)]
    taken = without_overlap(found)
    return without_overlap([*taken, *_bare_amounts(text, language, taken)])


def find_numbers(text: str, *, language: str) -> list[Found]:
    """Plain numbers, kind `number`, value without grouping or trailing zeros ("12345", "2.5"); words count too."""
    found = []
    for match in _BARE.finditer(text):
        number, sure = _read_figures(match["figures"], language)
        found.append(_number(text, match.span("figures"), number, 0.6 * sure))
    for match in re.finditer(rf"\b{NUMBER_WORDS}\b", text, re.IGNORECASE):
        spelt = read_number_words(match[0])
        if spelt is not None and match[0].lower() != "een":  # "een" is nearly always the article
            found.append(_number(text, match.span(), Decimal(spelt), 0.5))
    return without_overlap(found)


def _read_figures(figures: str, language: str) -> tuple[Decimal, float]:
    """The number and how sure its separators are. Three figures after a lone separator are thousands: money has two."""
    plain = re.sub(r"[ \t\u00a0\u202f']", "", figures)
    point, comma = plain.rfind("."), plain.rfind(",")
    decimal_mark = "." if language.startswith("en") else ","
    if point >= 0 and comma >= 0:
        mark = max(".", ",", key=plain.rfind)
        return Decimal(plain.replace("," if mark == "." else ".", "").replace(mark, ".")), 1.0
    last = max(point, comma)
    if last < 0:
        return Decimal(plain), 1.0
    mark = plain[last]
    if len(plain) - last - 1 != len("000"):
        return Decimal(plain.replace(mark, ".")), 1.0
    sure = 0.6 if mark == decimal_mark and plain.count(mark) == 1 else 1.0
    return Decimal(plain.replace(mark, "")), sure


def _amount(text: str, span: tuple[int, int], money: Decimal, certainty: float) -> Found:
    value = str(money.quantize(_CENT, ROUND_HALF_UP))
    return found_at(text, span, kind="amount", value=value, certainty=certainty)


def _number(text: str, span: tuple[int, int], number: Decimal, certainty: float) -> Found:
    value = f"{number:f}"
    value = value.rstrip("0").rstrip(".") if "." in value else value
    return found_at(text, span, kind="number", value=value, certainty=certainty)


def _in_figures(text: str, match: re.Match[str], language: str) -> Found:
    number, sure = _read_figures(match["figures"], language)
    groups = match.groupdict()
    number *= _TIMES.get((groups["times"] or "").lower(), 1)
    if groups.get("cents") and number == number.to_integral_value():
        number += Decimal(groups["cents"]) * _CENT
    dollars = re.search(r"\$|dollar|usd", match[0], re.IGNORECASE)
    return _amount(text, match.span(), number, sure * (0.6 if dollars else 0.98))


def _cents(text: str, match: re.Match[str], language: str) -> Found:
    number, sure = _read_figures(match["figures"], language)
    return _amount(text, match.span(), number * _CENT, sure * 0.9)


def _without_currency(text: str, match: re.Match[str], language: str, certainty: float) -> Found:
    number, sure = _read_figures(match["figures"], language)
    number *= 1000 if match[0][-1] in "kK" else 1
    return _amount(text, match.span(), number, sure * certainty)


def _in_words(text: str, match: re.Match[str]) -> Found:
    number = Decimal(read_number_words(match["words"]) or 0)
    in_cents = match["unit"].lower().startswith(("cent", "eurocent", "pence"))
    return _amount(text, match.span(), number * _CENT if in_cents else number, 0.95)


def _bare_amounts(text: str, language: str, taken: list[Found]) -> list[Found]:
    """Figures with two decimals and no currency ("89,95"): perhaps money, so at 0.4 only."""
    decimals = re.compile(r".*[.]\d\d" if language.startswith("en") else r".*,\d\d", re.DOTALL)
    found = []
    for match in _BARE.finditer(text):
        start, end = match.span("figures")
        if not decimals.fullmatch(match["figures"]) or any(one.start < end and start < one.end for one in taken):
            continue
        if _NO_MONEY_BEFORE.search(text[max(0, start - 12) : start]) or _NO_MONEY_AFTER.match(text, end):
            continue
        number, sure = _read_figures(match["figures"], language)
        found.append(_amount(text, (start, end), number, 0.4 * sure))
    return found
