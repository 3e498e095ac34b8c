"""Cases that no row answers, in the words of the table's inputs."""

from typing import Any

import pytest
from rule_tables import letters, read

from cases.rules import evaluate
from cases.rules.verify import verify

COLUMNS: dict[str, dict[str, Any]] = {
    "topic": {"type": "text", "domain": ["leak", "pests", "other"], "nullable": True},
    "word": {"type": "text", "domain": [f"w{number}" for number in range(20)]},
    "found": {"type": "boolean"},
    "photos": {"type": "integer", "min": 0, "max": 1000},
    "amount": {"type": "money", "min": 0, "max": 1000, "nullable": True},
    "score": {"type": "decimal", "min": 0, "max": 1},
    "day": {"type": "date"},
    "tags": {"type": "set", "domain": ["red", "blue"]},
}


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("topic", "leak", "is pests, other or null"),
        ("topic", "not(leak)", "is leak"),
        ("topic", "present", "is not known"),
        ("topic", "missing", ""),
        ("word", "w0", "is not w0"),
        ("word", "w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11",
         "is w12, w13, w14, w15, w16, w17 or one of 2 others"),
        ("found", True, "is false"),
        ("photos", "0", "is at least 1"),
        ("photos", ">= 1", "is 0"),
        ("photos", "[1..2], 5, > 7", "is 0, from 3 to 4 or from 6 to 7"),
        ("amount", "<= 250", "is at least 250.01 or null"),
        ("amount", "null, > 10", "is at most 10.00"),
        ("score", "<= 0.5", "is over 0.5"),
        ("score", "< 0.5", "is at least 0.5"),
        ("score", "not((0.2..0.4))", "is over 0.2 and under 0.4"),
        ("score", "<= 0.2, > 0.4", "is over 0.2 and at most 0.4"),
        ("day", "< 2026-03-01", "is at least 2026-03-01"),
        ("tags", "contains red", "does not contain red"),
        ("tags", "not(contains any(red, blue))", "contains any(red, blue)"),
        ("tags", "contains red, empty", "does not contain red and is not empty"),
        ("tags", "not(empty)", "is empty"),
    ],
)  # fmt: skip
def test_what_a_row_leaves_open_is_said_in_words(name: str, cell: object, words: str) -> None:
    row = {"id": "R", "description": "A row", "when": {name: cell}, "then": {"letter": "x"}}
    table = read(letters("FIRST", inputs=COLUMNS, rows=[row]))

    (gap,) = verify(table).gaps

    assert gap.where == (f"{name} {words}" if words else "")
    assert evaluate(table, gap.witness).kind == "else"


def test_sets_that_the_tests_do_not_pick_out_are_told_by_an_example() -> None:
    cells = ["contains all(red, blue)", "not(contains red, contains blue)"]
    rows = [
        {"id": f"R-{number}", "description": "A row", "when": {"tags": cell}, "then": {"letter": "x"}}
        for number, cell in enumerate(cells)
    ]

    (gap,) = verify(read(letters("FIRST", inputs=COLUMNS, rows=rows))).gaps

    assert gap.where == "tags is for example [red]"


def test_values_that_two_inputs_of_one_source_cannot_share_are_no_cases() -> None:
    inputs = {
        "coarse": {"type": "text", "domain": ["a", "b"], "from": "fact.kind"},
        "fine": {"type": "text", "domain": ["b", "c"], "from": "fact.kind", "nullable": True},
        "low": {"type": "integer", "min": 0, "max": 4, "from": "fact.size", "nullable": True},
        "high": {"type": "integer", "min": 6, "max": 9, "from": "fact.size", "nullable": True},
    }
    rows = [
        {"id": "R-1", "description": "The only kind", "when": {"coarse": "b"}, "then": {"letter": "x"}},
        {"id": "R-2", "description": "No kind", "when": {"fine": "c"}, "then": {"letter": "x"}},
        {"id": "R-3", "description": "No size", "when": {"high": "null"}, "then": {"letter": "x"}},
        {"id": "R-4", "description": "Never", "when": {"low": "4"}, "then": {"letter": "x"}},
    ]

    found = verify(read(letters("FIRST", inputs=inputs, rows=rows)))

    assert found.gaps == ()
    assert found.dead == ("R-2", "R-4")


def test_where_no_value_at_all_is_shared_the_input_is_always_missing() -> None:
    inputs = {
        name: {"type": "integer", "min": low, "max": low + 1, "from": "fact.size"} for name, low in (("a", 0), ("b", 5))
    }
    rows = [{"id": "R", "description": "A row", "when": {"a": "missing"}, "then": {"letter": "x"}}]

    found = verify(read(letters("FIRST", inputs=inputs, rows=rows)))

    assert (found.verdict, found.gaps, found.dead) == ("proved", (), ())
