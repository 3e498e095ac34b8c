"""What is wrong with a typed table stands at its field; no document, however odd, keeps the page from showing."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.rules_checks import checks_of
from api.pages.rules_grid import grid_of
from api.pages.rules_reading import read_typed
from api.pages.rules_trying import try_box
from api.pages.spoken import Spoken
from api.pages.templating import open_pages
from cases.journey_folder import JourneyFolder
from pipelines.journeys import read_folder

MOTOR = Path(__file__).parents[2] / "configs" / "journeys" / "motor_claim"
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=3),
    max_leaves=5,
)


@cache
def folder() -> JourneyFolder:
    found, _ = read_folder(MOTOR)
    assert found is not None
    return found


@cache
def spoken() -> Spoken:
    return Spoken(open_pages("en").desk_say(), "en", ZoneInfo("Europe/Amsterdam"))


def document() -> dict[str, Any]:
    return folder().root.as_dict()


def row(written: dict[str, Any], id_: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in written["rows"] if one["id"] == id_)
    return found


def wrong(written: dict[str, Any]) -> dict[str, str]:
    return {name: str(problem) for name, problem in read_typed(folder(), "next_step", written).wrong.items()}


def test_a_whole_table_has_nothing_wrong() -> None:
    typed = read_typed(folder(), "next_step", document())

    assert (dict(typed.wrong), typed.others, typed.failing, typed.broken) == ({}, (), 0, 0)


def test_each_problem_stands_in_the_field_where_it_was_typed() -> None:
    written = document()
    row(written, "R-030")["when"]["topic"] = "windscren"
    row(written, "R-040")["then"] = {}
    row(written, "R-060")["id"] = "R-050"
    row(written, "R-070")["description"] = ""
    written["else"]["then"]["step"] = "auto_close"
    written["inputs"][2]["type"] = "bool"
    written["outputs"][1]["domain"] = ["", ""]
    written["hit"] = "FIRTS"
    places = {one["id"]: f"r{n}" for n, one in enumerate(document()["rows"])}

    found = wrong(written)

    assert 'did you mean "windscreen"?' in found[f"{places['R-030']}.w0"]
    assert '"step" is not said' in found[f"{places['R-040']}.t0"]
    assert "is the id of two" in found[f"{places['R-060']}.id"]
    assert "no description" in found[f"{places['R-070']}.says"]
    assert "may not give auto_close" in found["else.t0"]
    assert "no type of this column" in found["i2.type"]
    assert "listed twice" in found["o1.domain"]
    assert 'did you mean "FIRST"?' in found["hit"]


def test_what_the_journey_does_not_have_stands_in_its_field_too() -> None:
    written = document()
    row(written, "R-010")["then"]["department"] = ""
    written["inputs"][0]["from"] = "fact.topci"

    found = wrong(written)

    assert "route names no department" in found["r0.t0"]
    assert "nothing provides" in found["i0.from"]


def test_an_example_that_is_not_kept_is_counted_apart() -> None:
    written = document()
    row(written, "R-140")["when"]["amount"] = "<= 700"

    typed = read_typed(folder(), "next_step", written)

    assert (typed.failing, typed.broken) == (1, 0)
    assert typed.table is not None


def test_the_checks_name_the_first_problems_with_their_cells() -> None:
    written = document()
    for one in written["rows"][:8]:
        one["when"]["topic"] = "windscren"

    checks = checks_of(read_typed(folder(), "next_step", written), spoken())

    assert checks.first[0].text == "8 cells, settings or examples need mending"
    assert len(checks.first) == 6
    assert checks.first[1].text == (
        "rows[R-010].when.topic: 'windscren' is not in the domain; did you mean \"windscreen\"?"
    )


def test_a_case_without_a_row_is_shown_with_a_witness() -> None:
    written = document()
    row(written, "R-150")["when"]["photos"] = ">= 1"

    checks = checks_of(read_typed(folder(), "next_step", written), spoken())

    told = [check.text for check in checks.first if check.kind == "late"]  # the table says that it is complete
    assert any("no row fits" in text and "windscreen" in text for text in told), told
    assert checks.summary == f"{len(told)} to mend, 0 warnings"


@pytest.mark.parametrize(
    ("typed", "told"),
    [({"amount": "1,5"}, "1,5"), ({"known": "perhaps"}, "true or false"), ({"topic": "fire"}, "domain")],
)
def test_an_input_that_cannot_be_is_told_and_nothing_is_answered(typed: dict[str, str], told: str) -> None:
    box = try_box(folder().root, {f"try.{name}": text for name, text in typed.items()}, spoken())

    assert box is not None
    assert box.tried is None
    assert any(told in field.wrong for field in box.fields)


def test_a_try_tells_of_every_row_why_it_does_not_decide() -> None:
    box = try_box(folder().root, {"try.topic": "policy_question"}, spoken())

    assert box is not None
    assert box.tried is not None
    assert (box.tried.fired, box.tried.answered) == ("R-010", True)
    assert len(box.tried.traces) == len(folder().root.rows)
    assert all(trace.why for trace in box.tried.traces)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from paths(one, (*path, key))


@cache
def all_paths() -> list[tuple[Any, ...]]:
    short = document()
    short["rows"], short["examples"] = short["rows"][:3], short["examples"][:2]
    return [path for path in paths(short) if path]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_table_with_anything_anywhere_in_it_is_still_shown(data: st.DataObject) -> None:
    written = document()
    written["rows"], written["examples"] = written["rows"][:3], written["examples"][:2]
    *way, last = data.draw(st.sampled_from(all_paths()))
    inside: Any = written
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(ODD)

    typed = read_typed(folder(), "next_step", written)
    grid = grid_of(typed, spoken(), fired={}, before=folder().root)
    checks = checks_of(typed, spoken())

    assert grid.broken == typed.broken
    assert bool(grid.broken) or typed.table is not None
    assert checks.first
