"""U+0000, which PostgreSQL cannot hold in a text, harms nobody wherever it is sent."""

import pytest

from api.signing_in import note_access, sign_in
from cases import events as e
from cases.errors import NotAllowed, NotFound
from pipelines import hand
from pipelines.house import House
from tests.pipelines.given import Clock, by_form, case_of, entries_of, until_quiet


def test_names_with_a_zero_are_nobodys(house: House) -> None:
    assert sign_in(house, "ada\0", "secret\0", address="192.0.2.1") is None

    with house.database.reading() as store, pytest.raises(NotFound):
        store.case_id("C-2026-\0")


def test_words_with_a_zero_are_kept(house: House, clock: Clock) -> None:
    reference = str(by_form(house, "Er zit een ster\0 in mijn ruit.", sender="bas\0@example.org").reference)
    until_quiet(house, clock)

    hand.add_note(house, reference, "one\0two", person="ada")
    with pytest.raises(NotAllowed, match="nobody of that name"):
        hand.assign(house, reference, "ada\0", person="ada")
    note_access(house, "case_read", who="ada\0", subject=reference)

    notes = [entry.event.text for entry in entries_of(house, reference) if isinstance(entry.event, e.NoteAdded)]
    assert notes == ["one\0two"]
    assert case_of(house, reference).messages
    with house.database.reading() as store:
        assert store.verify_all() == []
