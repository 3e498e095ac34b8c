"""The work queue: lists of cases by view, page by page, and how long each list is."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from cases.clocks import Clock
from cases.store.counting import COUNTED, Count, Counting, as_count
from cases.store.cursors import BadCursor, read_found, read_urgent, write_cursor
from cases.store.desk import held_by_others
from cases.store.narrowing import UNFILTERED, Filters
from cases.store.projection import stored_clock
from cases.store.rows import CaseRow, EventRow, MessageRow
from cases.store.search import Search, Within
from cases.store.views import PLACE, Conditions, Question, conditions, narrowed, whole_view
from cases.vocabulary import Actor, Status, View

MOST_LINES = 200
_PORTION = 40

__all__ = ["BadCursor", "CaseLine", "Count", "LastWord", "Page", "Question", "Queue"]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as a list shows it."""

    id: str
    reference: str
    version: int
    journey: str | None
    line_of_business: str
    status: str
    waiting_on: str
    topic: str | None
    step: str | None
    because: str
    confidence: float | None
    shadow: bool
    sender: str
    sender_name: str
    subject: str
    language: str | None
    channel: str
    opened_at: datetime
    updated_at: datetime
    update_by: datetime | None
    closed_at: datetime | None
    last_message_at: datetime | None
    outcome: str | None
    amount: Decimal | None
    assignee: str | None
    snoozed_until: datetime | None
    woke: str | None
    audit_since: datetime | None
    photos: int
    danger: bool
    reopened: bool
    parked: bool
    imported: bool
    erased: bool
    clock: str | None = None
    clock_due: datetime | None = None
    clock_left: int | None = None
    clock_pause: str | None = None
    clock_warned: bool | None = None
    clock_seen: int | None = None
    merged_into: str | None = None
    parent: str | None = None

    @property
    def pressing(self) -> Clock | None:
        """The clock that presses; None where there is none, or the row is from before there were clocks."""
        return stored_clock(partial(getattr, self))


@dataclass(frozen=True, slots=True)
class LastWord:
    """Who spoke last in a case: we, by a letter that left, or the customer. channel: of the customer's word."""

    at: datetime
    ours: bool
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """next: the cursor of the next page; None on the last one."""

    items: list[CaseLine]
    next: str | None
    total: Count


_AFTER = tuple(f"after_{column.key}" for column in PLACE)
_LINE = tuple(getattr(CaseRow, name) for name in CaseLine.__dataclass_fields__)
_HEARD = (
    select(MessageRow.case_id, MessageRow.received_at, MessageRow.channel)
    .where(MessageRow.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(MessageRow.received_at)
)
_SENT = (
    select(EventRow.stream, func.max(EventRow.at).label("at"))
    .where(EventRow.stream.in_(bindparam("ids", expanding=True)), EventRow.kind == "letter_sent")
    .group_by(EventRow.stream)
)


class Queue:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._search = Search(connection)
        self._counting = Counting(connection)

    def page(
        self,
        view: View,
        *,
        who: str,
        now: datetime,
        journey: str | None = None,
        q: str = "",
        lines: Collection[str] | None = None,
        filters: Filters = UNFILTERED,
        within: Within = Within.ALL,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Cases of a view: danger first, then by promised date, then by id. limit: 1..200.

        With words to search for: the case with that very reference first, then the newest.

        A case that moves while pages are turned is never shown twice in its old place. BadCursor.
        """
        asked = Question(view, who, now, journey, q, lines, filters, within)
        limit = max(1, min(limit, MOST_LINES))
        if asked.q:
            return self._found(asked, cursor, limit)
        after = None if cursor is None else read_urgent(cursor)
        rows = self._of_view(asked, after, limit + 1)
        items = [CaseLine(*row[: len(_LINE)]) for row in rows[:limit]]
        following = _cursor(rows[limit - 1]) if len(rows) > limit else None
        return Page(items, following, self.count(asked))

    def _of_view(self, asked: Question, after: tuple[Any, ...] | None, limit: int) -> Sequence[Any]:
        if not asked.is_whole_view:
            following = [] if after is None else [tuple_(*PLACE) > tuple_(*after)]
            return self._connection.execute(_in_order(asked.view, conditions(asked) + following, limit)).all()
        lines = None if asked.lines is None else len(asked.lines)
        values = asked.bound() | {"limit": limit} | dict(zip(_AFTER, after or (), strict=False))
        statement = _whole_in_order(asked.view, lines, follows=after is not None)
        return self._connection.execute(statement, values).all()

    def _found(self, asked: Question, cursor: str | None, limit: int) -> Page:
        after = None if cursor is None else read_found(cursor)
        rows = self._newest(asked, limit + 1, after=after)
        items = [CaseLine(*row[: len(_LINE)]) for row in rows[:limit]]
        following = write_cursor([rows[limit - 1].place]) if len(rows) > limit else None
        return Page(items, following, self.count(asked))

    def _newest(self, asked: Question, limit: int, *, after: int | None = None) -> list[Any]:
        return self._search.newest(
            asked.q, asked.within, columns=_LINE, conditions=narrowed(asked), after=after, limit=limit
        )

    def count(self, asked: Question) -> Count:
        if not asked.q:
            return self._counting.of([asked])[0]
        found = self._search.count(asked.q, asked.within, conditions=narrowed(asked), limit=COUNTED + 1)
        return as_count(found)

    def counts(
        self, views: Iterable[View], *, who: str, now: datetime, lines: Collection[str] | None = None
    ) -> dict[View, Count]:
        """How many cases are in each view, in one query; none for those that were counted in this transaction, or
        were longer than 10,000 within the last minute.
        """
        views = list(views)
        return dict(
            zip(views, self._counting.of([Question(view, who, now, lines=lines) for view in views]), strict=True)
        )

    def counts_of(self, questions: Sequence[Question]) -> list[Count]:
        """How many cases each finds, in order: one query for all of them, and one for each that looks for words."""
        self._counting.of([asked for asked in questions if not asked.q])
        return [self.count(asked) for asked in questions]

    def matching(self, asked: Question, *, limit: int) -> list[CaseLine]:
        """The first cases of a question, in the order of its list."""
        in_order = _in_order(asked.view, conditions(asked), limit)
        rows = self._newest(asked, limit) if asked.q else self._connection.execute(in_order)
        return [CaseLine(*row[: len(_LINE)]) for row in rows]

    def beside(self, asked: Question, case_id: str) -> tuple[str | None, str | None]:
        """References of the cases before and after this one in the order of a list, whether it is in that list or not.
        None at its ends, and when there is no such case.
        """
        here = self._connection.execute(select(*PLACE).where(CaseRow.id == case_id)).first()
        if here is None:
            return None, None
        place, wanted = tuple_(*PLACE), select(CaseRow.reference).where(*conditions(asked)).limit(1)
        before = wanted.where(place < tuple_(*here)).order_by(*(column.desc() for column in PLACE))
        after = wanted.where(place > tuple_(*here)).order_by(*PLACE)
        return self._connection.execute(before).scalar(), self._connection.execute(after).scalar()

    def up_for(self, who: str, *, now: datetime, lines: Collection[str] | None = None) -> Iterator[CaseLine]:
        """What a person could take up: open cases that a person must do and that nobody else has, most urgent first.

        Read in portions, so stop when one fits.
        """
        ready = (Status.WITH_EXPERT, Status.REOPENED)
        wanted = [
            *conditions(Question(View.US, who, now, lines=lines)),
            CaseRow.status.in_(ready),
            or_(CaseRow.assignee.is_(None), CaseRow.assignee == who),
            not_(held_by_others(who, now)),
        ]
        place: Any = None
        while True:
            following = [] if place is None else [tuple_(*PLACE) > tuple_(*place)]
            rows = self._connection.execute(_in_order(View.US, [*wanted, *following], _PORTION)).all()
            yield from (CaseLine(*row[: len(_LINE)]) for row in rows)
            if len(rows) < _PORTION:
                return
            place = (rows[-1].urgency, rows[-1].pressing_at, rows[-1].id)

    def touched(self, case_ids: Iterable[str], who: str, *, since: datetime) -> set[str]:
        """Which of these cases this person has written in since."""
        written = select(EventRow.stream).where(
            EventRow.stream.in_(list(case_ids)), EventRow.actor == str(Actor("person", who)), EventRow.at >= since
        )
        return set(self._connection.scalars(written))

    def last_words(self, case_ids: Collection[str]) -> dict[str, LastWord]:
        """Who spoke last in each of these cases, in two queries; those in which nobody did are left out."""
        ids = {"ids": list(case_ids)}
        heard = self._connection.execute(_HEARD, ids)
        words = {row.case_id: LastWord(row.received_at, ours=False, channel=row.channel) for row in heard}
        for row in self._connection.execute(_SENT, ids):
            if row.stream not in words or row.at >= words[row.stream].at:
                words[row.stream] = LastWord(row.at, ours=True)
        return words

    def promise_passed(self, now: datetime) -> Sequence[str]:
        """Open cases whose promised date has passed, and those that were open for an hour and never got one."""
        unpromised = and_(CaseRow.update_by.is_(None), CaseRow.opened_at < now - timedelta(hours=1))
        due = or_(CaseRow.update_by <= now, unpromised)
        return self._connection.scalars(select(CaseRow.id).where(CaseRow.closed_at.is_(None), due)).all()

    def waiting_for_customer(self) -> Sequence[str]:
        """Open cases in which the customer was asked something."""
        waiting = CaseRow.status == Status.WAITING_CUSTOMER
        return self._connection.scalars(select(CaseRow.id).where(CaseRow.closed_at.is_(None), waiting)).all()

    def to_survey(self, *, since: datetime, until: datetime) -> Sequence[str]:
        """Cases closed between the two whose customer was not asked yet how it went."""
        asked = exists().where(EventRow.stream == CaseRow.id, EventRow.kind == "survey_asked")
        closed = (CaseRow.updated_at >= since, CaseRow.closed_at >= since, CaseRow.closed_at <= until)
        ours = (CaseRow.imported.is_(False), CaseRow.erased.is_(False), CaseRow.reopened.is_(False))
        return self._connection.scalars(select(CaseRow.id).where(*closed, *ours, ~asked)).all()

    def any_holds(self, case_ids: Collection[str], kind: str) -> bool:
        """Whether an event of this kind happened in any of these cases."""
        found = select(EventRow.seq).where(EventRow.stream.in_(list(case_ids)), EventRow.kind == kind).limit(1)
        return self._connection.execute(found).first() is not None

    def line(self, reference: str) -> CaseLine | None:
        """The case with this reference; None when there is none."""
        row = self._connection.execute(select(*_LINE).where(CaseRow.reference == reference)).first()
        return CaseLine(*row) if row else None

    def lines(self, case_ids: Iterable[str]) -> dict[str, CaseLine]:
        """Lines of many cases by id; those that do not exist are left out."""
        rows = self._connection.execute(select(*_LINE).where(CaseRow.id.in_(list(case_ids))))
        return {row.id: CaseLine(*row) for row in rows}

    def of_references(self, references: Iterable[str]) -> dict[str, CaseLine]:
        """Lines of many cases by reference; those that do not exist are left out."""
        rows = self._connection.execute(select(*_LINE).where(CaseRow.reference.in_(list(references))))
        return {row.reference: CaseLine(*row) for row in rows}

    def holding_any(
        self, texts: Iterable[str], *, besides: str, within: tuple[str, str] | None, limit: int
    ) -> list[str]:
        """Ids of other cases that hold the words of any of these texts, of each the newest `limit`; erased and merged
        ones left out. within: a journey and a topic of it. A few statements a text, however many cases there are.
        """
        wanted = [CaseRow.id != besides, CaseRow.erased.is_(False), CaseRow.merged_into.is_(None)]
        if within is not None:
            wanted += [CaseRow.journey == within[0], CaseRow.topic == within[1]]
        found: dict[str, None] = {}
        for text in texts:
            rows = self._search.newest(
                text, Within.ALL, columns=(CaseRow.id,), conditions=wanted, after=None, limit=limit
            )
            found |= dict.fromkeys(row.id for row in rows)
        return list(found)

    def of_sender(self, sender: str) -> list[CaseLine]:
        """All cases of one customer, oldest first, however they wrote their address; a scan, for erasure and export."""
        statement = select(*_LINE).where(_from(sender)).order_by(CaseRow.opened_at, CaseRow.id)
        return [CaseLine(*row) for row in self._connection.execute(statement)]

    def others_of_sender(self, sender: str, *, besides: str) -> list[CaseLine]:
        """Other cases of one customer, the newest first, MOST_LINES at most; erased ones left out. By the index of
        words, however many cases there are; [] for an address that is blank.
        """
        wanted = [CaseRow.id != besides, CaseRow.erased.is_(False), _from(sender)]
        rows = self._search.newest(sender, Within.ALL, columns=_LINE, conditions=wanted, after=None, limit=MOST_LINES)
        return [CaseLine(*row[: len(_LINE)]) for row in rows]


def _from(sender: str) -> ColumnElement[bool]:
    return or_(CaseRow.sender == sender, func.lower(CaseRow.sender) == sender.strip().lower())


@lru_cache(maxsize=256)
def _whole_in_order(view: View, lines: int | None, *, follows: bool) -> Select[Any]:
    """follows: what comes after a place, which is named with the values."""
    wanted = whole_view(view, lines)
    if follows:
        place = (bindparam(name, type_=column.type) for name, column in zip(_AFTER, PLACE, strict=True))
        wanted.append(tuple_(*PLACE) > tuple_(*place))
    return _in_order(view, wanted, bindparam("limit", type_=Integer()))


def _in_order(view: View, wanted: Conditions, limit: Any) -> Select[Any]:
    """The first rows of a view. What is due today is read in two bands, danger and the rest: within a band the
    index is in order of the date, so that reading stops at the end of the day.
    """
    columns = (*_LINE, CaseRow.urgency, CaseRow.pressing_at)
    if view is not View.DUE_TODAY:
        return select(*columns).where(*wanted).order_by(*PLACE).limit(limit)
    bands = [
        select(
            select(CaseRow.urgency, CaseRow.pressing_at, CaseRow.id)
            .where(CaseRow.urgency == urgency, *wanted)
            .order_by(CaseRow.pressing_at, CaseRow.id)
            .limit(limit)
            .subquery()
        )
        for urgency in (0, 1)
    ]
    ids = union_all(*bands).subquery()
    return (
        select(*columns)
        .join(ids, CaseRow.id == ids.c.id)
        .order_by(ids.c.urgency, ids.c.pressing_at, ids.c.id)
        .limit(limit)
    )


def _cursor(row: Any) -> str:
    return write_cursor([row.urgency, row.pressing_at.isoformat(), row.id])
