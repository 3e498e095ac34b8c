"""Which version of each table decides: the folder's file is the first one, after that the log says.

Every process looks at the log every two seconds at most, between two pieces of work: what was handed out stays as it
is, so that work in flight goes on with the version it began with.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial

import structlog

from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.rules import Problem, Table, table_digest
from cases.store.away import DatabaseAway
from cases.store.database import Database
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from pipelines.in_turn import write_in_turn
from pipelines.journey_check import table_problems
from pipelines.journeys import JourneyRefused, Journeys
from pipelines.rulebook.versions import Book, Shadow, Version, books, stream_of

log = structlog.get_logger()
JOURNEYS = "journeys"  # the stream of all journeys as they stood
FROM_FOLDER = "from the journey's folder"
LOOKS_EVERY = 2.0  # seconds
#: A journey.yaml that takes something out comes after the version of its tables that does without it.
MEND = "put journey.yaml back, publish tables that do without what is to go, then change it"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the log said at the last look. heads: last seq of each stream; looked: monotonic seconds."""

    today: date
    heads: Mapping[str, int] = field(default_factory=dict)
    books: Mapping[str, Mapping[str, Book]] = field(default_factory=dict)
    folders: Mapping[str, JourneyFolder] = field(default_factory=dict)
    looked: float = 0.0


class InForce:
    """The journeys with the tables in force, as one process sees them; safe to share by threads.

    Raises JourneyRefused at the beginning, when a table in force does not fit its journey.yaml.
    """

    def __init__(self, database: Database, journeys: Journeys, *, now: datetime) -> None:
        self._database, self._own = database, journeys.folders
        self._dressed: dict[tuple[str, ...], tuple[JourneyFolder, Sequence[Problem]]] = {}
        self._noted: set[str] = set()
        self._lock = threading.Lock()
        self._seen = _Seen(now.date())
        self._seen = self._looked(now)
        self.note(*self._seen.folders.values())

    def today(self) -> Mapping[str, JourneyFolder]:
        return self._seen.folders

    def look(self, now: datetime) -> None:
        seen = self._seen
        if now.date() == seen.today and time.monotonic() - seen.looked < LOOKS_EVERY:
            return
        if not self._lock.locked():  # else somebody is looking already
            self.look_again(now)

    def look_again(self, now: datetime) -> None:
        """Look whenever it was looked last: after something was published here. Not within a transaction."""
        with self._lock:
            try:
                self._seen = self._looked(now)
                self.note(*self._seen.folders.values())
            except DatabaseAway as away:  # whoever works with the tables now meets it as well
                log.warning("rules.not_looked", trouble=away.trouble)
                self._seen = replace(self._seen, looked=time.monotonic())

    def in_place(self, folder: JourneyFolder, day: date) -> JourneyFolder:
        """Raises JourneyRefused when the version of that day names what the journey does not have any more."""
        versions = _versions_on(self._seen.books.get(folder.name, {}), folder, day)
        return self._with(folder, versions, checked=True)

    def as_decided(self, folder: JourneyFolder, step: e.StepDecided) -> JourneyFolder:
        """A table keeps the version of today where the other is not in the log: decided before there were versions."""
        answers = (*step.read.upstream, step.read) if step.read is not None else ()
        known = self._seen.books.get(folder.name, {})
        found = {answer.table: known.get(answer.table, Book()).of(answer.digest) for answer in answers}
        versions = {name: one for name, one in found.items() if one is not None and name in folder.tables}
        return self._with(folder, versions, checked=False) if versions else folder

    def offered(self, journey: str) -> Mapping[str, Table]:
        """Tables whose file was changed to something that was never published: they wait to be taken up."""
        known = self._seen.books.get(journey, {})
        return {
            name: table
            for name, table in self._own[journey].tables.items()
            if name in known and known[name].of(table_digest(table)) is None
        }

    def shadows(self, folder: JourneyFolder) -> Sequence[tuple[str, Shadow, JourneyFolder]]:
        """Those that fit the journey as it is now; the others say nothing."""
        known = self._seen.books.get(folder.name, {})
        running = [(table, book.shadow) for table, book in known.items() if book.shadow is not None]
        with_each = [(table, shadow, self._in_shadow(folder, table, shadow)) for table, shadow in running]
        return [(table, shadow, other) for table, shadow, other in with_each if other is not None]

    def note(self, *folders: JourneyFolder) -> None:
        new = [folder for folder in folders if folder.digest not in self._noted]
        if new:
            write_in_turn(self._database, partial(_note_journeys, new))
            self._noted.update(folder.digest for folder in new)

    def _looked(self, now: datetime) -> _Seen:
        seen = self._seen
        streams = {stream_of(name): name for name in self._own}
        with self._database.reading() as store:
            heads = store.heads(streams)
            moved = [stream for stream, head in heads.items() if seen.heads.get(stream) != head]
            entries = store.histories(moved) if moved else {}
        found = {**seen.books, **{streams[stream]: books(entries[stream]) for stream in moved}}
        folders = {name: self._folder(own, found.get(name, {}), now.date()) for name, own in self._own.items()}
        return _Seen(now.date(), heads, found, folders, time.monotonic())

    def _folder(self, own: JourneyFolder, known: Mapping[str, Book], today: date) -> JourneyFolder:
        """As it is in force; while the process runs, what does not fit its journey.yaml is logged and not taken up."""
        before = self._seen.folders.get(own.name)
        try:
            folder = self._with(own, _versions_on(known, own, today), checked=True)
        except JourneyRefused as refused:
            if before is None:
                raise
            log.error("rules.not_taken_up", journey=own.name, problems=len(refused.problems))  # noqa: TRY400
            return before
        if before is not None and before is not folder:
            log.info("rules.taken_up", journey=own.name, digest=folder.root_digest[:12])
        return folder

    def _in_shadow(self, folder: JourneyFolder, table: str, shadow: Shadow) -> JourneyFolder | None:
        key = (folder.digest, f"shadow {table} {shadow.digest}")
        if key not in self._dressed:
            other = replace(folder, tables={**folder.tables, table: shadow.table})
            self._dressed[key] = other, table_problems(other)
        other, problems = self._dressed[key]
        return None if problems else other

    def _with(self, folder: JourneyFolder, versions: Mapping[str, Version], *, checked: bool) -> JourneyFolder:
        key = (folder.digest, *(f"{name} {version.digest}" for name, version in sorted(versions.items())))
        if key not in self._dressed:
            dressed = _dressed(folder, versions)
            self._dressed[key] = dressed, table_problems(dressed) if dressed is not folder else ()
        dressed, problems = self._dressed[key]
        if checked and problems:
            raise JourneyRefused(f"{folder.name} with the tables in force ({MEND})", problems)
        return dressed


class FoldersInForce(Mapping[str, JourneyFolder]):
    """Always as of the last look."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force

    def __getitem__(self, name: str) -> JourneyFolder:
        return self._in_force.today()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._in_force.today())

    def __len__(self) -> int:
        return len(self._in_force.today())


def journeys_in_force(database: Database, journeys: Journeys, *, now: datetime) -> Journeys:
    """The journeys as the log has them, after what is new in their folders was noted there."""
    note_tables(database, journeys, now=now)
    rulebook = InForce(database, journeys, now=now)
    return Journeys(FoldersInForce(rulebook), journeys.paths, rulebook)


def note_tables(database: Database, journeys: Journeys, *, now: datetime) -> None:
    """Keep each table of a folder as its first version; a changed file is the next one until a case was decided."""
    for folder in journeys.folders.values():
        with database.reading() as store:
            new = _new_versions(store, folder)
        if new:
            write_in_turn(database, partial(_publish, folder, now))


def _publish(folder: JourneyFolder, now: datetime, store: Store) -> None:
    if new := _new_versions(store, folder):
        store.append(stream_of(folder.name), [(event, SYSTEM) for event in new], at=now)


def _new_versions(store: Store, folder: JourneyFolder) -> list[e.TablePublished]:
    known = books(store.history(stream_of(folder.name)))
    first = [name for name in folder.tables if name not in known]
    changed = [name for name, table in folder.tables.items() if name in known and _follows(known[name], table)]
    if changed and store.has_decided(folder.name):
        changed = []  # offered as a draft: people decide what follows
    return [_as_published(folder.name, folder.tables[name]) for name in (*first, *changed)]


def _follows(book: Book, table: Table) -> bool:
    """Whether a file is news in a book in which nobody has published yet."""
    newest = book.newest()
    return newest is not None and newest.digest != table_digest(table) and not any(one.by for one in book.versions)


def _as_published(journey: str, table: Table) -> e.TablePublished:
    return e.TablePublished(
        journey, table.id, table_digest(table), table.as_dict(), table.effective_from, note=FROM_FOLDER
    )


def _note_journeys(folders: Sequence[JourneyFolder], store: Store) -> None:
    entries = store.history(JOURNEYS)
    noted = {entry.event.digest for entry in entries if isinstance(entry.event, e.JourneyLoaded)}
    loaded = [e.JourneyLoaded(one.name, one.digest, one.snapshot) for one in folders if one.digest not in noted]
    if loaded:
        store.append(JOURNEYS, [(event, SYSTEM) for event in loaded], at=datetime.now(UTC), expected=len(entries))


def _versions_on(known: Mapping[str, Book], folder: JourneyFolder, day: date) -> dict[str, Version]:
    found = {name: known[name].on(day) for name in folder.tables if name in known}
    return {name: version for name, version in found.items() if version is not None}


def _dressed(folder: JourneyFolder, versions: Mapping[str, Version]) -> JourneyFolder:
    """The folder itself when it has these tables already."""
    other = {
        name: version.table for name, version in versions.items() if table_digest(folder.tables[name]) != version.digest
    }
    return replace(folder, tables={**folder.tables, **other}) if other else folder
