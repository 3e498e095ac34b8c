"""Notes of colleagues in the decision file: never to be taken for messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from api.pages.templating import Pages
from api.pages.times import shown_moment
from cases import events as e
from cases.case import Entry
from cases.store.people import User
from pipelines.noting import CALL

SHOWN = 50  # the newest; older ones are counted


@dataclass(frozen=True, slots=True)
class NotePiece:
    text: str
    calls: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    by: str
    at_iso: str
    at_text: str
    pieces: tuple[NotePiece, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """colleagues: names that may be called with an @."""

    notes: tuple[Note, ...]
    older: int
    colleagues: tuple[str, ...]


def notes_of(pages: Pages, entries: Sequence[Entry], *, zone: ZoneInfo, colleagues: Sequence[User]) -> Notes:
    """The newest first."""
    found = [entry for entry in reversed(entries) if isinstance(entry.event, e.NoteAdded)]
    names = tuple(user.name for user in colleagues if user.disabled_at is None)
    notes = tuple(_note(pages, entry, zone) for entry in found[:SHOWN])
    return Notes(notes, max(0, len(found) - SHOWN), names)


def _note(pages: Pages, entry: Entry, zone: ZoneInfo) -> Note:
    note = entry.event
    text, by = (note.text, note.by) if isinstance(note, e.NoteAdded) else ("", "")
    at = shown_moment(entry.at, zone=zone, language=pages.desk_language)
    return Note(by, entry.at.isoformat(), at, tuple(_pieces(text)))


def _pieces(text: str) -> Iterator[NotePiece]:
    """The text, with who is called in it apart."""
    end = 0
    for call in CALL.finditer(text):
        yield NotePiece(text[end : call.start()])
        yield NotePiece(call.group(), calls=True)
        end = call.end()
    yield NotePiece(text[end:])
