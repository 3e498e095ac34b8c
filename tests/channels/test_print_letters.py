"""Letters on paper, as they lie in the folder of a print office."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from cases import events as e
from cases.case import Case
from cases.letters import STANDING, TRACKING_LINK
from cases.vocabulary import Effect
from pipelines.channels.print.channel import CHANNEL
from pipelines.channels.print.letter import sheet
from pipelines.communication.channel import CODE, NotForThisLetter, Outgoing
from pipelines.communication.service import deliver
from pipelines.erasing import remove_letters, with_letters
from pipelines.house import House
from pipelines.links import token_of
from pipelines.reading_room import standing_of
from tests.builders import shipped
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, entries_of, until_quiet

TENANT = "Er lekt water uit de kraan in de keuken. Mijn contractnummer is HW-40168. Groet, Fatima"
WINDOW = ("Fatima el Idrissi", "Populierenhof 99", "3099 XA  VOORBEELDSTAD")
MM = 72 / 25.4  # points
AT = datetime(2026, 11, 17, 9, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "to-print"


@pytest.fixture
def printing(open_house: OpenHouse, folder: Path) -> Iterator[House]:
    with open_house(print_folder=folder, public_url="https://cases.example.org") as built:
        yield built


def words_of(document: bytes) -> str:
    opened = pypdfium2.PdfDocument(document)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in opened).split())
    finally:
        opened.close()


def test_who_is_reached_by_nothing_else_gets_a_letter_for_a_window_envelope_with_its_manifest(
    printing: House, clock: Clock, folder: Path
) -> None:
    receipt = by_form(printing, TENANT, sender="0201234567", journey="home_repair")
    until_quiet(printing, clock)

    case = case_of(printing, receipt.reference)
    sent = [one.event for one in entries_of(printing, receipt.reference) if isinstance(one.event, e.LetterSent)]
    assert {(one.via, one.message_id) for one in sent} == {("print", one.letter_id) for one in case.letters}
    name = case.letters[-1].letter_id
    document, manifest = (folder / f"{name}.pdf").read_bytes(), json.loads((folder / f"{name}.json").read_bytes())
    assert manifest["sha256"] == hashlib.sha256(document).hexdigest()
    assert (manifest["address"], manifest["letter_id"], manifest["duplex"]) == (list(WINDOW), name, False)
    words = words_of(document)
    standing = " ".join(standing_of(printing, case, language="nl").text.split())
    assert all(part in words for part in (case.reference, case.letters[-1].subject, standing, "1 / 1"))
    assert token_of(str(case.link_id), printing.keys.link) not in words.replace(" ", "")
    _assert_in_window(document)
    _assert_laid_once(printing, case, folder)


def _assert_in_window(document: bytes) -> None:
    opened = pypdfium2.PdfDocument(document)
    try:
        page = opened[0]
        text = page.get_textpage()
        for line in WINDOW[:2]:
            index, count = text.search(line).get_next()
            boxes = [text.get_charbox(at) for at in range(index, index + count)]
            left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
            top, bottom = page.get_height() - max(box[3] for box in boxes), page.get_height() - boxes[0][1]
            assert 20 * MM <= left < right <= 105 * MM
            assert 62.7 * MM <= top < bottom <= 90 * MM
    finally:
        opened.close()


def _assert_laid_once(house: House, case: Case, folder: Path) -> None:
    """Laid again, and after a death between the two files: the same bytes under the same names."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    letter = case.letters[-1]
    deliver(case, letter, house, at=house.now(), standing="Iets anders.")
    (folder / f"{letter.letter_id}.json").unlink()
    deliver(case, letter, house, at=entries_of(house, case.reference)[-1].at, standing="Iets anders.")
    after = {file.name: file.read_bytes() for file in folder.iterdir()}

    assert set(after) == set(before)
    assert after[f"{letter.letter_id}.pdf"] == before[f"{letter.letter_id}.pdf"]


def test_without_an_address_the_letter_is_withheld_with_the_reason(printing: House, clock: Clock, folder: Path) -> None:
    receipt = by_form(printing, "Er lekt water uit de kraan.", sender="0201234567", journey="home_repair")
    until_quiet(printing, clock)

    why = [
        one.event.reason for one in entries_of(printing, receipt.reference) if isinstance(one.event, e.LetterWithheld)
    ]
    assert why
    assert not folder.exists()


def test_a_mail_address_comes_before_paper(printing: House, clock: Clock, folder: Path) -> None:
    by_form(printing, TENANT, sender="fatima.el.idrissi@example.org", journey="home_repair")
    until_quiet(printing, clock)

    assert not folder.exists()


def letter(body: str, name: str = "received") -> e.LetterWritten:
    return e.LetterWritten("case-1.1", name, Effect.INFORM, "nl", "", "Uw melding", body)


def laid(body: str) -> dict[str, object]:
    case = Case("case-1", reference="C-2026-000123", link_id="link-1", opened_at=AT)
    outgoing = Outgoing(case, letter(body), "\n".join(WINDOW), AT, "Wij lezen uw melding.")
    return sheet(outgoing, shipped("home_repair"), public_url="https://cases.example.org/")


def test_paper_names_the_page_that_asks_who_reads_it_and_holds_no_way_in() -> None:
    made = laid(f"Beste klant,\n\nKijk op {TRACKING_LINK}\n\nGroet")

    assert made["paragraphs"] == ["Beste klant,", "Kijk op https://cases.example.org/t/new-link", "Groet"]
    assert made["address"] == list(WINDOW)


def test_where_the_case_stands_is_said_once() -> None:
    assert "Wij lezen uw melding." in str(laid("Beste klant")["box"])
    made = laid(f"Beste klant\n\n{STANDING}\n")
    assert made["paragraphs"] == ["Beste klant", "Wij lezen uw melding."]
    assert "Wij lezen" not in str(made["box"])


def test_a_code_is_not_for_paper() -> None:
    sending = CHANNEL.sending
    assert sending is not None

    with pytest.raises(NotForThisLetter):
        sending.address(Case("case-1", opened_at=AT), letter("Uw code is 1234 5678", CODE))


def test_erasing_a_case_takes_its_letters_out_of_the_folder_and_no_other(printing: House, folder: Path) -> None:
    folder.mkdir()
    for name in ("case-1.1.pdf", "case-1.1.json", "case-12.1.pdf"):
        (folder / name).write_bytes(b"x")

    remove_letters(printing, "case-1")

    assert [file.name for file in folder.iterdir()] == ["case-12.1.pdf"]
    assert "case-12" in with_letters(printing)
