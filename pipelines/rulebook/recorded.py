"""Decisions of the machine as the log has them: what the table read, what was decided, and what people said of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from sys import intern
from typing import Any

import orjson

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case, Entry, fold
from cases.facts import Fact, Person
from cases.inputs import read_inputs
from cases.journey_folder import from_snapshot
from cases.journey_spec import Journey
from cases.rules import Kind, Table, table_digest
from cases.store.decisions import Row, Span, Told
from cases.store.store import Store
from cases.vocabulary import FileKind, FileStatus, Scope, Step, Why
from pipelines.house import House
from pipelines.rulebook.versions import history
from pipelines.wiring import JOURNEYS

#: Reasons of a step that stand whatever the table says.
GUARDS = frozenset({
    Why.DANGER, Why.COULD_NOT_BE_PROCESSED, Why.REOPENED, Why.PERSON_INVOLVED, Why.BELONGS_ELSEWHERE, Why.OUT_OF_SCOPE,
    Why.UNCERTAIN_TOPIC, Why.REUSED_PHOTO, Why.UNUSABLE_FILE, Why.PAID_BEFORE,
})  # fmt: skip
_CLOSING = frozenset({Why.NOT_CERTIFIED, Why.BELOW_THRESHOLD})  # a closing row fired, and a person decides all the same
_UNTOLD = ("scope", "confidence", "channel", "register", "photos.unusable", "photos.reused")  # by an import
#: Where an input is read (`fact.amount`) and as what kind of value: a column keeps it whatever its name is.
Place = tuple[str, Kind]


@dataclass(frozen=True, slots=True)
class Known:
    """What became of a decision, up to the next one in the case. option: chosen by a person, else "".

    asked: a person asked the customer for more first. blind: without seeing the advice. reopened: by the customer.
    counts: blind, and of a customer whose verdicts certify.
    """

    option: str = ""
    asked: bool = False
    blind: bool = False
    reopened: bool = False
    counts: bool = False

    @property
    def told(self) -> bool:
        return bool(self.option) or self.asked or self.reopened


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision. inputs: what was read as text, in the order of the version's columns (of an imported case: in that
    of `Book.past`); None where there was nothing.

    digest: of the table's version, "" for an imported case, which no table decided. said: its verdict and the rows that
    fired. cell: the step and what goes with
    it, as the rules said (`auto_close thank`), whether or not a certificate let it happen; "" for an imported case.
    held: the guard that decided instead of the table, else "". contradicted: the case spoke against itself, so that no
    row could close it.
    """

    case_id: str
    seq: int
    at: datetime
    reference: str
    digest: str
    said: tuple[str, ...]
    inputs: tuple[str | None, ...]
    cell: str
    held: str
    contradicted: bool
    topic: str
    language: str
    channel: str
    amount: Decimal | None
    known: Known = NOTHING_KNOWN

    @property
    def imported(self) -> bool:
        return not self.digest

    @property
    def closes(self) -> bool:
        """Whether a closing row fired and nothing spoke against it, be it that a person decided all the same."""
        return self.cell.startswith(Step.AUTO_CLOSE)


@dataclass(slots=True)
class Skipped:
    """How many decisions could not be looked at, by reason; counted while they are read."""

    count: dict[str, int] = field(default_factory=dict)

    def add(self, why: str) -> None:
        self.count[why] = self.count.get(why, 0) + 1


ERASED = "the case was erased"
NO_TABLE = "no table was asked"
OTHER_TABLE = "another table decided"
LOST_VERSION = "its version of the table is not in the log"
OTHER_JOURNEY = "it was decided in another journey"
NEWER = "a newer program wrote it"


@dataclass(frozen=True)
class Book:
    """The versions of one table by digest. tables: those in whose columns imported cases are read."""

    journey: Journey
    table: str
    versions: Mapping[str, Table]
    tables: tuple[Table, ...]
    counts: Callable[[str], bool]  # customer -> whether blind verdicts on their cases certify

    @cached_property
    def past(self) -> tuple[Place, ...]:
        """Where the inputs of an imported case were read, in order."""
        return tuple(dict.fromkeys(place for table in self.tables for place in places_of(table)))

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Per version the names of its columns, in order."""
        return {digest: tuple(column.name for column in table.inputs) for digest, table in self.versions.items()}


def versions_of(house: House, journey: str, table: str) -> dict[str, Table]:
    """Every version of a table that the log holds, by digest: those of the journey's folder and those published."""
    with house.database.reading() as store:
        loaded = [entry.event for entry in store.history(JOURNEYS)]
        published = history(store, journey, table)
    found = {version.digest: version.table for version in published}
    for event in loaded:
        if isinstance(event, e.JourneyLoaded) and event.name == journey and table in event.snapshot["tables"]:
            read = from_snapshot(event.snapshot).tables[table]
            found.setdefault(table_digest(read), read)
    return found


def read_span(
    store: Store, span: Span, book: Book, skipped: Skipped, *, until: datetime, since: datetime | None = None
) -> Iterator[Recorded]:
    """The decisions of a span of cases, case by case, oldest first."""
    cases, told = store.decisions.within(span, book.journey.name, until=until, since=since)
    case_id = ""
    decisions: list[Recorded] = []
    for event in told:
        if event.stream != case_id:
            yield from decisions
            case_id, decisions = event.stream, []
        _take_in(event, cases[case_id], decisions, book, skipped, since=since)
    yield from decisions


def _take_in(
    told: Told, row: Row, decisions: list[Recorded], book: Book, skipped: Skipped, *, since: datetime | None
) -> None:
    """One more event of a case: a decision, or what became of the last one."""
    if told.body is None:
        if told.kind in ("step_decided", "case_imported"):
            skipped.add(ERASED)
        return
    if told.schema > e.schema_of(told.kind):
        skipped.add(NEWER)
        return
    match told.kind:
        case "step_decided":
            step = _decided(told, row, book, skipped)
            if step is not None:
                decisions.append(step)
        case "case_imported":
            past = _imported(told, row, book)
            if since is None or past.at >= since:
                decisions.append(past)
        case _ if decisions:
            decisions[-1] = replace(decisions[-1], known=_known(decisions[-1].known, told, row, book))
        case _:
            return


def _body(told: Told) -> dict[str, Any]:
    body: dict[str, Any] = e.upcast(told.kind, told.schema, orjson.loads(_without_rows(told.body or "")))
    return body


def _without_rows(body: str) -> str:
    """A step without the traces of the rows that did not fire, which are most of it and are worked out anew.

    Keys stand in order and quotes inside of strings are escaped, so what is looked for is never somebody's word.
    """
    start = body.find(',"rows":[{')
    end = body.find('],"table":"', start) if start >= 0 else -1
    return body if end < 0 else body[:start] + body[end + 1 :]


def _decided(told: Told, row: Row, book: Book, skipped: Skipped) -> Recorded | None:
    step = _body(told)
    if why := _not_ours(step, book):
        skipped.add(why)
        return None
    read = step["read"]
    because = step["because"]
    return Recorded(
        case_id=told.stream,
        seq=told.seq,
        at=told.at,
        reference=row.reference,
        digest=read["digest"],
        said=(read["verdict"], *read["fired"]),
        inputs=_in_order(read["inputs"], book.names[read["digest"]]),
        cell=cell_of(step["step"], because, step["option"], step["department"], step["requests"]),
        held=because[0] if because[0] in GUARDS else "",
        contradicted=Why.CONTRADICTION in because,
        topic=intern(step["topic"]),
        language=intern(row.language or ""),
        channel=intern(row.channel),
        amount=row.amount,
    )


def _not_ours(step: Mapping[str, Any], book: Book) -> str:
    """Why a step says nothing of this table; "" when it does."""
    read = step["read"]
    if step["journey"] != book.journey.name:
        return OTHER_JOURNEY
    if read is None:
        return NO_TABLE
    if read["table"] != book.table:
        return OTHER_TABLE
    return "" if read["digest"] in book.versions else LOST_VERSION


def _in_order(inputs: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> tuple[str | None, ...]:
    by_name = {one["name"]: one["value"] for one in inputs}
    return tuple(map(by_name.get, names))


def places_of(table: Table) -> tuple[Place, ...]:
    """Where each of its columns reads, in order."""
    return tuple((column.source, column.domain.kind) for column in table.inputs)


def cell_of(step: str, because: Sequence[str], option: str, department: str, requests: Iterable[str]) -> str:
    """A step with what goes with it, as the rules said it: `auto_close thank`, `request_info photo_item photo_room`."""
    said = Step.AUTO_CLOSE if not _CLOSING.isdisjoint(because) else step
    return intern(" ".join(part for part in (said, option, department, *requests) if part))


def _known(known: Known, told: Told, row: Row, book: Book) -> Known:
    """With what a person or the customer did next. Of several choices the first one counts: later ones knew more."""
    body = _body(told)
    if told.kind == "case_reopened":
        return replace(known, reopened=known.reopened or body["because"] in ("message", "second_look"))
    choice, blind = body["choice"], body["blind"]
    if choice == NEED_MORE:
        return known if known.option else replace(known, asked=True)
    if choice == ESCALATE or known.option:
        return known
    return replace(known, option=choice, blind=blind, counts=blind and book.counts(row.sender))


# --- cases from before ----------------------------------------------------------------------------------------------


def _imported(told: Told, row: Row, book: Book) -> Recorded:
    """A case that was decided before we came, as far as the tables' inputs are in it."""
    event = e.read_event(told.kind, told.schema, told.body)
    assert isinstance(event, e.CaseImported)
    case = as_understood(event)
    told_of: dict[Place, str | None] = {}
    for table in book.tables:
        for place, read in zip(places_of(table), read_inputs(case, table, book.journey)[1], strict=True):
            if not place[0].startswith(_UNTOLD):
                told_of[place] = read.value
    return Recorded(
        case_id=told.stream,
        seq=told.seq,
        at=event.decided_at,
        reference=row.reference,
        digest="",
        said=(),
        inputs=tuple(map(told_of.get, book.past)),
        cell="",
        held="",
        contradicted=False,
        topic=event.topic or "",
        language=event.language or "",
        channel=row.channel,
        amount=row.amount,
        known=Known(event.outcome, blind=event.blind, counts=event.blind and book.counts(event.customer)),
    )


def as_understood(past: e.CaseImported) -> Case:
    """An imported case as if its message had just been read, with the topic and the facts that the import names."""
    photos = tuple(
        e.FileSeen(f"import.{number}", "", "", 0, "image/jpeg", FileKind.PHOTO, FileStatus.RECEIVED)
        for number in range(past.photos)
    )
    message = e.MessageAdded("import", "import", past.customer, "", past.text, past.received_at, files=photos)
    read = e.Understood(
        "import", past.language or "", past.journey, "", past.topic or "", 1.0, Scope.IN, 0.0, "import", ""
    )
    facts = tuple(Fact(name, value, 1.0, (Person(past.decided_by),)) for name, value in past.facts)
    return Case(past.reference, 1, journey=past.journey, messages=(message,), understood=read, stated=facts)


# --- cases as they stood ---------------------------------------------------------------------------------------------


def cases_before(store: Store, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Case]:
    """Each of these cases as it stood just before the event of that number; imported ones as if just read."""
    asked = set(wanted)
    histories = store.histories({case_id for case_id, _ in asked})
    return {(case_id, seq): _before(case_id, seq, histories[case_id]) for case_id, seq in asked}


def _before(case_id: str, seq: int, entries: Sequence[Entry]) -> Case:
    first = entries[0].event
    if isinstance(first, e.CaseImported):
        return as_understood(first)
    return fold(case_id, [entry for entry in entries if entry.seq < seq])
