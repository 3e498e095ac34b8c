"""Several who write at once: on SQLite one waits for the other, on PostgreSQL they run beside each other."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier

import pytest

from api.signing_in import note_access
from cases import events as e
from cases.errors import StreamMoved
from cases.store.messages import MessageRecord
from cases.store.store import Store
from cases.vocabulary import CUSTOMER
from pipelines import hand
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.in_turn import TRIES, write_in_turn
from tests.pipelines.given import Clock, by_form, case_of, entries_of, until_quiet

WRITERS, EACH = 4, 5


def test_everybody_who_notes_something_at_once_finds_it_noted(house: House) -> None:
    together = Barrier(WRITERS)

    def note(person: int) -> None:
        together.wait()
        for number in range(EACH):
            note_access(house, "case_read", who=f"person-{person}", subject=str(number))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(note, range(WRITERS)))

    with house.database.reading() as store:
        noted = [entry.event for entry in store.history("access")]
        assert store.verify_all() == []
    assert {(event.who, event.subject) for event in noted if isinstance(event, e.AccessNoted)} == {
        (f"person-{person}", str(number)) for person in range(WRITERS) for number in range(EACH)
    }


def test_notes_of_several_people_on_one_case_are_all_kept(house: House, clock: Clock) -> None:
    reference = str(by_form(house).reference)
    until_quiet(house, clock)
    together = Barrier(WRITERS)

    def note(person: int) -> None:
        together.wait()
        hand.add_note(house, reference, f"note {person}", person="ada")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(note, range(WRITERS)))

    notes = [entry.event.text for entry in entries_of(house, reference) if isinstance(entry.event, e.NoteAdded)]
    assert sorted(notes) == [f"note {person}" for person in range(WRITERS)]


def test_a_stream_that_always_moves_is_not_tried_for_ever(house: House) -> None:
    tries = []

    def write(_: Store) -> None:
        tries.append(1)
        raise StreamMoved("access", 0)

    with pytest.raises(StreamMoved):
        write_in_turn(house.database, write)

    assert len(tries) == TRIES


def test_a_message_that_joins_a_case_while_it_is_erased_is_erased_with_it(house: House, clock: Clock) -> None:
    opened = by_form(house)
    until_quiet(house, clock)
    case_id, at = case_of(house, opened.reference).id, clock()
    joining = MessageRecord("message-joining", "0" * 64, "webform", "anonymous", None, case_id, "accepted", case_id, at)
    received = e.MessageReceived(
        joining.id, "webform", "anonymous", "text/plain", joining.id, "0" * 64, 3, at, case_id, sender="Zilverkanarie"
    )

    with ThreadPoolExecutor(1) as pool:
        with house.database.writing() as store:
            store.hold(case_id)
            erasing = pool.submit(erase_case, house, str(opened.reference), by="ada", why="asked")
            wait([erasing], timeout=0.5)
            store.messages.add(joining)
            store.append(joining.id, [(received, CUSTOMER)], at=at)
        erasing.result()

    with house.database.reading() as store:
        assert [entry.event for entry in store.history(joining.id)] == [e.Erased("message_received")]
