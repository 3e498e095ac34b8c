"""What a handler sees of the clocks of a case: in the queue, and at the head of its file."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from queue_house import HOUR, add_case, filled_house, signed_in
from sqlalchemy import create_engine, text

from api.pages.clocks import Face, clock_pill, row_pill
from api.pages.times import Pill
from cases import events as e
from cases.clocks import Clock, Which
from cases.journey_spec import Calendar
from cases.store.queue import CaseLine
from cases.vocabulary import MACHINE, Effect, RequestKind, Step
from pipelines.house import House

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # nine o'clock in Amsterdam
LONG = timedelta(days=30)


def say(key: str, /, **parts: object) -> str:
    return " ".join([key.rpartition("clock.")[2], *map(str, parts.values())])


FACE = Face(Calendar(), "en", say, MONDAY)


def line(**changed: Any) -> CaseLine:
    fields = dict.fromkeys(CaseLine.__dataclass_fields__)
    return CaseLine(**{**fields, "opened_at": MONDAY, "version": 3, **changed})  # type: ignore[arg-type]


def ticking(due: timedelta, **changed: Any) -> CaseLine:
    return line(clock="decision", clock_due=MONDAY + due, clock_warned=False, clock_seen=3, **changed)


def waiting(**changed: Any) -> CaseLine:
    return line(
        clock="decision", clock_left=5 * 3600, clock_pause="customer", clock_warned=False, clock_seen=3, **changed
    )


@pytest.mark.parametrize(
    ("due", "text", "kind"),
    [
        (5 * HOUR, "desk.hours 5", ""),
        (3 * HOUR, "desk.hours 3", "soon"),
        (timedelta(), "desk.late desk.minutes 0", "late"),
    ],
)
def test_a_row_turns_amber_before_it_turns_red(due: timedelta, text: str, kind: str) -> None:
    pill = row_pill(ticking(due), FACE)

    assert pill is not None
    assert (pill.text, pill.kind) == (text, kind)
    assert pill.title.startswith("tip.due decision" if kind == "late" else "tip.left decision")
    assert "23 Nov, " in pill.title


def test_a_row_that_waits_for_others_tells_what_is_left_and_for_whom() -> None:
    pill = row_pill(waiting(update_by=MONDAY + timedelta(days=9)), FACE)

    assert pill == Pill("paused", "", "hourglass", "tip.paused decision desk.hours 5 pause.customer")


def test_a_wait_hides_no_promise_that_is_near_or_past() -> None:
    near, past = waiting(update_by=MONDAY + HOUR), waiting(update_by=MONDAY - HOUR)

    assert [getattr(row_pill(one, FACE), "kind", None) for one in (near, past)] == ["soon", "late"]


def test_rows_of_before_go_by_the_promised_date_and_closed_ones_by_none() -> None:
    told = MONDAY + 2 * HOUR

    assert getattr(row_pill(line(update_by=told), FACE), "text", "") == "desk.hours 2"
    assert row_pill(line(), FACE) is None
    assert row_pill(ticking(HOUR, closed_at=MONDAY), FACE) is None


def test_a_clock_that_was_given_some_time_says_so_and_is_amber() -> None:
    pill = clock_pill(Clock(Which.DECISION, MONDAY, MONDAY + 9 * HOUR, warned=True), FACE)

    assert pill.kind == "soon"
    assert pill.title.endswith("· warned")


@pytest.mark.parametrize(("after", "pill"), [(HOUR, ("in_time", "good")), (3 * HOUR, ("too_late", "soon"))])
def test_a_clock_that_was_stopped_tells_whether_that_was_in_time(after: timedelta, pill: tuple[str, str]) -> None:
    shown = clock_pill(Clock(Which.DECISION, MONDAY, MONDAY + 2 * HOUR, met=MONDAY + after), FACE)

    assert (shown.text, shown.kind) == pill


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with filled_house(tmp_path) as built:
        yield built


def words_of(page: str, tag: str) -> str:
    found = re.search(rf"<{tag}.*?</{tag[:2]}>", page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def test_the_queue_and_the_file_show_the_same_clocks(house: House) -> None:
    letter = e.LetterWritten("letter-1", "ask", Effect.ASK, "nl", "k1@example.org", "Vraag", "Wanneer?")
    asked = e.RequestMade((e.RequestItem("damage_photos", RequestKind.PHOTO),), MONDAY.date())
    sent = e.LetterSent("letter-1", "<1@example.org>", "mail")
    reference = add_case(
        house, 1, (letter, MACHINE), (asked, MACHINE), (sent, MACHINE), step=Step.REQUEST_INFO, due=LONG
    )

    client = signed_in(house, "anouk")
    queue, file = client.get("/queue?view=all").text, client.get(f"/cases/{reference}").text

    assert 'title="Besluit: wacht op de klant' in queue or 'title="Decision: waits for the customer' in queue
    told = words_of(file, 'ul class="clocks')
    assert re.search(r"First answer In time|Eerste antwoord Op tijd", told)
    assert re.search(r"Decision Paused waits for the customer, 1\d|Besluit Stilgezet wacht op de klant, nog \d", told)


def test_programs_read_the_same_clock_or_none_of_a_row_that_has_moved_on(house: House) -> None:
    running, moved = add_case(house, 1), add_case(house, 2)
    place = house.settings.database
    with create_engine(place).begin() as connection:
        connection.execute(text("UPDATE cases SET clock_seen = 1 WHERE reference = :of"), {"of": moved})

    told = {one["reference"]: one["clock"] for one in signed_in(house, "anouk").get("/api/cases").json()["items"]}

    assert told[moved] is None
    assert {**told[running], "due": ""} == {
        "which": "first_response", "due": "", "left_seconds": None, "pause": None, "warned": False,
    }  # fmt: skip
    assert datetime.fromisoformat(told[running]["due"]) > house.now()
