"""Bad input that is large, odd or built to do harm: refused with a reason, and never for long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import letters, read

from cases.rules import TableRefused, evaluate, nearest_misses
from cases.rules.domains import Domain, Kind
from cases.rules.grammar import parse_cell
from cases.rules.plan import bits
from cases.rules.problems import MOST_TOLD, Unreadable, instead_of
from cases.rules.read_columns import MOST_COLUMNS
from cases.rules.read_parts import MOST

PHOTOS = Domain(Kind.INTEGER, low=0, high=50)
TOPIC = Domain(Kind.TEXT, values=("leak", "pests"))
SEEN = Domain(Kind.SET, values=("rust", "dent"))


def refused(data: object) -> list[str]:
    with pytest.raises(TableRefused) as told:
        read(data)
    return [str(problem).partition(" ")[2] for problem in told.value.problems]


def rows(count: int, cell: str = "1") -> list[dict[str, Any]]:
    return [
        {"id": f"R{number}", "description": "A row", "when": {"a": cell}, "then": {"letter": "xyz"[number % 3]}}
        for number in range(count)
    ]


def test_ten_thousand_rows_are_refused_in_one_sentence() -> None:
    assert refused(letters("FIRST", rows=rows(10_000))) == [
        f"rows: the list holds 10000 things, and {MOST} are the most; split the table"
    ]


def test_a_domain_without_end_is_refused() -> None:
    topics = {"type": "text", "domain": [f"t{number}" for number in range(MOST + 1)]}

    assert refused(letters("FIRST", inputs={"a": topics}))[0].startswith("inputs.a.domain: the list holds 5001 things")


def test_columns_without_end_are_refused() -> None:
    many = {f"c{number}": {"type": "boolean"} for number in range(MOST_COLUMNS + 1)}

    assert refused(letters("FIRST", inputs=many)) == [f"inputs: there are more than {MOST_COLUMNS}; split the table"]
    assert evaluate(read(letters("FIRST", inputs=dict(list(many.items())[:-1]))), {}).kind == "else"


def test_of_very_many_problems_the_first_are_told() -> None:
    problems = refused(letters("FIRST", rows=rows(1_000, cell="lots")))

    assert len(problems) == MOST_TOLD + 1
    assert problems[0].startswith("rows[R0].when.a: 'lots' is not a whole number")
    assert problems[-1] == f"there are more than {MOST_TOLD} problems; mend these first"


def test_of_very_many_names_the_first_are_listed() -> None:
    names = [f"name{number}" for number in range(3_000)]

    assert instead_of("nmae7", names) == f"write one of: {', '.join(names[:20])}, and 2980 more"
    assert instead_of("nmae7", names[:10]) == 'did you mean "name7"?'


@pytest.mark.parametrize("hit", ["FIRST", "UNIQUE", "ANY", "PRIORITY"])
def test_a_table_as_long_as_may_be_answers(hit: str) -> None:
    wide = {"type": "integer", "min": 0, "max": 99_999}
    many = [
        {**row, "when": {"a": f"[{number}..{number * 7}]", "b": f"not({number})"}}
        for number, row in enumerate(rows(1_500), start=1)
    ]
    table = read(letters(hit, inputs={"a": wide, "b": wide}, rows=many))

    verdict = evaluate(table, {"a": 10_500, "b": 7})

    assert (verdict.kind, verdict.fired) == ("fired", ("R1499",))
    assert [trace.matched for trace in verdict.traces].count(True) == 1


def test_the_nearest_row_of_a_long_table_is_found() -> None:
    wide = {"type": "integer", "min": 0, "max": 99_999}
    many = [
        {**row, "when": {"a": number * 10}, "then": {"letter": "x" if number == 700 else "y"}}
        for number, row in enumerate(rows(1_000))
    ]
    table = read(letters("FIRST", inputs={"a": wide}, rows=many))
    inputs: dict[str, Any] = {"a": 3}

    (miss,) = nearest_misses(table, evaluate(table, inputs), inputs, output="letter", value="x")

    assert (miss.row, miss.instead) == ("R700", 7_000)


@given(st.integers(0, 2**600))
def test_the_rows_of_a_set_are_found_however_many_there_are(number: int) -> None:
    assert sum(1 << bit for bit in bits(number)) == number


@pytest.mark.parametrize(
    ("cell", "domain"),
    [
        ("9" * 5_000, PHOTOS),
        (int("9" * 4_000), PHOTOS),
        (f"< {'9' * 5_000}", PHOTOS),
        (f"[0..{'9' * 5_000}]", PHOTOS),
        (f"[1{' ' * 50_000}", PHOTOS),
        (f"[{'.' * 50_000}]", PHOTOS),
        ("[" * 50_000, PHOTOS),
        ("not(" * 20_000, PHOTOS),
        ('"' * 50_001, TOPIC),
        (f'"{chr(92) * 50_001}', TOPIC),
        (",".join(["leak"] * 20_000), TOPIC),
        ("leak\x00", TOPIC),
        ("\x00", PHOTOS),
        ("lea\u200bk", TOPIC),
        ("\ud800", TOPIC),
        ("१", PHOTOS),
        ("contains any(" * 10_000, SEEN),
        (f"contains any({'rust,' * 10_000})", SEEN),
        (f"contains{' ' * 50_000}", SEEN),
        ("P" + "9" * 5_000 + "D", Domain(Kind.DURATION)),
        ("P" + "9" * 5_000 + "Y", Domain(Kind.PERIOD)),
        ("1e9", PHOTOS),
        ("0x1F", PHOTOS),
        ("1_000", PHOTOS),
        ("+5", PHOTOS),
        ("NaN", Domain(Kind.DECIMAL)),
        ("Infinity", Domain(Kind.MONEY)),
    ],
)
def test_a_cell_that_is_long_or_odd_is_refused_in_few_words(cell: object, domain: Domain) -> None:
    with pytest.raises(Unreadable) as told:
        parse_cell(cell, domain)

    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"table": "x\x00"}, "table: 'x\\x00' is not a name"),
        ({"description": "a\x00b"}, "description: the description holds a character that cannot be shown"),
        ({"inputs": {"a": {"type": "text", "domain": ["a\x00"]}}}, "inputs.a.domain[0]: 'a\\x00' has blanks around it"),
        ({"inputs": {"a": {"type": "integer", "min": 0, "max": 10**5_000}}}, "inputs.a.max: a very large number"),
        ({"rows": rows(1, cell="[9..1]")}, "rows[R0].when.a: the interval '[9..1]' is empty: 9 is above 1"),
        ({"rows": rows(1, cell="(5..5)")}, "rows[R0].when.a: '(5..5)' can never be met"),
        ({"rows": [*rows(1), *rows(1)]}, "rows[R0].id: R0 is the id of two; give each an id of its own"),
    ],
)
def test_a_table_that_is_built_to_do_harm_is_refused_where_it_does(change: dict[str, Any], problem: str) -> None:
    assert any(line.startswith(problem) for line in refused(letters("FIRST", **change)))
