"""A table's rows in words, for people who own the rules but do not read cells. Pure."""

from typing import assert_never

from cases.rules.cells import Cell, Form, Has, How, Is, Test, Within
from cases.rules.domains import OutValue, literal_text
from cases.rules.table import Row, Table


def when_words(table: Table, row: Row) -> str:
    """What a row asks for: "topic is leak and photos is at least 1"; of the else row "no row above fits"."""
    if row is table.otherwise:
        return "no row above fits"
    asked = [
        f"{column.name} {_cell(cell)}"
        for column, cell in zip(table.inputs, row.cells, strict=True)
        if cell.form is not Form.ANY
    ]
    return " and ".join(asked) or "always"


def then_words(row: Row) -> str:
    """What a row gives: "step route, department planning"; what is empty is left out."""
    return ", ".join(f"{name} {_given(value)}" for name, value in row.outputs.items() if value not in ("", ()))


def _given(value: OutValue) -> str:
    return " and ".join(value) if isinstance(value, tuple) else literal_text(value)


def _cell(cell: Cell) -> str:
    tests = [_test(test) for test in cell.tests]
    sets = any(isinstance(test, Has) for test in cell.tests)
    match cell.form:
        case Form.ANY:
            return "is anything"
        case Form.MISSING:
            return "is not known"
        case Form.PRESENT:
            return "is known"
        case Form.IN:
            return _either(tests) if sets else f"is {_either(tests)}"
        case Form.NOT_IN:
            return f"is none of this: {', '.join(tests)}" if sets else f"is not {_either(tests)}"
        case _:  # pragma: no cover  # the type check proves it
            assert_never(cell.form)


def _either(tests: list[str]) -> str:
    return tests[0] if len(tests) == 1 else f"{', '.join(tests[:-1])} or {tests[-1]}"


def _test(test: Test) -> str:
    match test:
        case Is(value=value):
            return literal_text(value)
        case Within(low=None):
            return f"{'under' if test.high_open else 'at most'} {literal_text(test.high)}"
        case Within(high=None):
            return f"{'over' if test.low_open else 'at least'} {literal_text(test.low)}"
        case Within():
            low = f"{'over' if test.low_open else 'from'} {literal_text(test.low)}"
            return f"{low} {'to under' if test.high_open else 'to'} {literal_text(test.high)}"
        case Has(how=How.EMPTY):
            return "is empty"
        case Has(how=how, values=values):
            named = ", ".join(literal_text(value) for value in values)
            return f"contains {named}" if how is How.ANY and len(values) == 1 else f"contains {how.value} of {named}"
        case _:  # pragma: no cover  # the type check proves it
            assert_never(test)
