"""A worker of an older program beside a newer one: what it cannot read it never sees, and nothing is lost by that."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from store_builders import LEASE, NOW, connected, decided, open_database, opened, said, understood

from cases.events import LANGUAGE, Unknown
from cases.store.database import Database

NEWER = LANGUAGE + 1
STAGES = ["classify", "decide", "remind"]


def since(kind: str) -> int:
    """In the newer program `understood` has got a new schema."""
    return NEWER if kind == "understood" else 1


@pytest.fixture
def old(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def new(url: str) -> Iterator[Database]:
    database = open_database(url, language=NEWER, since=since)
    yield database
    database.close()


def claimed(database: Database) -> list[tuple[str, str]]:
    with database.writing() as store:
        return [(c.stream, c.stage) for c in store.work.claim(STAGES, limit=9, now=NOW, lease=LEASE)]


def test_work_of_a_newer_event_is_claimed_by_a_newer_worker_alone(old: Database, new: Database) -> None:
    with new.writing() as store:
        store.append("case-1", [opened("C-1"), understood()], at=NOW)
        store.append("case-2", [opened("C-2"), said()], at=NOW)

    assert claimed(old) == [("case-2", "classify")]
    assert claimed(old) == []
    assert claimed(new) == [("case-1", "decide")]


def test_work_that_waited_before_the_newer_event_came_is_not_seen_either(old: Database, new: Database) -> None:
    with old.writing() as store:
        store.append("case-1", [opened(), said()], at=NOW)
    with new.writing() as store:
        store.append("case-1", [understood()], at=NOW)

    assert claimed(old) == []
    assert claimed(new) == [("case-1", "classify")]


def test_later_events_of_the_old_language_in_such_a_stream_need_the_newer_worker_too(
    old: Database, new: Database
) -> None:
    with new.writing() as store:
        store.append("case-1", [opened(), understood()], at=NOW)
    with old.writing() as store:
        store.append("case-1", [said()], at=NOW)

    assert claimed(old) == []
    with new.writing() as store:
        [first] = store.work.claim(STAGES, limit=9, now=NOW, lease=LEASE)
        store.work.finish([first])
    assert (first.stage, claimed(old), claimed(new)) == ("decide", [], [("case-1", "classify")])


def test_what_holds_an_event_that_reads_as_unknown_is_left_uncharged_to_those_who_know_more(
    url: str, old: Database, new: Database
) -> None:
    with old.writing() as store:
        store.append("case-1", [opened(), said(), decided()], at=NOW)
        claims = store.work.claim(STAGES, limit=9, now=NOW, lease=LEASE)
    with connected(url) as connection:  # a program that did not yet say what its events need
        connection.execute(
            text(
                "INSERT INTO events (stream, seq, kind, schema, at, actor, body, digest, chain) "
                "SELECT stream, 4, 'weighed', schema, at, actor, '{}', digest, chain FROM events WHERE seq = 3"
            )
        )

    with old.writing() as store:
        assert isinstance(store.history("case-1")[-1].event, Unknown)
        assert store.work.leave(claims, NOW) == set(claims)
        assert store.work.leave(claims, NOW) == set()

    assert claimed(old) == []
    with new.writing() as store:
        [again] = store.work.claim(STAGES, limit=9, now=NOW, lease=LEASE)
    assert (again.stage, again.attempts, again.was_lost) == ("classify", 1, False)


@pytest.mark.parametrize("database_of", [lambda old, new: old, lambda old, new: new], ids=["old", "new"])
def test_both_programs_leave_a_log_that_verifies(
    old: Database, new: Database, database_of: Callable[[Database, Database], Database]
) -> None:
    with new.writing() as store:
        store.append("case-1", [opened(), said(), understood()], at=NOW)
    with old.writing() as store:
        store.append("case-1", [decided()], at=NOW)

    with database_of(old, new).reading() as store:
        assert store.verify_all() == []
