import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from store_builders import HANDLER, MACHINE, NOW, decided, on, opened, run, said, understood

from cases.events import JourneyLoaded, NoteAdded
from cases.store.chain import merkle_root
from cases.store.database import Database
from cases.vocabulary import SYSTEM


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as store:
        for number in range(3):
            stream = f"case-{number}"
            store.append(stream, [opened(f"C-{number}"), said(), understood(), decided()], at=NOW)
        store.append("journeys", [(JourneyLoaded("home", "d", {"title": "Thuis"}), SYSTEM)], at=NOW)
        store.make_checkpoint(NOW)
    return database


def tamper(url: str, *statements: str) -> None:
    """As somebody with the database and no key: past the triggers."""
    of_table = "" if url.startswith("sqlite") else " ON events"
    if of_table:
        run(url, "ALTER TABLE events DROP CONSTRAINT fk_events_stream")
    run(url, *(f"DROP TRIGGER {name}{of_table}" for name in ("events_only_erased", "events_never_deleted")))
    run(url, *(statement if of_table == "" else re.sub(r"x'(\w+)'", r"'\\x\1'", statement) for statement in statements))


def problems(database: Database) -> list[str]:
    with database.reading() as store:
        return store.verify_all()


def test_an_untouched_log_has_no_problems(filled: Database) -> None:
    assert problems(filled) == []
    with filled.reading() as store:
        assert store.verify_stream("case-1") == []
        assert store.verify_checkpoints() == []


@pytest.mark.parametrize(
    "change",
    [
        "SET body = replace(body, 'lekt', 'lekte') WHERE seq = 2",
        "SET actor = 'person:hanna' WHERE seq = 3",
        "SET at = '2026-01-01 00:00:00.000000' WHERE seq = 1",
        "SET kind = 'note_added' WHERE seq = 4",
        "SET schema = 2 WHERE seq = 2",
        "SET salt = x'00' WHERE seq = 2",
        "SET digest = x'00' WHERE seq = 2",
        "SET chain = x'00' WHERE seq = 4",
        "SET seq = 9 WHERE seq = 4",
        "SET body = NULL, salt = NULL WHERE seq = 2",
    ],
)
def test_any_change_to_an_event_is_found(filled: Database, url: str, change: str) -> None:
    tamper(url, f"UPDATE events {change} AND stream = 'case-1'")

    found = problems(filled)
    assert found
    assert all(problem.startswith("case-1:") for problem in found)
    with filled.reading() as store:
        assert store.verify_stream("case-1")


def test_a_body_with_its_own_fitting_digest_is_still_found(filled: Database, url: str) -> None:
    salt, body = b"0" * 16, '{"by":"hanna","kind":"note_added","text":"forged"}'
    digest = hashlib.sha256(salt + body.encode()).hexdigest()
    tamper(
        url,
        f"UPDATE events SET body = '{body}', salt = x'{salt.hex()}', digest = x'{digest}', kind = 'note_added' "
        "WHERE stream = 'case-1' AND seq = 3",
    )

    assert "case-1: event 3 is not chained to the one before it" in problems(filled)


def test_an_event_taken_out_of_the_middle_is_found(filled: Database, url: str) -> None:
    tamper(url, "DELETE FROM events WHERE stream = 'case-1' AND seq = 2")

    assert "case-1: event 2 is missing" in problems(filled)


def test_a_stream_shown_as_another_is_found(filled: Database, url: str) -> None:
    tamper(url, "UPDATE events SET stream = 'case-9' WHERE stream = 'journeys'")

    assert "case-9: event 1 is not chained to the one before it" in problems(filled)


def test_a_cut_off_tail_with_a_mended_head_is_found_by_the_checkpoint(filled: Database, url: str) -> None:
    tamper(
        url,
        "DELETE FROM events WHERE stream = 'journeys'",
        "DELETE FROM streams WHERE stream = 'journeys'",
    )
    assert problems(filled) != []

    with filled.reading() as store:
        assert store.verify_stream("journeys") == []
        assert len(store.verify_checkpoints()) == 1


def test_a_cut_off_last_event_is_found_by_the_checkpoint_alone(filled: Database, url: str) -> None:
    with filled.writing() as store:
        for text in ("first", "second"):
            store.append("case-1", [(NoteAdded(text, "hanna"), HANDLER)], at=NOW)
        store.make_checkpoint(NOW)
    tamper(
        url,
        "DELETE FROM events WHERE stream = 'case-1' AND seq = 6",
        "UPDATE streams SET last_seq = 5, chain = (SELECT chain FROM events WHERE stream = 'case-1' AND seq = 5) "
        "WHERE stream = 'case-1'",
        "UPDATE cases SET version = 5 WHERE id = 'case-1'",
    )

    with filled.reading() as store:
        assert store.verify_stream("case-1") == []
        assert store.verify_checkpoints() == ["case-1: event 6, sealed by a checkpoint, is gone or another one"]


def test_a_seal_moved_back_to_hide_a_cut_is_found(filled: Database, url: str) -> None:
    tamper(
        url,
        "UPDATE streams SET sealed_seq = 3, sealed_chain = (SELECT chain FROM events WHERE stream = 'case-1' "
        "AND seq = 3) WHERE stream = 'case-1'",
    )

    with filled.reading() as store:
        assert "sealed heads" in store.verify_checkpoints()[0]


def test_events_after_a_checkpoint_are_no_difference_and_the_next_one_seals_them(filled: Database) -> None:
    with filled.writing() as store:
        store.append("case-1", [(NoteAdded("later", "hanna"), HANDLER)], at=NOW)
    assert problems(filled) == []

    with filled.writing() as store:
        made = store.make_checkpoint(NOW)
    assert made.streams == 4
    assert problems(filled) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [("status = 'reading'", "status"), ("sender = 'eve'", "sender"), ("amount = 1", "amount")],
)
def test_a_row_that_differs_from_its_events_is_found(filled: Database, url: str, change: str, column: str) -> None:
    tamper(url, f"UPDATE cases SET {change} WHERE id = 'case-2'")

    assert problems(filled) == [f"case-2: its row differs from its events in {column}"]


def test_a_row_that_is_gone_is_found(filled: Database, url: str) -> None:
    tamper(url, "DELETE FROM cases WHERE id = 'case-2'")

    assert problems(filled) == ["case-2: it has events and no row"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = 'x' WHERE seq = 1",
        "UPDATE events SET body = NULL WHERE seq = 1",
        "UPDATE events SET body = NULL, salt = NULL, actor = 'x' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_events(filled: Database, url: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only ever inserted"):
        run(url, statement)


@on("sqlite")
def test_replacing_an_event_is_refused_too(filled: Database) -> None:
    replacing = (
        "INSERT OR REPLACE INTO events SELECT stream, seq, kind, schema, at, actor, 'x', salt, digest, chain, NULL "
        "FROM events WHERE stream = 'case-1' AND seq = 1"
    )
    with pytest.raises(IntegrityError, match="only ever inserted"), filled.writing() as store:
        store._connection.execute(text(replacing))


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + reference_root(leaves[:split]) + reference_root(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == reference_root(leaves)


def test_a_machine_stream_needs_no_row(database: Database) -> None:
    with database.writing() as store:
        store.append("models", [(NoteAdded("x", "y"), MACHINE)], at=NOW)

    assert problems(database) == []
