"""A form and its photo are stored once, and any process can read both."""

import hashlib

import pytest

from cases.events import MessageReceived
from cases.store.cut import LEAST
from cases.vocabulary import FileStatus
from pipelines.erasing import erase_case
from pipelines.house import House
from tests.pipelines.given import Clock, by_form, case_of, photo, until_quiet

LARGE = photo(1, size=(2400, 1800))


def received(house: House, message_id: str) -> MessageReceived:
    with house.database.reading() as store:
        event = store.history(message_id)[0].event
    assert isinstance(event, MessageReceived)
    return event


@pytest.mark.parametrize("held", [True, False])
def test_the_photo_is_the_same_whether_the_form_was_held_or_is_read_again(
    house: House, clock: Clock, *, held: bool
) -> None:
    receipt = by_form(house, files=[("ruit.jpg", LARGE)])
    if not held:  # as in another process
        house.recent.forms.take(receipt.message_id)

    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    (file,) = case.files
    assert file.status is FileStatus.RECEIVED
    assert file.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert house.blobs.get(case.id, file.sha256) == LARGE


def test_the_raw_form_has_its_digest_and_takes_no_room_for_the_photo(house: House) -> None:
    receipt = by_form(house, files=[("ruit.jpg", LARGE)])

    message = received(house, receipt.message_id)
    raw = house.blobs.get(message.owner, message.raw_sha256)
    stored = house.blobs.stored

    assert len(LARGE) >= LEAST
    assert hashlib.sha256(raw).hexdigest() == message.raw_sha256
    assert LARGE in raw
    lying = sum(len(stored.get(message.owner, name)) for name in stored.digests(message.owner))
    assert lying < len(LARGE) + 2000


def test_a_photo_sent_again_to_its_case_is_in_both_forms(house: House, clock: Clock) -> None:
    first = by_form(house, files=[("ruit.jpg", LARGE)])
    until_quiet(house, clock)
    case_id = case_of(house, first.reference).id

    second = by_form(house, "Nog eens.", files=[("ruit.jpg", LARGE)], case_id=case_id)
    until_quiet(house, clock)

    for one in (first, second):
        message = received(house, one.message_id)
        assert LARGE in house.blobs.get(message.owner, message.raw_sha256)


def test_erasing_leaves_neither(house: House, clock: Clock) -> None:
    receipt = by_form(house, files=[("ruit.jpg", LARGE)])
    until_quiet(house, clock)
    case = case_of(house, receipt.reference)

    erase_case(house, case.reference, by="ada", why="asked")

    assert house.blobs.stored.digests(case.id) == []
