"""Tables that rest on one another: asked in order, each told apart, and nothing made up where one gives no answer."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import letters

from cases.rules import MISSING, NearMiss, Table, Value, evaluate, read_table
from cases.rules.chain import Unanswered, evaluate_chain, in_order, rests_on
from cases.rules.chain_check import LONGEST, chain_problems
from cases.rules.chain_near import ChainMiss, chain_misses

NUMBER = {"type": "integer", "min": 1, "max": 9}
GRADES = ["low", "high"]
Tables = dict[str, Table]


def table(name: str, inputs: Mapping[str, Any], rows: list[tuple[dict[str, Any], str]], **changes: Any) -> Table:
    """One text output `grade`, low or high; the else row says low."""
    data = {
        **letters("FIRST"),
        "table": name,
        "inputs": inputs,
        "outputs": {"grade": {"type": "text", "domain": GRADES}},
        "rows": [
            {"id": f"{name}-{number}", "description": "A row", "when": when, "then": {"grade": grade}}
            for number, (when, grade) in enumerate(rows)
        ],
        "else": {"id": f"{name}-E", "description": "None", "then": {"grade": "low"}},
        **changes,
    }
    return read_table(data, file=f"{name}.yaml", lines={})


def chained(name: str, **changes: Any) -> dict[str, Any]:
    return {"type": "text", "domain": GRADES, "from": f"table.{name}.grade", **changes}


def by_name(*tables: Table) -> Tables:
    return {one.id: one for one in tables}


RISK = table("risk", {"amount": {**NUMBER, "from": "fact.amount"}}, [({"amount": "> 5"}, "high")])
TRUST = table("trust", {"years": NUMBER, "risk": chained("risk")}, [({"years": ">= 3", "risk": "low"}, "high")])
STEP = table(
    "step",
    {"risk": chained("risk"), "trust": chained("trust"), "amount": {**NUMBER, "from": "fact.amount"}},
    [({"risk": "high"}, "low"), ({"trust": "high", "amount": "< 9"}, "high")],
)
CHAIN = by_name(STEP, TRUST, RISK)


def inputs(amount: Value = MISSING, years: Value = MISSING) -> dict[str, dict[str, Value]]:
    return {"risk": {"amount": amount}, "trust": {"years": years}, "step": {"amount": amount}}


def test_an_input_says_on_which_table_it_rests() -> None:
    assert [rests_on(column) for column in STEP.inputs] == [("risk", "grade"), ("trust", "grade"), None]


def test_each_table_is_asked_once_after_those_that_it_rests_on() -> None:
    assert [one.id for one in in_order(CHAIN, "step")] == ["risk", "trust", "step"]
    assert [one.id for one in in_order(CHAIN, "trust")] == ["risk", "trust"]
    assert in_order(CHAIN, "risk") == (RISK,)


def test_what_one_table_answers_is_the_input_of_the_next() -> None:
    said = evaluate_chain(CHAIN, "step", inputs(2, 5))

    assert [(one.table.id, one.verdict.fired) for one in said.tables] == [
        ("risk", ("risk-E",)),
        ("trust", ("trust-0",)),
        ("step", ("step-1",)),
    ]
    assert said.root.inputs == {"risk": "low", "trust": "high", "amount": 2}
    assert said.root.outputs == {"grade": "high"}
    assert said.missing == ()


def test_every_table_of_the_chain_leaves_its_own_trace() -> None:
    said = evaluate_chain(CHAIN, "step", inputs(7, 5))

    assert [[trace.matched for trace in one.verdict.traces] for one in said.tables] == [[True], [False], [True, False]]
    assert said.tables[1].verdict.traces[0].failing == ("risk", "low", "high")


def test_a_table_alone_answers_as_without_a_chain() -> None:
    alone = evaluate_chain(CHAIN, "risk", inputs(7))

    assert alone.root == evaluate(RISK, {"amount": 7})


def test_a_missing_input_above_is_a_missing_input_below_with_the_reason_kept() -> None:
    said = evaluate_chain(CHAIN, "step", inputs(years=5))

    assert [one.verdict.kind for one in said.tables] == ["missing", "missing", "missing"]
    assert said.tables[2].unanswered == (
        Unanswered("risk", "risk", "amount is missing"),
        Unanswered("trust", "trust", "risk is missing"),
    )
    assert said.missing == (("risk", "amount"),)


def test_what_has_to_be_known_is_named_where_it_is_asked() -> None:
    assert evaluate_chain(CHAIN, "step", inputs(2)).missing == (("trust", "years"),)


def test_what_two_inputs_wait_for_is_named_once() -> None:
    twice = {"one": chained("risk"), "other": chained("risk")}
    step = table("step", twice, [({"one": "high", "other": "high"}, "high")])

    said = evaluate_chain(by_name(step, RISK), "step", {})

    assert said.root.missing == ("one", "other")
    assert said.missing == (("risk", "amount"),)


def test_an_unanswered_table_does_no_harm_where_nobody_asks() -> None:
    lenient = table("step", {"risk": chained("risk"), "years": NUMBER}, [({"years": 1}, "high")])

    said = evaluate_chain(by_name(lenient, RISK), "step", {"step": {"years": 1}})

    assert (said.root.kind, said.tables[0].verdict.kind) == ("fired", "missing")


def test_rows_that_contradict_each_other_above_are_a_missing_input_below() -> None:
    torn = table("risk", {"amount": NUMBER}, [({"amount": "> 5"}, "high"), ({"amount": "> 7"}, "low")], hit="UNIQUE")

    said = evaluate_chain(by_name(STEP, TRUST, torn), "step", inputs(9, 5))

    assert said.root.kind == "missing"
    assert said.tables[2].unanswered[0].because == "the rows risk-0, risk-1 contradict each other"
    assert said.missing == ()


def test_a_value_that_does_not_belong_above_is_a_missing_input_below() -> None:
    said = evaluate_chain(CHAIN, "step", {**inputs(2, 5), "risk": {"amount": 99}})

    assert said.root.kind == "missing"
    assert said.tables[2].unanswered[0].because == "amount has a value that does not belong to it"


def test_what_is_given_for_an_input_that_rests_on_a_table_is_not_believed() -> None:
    said = evaluate_chain(CHAIN, "trust", {"risk": {}, "trust": {"risk": "low", "years": 5}})

    assert said.root.kind == "missing"


def test_a_list_that_was_collected_is_the_set_of_the_next_table() -> None:
    flags = read_table(
        {
            **letters("COLLECT"),
            "table": "flags",
            "outputs": {"found": {"type": "list", "domain": ["late", "dear", "odd"]}},
            "rows": [
                {"id": "F1", "description": "Dear", "when": {"a": "> 5"}, "then": {"found": ["odd", "dear"]}},
                {"id": "F2", "description": "Late", "when": {"b": "> 5"}, "then": {"found": ["late"]}},
            ],
            "else": {"id": "FE", "description": "None", "then": {}},
        },
        file="flags.yaml",
        lines={},
    )
    seen = {"type": "set", "domain": ["dear", "late", "odd", "other"], "from": "table.flags.found"}
    step = table("step", {"seen": seen}, [({"seen": "contains all(dear, late)"}, "high"), ({"seen": "empty"}, "low")])
    both = by_name(flags, step)

    assert chain_problems(both) == ()
    assert evaluate_chain(both, "step", {"flags": {"a": 6, "b": 6}}).root.inputs == {"seen": ("dear", "late", "odd")}
    assert evaluate_chain(both, "step", {"flags": {"a": 6, "b": 6}}).root.fired == ("step-0",)
    assert evaluate_chain(both, "step", {"flags": {"a": 1, "b": 1}}).root.fired == ("step-1",)


# --- what is wrong with a chain -------------------------------------------------------------------------------------


def test_a_chain_that_holds_has_no_problems() -> None:
    assert chain_problems(CHAIN) == ()
    assert chain_problems({}) == ()


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ({"from": "table.rsk.grade"}, 'there is no table "rsk"; did you mean "risk"?'),
        ({"from": "table.risk.grad"}, 'the table risk has no output "grad"; did you mean "grade"?'),
        ({"from": "table.risk"}, 'the table risk has no output ""; write one of: grade'),
        ({"from": "table"}, 'there is no table ""; write one of: step, risk'),
        ({"domain": ["low"]}, "risk.grade gives one of low, high, and the input takes one of low; give the input"),
        ({"type": "set"}, "risk.grade gives one of low, high, and the input takes a set of low, high"),
    ],
)
def test_a_link_that_does_not_hold_is_refused(column: dict[str, Any], problem: str) -> None:
    broken = table("step", {"risk": chained("risk", **column)}, [])

    assert str(chain_problems(by_name(broken, RISK))[0]).startswith(f"step.yaml inputs.risk.from: {problem}")


@pytest.mark.parametrize(
    ("given", "taken", "fits"),
    [
        (NUMBER, {"type": "integer", "min": 0, "max": 10}, True),
        (NUMBER, {"type": "integer", "min": 2, "max": 9}, False),
        (NUMBER, {"type": "integer", "min": 1, "max": 8}, False),
        (NUMBER, {"type": "decimal", "min": 0, "max": 10}, False),
        ({"type": "boolean"}, {"type": "boolean"}, True),
        ({"type": "date"}, {"type": "date"}, True),
        ({"type": "duration", "min": "PT0S", "max": "P1D"}, {"type": "duration", "min": "PT0S", "max": "P2D"}, True),
        ({"type": "list", "domain": ["a"]}, {"type": "set", "domain": ["b", "a"]}, True),
        ({"type": "list", "domain": ["a", "c"]}, {"type": "set", "domain": ["b", "a"]}, False),
    ],
)
def test_an_input_takes_all_that_the_output_can_give(given: Any, taken: Any, *, fits: bool) -> None:
    value = {"integer": 1, "boolean": True, "date": "2026-01-31", "duration": "P1D", "list": ["a"]}[given["type"]]
    first = table(
        "first", {}, [], outputs={"out": given}, **{"else": {"id": "E", "description": "E", "then": {"out": value}}}
    )
    second = table("second", {"it": {**taken, "from": "table.first.out"}}, [])

    assert (chain_problems(by_name(first, second)) == ()) is fits


def test_tables_that_rest_on_each_other_are_refused_with_the_whole_circle() -> None:
    circle = by_name(
        table("a", {"x": chained("b")}, []), table("b", {"x": chained("c")}, []), table("c", {"x": chained("a")}, [])
    )
    above = table("step", {"x": chained("a")}, [])

    (problem,) = chain_problems({**circle, "step": above})

    assert str(problem) == ("a.yaml inputs: the tables rest on each other: a → b → c → a; take one of these links out")


def test_a_table_that_rests_on_itself_is_refused() -> None:
    (problem,) = chain_problems(by_name(table("a", {"x": chained("a")}, [])))

    assert "the tables rest on each other: a → a" in str(problem)


def line(length: int) -> Tables:
    first = table("t0", {"amount": NUMBER}, [({"amount": 1}, "high")])
    rest = [table(f"t{n}", {"x": chained(f"t{n - 1}")}, [({"x": "high"}, "high")]) for n in range(1, length + 1)]
    return by_name(*reversed(rest), first)


def test_a_chain_may_be_long_and_not_endless() -> None:
    assert chain_problems(line(LONGEST)) == ()
    assert evaluate_chain(line(LONGEST), f"t{LONGEST}", {"t0": {"amount": 1}}).root.outputs == {"grade": "high"}
    (problem,) = chain_problems(line(1_200))
    assert f"the table rests on a chain of more than {LONGEST} others; put some of them together" in str(problem)


# --- what would have changed the answer -----------------------------------------------------------------------------


def misses(given: dict[str, dict[str, Value]], value: str = "high") -> tuple[ChainMiss, ...]:
    return chain_misses(CHAIN, "step", given, output="grade", value=value)


def test_what_would_have_helped_is_found_in_any_table_of_the_chain() -> None:
    assert misses(inputs(2, 1)) == (ChainMiss("trust", NearMiss("trust-0", "years", ">= 3", 1, 3)),)
    assert misses(inputs(7, 5)) == ()  # a smaller amount would do, by stopping a row: no cell asks for it


def test_a_source_that_feeds_two_tables_changes_in_both() -> None:
    wide = table("risk", {"amount": {**NUMBER, "from": "fact.amount"}}, [({"amount": "[8..9]"}, "low")],
                 **{"else": {"id": "risk-E", "description": "None", "then": {"grade": "high"}}})  # fmt: skip

    found = chain_misses(by_name(STEP, TRUST, wide), "step", inputs(9, 5), output="grade", value="high")

    assert found == (ChainMiss("step", NearMiss("step-1", "amount", "< 9", 9, 8)),)


def test_nothing_has_to_change_where_the_answer_is_given_already() -> None:
    assert misses(inputs(2, 5)) == ()


def test_a_value_that_another_table_does_not_take_is_not_proposed() -> None:
    narrow = table("trust", {"years": {**NUMBER, "min": 3, "from": "y"}, "risk": chained("risk")}, TRUST_ROWS)
    step = table("step", {"trust": chained("trust"), "years": {**NUMBER, "from": "y"}}, [({"years": "< 3"}, "high")])

    both = by_name(step, narrow, RISK)
    given: dict[str, dict[str, Value]] = {"risk": {"amount": 2}, "trust": {"years": 4}, "step": {"years": 4}}

    assert chain_misses(both, "step", given, output="grade", value="high") == ()


TRUST_ROWS: list[tuple[dict[str, Any], str]] = [({"years": ">= 3", "risk": "low"}, "high")]


@given(
    st.lists(st.tuples(st.sampled_from(["-", "< 5", "> 7", "missing"]), st.sampled_from(GRADES)), max_size=3),
    st.lists(st.tuples(st.sampled_from(["-", "low", "high", "not(low)"]), st.sampled_from(["-", "1", ">= 6"]),
                       st.sampled_from(GRADES)), max_size=3),
    st.sampled_from([1, 5, 8, 9, MISSING]),
    st.sampled_from([1, 6, MISSING]),
)  # fmt: skip
def test_every_change_that_is_told_holds_when_it_is_tried(
    first: list[tuple[str, str]], second: list[tuple[str, str, str]], amount: Value, other: Value
) -> None:
    risk = table(
        "risk", {"amount": {**NUMBER, "from": "fact.amount"}}, [({"amount": cell}, out) for cell, out in first]
    )
    step = table(
        "step",
        {"risk": chained("risk"), "other": NUMBER, "amount": {**NUMBER, "from": "fact.amount"}},
        [({"risk": grade, "other": cell}, out) for grade, cell, out in second],
    )
    both, given = by_name(step, risk), {"risk": {"amount": amount}, "step": {"other": other, "amount": amount}}

    for one in chain_misses(both, "step", given, output="grade", value="high"):
        source = "other" if one.miss.input == "other" else "amount"
        changed = {
            name: {key: one.miss.instead if key == source else value for key, value in values.items()}
            for name, values in given.items()
        }
        again = evaluate_chain(both, "step", changed)
        assert again.root.outputs == {"grade": "high"}
        assert one.miss.row in next(said.verdict.fired for said in again.tables if said.table.id == one.table)
