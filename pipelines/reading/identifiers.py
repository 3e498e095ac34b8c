"""Licence plates, account and citizen service numbers, and numbers by a journey's own pattern."""

import re

import re2
from stdnum import iban
from stdnum.nl import bsn

from pipelines.reading.found import Found, found_at, without_overlap

LONGEST_PATTERN = 300
"""Characters a journey's pattern may have."""

# The letter and figure groups of Dutch sidecodes 1 to 14. Source: RDW, "Welke kenteken-sidecodes zijn er?"
_SIDECODES = (
    "LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99", "LL-999-L",
    "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9",
)  # fmt: skip


def _plates(separator: str) -> str:
    forms = (code.replace("-", separator).replace("9", r"\d").replace("L", "[A-Z]") for code in _SIDECODES)
    return "|".join(forms)


_DASHED_PLATE = re.compile(rf"(?<![\w-])(?:{_plates('-')})(?![\w-])", re.IGNORECASE | re.ASCII)
_CUED_PLATE = re.compile(
    r"(?:kentekens?|kentekennummer|nummerplaat|nummerbord|registration(?: number)?|reg\.?(?: no\.?)?"
    r"|(?:number|licen[cs]e) plate|plate(?: number)?)"
    rf"(?: (?:is|nr\.?|nummer|van (?:mijn|de) (?:auto|motor|wagen)|of my car))*[ \t:=-]{{1,3}}"
    rf"(?P<plate>{_plates('[ -]?')})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_MONTH_IN_PLATE = re.compile(r"jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec", re.IGNORECASE)

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TR": 26,
}  # fmt: skip  # the payment area and its neighbours
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ ]?\d{2}(?=[ .-]?[A-Za-z0-9])", re.ASCII)

_CITIZEN_NUMBER = re.compile(
    r"(?<![\w.-])(?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})(?![\w-]|[.]\d)", re.ASCII
)
_CITIZEN_WORD = re.compile(r"bsn|burger ?service|sofi|citizen service", re.IGNORECASE)


def find_licence_plates(text: str) -> list[Found]:
    """Dutch plates, kind `licence_plate`, value upper case without dashes ("16RSL9").

    Found with dashes anywhere; with spaces or nothing between only right after a word such as "kenteken".
    """
    found = [_plate(text, match.span("plate"), 0.97) for match in _CUED_PLATE.finditer(text)]
    found += [
        _plate(text, match.span(), 0.9)
        for match in _DASHED_PLATE.finditer(text)
        if _MONTH_IN_PLATE.search(match[0]) is None  # 12-nov-6 is a date
    ]
    return without_overlap(found)


def _plate(text: str, span: tuple[int, int], certainty: float) -> Found:
    value = re.sub(r"[ -]", "", text[slice(*span)]).upper()
    return found_at(text, span, kind="licence_plate", value=value, certainty=certainty)


def find_ibans(text: str) -> list[Found]:
    """Account numbers, kind `iban`, value in upper case without spaces.

    `iban_invalid` (certainty 0): country and length fit but the checksum does not, so the sender can be asked.
    """
    found: list[Found] = []
    for start in _IBAN_START.finditer(text):
        if found and start.start() < found[-1].end:
            continue
        one = _iban(text, start.start())
        if one is not None:
            found.append(one)
    return found


def _iban(text: str, start: int) -> Found | None:
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    compact, position = "", start
    while len(compact) < length and position < len(text):
        character = text[position]
        if character.isascii() and character.isalnum():
            compact += character.upper()
        elif character not in " .-" or text[position - 1] in " .-":
            return None
        position += 1
    if len(compact) < length or text[position : position + 1].isalnum():
        return None
    if iban.is_valid(compact, check_country=False):
        return found_at(text, (start, position), kind="iban", value=compact, certainty=0.99)
    if sum(character.isdigit() for character in compact) < length // 2:
        return None  # words that happen to begin like an account number
    return found_at(text, (start, position), kind="iban_invalid", value=compact, certainty=0.0)


def find_citizen_numbers(text: str) -> list[Found]:
    """Dutch citizen service numbers that pass the eleven test, kind `bsn`, value nine figures. Sensitive.

    One in eleven of any nine figures passes, so without a word such as "BSN" before it the certainty is 0.4.
    """
    found = []
    for match in _CITIZEN_NUMBER.finditer(text):
        value = re.sub(r"[. ]", "", match[0])
        if bsn.is_valid(value):
            told = _CITIZEN_WORD.search(text[max(0, match.start() - 40) : match.start()])
            found.append(found_at(text, match.span(), kind="bsn", value=value, certainty=0.98 if told else 0.4))
    return found


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a journey's pattern and how to mend it; None when it is fine."""
    if len(pattern) > LONGEST_PATTERN:
        return f"the pattern has {len(pattern)} characters; use at most {LONGEST_PATTERN}"
    try:
        compiled = _compile(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        return f"{said}; write it without look-around, back references or large counts (RE2 syntax)"
    if compiled.groups > 1:
        return f"the pattern has {compiled.groups} groups; keep one around the value, write the others as (?:...)"
    if compiled.search("") is not None:
        return "the pattern also matches nothing at all; ask for at least one character, + instead of *"
    return None


def find_pattern(text: str, pattern: str, name: str) -> list[Found]:
    """Numbers by a journey's own pattern, kind `name`; case is ignored. A group, if any, marks the value.

    The value is the text in upper case with single spaces. Raises ValueError when `check_pattern` objects.
    """
    problem = check_pattern(pattern)
    if problem is not None:
        raise ValueError(f"{name}: {problem}")
    compiled = _compile(pattern)
    readable = text.encode("utf-8", "replace").decode()  # a lone surrogate becomes one question mark
    found = []
    for match in compiled.finditer(readable):
        span = match.span(compiled.groups)
        if span[0] < span[1]:
            value = " ".join(text[slice(*span)].split()).upper()
            found.append(found_at(text, span, kind=name, value=value, certainty=0.9))
    return found


def _compile(pattern: str) -> "re2._Regexp[str]":
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = 1 << 20  # bytes; a pattern that needs more is refused
    return re2.compile(pattern, options=options)
