"""What two transactions do at once. On SQLite one waits for the other; on PostgreSQL they run beside each other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from store_builders import HANDLER, LEASE, MACHINE, NOW, on, open_database, opened, said, understood
from test_store_side import CERTIFICATE, MESSAGE
from test_store_work import follow_notes

from cases.errors import KeyReused, StreamMoved
from cases.events import MessageRead, NoteAdded
from cases.store.database import Database
from cases.store.likeness import NewVector, PhotoHash
from cases.store.log import Append
from cases.store.people import NameTaken
from cases.store.store import Store
from cases.vocabulary import Role

SECOND = timedelta(seconds=1)
Doing = Callable[[], object]


def meanwhile(doing: Doing) -> Callable[[], object]:
    """Begin it in a thread; the answer waits for its end and gives its answer or its error."""
    answers: list[object] = []

    def run() -> None:
        try:
            answers.append(doing())
        except Exception as error:  # noqa: BLE001  # it is handed to the test
            answers.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def end() -> object:
        thread.join(timeout=30)
        assert not thread.is_alive()
        return answers[0]

    return end


@contextmanager
def rolled_back(database: Database) -> Iterator[Store]:
    with suppress(InterruptedError), database.writing() as store:
        yield store
        raise InterruptedError


def waits(database: Database) -> None:
    """Until another transaction waits for a lock of this database."""
    waiting = threading.Event()
    for _ in range(500):
        with database.reading() as store:
            if store._connection.exec_driver_sql(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).first():
                return
        waiting.wait(0.02)
    raise AssertionError("nobody waits")


@on("postgresql")
@pytest.mark.parametrize(("digest", "is_repeat"), [("digest-a", True), ("digest-b", False)])
def test_one_key_in_two_transactions_at_once_is_one_message(
    database: Database, digest: str, *, is_repeat: bool
) -> None:
    def second() -> object:
        with database.writing() as store:
            return store.messages.add(replace(MESSAGE, id="message-2", raw_digest=digest))

    with database.writing() as store:
        store.messages.add(MESSAGE)
        answer = meanwhile(second)
        waits(database)

    assert answer() == MESSAGE if is_repeat else isinstance(answer(), KeyReused)


@on("postgresql")
def test_a_key_whose_first_message_was_not_kept_is_free(database: Database) -> None:
    def second() -> object:
        with database.writing() as store:
            return store.messages.add(replace(MESSAGE, id="message-2")).id

    with rolled_back(database) as store:
        store.messages.add(MESSAGE)
        answer = meanwhile(second)
        waits(database)

    assert answer() == "message-2"


@on("postgresql")
@pytest.mark.parametrize(
    ("before", "expected", "moved"),
    [(0, None, True), (0, 0, True), (1, 1, True), (1, None, False)],
    ids=["both begin it", "both expect to begin it", "both read it before", "both only want to be next"],
)
def test_of_two_that_append_at_once_the_later_one_is_told_or_comes_next(
    database: Database, before: int, expected: int | None, *, moved: bool
) -> None:
    def append() -> object:
        with database.writing() as store:
            return store.append("journeys", [note], at=NOW, expected=expected)[0].seq

    note = (NoteAdded("called", "hanna"), HANDLER)
    with database.writing() as store:
        store.append_many([Append("journeys", [note] * before, NOW)])
    with database.writing() as store:
        store.append("journeys", [note], at=NOW, expected=expected)
        answer = meanwhile(append)
        waits(database)

    assert isinstance(answer(), StreamMoved) if moved else answer() == before + 2
    with database.reading() as store:
        assert len(store.history("journeys")) == before + (1 if moved else 2)
        assert store.verify_all() == []


@on("postgresql")
def test_taking_a_reference_does_not_wait_for_the_commit_of_another(database: Database) -> None:
    with database.writing() as first:
        one = first.open_reference(2026)
        with database.writing() as second:
            two = second.open_reference(2026)

    assert (one, two) == ("C-2026-000001", "C-2026-000002")


@on("postgresql")
def test_a_reference_of_a_transaction_that_failed_is_not_given_again(database: Database) -> None:
    with rolled_back(database) as store:
        lost = store.open_reference(2026)

    with database.writing() as store:
        assert store.open_reference(2026) > lost


@on("postgresql")
def test_vectors_and_photos_become_visible_in_the_order_of_their_ids(database: Database) -> None:
    with database.writing() as store:
        for number in range(2):
            store.append(f"case-{number}", [opened(f"C-{number}")], at=NOW)

    def add(number: int) -> Doing:
        def doing() -> object:
            with database.writing() as store:
                store.likeness.add_photos([PhotoHash("file-1", f"case-{number}", "C", "b", "p", ())])
                store.likeness.add_vectors([NewVector(f"case-{number}", "use", NOW, b"x")])
            return None

        return doing

    def seen() -> tuple[list[str], list[str]]:
        with database.reading() as store:
            vectors = store.likeness.vectors_since(0, space="use")
            return [vector.case_id for vector in vectors], [photo.case_id for photo in store.likeness.photos_since(0)]

    with database.writing() as store:
        store.likeness.add_photos([PhotoHash("file-1", "case-0", "C", "b", "p", ())])
        store.likeness.add_vectors([NewVector("case-0", "use", NOW, b"x")])
        later = meanwhile(add(1))
        waits(database)
        assert seen() == ([], []), "a later id was seen before an earlier one"
    later()

    assert seen() == (["case-0", "case-1"], ["case-0", "case-1"])


@on("postgresql")
def test_of_two_certificates_put_at_once_the_later_one_stands(database: Database) -> None:
    def second() -> object:
        with database.writing() as store:
            store.certificates.put(replace(CERTIFICATE, id="cert-2"))
        return None

    with database.writing() as store:
        store.certificates.put(CERTIFICATE)
        answer = meanwhile(second)
        waits(database)

    assert answer() is None
    with database.reading() as store:
        assert [one.shut_at is None for one in store.certificates.all()] == [False, True]


@on("postgresql")
def test_a_certificate_that_a_decision_relies_on_stands_until_that_is_written(database: Database) -> None:
    with database.writing() as store:
        store.certificates.put(CERTIFICATE)

    def shut() -> object:
        with database.writing() as store:
            return store.certificates.shut("home", "leak", at=NOW, because="alarm")

    with database.writing() as store, database.writing() as other:
        assert store.certificates.held("home", "leak", CERTIFICATE.id) == CERTIFICATE
        assert other.certificates.held("home", "leak", CERTIFICATE.id) == CERTIFICATE
        answer = meanwhile(shut)
        waits(database)

    assert answer() is True


@on("postgresql")
def test_a_name_asked_for_twice_at_once_is_given_once(database: Database) -> None:
    def second() -> object:
        with database.writing() as store:
            return store.people.add_user("hanna", [Role.EXPERT], "hash", at=NOW)

    with database.writing() as store:
        store.people.add_user("hanna", [Role.EXPERT], "hash", at=NOW)
        answer = meanwhile(second)
        waits(database)

    assert isinstance(answer(), NameTaken)


@on("postgresql")
@pytest.mark.parametrize("committed", [True, False])
def test_claimers_whose_clocks_differ_never_hold_two_pieces_of_one_stream(url: str, *, committed: bool) -> None:
    """The first sees that the timer is due, the second does not, and would begin what comes after it."""
    working = open_database(url, follow_notes)
    with working.writing() as store:
        store.append("message-a", [(MessageRead("case-1", ("tell+60",)), MACHINE)], at=NOW)
        store.append("message-a", [(MessageRead("case-1", ("read",)), MACHINE)], at=NOW)
    later = NOW + 60 * SECOND

    with working.writing() as first:
        [timer] = first.work.claim(["tell"], limit=1, now=later, lease=LEASE)
        with working.writing() as second:
            assert second.work.claim(["read"], limit=1, now=later - SECOND, lease=LEASE) == []
    assert timer.stage == "tell"

    with working.writing() as store:
        if committed:
            assert store.work.claim(["read"], limit=1, now=later - SECOND, lease=LEASE) == []
        store.work.finish([timer])
        [read] = store.work.claim(["read"], limit=1, now=later, lease=LEASE)
        assert read.attempts == 1
    working.close()


@on("postgresql")
def test_claimers_at_once_take_different_streams(url: str) -> None:
    working = open_database(url, follow_notes)
    with working.writing() as store:
        for number in range(6):
            store.append(f"message-{number}", [(MessageRead("case-1", ("read", "tell")), MACHINE)], at=NOW)

    with working.writing() as first, working.writing() as second:
        ones = first.work.claim(["read", "tell"], limit=3, now=NOW, lease=LEASE)
        others = second.work.claim(["read", "tell"], limit=9, now=NOW, lease=LEASE)

    assert (len(ones), len(others)) == (3, 3)
    assert {claim.stream for claim in ones} & {claim.stream for claim in others} == set()
    working.close()


@on("postgresql")
def test_work_can_be_renewed_while_it_is_being_finished(url: str) -> None:
    working = open_database(url, follow_notes)
    with working.writing() as store:
        for number in range(20):
            store.append(f"message-{number}", [(MessageRead("case-1", ("read",)), MACHINE)], at=NOW)
        claims = store.work.claim(["read"], limit=20, now=NOW, lease=LEASE)

    def renew() -> object:
        with working.writing() as store:
            return store.work.renew(reversed(claims), NOW + 2 * LEASE)

    with working.writing() as store:
        assert store.work.finish(claims) == set(claims)
        answer = meanwhile(renew)
        waits(working)

    assert answer() == set()
    working.close()


@on("postgresql")
def test_work_can_be_renewed_while_some_of_it_is_finished_and_some_given_back(url: str) -> None:
    working = open_database(url, follow_notes)
    with working.writing() as store:
        for number in range(4):
            store.append(f"message-{number}", [(MessageRead("case-1", ("read",)), MACHINE)], at=NOW)
        claims = sorted(store.work.claim(["read"], limit=4, now=NOW, lease=LEASE), key=lambda claim: claim.stream)

    def renew() -> object:
        with working.writing() as store:
            return store.work.renew(claims, NOW + 2 * LEASE)

    with working.writing() as store:
        store.work.hold(claims[::-1])
        assert store.work.finish(claims[1:]) == set(claims[1:])
        answer = meanwhile(renew)
        waits(working)
        assert store.work.fail(claims[0], due_at=NOW)

    assert answer() == set()
    working.close()


@on("postgresql")
def test_erasing_waits_for_work_of_the_case_that_is_being_finished(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened(), said()], at=NOW)
        claims = store.work.claim(["classify"], limit=1, now=NOW, lease=LEASE)

    def erase() -> object:
        with database.writing() as store:
            return store.erase_case("case-1", by="hanna", why="asked", at=NOW).case_id

    with database.writing() as store:
        assert store.work.finish(claims)
        answer = meanwhile(erase)
        waits(database)
        store.append("case-1", [understood()], at=NOW)

    assert answer() == "case-1"
    with database.reading() as store:
        assert store.verify_all() == []


@on("postgresql")
def test_a_checkpoint_waits_for_no_writer_and_the_next_one_seals_what_it_left(database: Database) -> None:
    with database.writing() as store:
        for name in ("journeys", "models"):
            store.append(name, [(NoteAdded("one", "hanna"), HANDLER)], at=NOW)

    with database.writing() as writer:
        writer.append("models", [(NoteAdded("two", "hanna"), HANDLER)], at=NOW)
        with database.writing() as store:
            assert store.make_checkpoint(NOW).streams == 1
    with database.writing() as store:
        made = store.seal(NOW)

    assert made is not None
    assert made.streams == 2
    with database.reading() as store:
        assert store.verify_all() == []
