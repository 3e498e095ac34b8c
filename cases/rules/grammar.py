"""Reads the text of a cell.

    cell      = "-" | "missing" | "present" | "not(" tests ")" | tests
    tests     = test { "," test }
    test      = ("<" | "<=" | ">" | ">=" | "=") literal | interval | literal
    interval  = ("[" | "(" | "]") literal ".." literal ("]" | ")" | "[")
    literal   = word | number | date | duration | period | "true" | "false" | "null" | quoted text | constant

and in a column of type set

    test      = "contains" word | "contains" ("any" | "all" | "none") "(" word { "," word } ")" | "empty" | "null"

A cell is refused rather than guessed at: an unknown word, a value outside the domain, and a cell that no value
of the column can ever meet.
"""

import re
from typing import Any, NamedTuple

from cases.rules.cells import ANY, Cell, Form, Has, How, Is, Test, Within
from cases.rules.constants import NO_CONSTANTS, Constants, fitted
from cases.rules.domains import (
    KEYWORDS,
    NUMBERS,
    ORDERED,
    Domain,
    Kind,
    Known,
    literal_text,
    read_literal,
    read_value,
)
from cases.rules.problems import Unreadable, instead_of, shown
from cases.rules.samples import samples

_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_TEST = re.compile(r'((?:[^",]|"(?:[^"\\]|\\["\\])*")+)(,|$)')
_SET_TEST = re.compile(r'((?:[^",()]|"(?:[^"\\]|\\["\\])*"|\((?:[^"()]|"(?:[^"\\]|\\["\\])*")*\))+)(,|$)')
_OPERATOR = re.compile(r"([<>=!]+)\s*(.*)", re.DOTALL)
_INTERVAL = re.compile(r"([\[(\]])(.+?)\.\.(.+)([\])\[])", re.DOTALL)
_LONGEST_INTERVAL = 200  # characters: its two bounds have at most 33 each
_CONTAINS = re.compile(r"contains\s+(?:(any|all|none)\s*\((.*)\)|(.+))", re.DOTALL)
_TIGHT_COMMA = re.compile(r"[0-9],[0-9]")


class _Column(NamedTuple):
    """What the words of a cell can mean: values of its column, or constants of the table."""

    domain: Domain
    constants: Constants

    def literal(self, text: str) -> tuple[Any, str]:
        """The value, and the name of the constant when it was written as one."""
        if text in self.constants:
            return fitted(self.constants[text], self.domain), text
        try:
            return read_literal(text, self.domain), ""
        except Unreadable as refused:
            near = instead_of(text, list(self.constants)) if self.constants else ""
            if self.domain.kind is not Kind.TEXT and near.startswith("did you mean"):
                raise Unreadable(refused.what, near) from None
            raise


def parse_cell(raw: object, domain: Domain, constants: Constants = NO_CONSTANTS) -> Cell:
    """The cell that was written; absent cells are the caller's `ANY`. Raises Unreadable."""
    column = _Column(domain, constants)
    match raw:
        case str():
            cell = _parse_text(raw.strip(), column)
        case list() | tuple():
            cell = Cell(Form.IN, tuple(_listed(item, column) for item in raw))
        case None:
            raise Unreadable(
                "the cell is empty", 'write "-" for any value, "null" in quotes for null, or leave the key out'
            )
        case _:
            cell = Cell(Form.IN, (Is(_literal(raw, domain)),))
    return _meetable(cell, domain)


def _parse_text(text: str, column: _Column) -> Cell:
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
            return _parse_tests(text, column)


def _parse_tests(text: str, column: _Column) -> Cell:
    if inner := _NOT.fullmatch(text):
        return Cell(Form.NOT_IN, _tests(inner[1], column))
    return Cell(Form.IN, _tests(text, column))


def _listed(raw: object, column: _Column) -> Test:
    if not isinstance(raw, str):
        return Is(_literal(raw, column.domain))
    if ".." in raw and column.domain.kind in ORDERED and not _interval_parts(raw.strip()):
        raise Unreadable(
            f"YAML reads this interval as a list of {shown(raw)}", f'write it in quotes: "[{raw.strip()}]"'
        )
    return _test(raw.strip(), column)


def _literal(raw: object, domain: Domain) -> Known | None:
    value = read_value(raw, domain)
    if isinstance(value, tuple):
        raise Unreadable("a list stands inside a list", 'write what the set contains, for example "contains a"')
    return value


def _tests(text: str, column: _Column) -> tuple[Test, ...]:
    if column.domain.kind in NUMBERS and _TIGHT_COMMA.search(text):
        raise Unreadable(
            f"the comma in {shown(text)} can be read in two ways",
            'write "1, 2" for a list, "1000" for a thousand, "0.5" for a half',
        )
    pattern = _SET_TEST if column.domain.kind is Kind.SET else _TEST
    return tuple(_test(item, column) for item in _split(text, pattern))


def _split(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The parts between the commas that stand outside quotes, and in a set column outside brackets."""
    parts, start, comma = [], 0, ","
    while comma:
        match = pattern.match(text, start)
        if match is None or not match[1].strip():
            raise Unreadable(
                f"a value is missing, or a bracket or a quote stays open in {shown(text)}",
                'write for example "a, b" or not(a, b)',
            )
        parts.append(match[1].strip())
        start, comma = match.end(), match[2]
    return parts


def _test(text: str, column: _Column) -> Test:
    if text in ("-", "missing", "present"):
        raise Unreadable(f'"{text}" stands alone in a cell', "give the other values a row of their own")
    if column.domain.kind is Kind.SET:
        return _set_test(text, column)
    if match := _OPERATOR.fullmatch(text):
        return _comparison(text, match[1], match[2], column)
    if parts := _interval_parts(text):
        return _interval(text, parts, column)
    return _word(text, column)


def _word(text: str, column: _Column) -> Is:
    try:
        return Is(*column.literal(text))
    except Unreadable as refused:
        if column.domain.kind is Kind.TEXT and text != "null" and text not in column.constants:
            known = [*column.domain.values, *KEYWORDS[1:], *column.constants]
            raise Unreadable(refused.what, instead_of(text, known)) from None
        raise


def _set_test(text: str, column: _Column) -> Is | Has:
    if text == "null":
        return Is(read_literal(text, column.domain))
    if text == "empty":
        return Has(How.EMPTY)
    match = _CONTAINS.fullmatch(text)
    if match is None:
        raise Unreadable(
            f"{shown(text)} does not say what the set contains",
            'write for example "contains a", "contains any(a, b)", "contains all(a, b)", or "empty"',
        )
    how, named, alone = match.groups()
    item = _Column(Domain(Kind.TEXT, column.domain.values), NO_CONSTANTS)
    values = tuple(_word(one, item).value for one in (_split(named, _TEST) if how else [alone.strip()]))
    if len(set(values)) < len(values):
        raise Unreadable(f"{shown(text)} names something twice", "name it once")
    single = len(values) == 1 and how != How.NONE
    return Has(How.ANY if single else How(how), tuple(str(value) for value in values))


def _comparison(text: str, operator: str, operand: str, column: _Column) -> Test:
    if operator in ("!=", "<>"):
        raise Unreadable(f"{shown(text)} is not a comparison", 'write "not(…)"')
    if operator not in ("<", "<=", ">", ">=", "="):
        raise Unreadable(f"{shown(text)} is not a comparison", 'write for example "<= 500"')
    if operator == "=":
        return Is(*column.literal(operand))
    value, name = _bound(text, operand, column)
    if operator.startswith("<"):
        return Within(None, value, high_open=operator == "<", high_name=name)
    return Within(value, None, low_open=operator == ">", low_name=name)


def _interval_parts(text: str) -> tuple[str, str, str, str] | None:
    """Opening bracket, bounds and closing bracket, when the text is an interval."""
    match = _INTERVAL.fullmatch(text) if len(text) <= _LONGEST_INTERVAL else None
    return (match[1], match[2].strip(), match[3].strip(), match[4]) if match else None


def _interval(text: str, parts: tuple[str, str, str, str], column: _Column) -> Within:
    opening, low_text, high_text, closing = parts
    (low, low_name), (high, high_name) = _bound(text, low_text, column), _bound(text, high_text, column)
    if low > high:
        raise Unreadable(
            f"the interval {shown(text)} is empty: {literal_text(low)} is above {literal_text(high)}",
            "write the lower bound first",
        )
    return Within(low, high, opening != "[", closing != "]", low_name, high_name)


def _bound(text: str, literal: str, column: _Column) -> tuple[Any, str]:
    if column.domain.kind not in ORDERED:
        raise Unreadable(f"{shown(text)} needs an order, and this column has none", "list the values it may have")
    value, name = column.literal(literal)
    if value is None:
        raise Unreadable(f"{shown(text)} compares with null", 'write "null" alone, or in a list')
    return value, name


def _meetable(cell: Cell, domain: Domain) -> Cell:
    if cell.form in (Form.ANY, Form.MISSING, Form.PRESENT):
        return cell
    if not cell.tests:
        raise Unreadable("the list is empty", 'write "-" for any value')
    if len(set(cell.tests)) < len(cell.tests):
        raise Unreadable(f"{shown(str(cell))} names something twice", "name it once")
    if not _ever_met(cell, domain):
        raise Unreadable(
            f"{shown(str(cell))} can never be met", f"the column takes {domain}; mend the cell or leave the row out"
        )
    return cell


def _ever_met(cell: Cell, domain: Domain) -> bool:
    if domain.kind is Kind.TEXT:  # each value that is named is in the domain
        return cell.form is Form.IN or len(cell.tests) < len(domain.values) + domain.nullable
    return any(cell.holds(value) for value in samples(domain, [cell]))
