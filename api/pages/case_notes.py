"""Notes of colleagues in the decision file: never to be taken for messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from zoneinfo import ZoneInfo

from api.pages.templating import Pages
from api.pages.times import shown_moment
from cases import events as e
from cases.case import Entry
from cases.store.people import User
from pipelines.noting import CALL

SHOWN, SHOWN_CHARACTERS = 12, 12_000  # of the newest in the file; older ones have pages of their own
AT_ONCE = 25  # on such a page


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
    caller: str = ""  # who told it by phone


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
    fit = _fitting(found[:SHOWN])
    notes = tuple(_note(pages, entry, zone) for entry in found[:fit])
    return Notes(notes, len(found) - fit, names)


def every_note(pages: Pages, entries: Sequence[Entry], *, zone: ZoneInfo) -> tuple[Note, ...]:
    """The newest first."""
    return tuple(_note(pages, entry, zone) for entry in reversed(entries) if isinstance(entry.event, e.NoteAdded))


def _fitting(found: Sequence[Entry]) -> int:
    """How many of these are short enough together; the first one always."""
    lengths = accumulate(len(entry.event.text) for entry in found if isinstance(entry.event, e.NoteAdded))
    return sum(n == 0 or length <= SHOWN_CHARACTERS for n, length in enumerate(lengths))


def _note(pages: Pages, entry: Entry, zone: ZoneInfo) -> Note:
    note = entry.event
    text, by, caller = (note.text, note.by, note.caller) if isinstance(note, e.NoteAdded) else ("", "", "")
    at = shown_moment(entry.at, zone=zone, language=pages.desk_language)
    return Note(by, entry.at.isoformat(), at, tuple(_pieces(text)), caller)


def _pieces(text: str) -> Iterator[NotePiece]:
    """The text, with who is called in it apart."""
    end = 0
    for call in CALL.finditer(text):
        yield NotePiece(text[end : call.start()])
        yield NotePiece(call.group(), calls=True)
        end = call.end()
    yield NotePiece(text[end:])
