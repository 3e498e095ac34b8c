"""A report that is still being written keeps its files an hour, and is sent once however often it is sent."""

from pathlib import Path

import pytest

from cases.errors import KeyReused
from pipelines.channels.parsed import Attachment
from pipelines.house import House
from pipelines.reports import (
    MOST_FILES,
    DraftFull,
    DraftGone,
    add_files,
    new_draft,
    read_draft,
    receipt,
    send_report,
    token_of,
    without_file,
)
from pipelines.sweeping import sweep_orphans
from tests.homes import everything_kept
from tests.pipelines.given import Clock, case_of, photo, until_quiet
from tests.pipelines.test_sweeping import age

FIELDS = [("journey", "motor_claim"), ("sender", "bas@example.org"), ("text", "Een ster in de voorruit.")]


def picture(seed: int = 1, name: str = 'ruit "links".jpg') -> Attachment:
    return Attachment(name, "image/jpeg", photo(seed))


def test_files_are_found_again_by_the_token_of_each_version(house: House) -> None:
    empty = new_draft(house.now())
    one = add_files(empty, [picture(1)], house)
    two = add_files(one, [picture(2), picture(1)], house)

    assert read_draft(token_of(empty, house), house).files == ()
    assert read_draft(token_of(one, house), house) == one
    assert read_draft(token_of(two, house), house).files[:1] == one.files
    assert len(two.files) == 2
    assert without_file(two, one.files[0].sha256, house).files == two.files[1:]


def test_what_is_kept_of_a_draft_lies_there_encrypted(house: House) -> None:
    add_files(
        new_draft(house.now()), [Attachment("kenteken-gx482b.jpg", "image/jpeg", b"\xff\xd8\xff plain words")], house
    )

    kept = b"".join(data for _, data in everything_kept(Path(house.settings.home)))
    assert b"plain words" not in kept
    assert b"kenteken-gx482b" not in kept


@pytest.mark.parametrize(
    "spoil", [lambda token: "0" + token[1:], lambda token: token[:-1], lambda _: "", lambda _: "é"]
)
def test_a_token_that_is_not_ours_finds_nothing(house: House, spoil: object) -> None:
    token = token_of(add_files(new_draft(house.now()), [picture()], house), house)

    assert callable(spoil)
    with pytest.raises(DraftGone):
        read_draft(spoil(token), house)


def test_a_draft_is_gone_an_hour_after_its_last_file_and_the_sweep_removes_it(house: House, clock: Clock) -> None:
    draft = add_files(new_draft(house.now()), [picture()], house)
    token = token_of(draft, house)
    clock.forward(hours=1)
    assert read_draft(token, house) == draft

    clock.forward(seconds=1)

    with pytest.raises(DraftGone):
        read_draft(token, house)
    age(house, draft.owner, hours=1, seconds=2)
    assert sweep_orphans(house) == 2
    assert list(house.blobs.stored.owners()) == []


def test_a_crowd_of_forms_that_were_given_up_is_no_reason_to_refuse_the_sweep(house: House, clock: Clock) -> None:
    given_up = [add_files(new_draft(house.now()), [Attachment("a.jpg", "", b"x")], house) for _ in range(3)]
    for draft in given_up:
        age(house, draft.owner, hours=2)

    assert sweep_orphans(house) == 6


def test_too_many_files_are_refused_and_what_was_there_stays(house: House) -> None:
    many = [Attachment(f"{n}.jpg", "image/jpeg", b"%d" % n) for n in range(MOST_FILES)]
    full = add_files(new_draft(house.now()), many, house)

    with pytest.raises(DraftFull):
        add_files(full, [picture()], house)
    assert add_files(full, many[:1], house).files == full.files


def test_a_report_opens_one_case_with_its_files_and_leaves_no_draft(house: House, clock: Clock) -> None:
    draft = add_files(new_draft(house.now()), [picture()], house)
    assert receipt(draft.id, house) is None

    accepted = send_report(draft, FIELDS, house)

    until_quiet(house, clock)
    case = case_of(house, accepted.reference)
    assert (case.channel, case.sender, case.journey) == ("webform", "bas@example.org", "motor_claim")
    assert [file.name for file in case.messages[0].files] == ["ruit 'links'.jpg"]
    assert case.messages[0].text == "Een ster in de voorruit."
    assert list(house.blobs.stored.owners()) == [case.id]
    found = receipt(draft.id, house)
    assert found is not None
    assert (found.reference, found.tracking_path) == (accepted.reference, accepted.tracking_path)
    with pytest.raises(DraftGone):
        send_report(draft, FIELDS, house)


def test_a_report_without_files_is_sent_once_and_not_again_with_other_words(house: House) -> None:
    draft = new_draft(house.now())
    first = send_report(draft, FIELDS, house)

    assert send_report(draft, FIELDS, house).reference == first.reference
    with pytest.raises(KeyReused):
        send_report(draft, [*FIELDS, ("name", "Bas")], house)
