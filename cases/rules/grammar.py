"""Reads the text of a cell.

    cell      = "-" | "missing" | "present" | "not(" tests ")" | tests
    tests     = test { "," test }
    test      = ("<" | "<=" | ">" | ">=" | "=") literal | interval | literal
    interval  = ("[" | "(" | "]") literal ".." literal ("]" | ")" | "[")
    literal   = word | number | date | "true" | "false" | "null" | quoted text

A cell is refused rather than guessed at: an unknown word, a value outside the domain, and a cell that no value
of the column can ever meet.
"""

import re

from cases.rules.cells import ANY, Cell, Form, Is, Test, Within
from cases.rules.domains import KEYWORDS, NUMBERS, ORDERED, Domain, Kind, Known, read_literal, read_value
from cases.rules.problems import Unreadable, instead_of, shown
from cases.rules.samples import samples

_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_TEST = re.compile(r'((?:[^",]|"(?:[^"\\]|\\["\\])*")+)(,|$)')
_OPERATOR = re.compile(r"([<>=!]+)\s*(.*)", re.DOTALL)
_INTERVAL = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])")
_TIGHT_COMMA = re.compile(r"[0-9],[0-9]")


def parse_cell(raw: object, domain: Domain) -> Cell:
    """The cell that was written; absent cells are the caller's `ANY`. Raises Unreadable."""
    match raw:
        case str():
            cell = _parse_text(raw.strip(), domain)
        case list() | tuple():
            cell = Cell(Form.IN, tuple(_listed(item, domain) for item in raw))
        case None:
            raise Unreadable(
                "the cell is empty", 'write "-" for any value, "null" in quotes for null, or leave the key out'
            )
        case _:
            cell = Cell(Form.IN, (Is(_literal(raw, domain)),))
    return _meetable(cell, domain)


def _parse_text(text: str, domain: Domain) -> Cell:
    match text:
        case "-":
            return ANY
        case "missing":
            return Cell(Form.MISSING)
        case "present":
            return Cell(Form.PRESENT)
        case "":
            raise Unreadable("the cell is empty", 'write "-" for any value, or \'""\' for the empty text')
        case _:
            return _parse_tests(text, domain)


def _parse_tests(text: str, domain: Domain) -> Cell:
    if inner := _NOT.fullmatch(text):
        return Cell(Form.NOT_IN, _tests(inner[1], domain))
    return Cell(Form.IN, _tests(text, domain))


def _listed(raw: object, domain: Domain) -> Test:
    if not isinstance(raw, str):
        return Is(_literal(raw, domain))
    if ".." in raw and domain.kind in ORDERED and not _INTERVAL.fullmatch(raw.strip()):
        raise Unreadable(
            f"YAML reads this interval as a list of {shown(raw)}", f'write it in quotes: "[{raw.strip()}]"'
        )
    return _test(raw.strip(), domain)


def _literal(raw: object, domain: Domain) -> Known | None:
    value = read_value(raw, domain)
    assert not isinstance(value, tuple)  # inputs are never lists
    return value


def _tests(text: str, domain: Domain) -> tuple[Test, ...]:
    if domain.kind in NUMBERS and _TIGHT_COMMA.search(text):
        raise Unreadable(
            f"the comma in {shown(text)} can be read in two ways",
            'write "1, 2" for a list, "1000" for a thousand, "0.5" for a half',
        )
    return tuple(_test(item, domain) for item in _split(text))


def _split(text: str) -> list[str]:
    """The parts between the commas that stand outside quotes."""
    parts, start, comma = [], 0, ","
    while comma:
        match = _TEST.match(text, start)
        if match is None or not match[1].strip():
            raise Unreadable(
                f"a value is missing or a quote stays open in {shown(text)}", 'write for example "a, b" or not(a, b)'
            )
        parts.append(match[1].strip())
        start, comma = match.end(), match[2]
    return parts


def _test(text: str, domain: Domain) -> Test:
    if text in ("-", "missing", "present"):
        raise Unreadable(f'"{text}" stands alone in a cell', "give the other values a row of their own")
    if match := _OPERATOR.fullmatch(text):
        return _comparison(text, match[1], match[2], domain)
    if match := _INTERVAL.fullmatch(text):
        return _interval(text, match.groups(), domain)
    return Is(_word(text, domain))


def _word(text: str, domain: Domain) -> Known | None:
    try:
        return read_literal(text, domain)
    except Unreadable as refused:
        if domain.kind is Kind.TEXT and text != "null":
            raise Unreadable(refused.what, instead_of(text, [*domain.values, *KEYWORDS[1:]])) from None
        raise


def _comparison(text: str, operator: str, operand: str, domain: Domain) -> Test:
    if operator in ("!=", "<>"):
        raise Unreadable(f"{shown(text)} is not a comparison", 'write "not(…)"')
    if operator not in ("<", "<=", ">", ">=", "="):
        raise Unreadable(f"{shown(text)} is not a comparison", 'write for example "<= 500"')
    if operator == "=":
        return Is(read_literal(operand, domain))
    value = _bound(text, operand, domain)
    if operator.startswith("<"):
        return Within(None, value, high_open=operator == "<")
    return Within(value, None, low_open=operator == ">")


def _interval(text: str, parts: tuple[str, ...], domain: Domain) -> Within:
    opening, low_text, high_text, closing = parts
    low, high = _bound(text, low_text, domain), _bound(text, high_text, domain)
    if low > high:  # type: ignore[operator]  # both are of the column's kind
        raise Unreadable(f"the interval {shown(text)} is empty", "write the lower bound first")
    return Within(low, high, low_open=opening != "[", high_open=closing != "]")


def _bound(text: str, literal: str, domain: Domain) -> Known:
    if domain.kind not in ORDERED:
        raise Unreadable(f"{shown(text)} needs an order, and this column has none", "list the values it may have")
    value = read_literal(literal, domain)
    if value is None:
        raise Unreadable(f"{shown(text)} compares with null", 'write "null" alone, or in a list')
    return value


def _meetable(cell: Cell, domain: Domain) -> Cell:
    if cell.form in (Form.ANY, Form.MISSING, Form.PRESENT):
        return cell
    if not cell.tests:
        raise Unreadable("the list is empty", 'write "-" for any value')
    if len(set(cell.tests)) < len(cell.tests):
        raise Unreadable(f"{shown(str(cell))} names something twice", "name it once")
    if not any(cell.holds(value) for value in samples(domain, [cell])):
        raise Unreadable(
            f"{shown(str(cell))} can never be met", f"the column takes {domain}; mend the cell or leave the row out"
        )
    return cell
