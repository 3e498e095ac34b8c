"""What lies with an organisation and what became of what came in: counted by the database, never case by case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Integer, and_, case, cast, func, or_, select

from cases.store.queue import CaseLine
from cases.store.rows import CaseRow, EventRow, StreamRow, WaitingOn
from cases.vocabulary import Step

#: Ages of the backlog in days: under the first, from each to the next, and from the last on.
AGES = (1, 3, 7, 14)
#: Closed cases of which the promise is looked at, the newest; more would not change a share that is told in per cent.
MOST_CLOSED = 5_000
MOST_OVERSEEN = 5_000  # decisions of which it is told how people made them, the newest
_LOOKED_BACK = 2_000  # newest notes of the access log among which an opening is looked for
_AUDITS = ("audits.", "audits/")  # the names between these are the streams of blind checks


@dataclass(frozen=True, slots=True)
class Asked:
    """lines: of business that who asks may see; None is all. journey: "" for all. late_by: by journey, what is due
    until then is in danger; otherwise: the same for cases of no journey. quiet: nothing happened since then.
    """

    now: datetime
    otherwise: datetime
    quiet: datetime
    late_by: Mapping[str, datetime]
    lines: Collection[str] | None = None
    journey: str = ""


@dataclass(frozen=True, slots=True)
class Pile:
    """Open cases of one topic. ages: as in AGES. late: past their date; soon: their date is next; quiet: stuck.

    ours: wait for us and are awake, as in the queue's first list.
    """

    journey: str | None
    topic: str | None
    open: int
    ages: tuple[int, ...]
    late: int
    soon: int
    quiet: int
    parked: int
    ours: int


@dataclass(frozen=True, slots=True)
class Load:
    """What lies with one person, or with nobody: "" then."""

    person: str
    open: int
    late: int
    soon: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the cases that came in since a moment. alone: closed by the machine and closed still. steps: by
    the newest step of the machine, those that people decide in shadow among EXPERT.
    """

    received: int
    understood: int
    steps: Mapping[Step, int]
    alone: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Lifetime:
    journey: str | None
    opened_at: datetime
    closed_at: datetime


class Insights:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def backlog(self, asked: Asked) -> list[Pile]:
        """One for each topic of each journey that has open cases."""
        counted = [
            func.count(),
            *(_sum(condition) for condition in _ages(asked.now)),
            *(_sum(one) for one in (_late(asked), _soon(asked), _quiet(asked), _PARKED, _ours(asked))),
        ]
        columns = (CaseRow.journey, CaseRow.topic)
        found = select(*columns, *counted).where(*_open(asked)).group_by(*columns).order_by(*columns)
        return [
            Pile(row[0], row[1], row[2], tuple(row[3 : 4 + len(AGES)]), *row[4 + len(AGES) :])
            for row in self._connection.execute(found)
        ]

    def loads(self, asked: Asked) -> list[Load]:
        """By person, those with most first."""
        counted = (func.count().label("open"), _sum(_late(asked)), _sum(_soon(asked)))
        found = select(CaseRow.assignee, *counted).where(*_open(asked)).group_by(CaseRow.assignee)
        rows = self._connection.execute(found.order_by(func.count().desc(), CaseRow.assignee))
        return [Load(row[0] or "", *row[1:]) for row in rows]

    def in_danger(self, asked: Asked, *, limit: int) -> list[CaseLine]:
        """Those whose date is next, the nearest first; what is late already is not among them."""
        return self._lines([*_open(asked), _soon(asked)], _due(), limit)

    def stuck(self, asked: Asked, *, limit: int) -> list[CaseLine]:
        """Those in which nothing happened for longest."""
        return self._lines([*_open(asked), _quiet(asked)], CaseRow.updated_at, limit)

    def parked(self, asked: Asked, *, limit: int) -> list[CaseLine]:
        """Those with work that could not be done, the oldest first."""
        return self._lines([*_open(asked), _PARKED], CaseRow.opened_at, limit)

    def flow(self, asked: Asked, *, since: datetime) -> Flow:
        """Of cases that came in since then; erased ones and those of before we came are left out."""
        machine = and_(CaseRow.step.is_not(None), CaseRow.shadow.is_(False))
        alone = and_(machine, CaseRow.step == Step.AUTO_CLOSE)
        steps = {step: and_(machine, CaseRow.step == step) for step in Step}
        steps[Step.EXPERT] = or_(CaseRow.shadow, steps[Step.EXPERT])
        counted = (
            func.count(),
            _sum(CaseRow.topic.is_not(None)),
            _sum(and_(alone, CaseRow.closed_at.is_not(None), CaseRow.reopened.is_(False))),
            _sum(CaseRow.reopened.is_(True)),
            *(_sum(condition) for condition in steps.values()),
        )
        came = (CaseRow.opened_at >= since, CaseRow.imported.is_(False), CaseRow.erased.is_(False))
        row = self._connection.execute(select(*counted).where(*came, *_of(asked))).one()
        return Flow(row[0], row[1], dict(zip(steps, row[4:], strict=True)), row[2], row[3])

    def audited(self, *, since: datetime) -> dict[str, tuple[int, int]]:
        """Blind checks since then by certificate: how many, and how many found the machine wrong."""
        wrong = _sum(EventRow.body.contains('"wrong":true', autoescape=True))
        found = (
            select(EventRow.stream, func.count(), wrong)
            .where(EventRow.stream > _AUDITS[0], EventRow.stream < _AUDITS[1])
            .where(EventRow.kind == "audit_observed", EventRow.at >= since)
            .group_by(EventRow.stream)
        )
        rows = self._connection.execute(found)
        return {row[0].removeprefix(_AUDITS[0]): (row[1], row[2]) for row in rows}

    def lifetimes(self, asked: Asked, *, since: datetime) -> list[Lifetime]:
        """Of cases that were closed since then, the newest of them."""
        closed = (CaseRow.closed_at >= since, CaseRow.imported.is_(False), CaseRow.erased.is_(False))
        columns = (CaseRow.journey, CaseRow.opened_at, CaseRow.closed_at)
        newest = select(*columns).where(*closed, *_of(asked)).order_by(CaseRow.closed_at.desc()).limit(MOST_CLOSED)
        rows = self._connection.execute(newest)
        return [Lifetime(row[0], row[1], row[2]) for row in rows if row[2] is not None]

    def opened_at(self, who: str, reference: str, *, since: datetime) -> datetime | None:
        """When this person first opened this case since then; None when they did not, or much was read since."""
        head = select(StreamRow.last_seq).where(StreamRow.stream == "access").scalar_subquery()
        read = orjson.dumps({"kind": "access_noted", "subject": reference, "what": "case_read", "who": who}).decode()
        found = select(func.min(EventRow.at)).where(
            EventRow.stream == "access", EventRow.seq > head - _LOOKED_BACK, EventRow.at >= since, EventRow.body == read
        )
        return self._connection.execute(found).scalar()

    def overseen(self, stream: str, *, since: datetime) -> list[tuple[int, str]]:
        """Schema and body of what was noted in a stream of oversight since then, oldest first; the newest of them."""
        newest = (
            select(EventRow.seq, EventRow.schema, EventRow.body)
            .where(EventRow.stream == stream, EventRow.at >= since, EventRow.body.is_not(None))
            .order_by(EventRow.seq.desc())
            .limit(MOST_OVERSEEN)
        )
        return [(row[1], row[2] or "") for row in reversed(self._connection.execute(newest).all())]

    def newest(self, journey: str, *, since: datetime, limit: int) -> list[str]:
        """Ids of the journey's cases that came in since then, imported ones among them; the newest, oldest first."""
        came = (CaseRow.journey == journey, CaseRow.opened_at >= since, CaseRow.erased.is_(False))
        newest = select(CaseRow.id).where(*came).order_by(CaseRow.opened_at.desc(), CaseRow.id.desc()).limit(limit)
        return list(reversed(self._connection.execute(newest).scalars().all()))

    def noted(self, stream: str, kind: str, *, limit: int) -> list[tuple[int, str]]:
        """Schema and body of the newest events of a kind in a stream, newest first."""
        newest = (
            select(EventRow.schema, EventRow.body)
            .where(EventRow.stream == stream, EventRow.kind == kind, EventRow.body.is_not(None))
            .order_by(EventRow.seq.desc())
            .limit(limit)
        )
        return [(row[0], row[1] or "") for row in self._connection.execute(newest)]

    def kept_in(self, streams: Collection[str], kind: str, *, since: datetime) -> list[tuple[str, datetime, int, str]]:
        """Stream, when, schema and body of the events of a kind in these streams since then, stream by stream."""
        found = (
            select(EventRow.stream, EventRow.at, EventRow.schema, EventRow.body)
            .where(EventRow.stream.in_(list(streams)), EventRow.kind == kind)
            .where(EventRow.at >= since, EventRow.body.is_not(None))
            .order_by(EventRow.stream, EventRow.seq)
        )
        return [(row[0], row[1], row[2], row[3] or "") for row in self._connection.execute(found)]

    def latest(self, streams: Collection[str]) -> list[tuple[datetime, str, int, str]]:
        """When, kind, schema and body of the last event of each of these streams that has any."""
        last = and_(StreamRow.stream == EventRow.stream, StreamRow.last_seq == EventRow.seq)
        found = (
            select(EventRow.at, EventRow.kind, EventRow.schema, EventRow.body)
            .join(StreamRow, last)
            .where(StreamRow.stream.in_(list(streams)), EventRow.body.is_not(None))
            .order_by(EventRow.stream)
        )
        return [(row[0], row[1], row[2], row[3] or "") for row in self._connection.execute(found)]

    def pressing_of(self, person: str, asked: Asked, *, limit: int) -> list[CaseLine]:
        """Open cases of one person, "" for nobody, in the order of the queue."""
        whose = CaseRow.assignee == person if person else CaseRow.assignee.is_(None)
        order = (CaseRow.urgency, CaseRow.pressing_at, CaseRow.id)
        return self._lines([*_open(asked), whose], order, limit)

    def _lines(self, conditions: Sequence[ColumnElement[bool]], order: Any, limit: int) -> list[CaseLine]:
        by = order if isinstance(order, tuple) else (order, CaseRow.id)
        found = select(*_LINE).where(*conditions).order_by(*by).limit(limit)
        return [CaseLine(*row) for row in self._connection.execute(found)]


_LINE = tuple(getattr(CaseRow, name) for name in CaseLine.__dataclass_fields__)


def _sum(condition: ColumnElement[bool]) -> Any:
    """How many rows meet it. As a whole number: PostgreSQL adds up to a numeric, and nothing to NULL."""
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)


def _of(asked: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.lines is not None:
        conditions.append(CaseRow.line_of_business.in_(list(asked.lines)))
    if asked.journey:
        conditions.append(CaseRow.journey == asked.journey)
    return conditions


_PARKED = CaseRow.parked.is_(True)


def _quiet(asked: Asked) -> ColumnElement[bool]:
    return CaseRow.updated_at < asked.quiet


def _ours(asked: Asked) -> ColumnElement[bool]:
    awake = or_(CaseRow.snoozed_until.is_(None), CaseRow.snoozed_until <= asked.now)
    return and_(CaseRow.waiting_on == WaitingOn.US, awake)


def _open(asked: Asked) -> list[ColumnElement[bool]]:
    return [CaseRow.closed_at.is_(None), *_of(asked)]


def _ages(now: datetime) -> list[ColumnElement[bool]]:
    edges = [now - timedelta(days=days) for days in AGES]
    between = [and_(CaseRow.opened_at <= newer, CaseRow.opened_at > older) for newer, older in pairwise(edges)]
    return [CaseRow.opened_at > edges[0], *between, CaseRow.opened_at <= edges[-1]]


def _due() -> ColumnElement[Any]:
    """When the clock of a case runs out; NULL while it stands still. Rows without a clock have the promised date."""
    return case((CaseRow.clock.is_(None), CaseRow.update_by), else_=CaseRow.clock_due)


def _late(asked: Asked) -> ColumnElement[bool]:
    return _due() <= asked.now


def _soon(asked: Asked) -> ColumnElement[bool]:
    by = [(CaseRow.journey == name, until) for name, until in asked.late_by.items()]
    until = case(*by, else_=asked.otherwise) if by else asked.otherwise
    return and_(_due() > asked.now, _due() <= until)
