"""Whether a change moves any case: compared with asking both tables about every case there is."""

from typing import Any

from drawn_tables import document, documents, every_case
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_tables import letters, read

from cases.rules import Table, evaluate
from cases.rules.same import Differs, Same, Unknown, answer, prove_same


@st.composite
def changed_documents(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A table and the same with one row moved, dropped or taken from another drawing."""
    old = draw(documents())
    new = {**old, "rows": list(old["rows"])}
    other = draw(documents((old["hit"],)))["rows"]
    match draw(st.sampled_from(["row", "drop", "move", "policy"])):
        case "row" if other and new["rows"]:
            place = draw(st.integers(0, len(new["rows"]) - 1))
            new["rows"][place] = {**other[0], "id": new["rows"][place]["id"]}
        case "drop" if new["rows"]:
            new["rows"].pop(draw(st.integers(0, len(new["rows"]) - 1)))
        case "move":
            new["rows"] = draw(st.permutations(new["rows"]))
        case "policy" if old["hit"] != "COLLECT":
            new["hit"] = draw(st.sampled_from(["FIRST", "UNIQUE", "ANY", "PRIORITY"]))
        case _:
            pass
    return old, new


@given(changed_documents())
@settings(max_examples=100)
def test_a_change_is_the_same_exactly_when_no_case_gets_another_answer(pair: tuple[Any, Any]) -> None:
    old, new = map(read, pair)

    found = prove_same(old, new)

    moved = [one for one in every_case(old) if answer(evaluate(old, one)) != answer(evaluate(new, one))]
    assert isinstance(found, Differs) == bool(moved)
    if isinstance(found, Differs):
        assert found.witness in [dict(one) for one in moved]
        assert (found.old, found.new) == (answer(evaluate(old, found.witness)), answer(evaluate(new, found.witness)))
    else:
        assert found == Same()


def test_a_renamed_input_of_the_same_source_is_the_same_case() -> None:
    old = document("FIRST", [({"flag": True}, "x")])
    inputs = {("on" if name == "flag" else name): {"from": name, **one} for name, one in old["inputs"].items()}
    new = {**document("FIRST", []), "inputs": inputs, "rows": [{**old["rows"][0], "when": {"on": True}}]}

    assert prove_same(read(old), read(new)) == Same()


def test_a_value_that_only_one_of_the_tables_takes_is_a_difference() -> None:
    old, new = read(letters("FIRST")), letters("FIRST")
    new["inputs"] = {**new["inputs"], "b": {"type": "integer", "min": 1, "max": 12}}

    found = prove_same(old, read(new))

    assert isinstance(found, Differs)
    assert (found.witness["b"], found.old.kind, found.new.kind) in [
        (10, "invalid", "decided"),
        (12, "invalid", "decided"),
    ]


def test_another_answer_of_the_else_row_is_a_difference() -> None:
    new = letters("FIRST", **{"else": {"id": "E", "description": "None", "then": {"letter": "x"}}})

    found = prove_same(read(letters("FIRST")), read(new))

    assert isinstance(found, Differs)
    assert (found.old.outputs, found.new.outputs) == ({"letter": "z"}, {"letter": "x"})


def test_an_input_that_only_the_new_table_has_is_asked_about_in_the_new_one_only() -> None:
    rows = [{"id": "R", "description": "A row", "when": {"c": True}, "then": {"letter": "x"}}]
    new = letters("FIRST", rows=rows)
    new["inputs"] = {**new["inputs"], "c": {"type": "boolean"}}

    found = prove_same(read(letters("FIRST")), read(new))

    assert isinstance(found, Differs)
    assert "c" not in found.old_inputs
    assert found.new_inputs["c"] is True


def test_an_input_of_another_type_cannot_be_compared() -> None:
    new = letters("FIRST")
    new["inputs"] = {**new["inputs"], "b": {"type": "money", "min": 1, "max": 9}}

    found = prove_same(read(letters("FIRST")), read(new))

    assert found == Unknown("b is read as integer and as money; only a replay can tell")


def test_with_too_few_steps_nothing_is_claimed() -> None:
    old = document("UNIQUE", [({"word": "a", "size": "< 2"}, "x")])
    new = document("UNIQUE", [({"word": "a", "size": "<= 1"}, "y")])

    assert prove_same(read(old), read(new), budget=1) == Unknown("the steps ran out before every case was compared")


def test_an_input_that_is_never_missing_makes_no_difference_by_being_missing() -> None:
    old, new = (read(document("FIRST", [({"flag": cell}, "x")])) for cell in ("present", "-"))

    assert isinstance(prove_same(old, new), Differs)
    assert prove_same(old, new, always=["flag"]) == Same()


def test_a_change_that_tells_too_many_kinds_of_sets_apart_cannot_be_compared() -> None:
    parts = [f"p{number}" for number in range(15)]

    def table(named: list[str]) -> Table:
        rows = [
            {"id": f"R-{one}", "description": "A row", "when": {"s": f"contains {one}"}, "then": {"letter": "x"}}
            for one in named
        ]
        return read(letters("ANY", rows=rows, inputs={"s": {"type": "set", "domain": parts}}))

    assert isinstance(prove_same(table(parts[:4]), table(parts[:5])), Differs)
    found = prove_same(table(parts[:8]), table(parts[7:]))
    assert found == Unknown("the cells tell more than 4096 kinds of sets apart; only a replay can tell")


def test_many_steps_over_the_same_ground_are_taken_once() -> None:
    """Twelve inputs with 3 values: half a million cases, and a proof in a few hundred steps."""
    inputs = {f"c{number}": {"type": "integer", "min": 0, "max": 2} for number in range(12)}
    rows = [
        {"id": f"R-{name}", "description": "A row", "when": {name: ">= 1"}, "then": {"letter": "x"}} for name in inputs
    ]
    last = {"id": "R-last", "description": "A row", "when": dict.fromkeys(inputs, 0), "then": {"letter": "y"}}
    old = read(letters("FIRST", rows=[*rows, last], inputs=inputs))
    new = read(letters("FIRST", rows=[*rows, {**last, "when": {"c0": 0}}], inputs=inputs))

    assert prove_same(old, new, budget=500, always=list(inputs)) == Same()
