"""Drafts: a table as somebody means to change it, kept as it was typed, however wrong it still is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cases import events as e
from cases.errors import CaseError
from cases.journey_folder import JourneyFolder
from cases.rules import FORBIDDEN_ELSE, Problem, Table, TableRefused, check_examples, read_table, table_digest
from cases.store.store import Store
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.journey_check import table_problems
from pipelines.rulebook.owners import folder_with, owner
from pipelines.rulebook.versions import Book, Drafted, as_text, book_of, shown_file, stream_of, text_digest
from pipelines.yaml_lines import MAX_BYTES


class DraftRefused(CaseError):
    """What was sent cannot be kept as a draft, or there is none to act on."""


class StaleDraft(CaseError):
    """Somebody else changed the table between reading and saving; what is there now, and what was sent."""

    def __init__(self, journey: str, table: str, *, seen: str, now: str, by: str) -> None:
        whose = f"saved by {by}" if by else "published"
        super().__init__(
            f"{journey}/{table} has changed since you read it: another version was {whose} meanwhile ({now[:12]}, you"
            f" had {seen[:12]}); read it again and save your change on top of it"
        )
        self.seen, self.now, self.by = seen, now, by


@dataclass(frozen=True, slots=True)
class Draft:
    """A table as it is meant to become.

    document: as it was written. base: digest of the published version that it starts from. read: the table that it
    is, None while it is none; digest: of that table, else of the text. problems: all that keeps it from being
    published as far as one table tells: what cannot be read, what the journey does not have, examples not kept.
    """

    journey: str
    table: str
    document: dict[str, Any]
    base: str
    by: str
    at: datetime
    problems: tuple[Problem, ...]
    read: Table | None
    digest: str
    note: str = ""


def draft_of(house: House, journey: str, table: str) -> Draft | None:
    """The open draft; None without one. Raises NoSuchTable."""
    folder = folder_with(house, journey, table)
    with house.database.reading() as store:
        found = book_of(store, journey, table).draft
    return opened_draft(folder, table, found) if found is not None else None


def save_draft(
    house: House, journey: str, table: str, document: Mapping[str, Any], *, by: str, note: str = "", base: str
) -> Draft:
    """Keep a draft, also an ill-formed one.

    base: digest of what the change was made on: `Draft.digest` of the open draft, else the digest of the newest
    version; also where that was published after the draft was begun. Raises StaleDraft when that is not what is
    there, DraftRefused over 1 MB, NotAllowed, NoSuchTable.
    """
    folder = folder_with(house, journey, table)
    text = _written(document)

    def write(store: Store) -> Drafted:
        actor = owner(store, folder, by)
        book = book_of(store, journey, table)
        builds_on = _held_against(book, folder, table, base)
        event = e.TableDrafted(journey, table, text, builds_on, note)
        store.append(stream_of(journey), [(event, actor)], at=house.now())
        return Drafted(text, builds_on, by, house.now(), note)

    return opened_draft(folder, table, write_in_turn(house.database, write))


def drop_draft(house: House, journey: str, table: str, *, by: str, why: str = "") -> None:
    """Give the open draft up; it stays in the log. Raises DraftRefused without one, NotAllowed, NoSuchTable."""
    folder = folder_with(house, journey, table)

    def write(store: Store) -> None:
        actor = owner(store, folder, by)
        if book_of(store, journey, table).draft is None:
            raise DraftRefused(f"{journey}/{table} has no draft to drop")
        store.append(stream_of(journey), [(e.DraftDropped(journey, table, why), actor)], at=house.now())

    write_in_turn(house.database, write)


def opened_draft(folder: JourneyFolder, table: str, drafted: Drafted) -> Draft:
    document: dict[str, Any] = json.loads(drafted.document)
    read, problems = read_draft(folder, table, document)
    return Draft(
        journey=folder.name,
        table=table,
        document=document,
        base=drafted.base,
        by=drafted.by,
        at=drafted.at,
        problems=problems,
        read=read,
        digest=table_digest(read) if read is not None else text_digest(drafted.document),
        note=drafted.note,
    )


def read_draft(
    folder: JourneyFolder, table: str, document: Mapping[str, Any]
) -> tuple[Table | None, tuple[Problem, ...]]:
    """The table that a document is, None when it is none, and everything that is wrong with it in this journey."""
    file = shown_file(folder.name, table)
    try:
        read = read_table(document, file=file, lines={}, forbidden_else=FORBIDDEN_ELSE)
    except TableRefused as refused:
        return None, refused.problems
    if read.id != table:
        mend = f"write table: {table}; a new table begins as a file in the journey's folder"
        return None, (Problem(file, None, "table", f"the draft calls itself {read.id!r}", mend),)
    return read, (*problems_within(folder, read), *check_examples(read))


def problems_within(folder: JourneyFolder, table: Table) -> list[Problem]:
    """What the journey check says of the folder with this table in place of its own."""
    return table_problems(replace(folder, tables={**folder.tables, table.id: table}))


def _written(document: Mapping[str, Any]) -> str:
    try:
        text = as_text(document)
    except (RecursionError, ValueError) as error:
        raise DraftRefused("the draft is nested too deeply to be a table; write it as rules/*.yaml are") from error
    if len(text) > MAX_BYTES:
        raise DraftRefused(f"the draft is larger than 1 MB ({len(text)} bytes); split the table")
    return text


def _held_against(book: Book, folder: JourneyFolder, table: str, base: str) -> str:
    """The digest of the version that the draft starts from; raises StaleDraft."""
    newest = book.newest()
    builds_on = newest.digest if newest is not None else table_digest(folder.tables[table])
    if book.draft is None:
        if base != builds_on:
            raise StaleDraft(folder.name, table, seen=base, now=builds_on, by="")
        return builds_on
    there = opened_draft(folder, table, book.draft)
    if base == there.digest:
        return there.base
    if base == builds_on != there.base:  # a version came between, and the draft is written anew on top of that one
        return builds_on
    raise StaleDraft(folder.name, table, seen=base, now=there.digest, by=there.by)
