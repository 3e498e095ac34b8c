"""A replay over all that an installation ever decided: read a span of cases at a time, in one process or in several."""

import atexit
import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from multiprocessing import get_context
from typing import Any

from cases.journey_folder import JourneyFolder
from cases.rules import FORBIDDEN_ELSE, Table, read_table, table_digest
from cases.store.decisions import Span
from configs.settings import Settings
from models.certify import in_reserve, is_tuning
from pipelines.house import House
from pipelines.rulebook.asked import Asked
from pipelines.rulebook.coding import Words
from pipelines.rulebook.recorded import Book, Place, Skipped, cases_before, read_span, versions_of
from pipelines.rulebook.replay import Cases, Replay
from pipelines.rulebook.replay_chain import ChainReplay, needs_cases
from pipelines.rulebook.tally import Tally, merge
from pipelines.rulebook.versions import in_force
from pipelines.wiring import opened

CASES_AT_ONCE = 10_000
RECENT = timedelta(days=28)


@dataclass(frozen=True)
class Question:
    """What would this version of a table have changed in what was decided between two moments?"""

    house: House
    folder: JourneyFolder
    new: Table
    since: datetime | None
    until: datetime

    @cached_property
    def base(self) -> Table:
        """The version in force today, else the one of the journey's folder."""
        return self._in_force(self.new.id)

    @cached_property
    def base_digest(self) -> str:
        return table_digest(self.base)

    @cached_property
    def root(self) -> Table:
        """The table that decides, as it is in force; mostly the very one that is to change."""
        return self._in_force(self.folder.root.id)

    @cached_property
    def root_digest(self) -> str:
        return table_digest(self.root)

    @cached_property
    def through_cases(self) -> bool:
        """Whether each case is taken back to where it stood, because tables rest on each other."""
        return needs_cases(self.new, self.root)

    @cached_property
    def book(self) -> Book:
        versions = versions_of(self.house, self.folder.name, self.root.id)
        tables = (self.root,) if self.through_cases else (self.root, self.new)
        return Book(self.folder.journey, self.root.id, versions, tables, self._certifies)

    @cached_property
    def versions(self) -> Mapping[str, Asked]:
        """All that decided, by digest; the one in force under "" too, for cases that no table decided."""
        return {digest: Asked(table, self._words) for digest, table in {**self.book.versions, "": self.root}.items()}

    def with_table(self, table: Table) -> JourneyFolder:
        """The journey with this version, and all other tables as they are in force."""
        tables = {name: self._in_force(name) for name in self.folder.tables}
        return replace(self.folder, tables={**tables, table.id: table})

    def _in_force(self, name: str) -> Table:
        with self.house.database.reading() as store:
            found = in_force(store, self.folder.name, name, self.until.date())
        return found.table if found is not None else self.folder.tables[name]

    @cached_property
    def before(self) -> JourneyFolder:
        return self.with_table(self.base)

    @cached_property
    def after(self) -> JourneyFolder:
        return self.with_table(self.new)

    @cached_property
    def draft(self) -> Asked:
        return Asked(self.new, self._words)

    @cached_property
    def _words(self) -> dict[Place, Words]:
        return {}

    def spans(self) -> list[Span]:
        with self.house.database.reading() as store:
            return list(store.decisions.spans(self.folder.name, cases=CASES_AT_ONCE))

    def _certifies(self, customer: str) -> bool:
        key = self.house.keys.reserve
        return in_reserve(key, customer) and not is_tuning(key, customer)


def question(
    house: House, journey: str, new: Table, *, since: date | None = None, until: datetime | None = None
) -> Question:
    """since: from the beginning of that day, UTC, on; until: now, unless a moment is named."""
    begin = datetime.combine(since, time(), UTC) if since is not None else None
    return Question(house, house.journeys.get(journey), new, begin, until or house.now())


def tally_of(asked: Question, span: Span) -> Tally:
    """The part of the answer that lies in one span. Reads at one moment; holds one span's cases in memory at most."""
    skipped = Skipped()
    with _uncollected(), asked.house.database.reading() as store:
        decisions = read_span(store, span, asked.book, skipped, until=asked.until, since=asked.since)
        replay = _replay(asked, lambda wanted: cases_before(store, wanted))
        replay.take_in(decisions)
    replay.tally.skipped.update(skipped.count)
    return replay.tally


def _replay(asked: Question, cases: Cases) -> Replay | ChainReplay:
    recent = asked.until - RECENT
    if asked.through_cases:
        return ChainReplay(asked.before, asked.after, asked.new.id, asked.versions, cases, recent)
    old = asked.versions[""]
    return Replay(old, asked.draft, asked.after, asked.versions, cases, asked.book.past, recent)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Thousands of decisions without a circle among them: to look for one again and again takes as long as the rest."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def tally_here(asked: Question) -> Tally:
    return merge(tally_of(asked, span) for span in asked.spans())


# --- in several processes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A question as another process is told it."""

    settings: Settings
    journey: str
    document: dict[str, Any]
    since: datetime | None
    until: datetime


def tally_in_chunks(asked: Question, *, workers: int) -> Tally:
    """As tally_here, by so many processes, each with a house of its own. Each is told the question once, and then span
    after span; it answers with the sums of each.
    """
    told = Told(asked.house.settings, asked.folder.name, asked.new.as_dict(), asked.since, asked.until)
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_come_in, initargs=(told,)) as pool:
        return merge(pool.map(_part, asked.spans()))


_ASKED: list[Question] = []  # of this process; empty where nobody was told anything


def _come_in(told: Told) -> None:
    stack = ExitStack()
    atexit.register(stack.close)
    house = stack.enter_context(opened(told.settings))
    new = read_table(told.document, file=told.journey, lines={}, forbidden_else=FORBIDDEN_ELSE)
    _ASKED[:] = [Question(house, house.journeys.get(told.journey), new, told.since, told.until)]


def _part(span: Span) -> Tally:
    return tally_of(_ASKED[0], span)
