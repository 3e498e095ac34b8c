"""After erasing, a canary that was everywhere is nowhere in the files."""

from datetime import timedelta
from pathlib import Path

import pytest
from store_builders import CUSTOMER, HANDLER, MACHINE, NOW, decided, on, opened, said, understood

from cases.errors import NotAllowed
from cases.events import CaseErased, Erased, LetterWritten, MessageReceived, NoteAdded
from cases.store.database import Database
from cases.store.likeness import NewVector, PhotoHash
from cases.store.links import Link
from cases.store.messages import MessageRecord
from cases.vocabulary import Effect, View

CANARY = "Zilverkanarie"


def fill(database: Database, number: int, word: str) -> None:
    """A case, with its message, in which every personal place holds the word."""
    case_id, message_id = f"case-{number}", f"message-{number}"
    letter = LetterWritten("letter-1", "receipt", Effect.INFORM, "nl", f"{word}@example.org", word, word * 50)
    received = MessageReceived(
        message_id, "email", word, "text/plain", message_id, "0" * 64, 3, NOW, case_id, sender=word
    )
    with database.writing() as store:
        store.messages.add(
            MessageRecord(message_id, word, "email", word, f"{word}-{number}", message_id, "received", case_id, NOW)
        )
        store.append(message_id, [(received, CUSTOMER)], at=NOW)
        store.append(
            case_id,
            [
                opened(f"C-2026-{number}", f"{word}@example.org"),
                said(f"{word} " * (number % 40 + 1), word),
                understood(),
                decided(),
                (letter, MACHINE),
                (NoteAdded(word, "hanna"), HANDLER),
            ],
            at=NOW,
        )
        store.links.add(Link(f"link-{number}", case_id, word, "track", NOW + timedelta(days=90)))
        store.likeness.add_vectors([NewVector(case_id, "space", NOW, word.encode())])
        store.likeness.add_photos([PhotoHash("file-1", case_id, f"C-2026-{number}", word, word, (word,))])


def found_in_files(file: Path, word: str) -> list[str]:
    return [part.name for part in file.parent.glob("cases.db*") if word.encode() in part.read_bytes()]


@on("sqlite")
def test_no_erased_word_is_left_in_any_file_and_the_chain_still_verifies(database: Database, file: Path) -> None:
    for number in range(60):
        fill(database, number, CANARY if number % 3 == 0 else f"word{number}")
    with database.writing() as store:
        store.make_checkpoint(NOW)
    assert found_in_files(file, CANARY)

    with database.writing() as store:
        for number in range(0, 60, 3):
            store.erase_case(f"case-{number}", by="hanna", why="asked for it", at=NOW)
    assert database.scrub()

    assert found_in_files(file, CANARY) == []
    assert found_in_files(file, "word1")
    with database.reading() as store:
        assert store.verify_all() == []


def test_what_is_left_says_that_it_was_erased_and_by_whom(database: Database) -> None:
    fill(database, 1, CANARY)

    with database.writing() as store:
        erased = store.erase_case("case-1", by="hanna", why="asked for it", at=NOW)

    assert (erased.streams, erased.owners) == (("case-1", "message-1"), ("case-1", "message-1"))
    with database.reading() as store:
        events = [entry.event for entry in store.history("case-1")]
        assert events[0] == Erased("case_opened")
        assert events[-1] == CaseErased("hanna", "asked for it")
        assert store.case("case-1").erased
        line = store.queue.line("C-2026-1")
        assert line is not None
        assert (line.erased, line.status, line.sender, line.subject, line.amount) == (True, "closed", "", "", None)
        assert store.queue.page(View.US, who="hanna", now=NOW).items == []


def test_everything_that_leads_to_an_erased_case_is_gone(database: Database) -> None:
    fill(database, 1, CANARY)
    fill(database, 2, "other")
    with database.reading() as store:
        generations = store.likeness.vectors_generation(), store.likeness.photos_generation()

    with database.writing() as store:
        store.erase_case("case-1", by="hanna", why="asked for it", at=NOW)

    with database.reading() as store:
        assert store.links.get("link-1") is None
        assert store.work.waiting("case-1") == []
        assert [vector.case_id for vector in store.likeness.vectors_since(0, space="space")] == ["case-2"]
        assert [photo.case_id for photo in store.likeness.photos_since(0)] == ["case-2"]
        after = store.likeness.vectors_generation(), store.likeness.photos_generation()
        assert after == (generations[0] + 1, generations[1] + 1)
        assert store.messages.find(CANARY, f"{CANARY}-1") is None
        assert store.work.waiting("case-2") != []


def test_an_erased_case_takes_no_events_and_is_erased_once(database: Database) -> None:
    fill(database, 1, CANARY)
    with database.writing() as store:
        store.erase_case("case-1", by="hanna", why="asked for it", at=NOW)

    with pytest.raises(NotAllowed, match="erased"), database.writing() as store:
        store.append("case-1", [said()], at=NOW)
    with pytest.raises(NotAllowed, match="erased"), database.writing() as store:
        store.erase_case("case-1", by="hanna", why="again", at=NOW)


def test_a_case_that_does_not_exist_cannot_be_erased(database: Database) -> None:
    with pytest.raises(NotAllowed), database.writing() as store:
        store.erase_case("case-9", by="hanna", why="asked for it", at=NOW)


@on("sqlite")
def test_scrubbing_says_when_a_reader_keeps_the_old_pages(database: Database) -> None:
    fill(database, 1, CANARY)
    with database.reading() as store:
        store.history("case-1")
        with database.writing() as writer:
            writer.erase_case("case-1", by="hanna", why="asked for it", at=NOW)
        assert not database.scrub()

    assert database.scrub()
