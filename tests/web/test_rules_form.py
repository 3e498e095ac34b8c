"""A table as a form and back: nothing changes on the way, nothing typed is lost, and what a button does is exact."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.rules_form import document_of, fields_of, row_keys, rows_of, split, unquoted
from api.pages.rules_moves import (
    add_column,
    add_example,
    add_row,
    copy_row,
    drop_column,
    drop_example,
    drop_row,
    move_row,
    new_id,
    paste,
)
from cases.rules import Table, check_examples, read_table, table_digest

JOURNEYS = sorted((Path(__file__).parents[2] / "configs" / "journeys").glob("*/rules/*.yaml"))
WORDS = st.text("abcXYZ019 _.,\"'()[]<>=\\é", min_size=0, max_size=8).map(str.strip)
TESTS = {
    "topic": ["-", "wind", "not(wind)", 'wind, "", "a, b"', "missing", "present", "null", '"[odd]"'],
    "amount": ["<= 2", "[1..2.5)", "not(2)", "2, > 4", "missing"],
    "day": [">= 2026-01-01", "[2026-01-01..2026-02-01]", "2026-03-01"],
}
THEN: dict[str, st.SearchStrategy[object]] = {
    "step": st.sampled_from(["go", "", "[odd]", 'say "yes"', "a, b"]),
    "list": st.lists(st.sampled_from(["x", "", "a, b", "[odd]", 'q"q']), unique=True),
    "sure": st.booleans(),
    "days": st.integers(0, 30),
    "most": st.sampled_from(["0.00", "12.50", 7]),
}
COLUMNS = {
    "inputs": {
        "topic": {"type": "text", "domain": ["wind", "", "a, b", "[odd]"], "nullable": True, "description": "About"},
        "amount": {"type": "money", "min": 0, "max": "5.00", "from": "fact.amount"},
        "day": {"type": "date"},
    },
    "outputs": {
        "step": {"type": "text", "domain": ["go", "", "[odd]", 'say "yes"', "a, b"], "default": "go"},
        "list": {"type": "list", "domain": ["x", "", "a, b", "[odd]", 'q"q'], "default": ["x"]},
        "sure": {"type": "boolean"},
        "days": {"type": "integer", "min": 0, "max": 30, "default": 5},
        "most": {"type": "money", "min": 0, "max": 100},
    },
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    always = {name: THEN[name] for name in ("sure", "most")}
    then = st.fixed_dictionaries(always, optional={name: THEN[name] for name in ("step", "list", "days")})
    when = st.fixed_dictionaries({}, optional={name: st.sampled_from(texts) for name, texts in TESTS.items()})
    rows = list(enumerate(draw(st.lists(st.tuples(when, then), max_size=5))))
    example = {"id": "X", "given": {"topic": "wind"}, "expect": {"kind": "missing"}}
    return {
        "table": "t",
        "description": "Drawn",
        "hit": "FIRST",
        "effective_from": "2026-01-01",
        **COLUMNS,
        "rows": [
            {"id": f"R-{n}", "description": "Drawn", "when": cells, "then": said} for n, (cells, said) in rows
        ],
        "else": {"id": "E", "description": "Rest", "then": draw(then)},
        "examples": [example] if draw(st.booleans()) else [],
    }  # fmt: skip


def read(document: Mapping[str, Any]) -> Table:
    return read_table(document, file="t.yaml", lines={})


def shipped(name: str = "motor_claim") -> dict[str, Any]:
    path = next(path for path in JOURNEYS if path.parts[-3] == name)
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


@settings(deadline=None)
@given(documents())
def test_a_table_goes_through_the_form_unchanged(document: dict[str, Any]) -> None:
    for written in (document, read(document).as_dict()):
        back = document_of(fields_of(written), written)

        assert table_digest(read(back)) == table_digest(read(document))
        assert fields_of(back) == fields_of(written)


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.parts[-3])
def test_a_shipped_table_goes_through_the_form_unchanged(path: Path) -> None:
    document = yaml.safe_load(path.read_text())

    assert table_digest(read(document_of(fields_of(document), document))) == table_digest(read(document))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["r0.id", "r0.says", "r0.w0", "r0.t0", "r0.t1", "r7.w2", "else.t3", "says", "hit"]), WORDS
    )
)
def test_whatever_is_typed_comes_back_as_it_was_typed(typed: dict[str, str]) -> None:
    base = {**COLUMNS, "rows": [], "else": {}}

    back = fields_of(document_of(typed, base))

    names = {key: f"r{place}" for place, key in enumerate(row_keys(typed))}
    for name, text in typed.items():
        place, _, field = name.partition(".")
        again = back[f"{names.get(place, place)}.{field}" if field else name]
        assert again == text or split(again) == split(text) or unquoted(again) == unquoted(text)


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | WORDS, lambda some: st.lists(some) | st.dictionaries(WORDS, some)))
def test_any_document_at_all_can_be_shown(odd: object) -> None:
    for document in (odd if isinstance(odd, dict) else {}, {"inputs": odd, "outputs": odd, "rows": odd, "else": odd}):
        assert document_of(fields_of(document), document)["rows"] == document_of({}, document)["rows"] or rows_of(
            document
        )


def test_a_cell_left_empty_in_a_file_does_not_become_any_value() -> None:
    document = shipped()
    document["rows"][0]["when"] = {"topic": None, "photos": ""}

    typed = document_of(fields_of(document), document)

    assert typed["rows"][0]["when"] == {"topic": "null", "photos": '""'}


def test_a_cell_of_an_unknown_column_stays_and_is_told_until_its_row_goes() -> None:
    document = shipped()
    document["rows"][0]["when"] = {"topci": "theft"}

    assert document_of(fields_of(document), document)["rows"][0]["when"] == {"topci": "theft"}


def test_a_renamed_column_keeps_its_cells() -> None:
    fields = fields_of(shipped())
    number = next(
        name.partition(".")[0] for name, text in fields.items() if name.endswith(".name") and text == "amount"
    )

    typed = document_of(fields | {f"{number}.name": "claimed"}, shipped())

    row = next(row for row in typed["rows"] if row["id"] == "R-140")
    assert row["when"]["claimed"] == "<= 750"
    assert "amount" not in row["when"]


def test_rows_stand_in_the_order_of_their_fields() -> None:
    typed = {"r5.id": "B", "r5.w0": "wind", "r2.id": "A", "r2.w0": "null"}

    assert [row["id"] for row in document_of(typed, {**COLUMNS, "rows": [{"id": "old"}]})["rows"]] == ["B", "A"]


def test_a_row_is_added_copied_moved_and_dropped() -> None:
    document = shipped()
    ids = [row["id"] for row in document["rows"]]

    added = add_row(document, 0)
    assert [row["id"] for row in rows_of(added.document)][:3] == [ids[0], "R-015", ids[1]]
    assert (added.focus, added.said) == ("r1.says", "rules.said.added")
    copied = copy_row(document, 1)
    assert {**rows_of(copied.document)[2], "id": ""} == {**rows_of(document)[1], "id": ""}
    assert copied.parts == {"row": "R-022", "of": "R-020"}
    down = move_row(document, 0, 1, field="w3")
    assert ([row["id"] for row in rows_of(down.document)][:2], down.focus) == ([ids[1], ids[0]], "r1.w3")
    assert move_row(document, 0, -1).document == document
    assert move_row(document, len(ids) - 1, 1).said == "rules.said.last"
    assert [row["id"] for row in rows_of(drop_row(document, 0).document)] == ids[1:]


def test_dropping_the_last_row_leaves_the_keyboard_at_the_else_row() -> None:
    document = {**shipped(), "rows": shipped()["rows"][:1]}

    assert drop_row(document, 0).focus == "else.says"


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[A-Z]-[0-9]{1,3}[a-z]?", fullmatch=True) | WORDS, max_size=6), st.integers(-1, 6))
def test_a_new_id_is_never_taken(ids: list[str], after: int) -> None:
    assert new_id(ids, after) not in ids


def test_a_spreadsheet_is_laid_over_the_grid_and_grows_it() -> None:
    document = shipped()
    last = len(document["rows"]) - 1

    pasted = paste(document, "theft\ttrue\r\ncollision\tfalse\r\n", f"r{last}.w0")

    rows = rows_of(pasted.document)
    assert [row["when"] for row in rows[last:]] == [
        {**document["rows"][last]["when"], "topic": "theft", "known": "true"},
        {"topic": "collision", "known": "false"},
    ]
    assert (pasted.focus, pasted.parts["rows"]) == (f"r{last}.w0", 2)


def test_cells_pasted_beyond_the_last_column_are_left_out() -> None:
    document = shipped()

    pasted = paste(document, "route\t\t\t\tmore\tand more", "r0.t0")

    assert rows_of(pasted.document)[0]["then"] == {"step": "route"}
    assert len(rows_of(pasted.document)) == len(document["rows"])


def test_a_dropped_column_takes_its_cells_along() -> None:
    document = shipped()
    count = len(document["inputs"])
    position = list(document["inputs"]).index("amount")

    dropped = drop_column(document, "inputs", position).document

    assert len(dropped["inputs"]) == count - 1
    assert not any("amount" in row["when"] for row in dropped["rows"])
    gone = drop_column(document, "outputs", list(document["outputs"]).index("department")).document
    assert not any("department" in row["then"] for row in [*gone["rows"], gone["else"]])


def test_an_added_column_asks_nothing_of_any_row() -> None:
    added = add_column(add_column(shipped(), "inputs").document, "inputs").document

    assert [column["name"] for column in added["inputs"]][-2:] == ["input_1", "input_2"]
    assert len(read(added).inputs) == len(shipped()["inputs"]) + 2


def test_an_example_is_added_and_dropped_again() -> None:
    given = {"topic": "policy_question", "known": False, "photos": 0, "asked": 0, "contradictions": 0}

    added = add_example(shipped(), given, {"row": "R-010"})

    assert len(check_examples(read(added.document))) == 0
    assert len(added.document["examples"]) == len(shipped()["examples"]) + 1
    assert drop_example(added.document, len(shipped()["examples"])).document == shipped()
