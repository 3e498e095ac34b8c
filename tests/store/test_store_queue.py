from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_builders import HANDLER, MACHINE, NOW, decided, opened, plan_of, said, understood

from cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseReopened,
    CaseSnoozed,
    DangerSign,
    HumanDecided,
    StepDecided,
    Understood,
    Written,
)
from cases.facts import MessageSpan
from cases.store.database import Database
from cases.store.log import Append
from cases.store.queue import BadCursor, Count, Question, _in_order
from cases.store.views import conditions
from cases.vocabulary import Actor, Danger, Scope, Step, View, Why

HOUR = timedelta(hours=1)


def add(database: Database, number: int, *events: tuple[Written, Actor]) -> None:
    with database.writing() as store:
        store.append(f"case-{number}", [opened(f"C-{number}", f"c{number}@example.org"), *events], at=NOW)


def with_danger() -> tuple[Written, Actor]:
    sign = DangerSign(Danger.GAS, "gaslucht", MessageSpan("message-1", 0, 8))
    return (
        Understood("message-1", "nl", "home", "d", "gas", 0.9, Scope.IN, 0.5, "text", "1", dangers=(sign,)),
        MACHINE,
    )


def assigned(to: str) -> tuple[Written, Actor]:
    return CaseAssigned(to, "lena"), Actor("person", "lena")


CLOSED_BY_HAND = ((HumanDecided("pay", "hanna", "covered"), HANDLER), (CaseClosed("pay"), HANDLER))


def shown(database: Database, view: View, **asked: Any) -> list[str]:
    with database.reading() as store:
        page = store.queue.page(view, who="hanna", now=NOW, **asked)
        assert page.total == Count(len(page.items), exact=True) or page.next
        return [line.reference for line in page.items]


@pytest.fixture
def filled(database: Database) -> Database:
    add(database, 1, said(), decided(update_by=NOW + 30 * HOUR))
    add(database, 2, said(), with_danger(), decided(update_by=NOW + 50 * HOUR))
    add(database, 3, said(), understood(), decided(Step.REQUEST_INFO, update_by=NOW + HOUR))
    add(database, 4, said(), understood(), decided(Step.APPOINT))
    add(database, 5, said(), decided(update_by=NOW + 2 * HOUR), assigned("hanna"))
    add(database, 6, said(), decided(), *CLOSED_BY_HAND)
    add(database, 7, said(), decided(), assigned("hanna"), (CaseSnoozed(NOW + HOUR, "hanna"), HANDLER))
    add(
        database,
        8,
        *(said(), decided(), *CLOSED_BY_HAND),
        (CaseReopened("message-2", "second_look"), MACHINE),
    )
    return database


@pytest.mark.parametrize(
    ("view", "references"),
    [
        (View.MINE, ["C-5"]),
        (View.UNASSIGNED, ["C-2", "C-1", "C-8"]),
        (View.US, ["C-2", "C-5", "C-1", "C-8"]),
        (View.CUSTOMER, ["C-3"]),
        (View.THIRD_PARTY, ["C-4"]),
        (View.DUE_TODAY, ["C-3", "C-5"]),
        (View.SNOOZED, ["C-7"]),
        (View.SECOND_LOOK, ["C-8"]),
        (View.AUDIT, []),
        (View.ABSENT, []),
        (View.ALL, ["C-2", "C-3", "C-5", "C-1", "C-4", "C-6", "C-7", "C-8"]),
    ],
)
def test_each_view_shows_its_cases_danger_first_then_by_promised_date(
    filled: Database, view: View, references: list[str]
) -> None:
    assert shown(filled, view) == references


def test_a_snoozed_case_is_back_when_its_time_has_come(filled: Database) -> None:
    with filled.reading() as store:
        awake = store.queue.page(View.MINE, who="hanna", now=NOW + HOUR)

    assert [line.reference for line in awake.items] == ["C-5", "C-7"]


def test_cases_of_a_disabled_colleague_are_shown_as_absent(filled: Database) -> None:
    with filled.writing() as store:
        store.people.add_user("hanna", (), "hash", at=NOW)
        store.people.disable("hanna", at=NOW)

    assert shown(filled, View.ABSENT) == ["C-5", "C-7"]


def test_a_case_drawn_for_audit_is_in_its_view_until_a_person_has_decided(database: Database) -> None:
    step = StepDecided(
        Step.AUTO_CLOSE, (Why.ROW,), "home", "d", "leak", option="pay", audit=True, certificate="certificate-1"
    )
    add(database, 1, said(), understood(), (step, MACHINE), (CaseClosed("pay"), MACHINE))
    assert shown(database, View.AUDIT) == ["C-1"]

    with database.writing() as store:
        store.append("case-1", [CLOSED_BY_HAND[0]], at=NOW)
    assert shown(database, View.AUDIT) == []


@pytest.mark.parametrize("q", ["c-3", "C3@EXAMPLE", "c3@"])
def test_a_search_finds_parts_in_capitals_or_not(filled: Database, q: str) -> None:
    assert shown(filled, View.ALL, q=q) == ["C-3"]


@pytest.mark.parametrize("q", ["%", "_", "c-9", "' OR 1=1 --"])
def test_a_search_takes_signs_as_they_are(filled: Database, q: str) -> None:
    assert shown(filled, View.ALL, q=q) == []


def test_cases_of_other_lines_and_journeys_are_not_shown_and_not_counted(filled: Database) -> None:
    assert shown(filled, View.ALL, lines=["travel"]) == []
    assert shown(filled, View.ALL, lines=[]) == []
    assert len(shown(filled, View.ALL, lines=["general", "travel"])) == 8
    assert shown(filled, View.ALL, journey="home") == ["C-2", "C-3", "C-4"]


@pytest.mark.parametrize("view", [View.ALL, View.US, View.DUE_TODAY])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_turning_pages_shows_every_case_once_and_in_order(filled: Database, view: View, limit: int) -> None:
    whole = shown(filled, view)
    turned: list[str] = []
    cursor = None
    with filled.reading() as store:
        while True:
            page = store.queue.page(view, who="hanna", now=NOW, cursor=cursor, limit=limit)
            turned += [line.reference for line in page.items]
            cursor = page.next
            if cursor is None:
                break

    assert turned == whole


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24", "WzEsMiwzXQ", "WzEsICIyMDI2LTAxLTAxIiwgImEiXQ"])
def test_a_foreign_cursor_is_refused_with_the_way_out(database: Database, cursor: str) -> None:
    with pytest.raises(BadCursor, match="leave it out"), database.reading() as store:
        store.queue.page(View.ALL, who="hanna", now=NOW, cursor=cursor)


@given(cursor=st.text(max_size=60))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_cursor_breaks_the_queue(database: Database, cursor: str) -> None:
    with database.reading() as store:
        try:
            store.queue.page(View.ALL, who="hanna", now=NOW, cursor=cursor)
        except BadCursor:
            return


def test_all_counts_come_together_and_agree_with_the_pages(filled: Database) -> None:
    with filled.reading() as store:
        counts = store.queue.counts(View, who="hanna", now=NOW)

    assert {view: count.value for view, count in counts.items()} == {view: len(shown(filled, view)) for view in View}


@pytest.mark.parametrize(("cases", "count"), [(10_000, Count(10_000, True)), (10_001, Count(10_000, False))])
def test_counts_are_exact_to_ten_thousand(database: Database, cases: int, count: Count) -> None:
    with database.writing() as store:
        store.append_many([Append(f"case-{number}", [opened(f"C-{number}")], NOW) for number in range(cases)])

        assert store.queue.count(Question(View.ALL, "hanna", NOW)) == count


@pytest.mark.parametrize(
    ("view", "index"),
    [
        (View.MINE, "ix_cases_mine"),
        (View.UNASSIGNED, "ix_cases_"),
        (View.US, "ix_cases_waiting"),
        (View.CUSTOMER, "ix_cases_waiting"),
        (View.SECOND_LOOK, "ix_cases_status"),
        (View.SNOOZED, "ix_cases_snoozed"),
        (View.AUDIT, "ix_cases_audit"),
        (View.ALL, "ix_cases_all"),
        (View.DUE_TODAY, "ix_cases_"),
    ],
)
def test_a_page_is_read_from_an_index_in_order(database: Database, view: View, index: str) -> None:
    statement = _in_order(view, conditions(Question(view, "hanna", NOW)), 50)
    with database.reading() as store:
        plan = plan_of(store, statement)

    assert any(f"INDEX {index}" in line or f"using {index}" in line for line in plan), plan
    sorted_by_hand = [line for line in plan if "TEMP B-TREE" in line or "Sort" in line]
    assert not sorted_by_hand or view is View.DUE_TODAY, plan


def test_lines_are_found_by_id_and_by_sender(filled: Database) -> None:
    with filled.reading() as store:
        assert store.queue.lines(["case-1", "case-99"]).keys() == {"case-1"}
        assert [line.id for line in store.queue.of_sender("c3@example.org")] == ["case-3"]
        assert store.queue.line("C-99") is None
    references = shown(filled, View.ALL)
    assert all(one != other for one, other in pairwise(references))
