"""What changed between two versions of a table, in words."""

from copy import deepcopy
from typing import Any

import pytest
from drawn_tables import documents
from hypothesis import given
from hypothesis import strategies as st
from rule_tables import NEXT_STEP, letters, read

from cases.rules import table_digest
from cases.rules.differ import differences
from cases.rules.same import Same, prove_same


def changed(**parts: object) -> dict[str, Any]:
    return {**deepcopy(NEXT_STEP), **parts}


def told(new: dict[str, Any], old: dict[str, Any] = NEXT_STEP) -> list[str]:
    return [change.words for change in differences(read(old), read(new))]


def row(place: int, **parts: object) -> dict[str, Any]:
    """NEXT_STEP with another row at this place."""
    rows = deepcopy(NEXT_STEP["rows"])
    rows[place] = {**rows[place], **parts}
    return changed(rows=rows)


ROWS = NEXT_STEP["rows"]
WHEN, THEN = ROWS[0]["when"], ROWS[0]["then"]
THIRD = {"id": "R-030", "description": "Many photos", "when": {"photos": "> 9"}, "then": {"step": "expert"}}


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (row(0, when={**WHEN, "amount": "<= 300"}), ["R-010: amount was ≤ 500.00, is ≤ 300.00"]),
        (row(0, when={"topic": "not(collision)", "glass": True, "amount": "missing", "plate": "present"}),
         [("R-010: topic was windscreen, is not collision; amount was ≤ 500.00, is not known; "
          "plate was anything, is known; photos was ≥ 1, is anything")]),
        (row(0, then={"step": "expert", "requests": ["plate"]}),
         [("R-010: step was auto_close, is expert; option was grant_repair, is nothing; "
           "requests was nothing, is [plate]")]),
        (row(0, description="Glass"),
         ['R-010: its description was "Glass with cover and one photo closes by itself", is "Glass"']),
        (row(0, id="R-011"), ["R-010 is called R-011 now", "example E-1: it gives was R-010, is R-011"]),
        (changed(rows=ROWS[:1]),
         ["R-020 is gone: when topic is windscreen and plate is not known, step request_info, requests plate, days 2"]),
        (changed(rows=[THIRD, *ROWS]), ["R-030 is new, at the top: when photos is over 9, step expert, days 5"]),
        (changed(rows=[*ROWS, THIRD]), ["R-030 is new, after R-020: when photos is over 9, step expert, days 5"]),
        (changed(rows=[ROWS[1], ROWS[0]]), ["R-020 stands at the top, was after R-010"]),
        (changed(description="Claims"), ["description was What happens with a motor claim, is Claims"]),
        (changed(complete=True), ["complete was not said, is true"]),
        (changed(effective_from="2026-02-01"), ["effective_from was 2026-01-01, is 2026-02-01"]),
        (changed(**{"else": {"id": "R-999", "description": "Rest", "then": {"step": "route"}}}),
         [('else row R-999: step was expert, is route; its description was "Anything else is read by a person", '
          'is "Rest"')]),
        (changed(examples=[]),
         ["example E-1 is gone: topic windscreen, glass true, amount 120.00, photos 1 gives R-010"]),
    ],
)  # fmt: skip
def test_a_change_is_said_in_the_words_of_its_row(new: dict[str, Any], words: list[str]) -> None:
    if new["rows"][0]["id"] == "R-011":
        new["examples"] = [{**NEXT_STEP["examples"][0], "expect": {"row": "R-011"}}]

    assert told(new) == words


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("topic", {"type": "text", "domain": ["collision", "windscreen", "theft"], "from": "topic", "nullable": True},
         [("input topic: it may also be theft; the order of its values is collision, windscreen, theft now; "
          "it may also be null")]),
        ("photos", {"type": "integer", "min": 0, "max": 9, "from": "photos.total", "description": "Sharp ones"},
         [('input photos: it was a whole number from 0 to 50, is a whole number from 0 to 9; its source was '
          'photos.usable, is photos.total; its description was "", is "Sharp ones"')]),
        ("speed", {"type": "integer", "min": 0, "max": 300},
         ["input speed is new: a whole number from 0 to 300"]),
    ],
)  # fmt: skip
def test_a_change_of_a_column_says_what_it_may_be_now(name: str, column: dict[str, Any], words: list[str]) -> None:
    assert told(changed(inputs={**NEXT_STEP["inputs"], name: column})) == words


def test_what_a_column_may_no_longer_be_is_said() -> None:
    wide = changed(
        inputs={**NEXT_STEP["inputs"], "plate": {"type": "text", "domain": ["known", "new"], "nullable": True}}
    )

    assert told(changed(inputs={**NEXT_STEP["inputs"], "plate": {"type": "text", "domain": ["known"]}}), wide) == [
        "input plate: it may no longer be new; it may no longer be null"
    ]


def test_outputs_that_are_dropped_reordered_or_default_otherwise_are_named() -> None:
    outputs = deepcopy(NEXT_STEP["outputs"])
    outputs["days"]["default"] = 6
    reordered = {name: outputs[name] for name in ("option", "step", "requests", "days")}

    assert told(changed(outputs=reordered)) == [
        "output days: its default was 5, is 6",
        "the outputs stand in another order: option, step, requests, days",
        "R-010: days was 5, is 6",
        "else row R-999: days was 5, is 6",
    ]


def test_an_order_that_decides_nothing_is_said_to() -> None:
    rows = [
        {"id": id_, "description": "A row", "when": {"a": a}, "then": {"letter": "x"}}
        for id_, a in (("P", 1), ("Q", 2))
    ]
    old, new = read(letters("UNIQUE", rows=rows)), read(letters("UNIQUE", rows=rows[::-1]))

    (change,) = differences(old, new)

    assert change.words == "Q stands at the top, was after P; under UNIQUE the order of rows decides nothing"
    assert not change.decides


def test_a_constant_with_another_value_changes_every_row_that_uses_it() -> None:
    def table(value: int, **more: object) -> dict[str, Any]:
        one = {"type": "integer", "value": value, **more}
        rows = [{"id": "R", "description": "A row", "when": {"a": "<= limit"}, "then": {"letter": "x"}}]
        return letters("FIRST", rows=rows, constants={"limit": one})

    assert told(table(4), table(3)) == [
        "constant limit: its value was 3, is 4",
        "R: a was ≤ limit (≤ 3), is ≤ limit (≤ 4)",
    ]
    assert told(table(3, description="Most"), table(3)) == ['constant limit: its description was "", is "Most"']
    assert told(table(3), letters("FIRST"))[:1] == ["constant limit is new: 3"]


def test_an_example_that_promises_or_gives_something_else_is_named() -> None:
    example = {"id": "E-1", "given": {"topic": "windscreen"}, "expect": {"kind": "missing", "missing": ["glass"]}}
    more = {"id": "E-2", "given": {}, "expect": {"outputs": {"step": "expert"}, "rows": []}}

    assert told(changed(examples=[more, example])) == [
        "example E-2 is new: nothing known gives no row, step expert",
        (
            "example E-1: it gives was R-010, is missing, missing glass; glass was true, is missing; "
            "amount was 120.00, is missing; photos was 1, is missing"
        ),
    ]


@given(documents(), documents(), st.booleans())
def test_nothing_differs_exactly_when_the_digests_are_equal(one: Any, other: Any, renamed: bool) -> None:  # noqa: FBT001
    mixed = {**one, "rows": other["rows"] if one["hit"] == other["hit"] else one["rows"][::-1]}
    if renamed and mixed["rows"]:
        mixed["rows"] = [{**mixed["rows"][0], "id": "R9"}, *mixed["rows"][1:]]
    old, new = read(one), read(mixed)

    assert (differences(old, new) == ()) == (table_digest(old) == table_digest(new))
    assert differences(old, read(old.as_dict())) == ()


@given(documents(), documents())
def test_where_no_difference_decides_no_case_moves(one: Any, other: Any) -> None:
    mixed = {**one, "rows": other["rows"] if one["hit"] == other["hit"] else one["rows"][::-1]}
    old, new = read(one), read(mixed)

    if not any(change.decides for change in differences(old, new)):
        assert prove_same(old, new) == Same()
