from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from store_builders import LEASE, MACHINE, NOW, open_database

from cases.events import Event, MessageRead
from cases.store.database import Database, Due
from cases.store.work import ASIDE, Claim

SECOND = timedelta(seconds=1)
STAGES = ("act", "read", "tell")


def follow_notes(event: Event, at: datetime) -> list[Due]:
    """The notes of the event say what follows: "stage" at once, "stage+60" in sixty seconds."""
    assert isinstance(event, MessageRead)
    found = []
    for note in event.notes:
        stage, _, seconds = note.partition("+")
        found.append(Due(stage, at + timedelta(seconds=int(seconds)) if seconds else None))
    return found


@pytest.fixture
def working(url: str) -> Iterator[Database]:
    database = open_database(url, follow_notes)
    yield database
    database.close()


def add(database: Database, stream: str, *notes: str, at: datetime = NOW) -> None:
    with database.writing() as store:
        store.append(stream, [(MessageRead("case-1", notes), MACHINE)], at=at)


def claim(database: Database, *stages: str, limit: int = 10, now: datetime = NOW) -> list[Claim]:
    with database.writing() as store:
        return store.work.claim(stages or STAGES, limit=limit, now=now, lease=LEASE)


def finish(database: Database, *claims: Claim) -> set[Claim]:
    with database.writing() as store:
        return store.work.finish(claims)


def fail(database: Database, claim: Claim, due_at: datetime, *, uncharged: bool = False) -> bool:
    with database.writing() as store:
        return store.work.fail(claim, due_at=due_at, uncharged=uncharged)


def names(claims: list[Claim]) -> list[tuple[str, int, str]]:
    return [(claim.stream, claim.seq, claim.stage) for claim in claims]


def test_a_claim_takes_one_stage_and_one_piece_a_stream_oldest_due_first(working: Database) -> None:
    add(working, "message-b", "read", "tell", at=NOW - SECOND)
    add(working, "message-a", "read")
    add(working, "message-c", "tell", at=NOW - 2 * SECOND)

    assert names(claim(working)) == [("message-c", 1, "tell")]
    assert names(claim(working)) == [("message-b", 1, "read"), ("message-a", 1, "read")]
    assert claim(working) == []


def test_a_claim_takes_no_more_than_its_limit_and_no_stage_it_was_not_asked_for(working: Database) -> None:
    for number in range(3):
        add(working, f"message-{number}", "read")

    assert claim(working, "tell") == []
    assert len(claim(working, "read", limit=2)) == 2
    assert len(claim(working, "read", limit=2)) == 1


def test_later_work_of_a_stream_waits_for_the_earlier_one(working: Database) -> None:
    add(working, "message-a", "tell")
    add(working, "message-a", "act")
    first = claim(working)

    assert names(first) == [("message-a", 1, "tell")]
    assert claim(working, "act") == []
    finish(working, *first)
    assert names(claim(working)) == [("message-a", 2, "act")]


def test_work_of_a_stage_that_nobody_here_knows_holds_up_its_stream(working: Database) -> None:
    add(working, "message-a", "unheard")
    add(working, "message-a", "read")

    assert claim(working) == []
    assert names(claim(working, "unheard")) == [("message-a", 1, "unheard")]


def test_what_is_done_aside_holds_nothing_up_while_it_waits_and_while_it_is_done(working: Database) -> None:
    add(working, "note-1", ASIDE, "tell")
    add(working, "note-1", "act")

    told = claim(working)
    with working.writing() as store:
        store.work.finish(told)
    asked = claim(working, ASIDE)
    acted = claim(working)

    assert [[(one.seq, one.stage) for one in claims] for claims in (told, asked, acted)] == [
        [(1, "tell")], [(1, ASIDE)], [(2, "act")],
    ]  # fmt: skip


def test_what_is_done_aside_is_done_one_by_one_within_its_stream(working: Database) -> None:
    add(working, "note-1", ASIDE)
    add(working, "note-1", ASIDE)
    add(working, "note-2", ASIDE)

    first = claim(working, ASIDE)
    others = claim(working, ASIDE)
    finish(working, *first)

    assert names(first) == [("note-1", 1, ASIDE), ("note-2", 1, ASIDE)]
    assert others == []
    assert names(claim(working, ASIDE)) == [("note-1", 2, ASIDE)]


def test_a_timer_of_the_future_holds_nothing_up_and_comes_in_its_time(working: Database) -> None:
    add(working, "message-a", "tell+60")
    add(working, "message-a", "read")

    now = claim(working)
    assert names(now) == [("message-a", 2, "read")]
    finish(working, *now)
    assert claim(working, now=NOW + 59 * SECOND) == []
    assert names(claim(working, now=NOW + 60 * SECOND)) == [("message-a", 1, "tell")]


def test_a_due_timer_goes_before_later_work_of_its_stream(working: Database) -> None:
    add(working, "message-a", "tell+60")
    add(working, "message-a", "read")

    assert names(claim(working, now=NOW + 60 * SECOND)) == [("message-a", 1, "tell")]


def test_work_that_backs_off_holds_up_its_own_stream_only(working: Database) -> None:
    add(working, "message-a", "read")
    add(working, "message-a", "tell")
    add(working, "message-b", "tell")
    (first,) = claim(working, "read")
    fail(working, first, NOW + 5 * SECOND)

    assert names(claim(working, now=NOW + 4 * SECOND)) == [("message-b", 1, "tell")]
    (again,) = claim(working, now=NOW + 5 * SECOND)
    assert (again.stream, again.attempts, again.was_lost) == ("message-a", 2, False)


def test_an_uncharged_failure_still_holds_up_its_stream_and_takes_the_attempt_back(working: Database) -> None:
    add(working, "message-a", "read")
    add(working, "message-a", "tell")
    (first,) = claim(working)
    fail(working, first, NOW + 5 * SECOND, uncharged=True)

    assert claim(working) == []
    (again,) = claim(working, now=NOW + 5 * SECOND)
    assert (again.seq, again.attempts) == (1, 1)
    assert again != first
    assert finish(working, first) == set()


def test_a_lease_holds_until_its_end_and_then_the_next_one_is_told(working: Database) -> None:
    add(working, "message-a", "read")
    (lost,) = claim(working)

    assert claim(working, now=NOW + LEASE - SECOND) == []
    (found,) = claim(working, now=NOW + LEASE)
    assert (lost.was_lost, found.was_lost, found.attempts) == (False, True, 2)
    assert finish(working, lost) == set()
    assert finish(working, lost, found) == {found}
    assert finish(working, found) == set()


def test_work_whose_lease_ran_out_may_be_finished_while_nobody_took_it(working: Database) -> None:
    add(working, "message-a", "read")
    (mine,) = claim(working)

    assert finish(working, mine) == {mine}


def test_renewing_holds_on_and_tells_what_was_lost(working: Database) -> None:
    add(working, "message-a", "read")
    add(working, "message-b", "read")
    claims = claim(working)
    with working.writing() as store:
        assert store.work.renew(claims, NOW + 2 * LEASE) == set(claims)

    assert claim(working, now=NOW + LEASE) == []
    taken = claim(working, limit=1, now=NOW + 2 * LEASE)
    with working.writing() as store:
        held = store.work.renew(claims, NOW + 3 * LEASE)
    assert {c.stream for c in held} == {"message-a", "message-b"} - {taken[0].stream}


def test_parked_work_holds_nothing_up_and_can_be_tried_again(working: Database) -> None:
    add(working, "message-a", "read")
    add(working, "message-a", "tell")
    (bad,) = claim(working)
    with working.writing() as store:
        assert store.work.park(bad, "the photo cannot be decoded")

    assert names(claim(working)) == [("message-a", 1 + 1, "tell")]
    with working.writing() as store:
        assert store.work.streams_with_parked() == {"message-a"}
        assert store.work.counts().parked == {"read": 1}
        assert store.work.unpark("message-a", now=NOW) == 1
    again = claim(working, now=NOW + LEASE)
    assert [(c.seq, c.attempts) for c in again] == [(1, 1)]


def test_work_that_was_given_back_cannot_be_finished_any_more(working: Database) -> None:
    add(working, "message-a", "read")
    (mine,) = claim(working)
    fail(working, mine, NOW)

    assert finish(working, mine) == set()
    assert not fail(working, mine, NOW)


def test_a_stale_claim_changes_nothing(working: Database) -> None:
    add(working, "message-a", "read")
    (old,) = claim(working)
    (new,) = claim(working, now=NOW + LEASE)

    assert not fail(working, old, NOW)
    with working.writing() as store:
        assert not store.work.park(old, "too late")
    assert finish(working, new) == {new}


def test_rest_is_when_nothing_is_due_held_or_backing_off(working: Database) -> None:
    def at_rest(now: datetime = NOW) -> bool:
        with working.reading() as store:
            return store.work.at_rest(now)

    assert at_rest()
    add(working, "message-a", "read", "tell+60")
    assert not at_rest()
    (held,) = claim(working)
    assert not at_rest()
    fail(working, held, NOW + 5 * SECOND)
    assert not at_rest()
    (held,) = claim(working, now=NOW + 5 * SECOND)
    finish(working, held)
    assert at_rest()
    assert not at_rest(NOW + 60 * SECOND)


def test_ages_and_the_next_due_time_are_told(working: Database) -> None:
    add(working, "message-a", "read", "tell+60", at=NOW - 7 * SECOND)

    with working.reading() as store:
        assert store.work.oldest_waiting_age(NOW) == 7 * SECOND
        assert store.work.next_due(NOW) == NOW + 53 * SECOND
        assert store.work.counts().waiting == {"read": 1, "tell": 1}


def test_work_behind_many_blocked_rows_of_the_same_moment_is_found(working: Database) -> None:
    with working.writing() as store:
        for number in range(40):
            event = MessageRead("case-1", ("read",))
            store.append(f"message-{number:02d}", [(event, MACHINE)], at=NOW)
            store.append(f"message-{number:02d}", [(event, MACHINE)], at=NOW)

    seen: list[Claim] = []
    while found := claim(working, limit=1):
        seen += found
    assert len(seen) == 40
    assert {c.seq for c in seen} == {1}


def test_a_claim_equals_itself_whatever_became_of_the_one_before() -> None:
    one = Claim("case-1", 1, "read", 1, 1)

    assert one == replace(one, was_lost=True)
    assert one != replace(one, token=2)
