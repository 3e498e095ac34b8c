"""What happened and what is still to be done: events, streams, work, messages and where each case stands.

Rows never leave this folder. Conditions of partial indexes are only IS NULL and IS NOT NULL: both databases then
see that a query with bound parameters may use them.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, MetaData, Table, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cases.store.columns import Cents, Moment, Words
from cases.vocabulary import Status

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    if TYPE_CHECKING:
        __table__: ClassVar[Table]  # no row here is mapped to a join

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment(), Decimal: Cents(), int: BigInteger(), str: Words()}  # noqa: RUF012  # read by SQLAlchemy


def belongs_to(column: str) -> ForeignKey:
    """A reference checked at commit, so that one transaction may write its rows in any order."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


def one_of(column: str, words: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for each database that knows them."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class WaitingOn(StrEnum):
    US = "us"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    NOBODY = "nobody"


class StreamRow(Base):
    """Head of a stream. `sealed_…` is the head as the latest checkpoint saw it."""

    __tablename__ = "streams"
    __table_args__ = ({"sqlite_with_rowid": False},)

    stream: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # "case", "message", "journeys", …: the name up to its first "-"
    last_seq: Mapped[int]
    chain: Mapped[bytes]
    sealed_seq: Mapped[int] = mapped_column(server_default="0")
    sealed_chain: Mapped[bytes | None]
    needs: Mapped[int] = mapped_column(server_default="1")  # the version of the events' language that reads all of it


class EventRow(Base):
    """What happened, in order; only ever inserted (a trigger holds it). Erasure empties body and salt."""

    __tablename__ = "events"

    stream: Mapped[str] = mapped_column(belongs_to("streams.stream"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    schema: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    body: Mapped[str | None]  # canonical JSON text: exactly the bytes that were hashed
    salt: Mapped[bytes | None]
    digest: Mapped[bytes]
    chain: Mapped[bytes]
    trace: Mapped[str | None]  # of the request or batch that wrote it; for watching, so not chained


class WorkRow(Base):
    """A consequence of an event that is still to be done; deleted when done.

    A row that has begun (it follows at once, or it is a timer that was claimed before) holds up later work of its
    stream; a timer does so only from its due time on; parked work never does.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_due", "due_at", "stage", "begun", **where("parked_because IS NULL")),
        {"sqlite_with_rowid": False},
    )

    stream: Mapped[str] = mapped_column(belongs_to("streams.stream"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]  # not before: the event's time, a timer's, or the end of a back-off
    begun: Mapped[bool]
    attempts: Mapped[int] = mapped_column(server_default="0")  # charged ones
    claims: Mapped[int] = mapped_column(server_default="0")  # every claim; the fencing token
    lost: Mapped[bool] = mapped_column(server_default=text("false"))  # the claim before this one ran out
    lease_until: Mapped[datetime | None]
    parked_because: Mapped[str | None]
    deaths: Mapped[int] = mapped_column(server_default="0")  # claims that ran out: each time a process vanished over it
    needs: Mapped[int] = mapped_column(server_default="1")  # the least version of the events' language to do it


class MessageRow(Base):
    """A message as it was accepted. It is here before its case exists. Its id is the name of its stream."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("caller", "idempotency_key"),
        Index("ix_messages_case_id", "case_id", **where("case_id IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    raw_digest: Mapped[str]
    channel: Mapped[str]
    caller: Mapped[str]
    idempotency_key: Mapped[str | None]
    owner: Mapped[str]  # of its blobs
    state: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(belongs_to("cases.id"))
    received_at: Mapped[datetime]


#: Read from the index alone when a list is filtered, so that rows of other lines cost no look-up.
_FILTERS = ("line_of_business", "journey", "snoozed_until")
_ORDER = ("urgency", "pressing_at", "id")


class CaseRow(Base):
    """Where a case stands: a projection of its events, written with them. Its id is the name of its stream.

    Lists are ordered by (urgency, pressing_at, id): danger first, then by the promised date; each view has its index.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(one_of("status", Status), name="status"),
        CheckConstraint(one_of("waiting_on", WaitingOn), name="waiting_on"),
        Index("ix_cases_all", *_ORDER, *_FILTERS),
        Index("ix_cases_mine", "assignee", *_ORDER, *_FILTERS, **where("closed_at IS NULL")),
        Index("ix_cases_waiting", "waiting_on", *_ORDER, *_FILTERS, "assignee", **where("closed_at IS NULL")),
        Index("ix_cases_status", "status", *_ORDER, *_FILTERS, **where("closed_at IS NULL")),
        Index("ix_cases_snoozed", *_ORDER, *_FILTERS, **where("snoozed_until IS NOT NULL")),
        Index("ix_cases_audit", *_ORDER, *_FILTERS, **where("audit_since IS NOT NULL")),
        Index("ix_cases_journey", "journey", *_ORDER, "line_of_business", "snoozed_until"),
        Index("ix_cases_updated_at", "updated_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int]
    journey: Mapped[str | None]
    line_of_business: Mapped[str] = mapped_column(server_default="general")
    status: Mapped[str]
    waiting_on: Mapped[str]
    topic: Mapped[str | None]
    step: Mapped[str | None]
    because: Mapped[str]  # words of Why, apart by spaces
    confidence: Mapped[float | None]
    shadow: Mapped[bool]
    sender: Mapped[str]
    sender_name: Mapped[str]
    subject: Mapped[str]
    language: Mapped[str | None]
    channel: Mapped[str]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    update_by: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # set exactly while the case is closed
    last_message_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    amount: Mapped[Decimal | None]
    assignee: Mapped[str | None]
    snoozed_until: Mapped[datetime | None]
    woke: Mapped[str | None]  # what ended its snooze before that time
    audit_since: Mapped[datetime | None]  # drawn for a blind check that nobody has done yet
    photos: Mapped[int]
    danger: Mapped[bool]
    reopened: Mapped[bool]
    parked: Mapped[bool]
    imported: Mapped[bool]
    erased: Mapped[bool]
    merged_into: Mapped[str | None]  # reference of the case that it goes on in
    parent: Mapped[str | None]  # reference of the case that it is part of
    urgency: Mapped[int]  # 0 danger, 1 all others
    pressing_at: Mapped[datetime]  # when its clock is due, else update_by, else the end of time
    clock: Mapped[str | None]  # the one that presses: a word of clocks.Which
    clock_due: Mapped[datetime | None]  # empty while it stands still
    clock_left: Mapped[int | None]  # seconds of opening time that were left when it stopped
    clock_pause: Mapped[str | None]  # a word of clocks.Pause
    clock_warned: Mapped[bool | None]
    clock_seen: Mapped[int | None]  # the version it was counted for: code of before 0008 writes rows and no clocks
    drawn: Mapped[bool | None]  # for a person's judgement without advice; empty in rows that code of before 0013 wrote


class CounterRow(Base):
    """Numbers that only rise: case references by year, generations of ledgers."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
