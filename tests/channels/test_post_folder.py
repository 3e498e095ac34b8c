"""The folder of scans: taken in once, only when complete, and never lost; what cannot be read lies aside with why."""

import os
import shutil
from pathlib import Path

import pytest

from cases.errors import NotFound
from cases.vocabulary import FileKind, Status
from pipelines.channels.post.folder import LOOKS_AT_EMPTY, Folder, _Seen, aside
from pipelines.channels.post.sheets import TITLE, in_groups, proof_of
from pipelines.channels.post.tesseract import find_tesseract
from pipelines.house import House
from tests.channels.scans import LETTER, OTHER, bomb, encrypted, page, pdf, rubbish, saved
from tests.pipelines.given import Clock, by_form, case_of, until_quiet

READER = find_tesseract()
reads = pytest.mark.skipif(READER is None, reason="tesseract is not installed: sh tools/system.sh")
FIRST, SECOND = "C-2026-000001", "C-2026-000002"


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


def watched(house: House, scans: Path, *, by_blank: bool = True, reads_pictures: bool = False) -> Folder:
    return Folder(house, scans, reader=READER if reads_pictures else None, by_blank=by_blank)


def taken_in(folder: Folder, looks: int = 2) -> int:
    return sum(folder.look() for _ in range(looks))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def references(house: House) -> list[str]:
    found: list[str] = []
    for number in range(1, 20):
        with house.database.reading() as store:
            try:
                store.case_id(f"C-2026-{number:06}")
            except NotFound:
                break
        found.append(f"C-2026-{number:06}")
    return found


def why(scans: Path) -> str:
    (note,) = (scans / "aside").glob("*.txt")
    return note.read_text()


def test_a_letter_becomes_a_case_with_its_words_its_pages_and_the_scan_itself(
    house: House, clock: Clock, scans: Path
) -> None:
    (scans / "brief.pdf").write_bytes(pdf(LETTER, "Op de achterkant staat nog dat u mij mag bellen op 06-12345678."))

    assert taken_in(watched(house, scans)) == 1

    until_quiet(house, clock)
    case = case_of(house, FIRST)
    (message,) = case.messages
    assert (case.channel, case.sender, case.journey) == ("post", "", "motor_claim")
    assert "een ster in het glas" in message.text
    assert "[p. 2]\nOp de achterkant" in message.text
    assert [(file.name, file.kind, file.media_type) for file in message.files] == [
        ("p. 1.jpg", FileKind.DOCUMENT, "image/jpeg"),
        ("p. 2.jpg", FileKind.DOCUMENT, "image/jpeg"),
        ("brief.pdf", FileKind.DOCUMENT, "application/pdf"),
    ]
    assert house.blobs.get(case.id, message.files[2].sha256) == next((scans / "taken").iterdir()).read_bytes()
    assert [name.partition(" ")[2] for name in names(scans / "taken")] == ["brief.pdf"]


def test_a_file_is_left_alone_until_two_looks_find_it_the_same(house: House, scans: Path) -> None:
    whole, folder = pdf(LETTER), watched(house, scans)
    (scans / "scan.pdf").write_bytes(whole[:300])
    first = folder.look()
    (scans / "scan.pdf").write_bytes(whole)
    second = folder.look()

    assert (first, second, references(house)) == (0, 0, [])
    assert (folder.look(), references(house)) == (1, [FIRST])


def test_a_file_that_is_still_arriving_under_another_name_is_left_alone(house: House, scans: Path) -> None:
    for name in (".scan.pdf.x7f", "scan.pdf.part", "scan.TMP"):
        (scans / name).write_bytes(pdf(LETTER))

    assert taken_in(watched(house, scans), looks=3) == 0
    assert names(scans) == [".scan.pdf.x7f", "scan.TMP", "scan.pdf.part"]


def test_the_same_scan_under_another_name_makes_no_second_case(house: House, scans: Path) -> None:
    folder = watched(house, scans)
    for name in ("maandag.pdf", "dinsdag.pdf"):
        (scans / name).write_bytes(pdf(LETTER))
        taken_in(folder)

    assert references(house) == [FIRST]
    assert len(names(scans / "taken")) == 2


def test_a_batch_is_one_case_a_letter_and_no_case_holds_another_ones_pages(
    house: House, clock: Clock, scans: Path
) -> None:
    (scans / "stapel.pdf").write_bytes(pdf(LETTER, "", OTHER))

    taken_in(watched(house, scans))

    until_quiet(house, clock)
    texts = {case_of(house, reference).messages[0].text for reference in references(house)}
    assert len(texts) == 2
    assert not any("voorruit" in text and "fiets" in text for text in texts)
    stored = [case_of(house, reference).messages[0] for reference in references(house)]
    assert sorted(tuple(file.name for file in one.files) for one in stored) == [("p. 1.jpg",), ("p. 3.jpg",)]
    assert all("a scan of several letters" in one.notes[0] for one in stored)


def test_where_there_is_a_sheet_blank_pages_are_backs(house: House, scans: Path) -> None:
    (scans / "stapel.pdf").write_bytes(pdf(LETTER, "", LETTER + "\nbladzijde twee", TITLE, "", OTHER, ""))

    taken_in(watched(house, scans))

    assert references(house) == [FIRST, SECOND]


def test_blank_pages_separate_only_where_that_was_chosen(house: House, scans: Path) -> None:
    (scans / "beide-zijden.pdf").write_bytes(pdf(LETTER, "", OTHER))

    taken_in(watched(house, scans, by_blank=False))

    assert references(house) == [FIRST]


# --- which case it is about --------------------


def test_a_letter_behind_our_sheet_joins_its_case_and_answers_what_was_asked(
    house: House, clock: Clock, scans: Path
) -> None:
    asked = by_form(house, "Er zit een ster in mijn voorruit van de 79-KXF-6.").reference
    until_quiet(house, clock)
    case = case_of(house, asked)
    assert case.open_requests
    proof = in_groups(proof_of(case.id, house.keys.reply))
    (scans / "antwoord.pdf").write_bytes(pdf(f"{TITLE}\n{asked}\nCODE {proof}", LETTER))

    taken_in(watched(house, scans))
    until_quiet(house, clock)

    after = case_of(house, asked)
    assert references(house) == [asked]
    assert [message.channel for message in after.messages] == ["webform", "post"]
    assert not [one for one in after.open_requests if one.item.key in {old.item.key for old in case.open_requests}]


@pytest.mark.parametrize("code", ["", "CODE AAAA BBBB CCCC DDDD", "CODE 1"])
def test_a_sheet_without_our_proof_joins_nothing_and_says_where_it_may_belong(
    house: House, clock: Clock, scans: Path, code: str
) -> None:
    first = by_form(house).reference
    (scans / "antwoord.pdf").write_bytes(pdf(f"{TITLE}\n{first}\n{code}", OTHER))

    taken_in(watched(house, scans))
    until_quiet(house, clock)

    assert len(case_of(house, first).messages) == 1
    assert case_of(house, SECOND).may_belong_to == first
    assert case_of(house, SECOND).status is Status.WITH_EXPERT


def test_a_reference_or_the_number_of_a_policy_in_a_letter_is_for_a_person_to_confirm(
    house: House, clock: Clock, scans: Path
) -> None:
    first = by_form(house, "Er zit een ster in mijn voorruit. Mijn polis is POL-482913.").reference
    until_quiet(house, clock)
    (scans / "1.pdf").write_bytes(pdf(f"Over zaak {first}: hierbij het bonnetje van de garage. Groet, A. de Boer"))
    (scans / "2.pdf").write_bytes(pdf("Bij polis POL-482913 stuur ik u het bonnetje van de garage. Groet, A. de Boer"))

    taken_in(watched(house, scans))
    until_quiet(house, clock)

    assert [case_of(house, one).may_belong_to for one in references(house)] == [None, first, first]
    assert len(case_of(house, first).messages) == 1


# --- pictures of pages --------------------


@reads
def test_a_page_that_lies_on_its_side_in_a_scan_is_read_and_shown_upright(
    house: House, clock: Clock, scans: Path
) -> None:
    (scans / "scan.tif").write_bytes(saved("TIFF", page(turned=90, dots=200)))

    taken_in(watched(house, scans, reads_pictures=True))
    until_quiet(house, clock)

    case = case_of(house, FIRST)
    assert "Er zit nu een ster in het glas" in case.messages[0].text
    assert case.journey == "motor_claim"


def test_without_tesseract_a_letter_is_a_case_with_its_pictures_for_a_person(
    house: House, clock: Clock, scans: Path
) -> None:
    (scans / "scan.jpg").write_bytes(saved("JPEG", page()))

    taken_in(watched(house, scans))
    until_quiet(house, clock)

    case = case_of(house, FIRST)
    assert (case.messages[0].text, case.status) == ("", Status.WITH_EXPERT)
    assert [file.name for file in case.messages[0].files] == ["p. 1.jpg", "scan.jpg"]
    assert case.messages[0].notes == ("page 1: tesseract is not installed",)


# --- what comes in by accident, or to do harm --------------------


def test_what_cannot_be_taken_lies_aside_with_the_reason_and_the_next_one_is_taken(house: House, scans: Path) -> None:
    bad = {
        "cut off.pdf": (pdf(LETTER)[:400], "damaged"),
        "locked.pdf": (encrypted(pdf(LETTER)), "password"),
        "500 pages.pdf": (pdf(*["x"] * 500), "over 200 pages"),
        "bomb.tif": (bomb(), "too many dots"),
        "cut off.jpg": (saved("JPEG", page())[:9000], "end of the file is missing"),
        "broken.tif": (b"II*\0" + rubbish(1), "end of the file is missing"),
        "rubbish.pdf": (rubbish(2), "no PDF, TIFF, JPEG or PNG"),
        "program.pdf": (b"MZ" + rubbish(3), "no PDF, TIFF, JPEG or PNG"),
        "blank.pdf": (pdf("", ""), "blank"),
        "large.pdf": (b"%PDF-1.7\n" + b"0" * 26_000_000, "25 MB"),
    }
    for name, (scan, _) in bad.items():
        (scans / name).write_bytes(scan)
    (scans / "zz good.pdf").write_bytes(pdf(LETTER))

    assert taken_in(watched(house, scans)) == 1

    assert references(house) == [FIRST]
    kept = {path.name.partition(" ")[2]: path for path in (scans / "aside").iterdir()}
    assert len(kept) == 2 * len(bad)
    for name, (scan, reason) in bad.items():
        assert reason in kept[f"{name}.txt"].read_text(), name
        assert kept[name].read_bytes() == scan


def test_a_scanner_that_uses_its_names_again_loses_nothing_that_lies_aside(house: House, scans: Path) -> None:
    folder = watched(house, scans)
    for scan in (rubbish(1), rubbish(2)):
        (scans / "scan0001.pdf").write_bytes(scan)
        taken_in(folder)

    assert {path.read_bytes() for path in (scans / "aside").glob("*.pdf")} == {rubbish(1), rubbish(2)}
    assert aside(scans) == 2


def test_an_empty_file_gets_a_minute_to_be_filled(house: House, scans: Path) -> None:
    (scans / "leeg.pdf").touch()
    folder = watched(house, scans)

    assert taken_in(folder, LOOKS_AT_EMPTY - 1) == 0
    assert names(scans) == ["leeg.pdf"]
    folder.look()
    assert "the file is empty" in why(scans)


def test_a_name_may_be_anything(house: House, scans: Path) -> None:
    odd = ("twee\nregels\u202efdp.exe", "a" * 250 + ".pdf", "\udcff..pdf")
    for number, name in enumerate(odd):
        (scans / name).write_bytes(pdf(f"{number} {LETTER}"))

    assert taken_in(watched(house, scans)) == len(odd)

    assert [kept for kept in names(scans / "taken") if not kept.isprintable()] == []
    assert len(references(house)) == len(odd)


def test_a_link_out_of_the_folder_and_a_pipe_are_not_followed(house: House, scans: Path, tmp_path: Path) -> None:
    (tmp_path / "elders.pdf").write_bytes(pdf(LETTER))
    (scans / "link.pdf").symlink_to(tmp_path / "elders.pdf")
    os.mkfifo(scans / "pijp.pdf")
    (scans / "map.pdf").mkdir()

    taken_in(watched(house, scans), looks=LOOKS_AT_EMPTY)

    assert references(house) == []
    assert sorted(note.read_text().partition(";")[0] for note in (scans / "aside").glob("*.txt")) == [
        "link.pdf: it is a link",
        "pijp.pdf: it is no plain file",
    ]
    assert (tmp_path / "elders.pdf").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_lies_aside(house: House, scans: Path) -> None:
    (scans / "dicht.pdf").write_bytes(pdf(LETTER))
    (scans / "dicht.pdf").chmod(0)

    taken_in(watched(house, scans))

    assert "cannot be opened" in why(scans)


def test_a_scan_that_is_replaced_while_it_is_read_stays_until_it_is_read_anew(house: House, scans: Path) -> None:
    class Meanwhile(Folder):
        def _read(self, name: str) -> tuple[bytes, _Seen]:
            read = super()._read(name)
            if not grown:
                grown.append(name)
                shutil.copyfile(whole, self._path / name)
            return read

    grown: list[str] = []
    whole = scans.parent / "whole.pdf"
    whole.write_bytes(pdf(LETTER, OTHER))
    (scans / "scan.pdf").write_bytes(pdf(LETTER))
    folder = Meanwhile(house, scans, reader=None, by_blank=False)

    taken_in(folder)

    assert names(scans) == ["scan.pdf"]
    taken_in(folder)
    assert [path.read_bytes() == whole.read_bytes() for path in (scans / "taken").iterdir()] == [True]


def test_two_who_watch_the_same_folder_take_a_scan_once(house: House, scans: Path) -> None:
    one, other = watched(house, scans), watched(house, scans)
    (scans / "scan.pdf").write_bytes(pdf(LETTER, "", OTHER))
    one.look(), other.look()

    assert (one.look(), other.look()) == (1, 0)
    assert references(house) == [FIRST, SECOND]
