"""What letters say of the files that came: each by its name, and what to do where one cannot be used."""

from dataclasses import replace

import pytest
from builders import JOURNEYS, NOW, case, enriched, opened, photo, said, shipped, step, understood

from cases import events as e
from cases.attention import Leaves, next_move
from cases.case import RECEIPT
from cases.consequences import Occasion, ask, write_letter
from cases.events import FileSeen, LetterWritten, RequestItem
from cases.vocabulary import FileKind, FileStatus, RequestKind, Step

BLURRED = photo(id="m-1.f2", name="dark  night\n.jpg", status=FileStatus.UNUSABLE, reason="blurred")
LOCKED = photo(id="m-1.f3", name="bill.pdf", kind=FileKind.DOCUMENT, status=FileStatus.UNUSABLE, reason="encrypted")
LOGO = photo(id="m-1.f4", name="logo.png", kind=FileKind.OTHER)


def received(*files: FileSeen, language: str = "en", name: str = "motor_claim", handler: str = "") -> LetterWritten:
    known = case(opened(language=language), said(files=files))
    return write_letter(known, shipped(name), RECEIPT, Occasion(NOW, handler=handler))


@pytest.mark.parametrize("name", JOURNEYS)
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "Your files:",
                "- glass.jpg: received.",
                "- dark night .jpg: we cannot use this. This photo is blurred. Take a new photo",
                "- bill.pdf: we cannot use this. This document is locked with a password. Send it again",
            ),
        ),
        (
            "nl",
            (
                "Uw bestanden:",
                "- glass.jpg: ontvangen.",
                "- dark night .jpg: dit kunnen we niet gebruiken. Deze foto is niet scherp. Maak een nieuwe foto",
                "- bill.pdf: dit kunnen we niet gebruiken. Dit document zit op slot met een wachtwoord. Stuur het",
            ),
        ),
    ],
)
def test_the_receipt_names_every_file_and_what_to_do_where_one_cannot_be_used(
    name: str, language: str, told: tuple[str, ...]
) -> None:
    body = received(photo(), BLURRED, LOCKED, LOGO, language=language, name=name).body

    assert [line for line in told if line not in body] == []
    assert "logo.png" not in body


def test_a_receipt_without_files_says_nothing_of_them() -> None:
    assert "files" not in received().body
    assert "files" not in received(LOGO).body


def test_a_persons_letter_says_what_that_person_wrote_and_lists_no_files() -> None:
    assert "glass.jpg" not in received(photo(), handler="anna").body


def test_the_answer_to_an_upload_names_what_came_now_and_not_what_a_letter_told_before() -> None:
    first = received(photo())
    again = replace(BLURRED, id="m-2.f1", name="again.jpg")
    known = case(opened(language="en"), said(files=[photo()]), first, said("Here.", id_="m-2", files=[again]))

    [_, letter] = ask(known, shipped(), (RequestItem("better_photo", RequestKind.PHOTO),), Occasion(NOW))

    assert isinstance(letter, LetterWritten)
    assert "- again.jpg: we cannot use this. This photo is blurred." in letter.body
    assert "glass.jpg" not in letter.body


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_letter_about_a_file_that_failed_waits_for_nothing(name: str) -> None:
    folder = shipped(name)
    receipt = replace(received(photo(), name=name), letter_id="case-1.1")
    before = case(
        opened(language="en"), said(files=[photo()]), understood(), enriched(), step(Step.EXPERT), receipt,
        e.LetterSent(receipt.letter_id, "<1@x>", "email", ""), said("Here.", id_="m-2", files=[BLURRED]),
    )  # fmt: skip
    assert before.timing.answered_at is not None  # they heard from us: other letters may wait by now
    [_, letter] = ask(before, folder, (RequestItem("better_photo", RequestKind.PHOTO),), Occasion(NOW))
    assert isinstance(letter, LetterWritten)

    move = next_move(before, letter, folder.journey, written_at=NOW, at=NOW, waits_elsewhere=False)

    assert move == Leaves((letter,))
