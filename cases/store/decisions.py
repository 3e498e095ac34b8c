"""What was decided, read in order and in spans of cases, so that all of history fits into a small memory."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from cases.store.rows import CaseRow, EventRow

#: Kinds of events that say how a case was decided, by whom, and what became of it.
TOLD = ("step_decided", "human_decided", "case_reopened", "case_imported")
_CASE = (CaseRow.id, CaseRow.reference, CaseRow.language, CaseRow.channel, CaseRow.sender, CaseRow.amount,
         CaseRow.erased)  # fmt: skip
_CASES = (
    select(*_CASE)
    .where(CaseRow.id.between(bindparam("first"), bindparam("last")), CaseRow.journey == bindparam("journey"))
    .order_by(CaseRow.id)
)
_EVENTS = (
    select(EventRow.stream, EventRow.seq, EventRow.kind, EventRow.schema, EventRow.at, EventRow.body)
    .where(EventRow.stream.between(bindparam("first"), bindparam("last")), EventRow.kind.in_(TOLD))
    .order_by(EventRow.stream, EventRow.seq)
)
_IDS = select(CaseRow.id).where(CaseRow.journey == bindparam("journey")).order_by(CaseRow.id)


class Span(NamedTuple):
    """Ids of the first and last of some cases, in the database's own order."""

    first: str
    last: str


class Told(NamedTuple):
    """One event that says how a case was decided. body: JSON text as it was stored; None when it was erased."""

    stream: str
    seq: int
    kind: str
    schema: int
    at: datetime
    body: str | None


class Row(NamedTuple):
    """Where a case stands, as the lists have it. amount: the amount named in it."""

    id: str
    reference: str
    language: str | None
    channel: str
    sender: str
    amount: Decimal | None
    erased: bool


class Decisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def spans(self, journey: str, *, cases: int) -> Iterator[Span]:
        """All cases of a journey in spans of so many (the last may hold fewer). A later case may fall into any."""
        ids = self._connection.execute(_IDS, {"journey": journey}, execution_options={"yield_per": 10_000}).scalars()
        first = last = ""
        for number, last in enumerate(ids):
            if number % cases == 0:
                first = last
            if number % cases == cases - 1:
                yield Span(first, last)
                first = ""
        if first:
            yield Span(first, last)

    def lately(self, journey: str, *, since: datetime, cases: int) -> tuple[bool, list[str]]:
        """Whether more cases moved since then than so many, and the steps of those that moved last, as stored."""
        moved = (
            select(CaseRow.id, func.count().over().label("all"))
            .where(CaseRow.journey == journey, CaseRow.updated_at >= since)
            .order_by(CaseRow.updated_at.desc())
            .limit(cases)
            .subquery()
        )
        steps = (
            select(EventRow.body, moved.c.all)
            .join(moved, EventRow.stream == moved.c.id)
            .where(EventRow.kind == "step_decided", EventRow.at >= since, EventRow.body.is_not(None))
        )
        rows = self._connection.execute(steps).all()
        return bool(rows) and rows[0].all > cases, [str(row.body) for row in rows]

    def within(
        self, span: Span, journey: str, *, until: datetime, since: datetime | None = None
    ) -> tuple[Mapping[str, Row], Iterator[Told]]:
        """The journey's cases of a span, and what was decided in them between two moments, case by case, oldest first.

        Cases that were imported are among them whenever they were decided.
        """
        limits = {"first": span.first, "last": span.last}
        rows = self._connection.execute(_CASES, {**limits, "journey": journey})
        cases = {row.id: row for row in map(Row._make, rows)}
        told = _EVENTS.where(EventRow.at <= until)
        if since is not None:
            told = told.where(or_(EventRow.at >= since, EventRow.kind == "case_imported"))
        found = self._connection.execute(told, limits, execution_options={"yield_per": 1_000})
        return cases, (Told._make(row) for row in found if row[0] in cases)
