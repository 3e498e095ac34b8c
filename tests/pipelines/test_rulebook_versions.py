"""Versions as they are folded from the stream: on each day exactly one decides."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from cases import events as e
from cases.case import Entry
from cases.rules import read_table, table_digest
from cases.vocabulary import SYSTEM, Actor
from pipelines.rulebook.versions import Book, books, text_digest

START = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
DAYS = st.lists(st.integers(0, 20), min_size=1, max_size=6)


def document(number: int) -> dict[str, Any]:
    return {
        "table": "next_step", "description": f"Version {number}.", "hit": "FIRST", "effective_from": "2026-11-01",
        "inputs": {"topic": {"type": "text", "domain": ["leak"], "from": "topic"}},
        "outputs": {"step": {"type": "text", "domain": ["expert"]}},
        "rows": [], "else": {"id": "R-9", "description": "A person.", "then": {"step": "expert"}},
    }  # fmt: skip


def published(number: int, day: int, *, report: str = "") -> e.TablePublished:
    table = read_table(document(number), file="", lines={})
    start = START + timedelta(days=day)
    return e.TablePublished("j", "next_step", table_digest(table), table.as_dict(), start, report)


def book(events: Sequence[e.Event]) -> Book:
    entries = [Entry(n + 1, NOW, Actor("person", "ada"), event) for n, event in enumerate(events)]
    return books(entries)["next_step"]


@given(DAYS)
def test_on_each_day_one_version_decides_and_it_says_so_of_itself(days: list[int]) -> None:
    found = book([published(number, day) for number, day in enumerate(days)])

    for offset in range(min(days), 25):
        day = START + timedelta(days=offset)
        deciding = [one for one in found.versions if one.decides_on(day)]
        assert deciding == [found.on(day)]


@given(DAYS)
def test_the_last_one_published_of_those_whose_day_has_come_decides(days: list[int]) -> None:
    found = book([published(number, day) for number, day in enumerate(days)])

    for offset in range(25):
        begun = [number for number, day in enumerate(days) if day <= offset]
        deciding = found.on(START + timedelta(days=offset))
        assert deciding is not None
        assert deciding.table.description == f"Version {max(begun, default=0)}."


def test_a_table_without_any_version_has_none_in_force() -> None:
    empty = Book()

    assert (empty.on(START), empty.newest(), empty.of("0" * 64)) == (None, None, None)


def test_publishing_with_a_report_closes_the_draft_and_without_one_leaves_it_open() -> None:
    draft = e.TableDrafted("j", "next_step", "{}", "")

    assert book([published(0, 0), draft, published(1, 1, report="r")]).draft is None
    assert book([published(0, 0), draft, published(1, 1)]).draft is not None
    assert book([published(0, 0), draft, e.DraftDropped("j", "next_step")]).draft is None


def test_a_shadow_ends_when_it_is_told_to_or_when_its_version_decides() -> None:
    shadowed = e.TableShadowed("j", "next_step", published(1, 0).digest, published(1, 0).document)

    running = book([published(0, 0), shadowed]).shadow
    assert running is not None
    assert (running.by, running.seq) == ("ada", 2)
    assert book([published(0, 0), shadowed, published(2, 1, report="r")]).shadow == running
    assert book([published(0, 0), shadowed, published(1, 1, report="r")]).shadow is None
    assert book([published(0, 0), shadowed, e.ShadowEnded("j", "next_step", shadowed.digest)]).shadow is None


def test_other_events_of_the_stream_say_nothing_about_versions() -> None:
    entries = [
        Entry(1, NOW, SYSTEM, e.ReplayReported("j", "next_step", "a", "b", "c", NOW)),
        Entry(2, NOW, SYSTEM, e.Unknown("x", "{}")),
    ]

    assert books(entries) == {}


def test_digests_of_texts_are_sha256_in_hex() -> None:
    assert text_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
