"""A table as a document: its digest, its plain form, its sources, and what it can give."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from rule_tables import NEXT_STEP, letters, letters_table, read, tags_table
from test_rules_reference import ALL, CASES, tables

from cases.rules import Value, evaluate, input_sources, reachable, table_digest


def stored(data: dict[str, Any]) -> dict[str, Any]:
    """As canonical JSON has it, with its keys sorted, after a read."""
    text: dict[str, Any] = json.loads(json.dumps(read(data).as_dict(), sort_keys=True))
    return text


@given(tables(ALL), CASES)
def test_the_stored_form_reads_back_as_the_same_table(data: dict[str, Any], inputs: dict[str, Value]) -> None:
    table = read(data)

    again = read(stored(data))

    assert again == table
    assert table_digest(again) == table_digest(table)
    assert evaluate(again, inputs) == evaluate(table, inputs)
    assert evaluate(again, inputs).traces == evaluate(table, inputs).traces


def test_every_kind_of_column_and_promise_survives_storage() -> None:
    data = deepcopy(NEXT_STEP)
    data["inputs"]["topic"].update(description="What it is about", nullable=True)
    data["outputs"]["step"]["description"] = "What is next"
    data["outputs"]["sure"] = {"type": "boolean", "default": True}
    data["outputs"]["pay"] = {"type": "money", "min": 0, "max": "99.99", "default": "1.50"}
    data["outputs"]["by"] = {"type": "date", "min": "2026-01-01", "default": "2026-12-31"}
    data["outputs"]["share"] = {"type": "decimal", "min": 0, "max": 1, "default": "0.125"}
    data["examples"].append(
        {"id": "E-2", "given": {"topic": None, "loss_date": "2026-01-31"}, "expect": {"kind": "else", "missing": []}}
    )
    data["examples"].append({"id": "E-3", "given": {}, "expect": {"outputs": {"requests": [], "by": "2026-12-31"}}})

    assert read(stored(data)) == read(data)


def test_layout_and_spelling_do_not_change_the_digest() -> None:
    data = deepcopy(NEXT_STEP)
    data["rows"][0]["when"] = {
        "photos": ">=1",
        "amount": "<=500.0",
        "glass": "true",
        "topic": "=windscreen",
        "plate": "-",
    }
    data["examples"][0]["given"]["amount"] = 120

    assert table_digest(read(data)) == table_digest(read(NEXT_STEP))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("description",), "Other words"),
        (("rows", 0, "description"), "Other words"),
        (("rows", 0, "when", "amount"), "< 500"),
        (("rows", 0, "then", "option"), ""),
        (("effective_from",), "2026-01-02"),
        (("hit",), "UNIQUE"),
        (("inputs", "amount", "max"), 100_001),
        (("inputs", "amount", "from"), "fact.total"),
        (("examples",), []),
    ],
)
def test_what_the_table_says_changes_the_digest(path: tuple[str | int, ...], value: object) -> None:
    data: Any = deepcopy(NEXT_STEP)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value

    assert table_digest(read(data)) != table_digest(read(NEXT_STEP))


def test_the_order_of_rows_changes_the_digest() -> None:
    data = {**NEXT_STEP, "rows": NEXT_STEP["rows"][::-1]}

    assert table_digest(read(data)) != table_digest(read(NEXT_STEP))


def test_an_input_comes_from_where_it_says_or_from_its_own_name() -> None:
    assert input_sources(read(NEXT_STEP)) == {
        "topic": "topic",
        "glass": "register.policy.glass_cover",
        "amount": "fact.amount",
        "plate": "fact.plate",
        "photos": "photos.usable",
        "loss_date": "loss_date",
    }


def test_the_rows_that_can_give_a_value_are_named_with_the_else_row_last() -> None:
    table = letters_table("FIRST", {"R1": ({"a": 1}, "x"), "R2": ({"a": 2}, "z")})

    assert reachable(table, "letter", "z") == ("R2", "E")
    assert reachable(table, "letter", "y") == ()


def test_a_list_gives_each_value_that_is_in_it() -> None:
    table = tags_table({"R1": ({"a": 1}, ["p", "q"]), "R2": ({"a": 2}, ["q"])})

    assert reachable(table, "tags", "q") == ("R1", "R2")


def test_an_unknown_output_is_told_with_the_nearest_one() -> None:
    with pytest.raises(LookupError, match='table letters has no output "leter"; did you mean "letter"'):
        reachable(letters_table("FIRST", {}), "leter", "x")


def test_a_table_can_be_a_key_but_never_change() -> None:
    table = read(letters("FIRST"))

    assert {table: 1}[read(letters("FIRST"))] == 1
    with pytest.raises(AttributeError):
        table.id = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        table.otherwise.outputs["letter"] = "x"  # type: ignore[index]
