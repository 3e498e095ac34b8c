"""The versions of a journey's tables, read from the stream `rules.<journey>`.

A version decides cases from its day on, until the day of a version that was published after it. The oldest one also
stands for the days before it, so that every case meets some version.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from cases import events as e
from cases.case import Entry
from cases.rules import FORBIDDEN_ELSE, Table, read_table
from cases.store.store import Store


def stream_of(journey: str) -> str:
    return f"rules.{journey}"


def shadow_stream(journey: str, table: str, shadow: "Shadow") -> str:
    """What one shadow said; the next one begins anew."""
    return f"tried.{journey}.{table}.{shadow.seq}"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. until: the first day on which it decides no more; None while nothing follows it.

    by: who published it, "" for what came with the folder; drafted_by: who wrote it. report: digest of the replay
    report that its publisher had before them, "" for the first version and for one that was in force before.
    """

    journey: str
    table: Table
    digest: str
    effective_from: date
    until: date | None
    published_at: datetime
    by: str
    drafted_by: str
    report: str
    note: str = ""
    unknown_accepted: bool = False

    def decides_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Drafted:
    """The open draft of a table, as the log has it."""

    document: str
    base: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """A version that answers beside the one in force and decides nothing. seq: of the event that began it."""

    table: Table
    digest: str
    by: str
    since: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Book:
    """Where one table stands: its versions in the order in which they were published, its draft and its shadow."""

    versions: tuple[Version, ...] = ()
    draft: Drafted | None = None
    shadow: Shadow | None = None

    def on(self, day: date) -> Version | None:
        """What decides a case of that day; None only for a table without any version."""
        return next((one for one in reversed(self.versions) if one.effective_from <= day), None) or (
            self.versions[0] if self.versions else None
        )

    def newest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    def of(self, digest: str) -> Version | None:
        """The latest publication of this version."""
        return next((one for one in reversed(self.versions) if one.digest == digest), None)


def history(store: Store, journey: str, table: str) -> tuple[Version, ...]:
    """All publications of a table, newest first; () for an unknown one."""
    return tuple(reversed(book_of(store, journey, table).versions))


def in_force(store: Store, journey: str, table: str, on: date) -> Version | None:
    """The version that decides cases of that day; None only for an unknown table."""
    return book_of(store, journey, table).on(on)


def book_of(store: Store, journey: str, table: str) -> Book:
    return books(store.history(stream_of(journey))).get(table, Book())


def books(entries: Iterable[Entry]) -> dict[str, Book]:
    """The tables of one journey by name, folded from its stream."""
    found: dict[str, Book] = {}
    for entry in entries:
        match entry.event:
            case (
                e.TableDrafted(table=table) | e.DraftDropped(table=table) | e.TablePublished(table=table)
                | e.TableShadowed(table=table) | e.ShadowEnded(table=table)
            ):  # fmt: skip
                found[table] = _after(found.get(table, Book()), entry)
            case _:
                continue
    return found


def _after(book: Book, entry: Entry) -> Book:
    match entry.event:
        case e.TableDrafted() as event:
            return replace(book, draft=Drafted(event.document, event.base, entry.actor.name, entry.at, event.note))
        case e.DraftDropped():
            return replace(book, draft=None)
        case e.TablePublished() as event:
            versions = (*_cut(book.versions, event.effective_from), _version(event, entry))
            # What was published without a report was rolled back or came with the folder: a draft stays open.
            draft = None if event.report else book.draft
            shadow = None if book.shadow is not None and book.shadow.digest == event.digest else book.shadow
            return replace(book, versions=versions, draft=draft, shadow=shadow)
        case e.TableShadowed() as event:
            table = table_of(event.journey, event.table, event.digest, event.document)
            return replace(book, shadow=Shadow(table, event.digest, entry.actor.name, entry.at, entry.seq))
        case e.ShadowEnded():
            return replace(book, shadow=None)
        case _:
            return book


def _cut(versions: Iterable[Version], day: date) -> list[Version]:
    """What was published before ends where the next one begins; one that would have begun later never does."""
    return [one if one.until is not None and one.until <= day else replace(one, until=day) for one in versions]


def _version(event: e.TablePublished, entry: Entry) -> Version:
    return Version(
        journey=event.journey,
        table=table_of(event.journey, event.table, event.digest, event.document),
        digest=event.digest,
        effective_from=event.effective_from,
        until=None,
        published_at=entry.at,
        by=entry.actor.name,
        drafted_by=event.drafted_by,
        report=event.report,
        note=event.note,
        unknown_accepted=event.unknown_accepted,
    )


_TABLES: dict[tuple[str, str, str], Table] = {}  # a digest never means another table


def table_of(journey: str, name: str, digest: str, document: Mapping[str, Any]) -> Table:
    """A stored version, read once in a process."""
    key = (journey, name, digest)
    if key not in _TABLES:
        _TABLES[key] = read_table(document, file=shown_file(journey, name), lines={}, forbidden_else=FORBIDDEN_ELSE)
    return _TABLES[key]


def shown_file(journey: str, table: str) -> str:
    """How problems call a table that lies in the log."""
    return f"{journey}/rules/{table}.yaml"


def text_digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def as_text(document: Mapping[str, Any]) -> str:
    """A document as it was written, as ASCII JSON: columns keep their order, and dates become text."""
    return json.dumps(document, default=str, separators=(",", ":"))
