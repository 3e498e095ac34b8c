"""Many cases at once: the same answers as one by one, whatever is asked of whatever table."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import NEXT_STEP, letters, letters_table, read
from test_rules_reference import ALL, VALUES, tables

from cases.rules import MISSING, Period, Table, Value, evaluate
from cases.rules.batch import CONFLICT, ELSE, INVALID, NOT_KNOWN, Answer, Batch, Codes, encode, evaluate_many

#: equal to values of some column, and of no use in another
ODD: list[Any] = [
    True, False, 0, 1, 2, 0.0, 1.0, Decimal(0), Decimal(1), Decimal("1.50"), Decimal("1.005"), Decimal("NaN"),
    Decimal("sNaN"), Decimal("-0"), "", "wind", "nope", None, ("wind",), ["wind"], date(2026, 1, 1),
    datetime(2026, 1, 1, tzinfo=UTC), timedelta(1), Period(1), 10**30, MISSING,
]  # fmt: skip


def one_by_one(table: Table, columns: dict[str, Sequence[Any]], count: int) -> list[Answer]:
    """What `evaluate` says of each case, in the form of a batch."""
    answers = []
    places = {row.id: place for place, row in enumerate(table.rows)}
    for case in range(count):
        verdict = evaluate(table, {name: values[case] for name, values in columns.items()})
        negative = {"else": ELSE, "missing": NOT_KNOWN, "conflict": CONFLICT, "invalid": INVALID}
        row = negative.get(verdict.kind)
        answers.append(
            Answer(
                verdict.kind,
                verdict.outputs,
                verdict.fired,
                verdict.missing,
                verdict.undetermined,
                places[verdict.fired[0]] if row is None else row,
            )
        )
    return answers


def check(table: Table, columns: dict[str, Sequence[Any]], count: int) -> None:
    batch = evaluate_many(table, columns)

    assert len(batch) == count
    assert [batch[case] for case in range(count)] == one_by_one(table, columns, count)
    assert batch.row.tolist() == [batch[case].row for case in range(count)]
    assert len(set(batch.place.tolist())) == len(batch.answers)


@st.composite
def columns_of(draw: st.DrawFn, odd: Sequence[Any] = ()) -> tuple[dict[str, list[Any]], int]:
    count = draw(st.integers(1, 8))
    kept = draw(st.sets(st.sampled_from(sorted(VALUES)), min_size=1))
    columns = {}
    for name in kept:
        values: st.SearchStrategy[Any] = st.sampled_from([*VALUES[name], MISSING, *odd])
        columns[name] = draw(st.lists(values, min_size=count, max_size=count))
    return columns, count


@given(tables(ALL), columns_of())
def test_many_cases_get_the_answers_that_each_gets_alone(
    data: dict[str, Any], drawn: tuple[dict[str, list[Any]], int]
) -> None:
    check(read(data), *drawn)


@given(tables(ALL), columns_of(ODD))
def test_values_that_belong_nowhere_are_as_invalid_as_alone(
    data: dict[str, Any], drawn: tuple[dict[str, list[Any]], int]
) -> None:
    check(read(data), *drawn)


@st.composite
def long_tables(draw: st.DrawFn) -> Table:
    """Between 60 and 140 rows over a and b, so that a set of rows needs more than one word."""
    hit = draw(st.sampled_from(["FIRST", "UNIQUE", "PRIORITY", "ANY"]))
    cells = st.sampled_from(["-", "1", "9", "< 3", "[4..6]", "missing", "not(5)"])
    whens = draw(st.lists(st.tuples(cells, cells, st.sampled_from("xyz")), min_size=60, max_size=140))
    return letters_table(hit, {f"R{n}": ({"a": a, "b": b}, letter) for n, (a, b, letter) in enumerate(whens)})


@given(long_tables(), st.lists(st.tuples(*[st.sampled_from([1, 3, 5, 9, 0, MISSING])] * 2), min_size=1, max_size=8))
def test_a_long_table_answers_alike(table: Table, pairs: list[tuple[Value, Value]]) -> None:
    check(table, {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}, len(pairs))


def test_the_first_row_can_lie_in_any_word() -> None:
    table = letters_table(
        "FIRST", {f"R{n}": ({"a": 1 + n // 50, "b": 9 if n % 50 else "< 9"}, "x") for n in range(200)}
    )

    assert evaluate_many(table, {"a": [1, 2, 3, 4, 5], "b": [1, 9, 1, 9, 9]}).row.tolist() == [0, 51, 100, 151, ELSE]


def test_a_column_that_is_left_out_is_missing_everywhere() -> None:
    batch = evaluate_many(read(NEXT_STEP), {"topic": ["windscreen", "collision"]})

    assert batch.row.tolist() == [NOT_KNOWN, ELSE]
    assert batch[0].missing == ("glass", "amount", "photos")
    assert batch[0].undetermined == ("R-010",)


def test_a_column_that_the_table_does_not_know_makes_every_case_invalid() -> None:
    assert evaluate_many(read(NEXT_STEP), {"topc": ["windscreen", MISSING]}).row.tolist() == [INVALID, INVALID]


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the columns hold \[1, 2\] values; give each of them one value a case"):
        evaluate_many(letters_table("FIRST", {}), {"a": [1], "b": [1, 2]})


@pytest.mark.parametrize("columns", [{}, {"a": []}, {"a": [], "b": []}])
def test_no_cases_have_no_answers(columns: dict[str, list[Value]]) -> None:
    batch = evaluate_many(letters_table("UNIQUE", {"R": ({"a": 1}, "x")}), columns)

    assert (len(batch), batch.answers, batch.row.tolist()) == (0, (), [])


def test_a_table_without_rows_gives_its_else_row() -> None:
    assert evaluate_many(letters_table("FIRST", {}), {"a": [1, MISSING]}).row.tolist() == [ELSE, ELSE]


def test_a_case_can_be_looked_up_by_its_number() -> None:
    batch: Batch = evaluate_many(letters_table("FIRST", {"R": ({"a": 1}, "x")}), {"a": [2, 1]})

    assert batch[1] == Answer("fired", {"letter": "x"}, ("R",), row=0)


def test_recorded_texts_are_read_once_each() -> None:
    table = letters_table("FIRST", {"R": ({"a": "< 5"}, "x")})
    asked: list[str | None] = []

    def value(text: str | None) -> Value:
        asked.append(text)
        return MISSING if text is None else int(text)

    codes = encode(table.plan.columns[0], ["1", None, "7", "1", "70", "1"], value)

    assert isinstance(codes, Codes)
    assert asked == ["1", None, "7", "70"]
    assert evaluate_many(table, {"a": codes}).row.tolist() == [0, NOT_KNOWN, ELSE, 0, INVALID, 0]
    assert codes.codes.dtype == np.int32


def test_sets_of_words_are_columns_too() -> None:
    inputs = {"seen": {"type": "set", "domain": ["rust", "dent"]}}
    row = {"id": "R", "description": "Rusty", "when": {"seen": "contains rust"}, "then": {"letter": "x"}}
    table = read(letters("FIRST", inputs=inputs, rows=[row]))

    check(table, {"seen": [("rust",), ("dent", "rust"), (), ("moss",), "rust", ["rust"], (["rust"],), MISSING]}, 8)
