"""DMN decision tables run as the specification says: hit policies, outputs, defaults, nulls."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from dmn_written import decision, given, model, outcome, run, table

LETTERS = {"name": "letter", "values": '"x", "y", "z"'}


def by_number(rules: Sequence[Sequence[str]], *, hit: str, output: Any = LETTERS, aggregation: str = "") -> bytes:
    logic = table(["n"], [output], rules, hit=hit, aggregation=aggregation)
    return model(given("n", "number"), decision("Answer", logic, needs=["n"]))


ROWS = [[">= 1", '"z"'], [">= 2", '"x"'], [">= 3", '"y"']]


@pytest.mark.parametrize(
    ("hit", "n", "expected"),
    [
        ("UNIQUE", 1, "z"),
        ("UNIQUE", 2, None),  # two rows match
        ("UNIQUE", 0, None),
        ("ANY", 1, "z"),
        ("ANY", 2, None),  # they say different things
        ("FIRST", 3, "z"),
        ("FIRST", 0, None),
        ("PRIORITY", 3, "x"),
        ("PRIORITY", 1, "z"),
        ("RULE ORDER", 3, ["z", "x", "y"]),
        ("RULE ORDER", 0, []),
        ("OUTPUT ORDER", 3, ["x", "y", "z"]),
        ("COLLECT", 2, ["z", "x"]),
        ("COLLECT", 0, []),
    ],
)
def test_each_hit_policy_picks_its_rows(hit: str, n: int, expected: object) -> None:
    assert outcome(by_number(ROWS, hit=hit), {"n": n}) == expected


@pytest.mark.parametrize(
    ("aggregation", "n", "expected"),
    [
        ("SUM", 3, Decimal("6.5")),
        ("MIN", 3, Decimal(1)),
        ("MAX", 3, Decimal(3)),
        ("COUNT", 3, Decimal(3)),
        ("SUM", 0, None),
        ("MIN", 0, None),
        ("COUNT", 0, Decimal(0)),
    ],
)
def test_collect_sums_counts_and_finds_extremes(aggregation: str, n: int, expected: object) -> None:
    rows = [[">= 1", "1"], [">= 2", "2.5"], [">= 3", "3"]]

    assert outcome(by_number(rows, hit="COLLECT", output="o", aggregation=aggregation), {"n": n}) == expected


def test_any_takes_rows_that_agree() -> None:
    raw = by_number([[">= 1", '"x"'], [">= 2", '"x"']], hit="ANY")

    answer = run(raw, {"n": 2})

    assert answer.outputs == {"Answer": "x"}
    assert answer.fired == ("r1", "r2")


def test_a_contradiction_is_null_and_said() -> None:
    answer = run(by_number(ROWS, hit="UNIQUE"), {"n": 2})

    assert answer.outputs == {"Answer": None}
    assert answer.fired == ()
    assert answer.notes == ("Answer: r1, r2 match together, and only one may (UNIQUE): null",)


def test_several_outputs_make_a_context_and_their_order_of_values_ranks_the_rows() -> None:
    outputs = [{"name": "Route", "values": '"DECLINE", "REFER"'}, "Rate", {"name": "Class", "values": '"B", "A"'}]
    rules = [
        ["> 0", '"REFER"', "1", '"A"'],
        ["> 0", '"DECLINE"', "2", '"A"'],
        ["> 0", '"DECLINE"', "3", '"B"'],
    ]
    logic = table(["n"], outputs, rules, hit="PRIORITY")
    raw = model(given("n", "number"), decision("Answer", logic, needs=["n"]))

    assert outcome(raw, {"n": 1}) == {"Route": "DECLINE", "Rate": Decimal(3), "Class": "B"}


def test_a_default_answers_when_no_row_does() -> None:
    outputs = [{"name": "Route", "default": '"REFER"'}, "Rate"]
    raw = model(
        given("n", "number"),
        decision("Answer", table(["n"], outputs, [["> 10", '"ACCEPT"', "n * 0.1"]]), needs=["n"]),
    )

    assert outcome(raw, {"n": 5}) == {"Route": "REFER", "Rate": None}
    assert outcome(raw, {"n": 11}) == {"Route": "ACCEPT", "Rate": Decimal("1.1")}


def test_a_default_also_answers_an_aggregate_without_rows() -> None:
    raw = by_number([["> 10", "5"]], hit="COLLECT", output={"name": "o", "default": "0"}, aggregation="MAX")

    assert outcome(raw, {"n": 1}) == 0
    assert outcome(raw, {"n": 11}) == 5


def test_an_input_outside_its_values_gives_null_and_says_so() -> None:
    logic = table([("colour", '"red", "blue"')], ["o"], [["-", "1"]])
    raw = model(given("colour", "string"), decision("Answer", logic, needs=["colour"]))

    assert outcome(raw, {"colour": "red"}) == 1
    answer = run(raw, {"colour": "green"})
    assert answer.outputs == {"Answer": None}
    assert answer.notes == ('Answer: colour is green, which is not among "red", "blue"',)


def test_the_trace_names_the_first_failing_cell_of_each_row() -> None:
    logic = table(["a", "b"], ["o"], [["> 1", "> 1", "1"], ["> 0", "> 5", "2"], ["-", "-", "3"]], hit="FIRST")
    raw = model(given("a", "number"), given("b", "number"), decision("Answer", logic, needs=["a", "b"]))

    answer = run(raw, {"a": 1})

    assert answer.trace == (
        {"decision": "Answer", "row": "r1", "matched": False, "failing": {"input": "a", "cell": "> 1", "value": "1"}},
        {
            "decision": "Answer",
            "row": "r2",
            "matched": False,
            "failing": {"input": "b", "cell": "> 5", "value": "null"},
        },
        {"decision": "Answer", "row": "r3", "matched": True},
    )
    assert answer.missing == ("b",)


def test_a_list_stays_one_where_the_variable_forgot_to_say_so() -> None:
    logic = table(["n"], ["o"], [["> 0", '"a"'], ["> 1", '"b"']], hit="COLLECT")
    raw = model(given("n", "number"), decision("Answer", logic, needs=["n"], type_="string"))

    answer = run(raw, {"n": 2})

    assert answer.outputs == {"Answer": ["a", "b"]}
    assert answer.notes == ("Answer lists what several rows say, and its variable is no collection",)


def test_rows_without_id_go_by_their_number() -> None:
    raw = by_number(ROWS, hit="FIRST").replace(b' id="r1"', b"")

    assert run(raw, {"n": 1}).fired == ("1",)
