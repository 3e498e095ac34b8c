"""Recorded texts asked by the thousand are answered as one by one, however they were written."""

from decimal import Decimal

import hypothesis.strategies as st
from hypothesis import given, settings

from cases.inputs import typed
from cases.rules import MISSING, Kind, Table, evaluate, read_table
from pipelines.rulebook import coding
from pipelines.rulebook.asked import Asked, answer_of
from pipelines.rulebook.coding import Words
from pipelines.rulebook.recorded import Place

PLACES = (("fact.amount", Kind.MONEY), ("fact.days", Kind.INTEGER), ("topic", Kind.TEXT), ("fact.on", Kind.DATE))
STEPS = ("auto_close", "route", "expert")


def table(rows: list[tuple[str, str, str, str]]) -> Table:
    columns = [
        {"name": "amount", "type": "money", "min": "-50", "max": "1000.50", "from": "fact.amount"},
        {"name": "days", "type": "integer", "min": -5, "max": 100, "from": "fact.days"},
        {"name": "topic", "type": "text", "domain": ["leak", "pests"], "from": "topic"},
        {"name": "day", "type": "date", "min": "2026-01-01", "max": "2026-12-31", "from": "fact.on"},
    ]
    return read_table(
        {
            "table": "next_step", "description": "d", "hit": "FIRST", "effective_from": "2026-01-01",
            "inputs": columns,
            "outputs": {"step": {"type": "text", "domain": list(STEPS)}},
            "rows": [
                {
                    "id": f"R-{number}", "description": "d", "then": {"step": STEPS[number % 3]},
                    "when": dict(zip(("amount", "days", "topic", "day"), row, strict=True)),
                }
                for number, row in enumerate(rows)
            ],
            "else": {"id": "R-999", "description": "d", "then": {"step": "expert"}},
        },
        file="drawn", lines={},
    )  # fmt: skip


AMOUNTS = st.sampled_from(
    ["250.00", "250", "250.001", "2.5e2", " 250.00", "٢٥٠.٠٠", "1_000.00", "-0.00", "-50.00", "-50.01", "1000.50",
     "1000.51", "NaN", "Infinity", "", "007.50", "9" * 13 + ".99", "9" * 19 + ".99", "250,00", "+1.00"]
) | st.decimals(-60, 1_010, places=2).map(str)  # fmt: skip
TEXTS = st.tuples(
    st.none() | AMOUNTS,
    st.none() | st.integers(-7, 103).map(str) | st.sampled_from(["5.0", "x", " 7", "0x1"]),
    st.none() | st.sampled_from(["leak", "pests", "Leak", ""]),
    st.none() | st.dates().map(str) | st.sampled_from(["2026-02-30", "20260301", "2026-06-01"]),
)
MONEY = st.decimals(-49, 1_000, places=2)
ROWS = st.tuples(
    st.sampled_from(["-", "missing", "present", "<= 250", "(0..250.00]", "not(250)", "> 999.99", "-0.00"])
    | MONEY.map(lambda one: f"< {one}" if one < Decimal(500) else f">= {one}"),
    st.sampled_from(["-", "<= 5", "missing", "5, 7"]),
    st.sampled_from(["-", "leak", "not(leak)"]),
    st.sampled_from(["-", ">= 2026-06-01"]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, max_size=5), st.lists(TEXTS, min_size=1, max_size=40))
def test_many_are_answered_as_each_alone(
    rows: list[tuple[str, str, str, str]], told: list[tuple[str | None, ...]]
) -> None:
    drawn = table(rows)
    asked = Asked(drawn)

    for part in (told, told[::-1]):  # the second time from memory
        answers = asked.ask(dict(zip(PLACES, zip(*part, strict=True), strict=True)), len(part))

        for number, texts in enumerate(part):
            values = {
                column.name: value
                for column, text, (_, kind) in zip(drawn.inputs, texts, PLACES, strict=True)
                if text is not None and (value := typed(text, kind)) is not MISSING
            }
            alone, found = answer_of(evaluate(drawn, values)), answers[number]
            assert (found.kind, found.fired, found.cell, found.missing) == (
                alone.kind, alone.fired, alone.cell, alone.missing
            )  # fmt: skip


def test_a_column_that_was_not_read_is_missing_in_every_decision() -> None:
    asked = Asked(table([("present", "-", "-", "-"), ("-", "-", "leak", "-")]))

    answers = asked.ask({("topic", Kind.TEXT): ["leak", "pests"]}, 2)

    assert [answers[0].fired, answers[1].fired] == [("R-1",), ("R-999",)]


def test_more_texts_than_are_remembered_change_no_answer() -> None:
    words: dict[Place, Words] = {}
    asked = Asked(table([("-", "<= 5", "-", "-")]), words)
    other = Asked(table([("-", "> 5", "-", "-")]), words)
    few, many = ["7", "5", None], [str(number) for number in range(coding.REMEMBERED + 10)]

    for days in (few, many, few, many):
        answers, others = (one.ask({("fact.days", Kind.INTEGER): days}, len(days)) for one in (asked, other))

        at = days.index("5"), days.index("7")
        assert [answers[place].kind for place in at] == ["fired", "else"]
        assert [others[place].kind for place in at] == ["else", "fired"]
    assert [answers[place].kind for place in (101, len(many) - 1)] == ["invalid", "invalid"]


def test_hundreds_of_thousands_of_amounts_are_told_apart_to_the_cent() -> None:
    asked = Asked(table([("<= 250", "-", "-", "-")]))
    texts = [f"{number // 100}.{number % 100:02}" for number in range(coding.REMEMBERED)]

    answers = asked.ask({("fact.amount", Kind.MONEY): texts}, len(texts))

    kinds = [answers[place].kind for place in (0, 25_000, 25_001, 100_050, 100_051)]
    assert kinds == ["fired", "fired", "else", "else", "invalid"]
