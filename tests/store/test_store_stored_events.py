"""Events as they were once stored must be read for ever: the fixtures are never edited, only added to."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import hypothesis.strategies as st
import pytest
import rfc8785
from hypothesis import given
from store_builders import HANDLER, NOW

from cases.case import Entry, fold
from cases.events import (
    CaseOpened,
    FactStated,
    JourneyLoaded,
    MessageAdded,
    NoteAdded,
    Understood,
    Unknown,
    Written,
    read_event,
    write_event,
)
from cases.facts import Fact, Person
from cases.store.database import Database
from cases.vocabulary import Actor, Scope, Status

FIXTURES = Path(__file__).parent / "fixtures"


def stored(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FIXTURES / name).read_text())
    return rows


def test_a_case_stored_by_the_first_version_folds_as_it_did() -> None:
    rows = stored("2026-11-22_closed_by_a_person.json")
    entries = [
        Entry(
            row["seq"],
            datetime.fromisoformat(row["at"]),
            Actor.read(row["actor"]),
            read_event(row["kind"], row["schema"], row["body"]),
        )
        for row in rows
    ]

    case = fold("case-1", entries)

    assert (case.status, case.outcome, case.reference) == (Status.CLOSED, "pay", "C-2026-000001")
    assert (case.topic, case.sender, case.human_ever) == ("leak", "iris@example.org", True)
    assert [fact.value for fact in case.facts] == ["120.50"]
    assert [entry.event.kind for entry in entries] == [row["kind"] for row in rows]


@pytest.mark.parametrize("row", stored("2026-11-22_closed_by_a_person.json"), ids=lambda row: row["kind"])
def test_every_stored_kind_is_read_as_itself(row: dict[str, Any]) -> None:
    event = read_event(row["kind"], row["schema"], row["body"])

    assert isinstance(event, get_args(Written))
    assert event.kind == row["kind"]


def test_a_kind_or_schema_of_a_newer_version_is_shown_and_not_read(database: Database) -> None:
    assert read_event("weighed", 1, "{}") == Unknown("weighed", "{}")
    assert read_event("note_added", 99, '{"new":1}') == Unknown("note_added", '{"new":1}')


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SHARE = st.floats(0, 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
EVENTS = st.one_of(
    st.builds(NoteAdded, TEXT, TEXT),
    st.builds(CaseOpened, TEXT, TEXT, TEXT, TEXT, TEXT),
    st.builds(MessageAdded, TEXT, TEXT, TEXT, TEXT, TEXT, st.just(NOW), TEXT, TEXT),
    st.builds(JourneyLoaded, TEXT, TEXT, st.dictionaries(st.just("a") | st.just("Z"), JSON)),
    st.builds(FactStated, st.builds(Fact, TEXT, TEXT, SHARE, st.just((Person("hanna"),))), TEXT),
    st.builds(
        Understood, TEXT, TEXT, TEXT, TEXT, TEXT, SHARE, st.sampled_from(Scope), st.floats(-1e9, 1e9), TEXT, TEXT
    ),
)


@given(EVENTS)
def test_bodies_are_canonical_json_as_rfc_8785_has_it(event: Written) -> None:
    body = write_event(event)

    assert body.encode() == rfc8785.dumps(json.loads(body))


@given(EVENTS)
def test_a_body_read_and_written_again_is_the_same_bytes(event: Written) -> None:
    body = write_event(event)

    again = read_event(event.kind, 1, body)
    assert isinstance(again, get_args(Written))
    assert write_event(again) == body


def test_what_a_customer_types_is_stored_and_verified_sign_by_sign(database: Database) -> None:
    text = 'a"\\\x00\x1f\x7f\u2028é😀\ufeff</script>\r\n'
    with database.writing() as store:
        store.append("journeys", [(NoteAdded(text, "hanna"), HANDLER)], at=NOW)

    with database.reading() as store:
        assert store.history("journeys")[0].event == NoteAdded(text, "hanna")
        assert store.verify_all() == []
