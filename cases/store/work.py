"""What is still to be done: claiming it under a lease, finishing it once, failing, parking."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from cases.store import dialect
from cases.store.columns import Moment
from cases.store.rows import WorkRow

_WORK = WorkRow.__table__


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work held under a lease. attempts counts this one; was_lost: whoever held it before vanished.

    deaths: how many of those who held it vanished, that one included.
    """

    stream: str
    seq: int
    stage: str
    attempts: int
    token: int  # fencing: rises with every claim, also where an attempt was not charged
    was_lost: bool = field(default=False, compare=False)
    deaths: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece of work as it lies there, for people and tests."""

    stream: str
    seq: int
    stage: str
    attempts: int
    due_at: datetime
    lease_until: datetime | None
    parked_because: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much work lies there by stage. waiting includes timers and what is being done."""

    waiting: dict[str, int]
    parked: dict[str, int]


_NOW = bindparam("now", type_=Moment())
#: Work of this stage holds up no other work of its stream, only its like: a language model may take its time.
ASIDE = "assist"


def _may_start(mine: Any) -> ColumnElement[bool]:
    """Nobody holds its stream, and it is the first of its stream's work that has begun or is due."""
    other = aliased(_WORK, name="other")
    in_the_way = exists().where(
        other.c.stream == mine.c.stream,
        or_(other.c.stage != ASIDE, mine.c.stage == ASIDE),
        # Not IS NULL: the index of due work would then seem to do, and be read whole for each row of a backlog.
        func.coalesce(other.c.parked_because, "") == "",
        or_(
            other.c.lease_until > _NOW,
            and_(
                tuple_(other.c.seq, other.c.stage) < tuple_(mine.c.seq, mine.c.stage),
                or_(other.c.begun, other.c.due_at <= _NOW),
            ),
        ),
    )
    return ~in_the_way


def _due(mine: Any) -> ColumnElement[bool]:
    return and_(
        mine.c.parked_because.is_(None),
        mine.c.due_at <= _NOW,
        mine.c.needs <= bindparam("language"),
        or_(mine.c.lease_until.is_(None), mine.c.lease_until <= _NOW),
    )


def _oldest() -> Select[Any]:
    """Stage and time of the oldest work that may be claimed."""
    mine = aliased(_WORK, name="mine")
    return (
        select(mine.c.stage, mine.c.due_at)
        .where(_due(mine), mine.c.stage.in_(bindparam("stages", expanding=True)), _may_start(mine))
        .order_by(mine.c.due_at)
        .limit(1)
    )


def _take() -> Any:
    """One conditional UPDATE. PostgreSQL skips rows that another worker is about to take; SQLite has one writer.

    Only the next `window` rows of the stage are looked at: in a long backlog most of what follows is blocked.
    """
    near = aliased(_WORK, name="near")
    window = (
        select(near.c.stream, near.c.seq, near.c.stage, near.c.due_at)
        .where(_due(near), near.c.stage == bindparam("of_stage"), near.c.due_at >= bindparam("since", type_=Moment()))
        .order_by(near.c.due_at)
        .limit(bindparam("window"))
        .cte("near_ones")
    )
    mine = aliased(_WORK, name="mine")
    picked = (
        select(mine.c.stream, mine.c.seq, mine.c.stage)
        .join(window, _same_row(mine, window))
        .where(_due(mine), _may_start(mine))
        .order_by(mine.c.due_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=mine)
        .cte("picked")
    )
    return (
        update(_WORK)
        .where(_same_row(_WORK, picked))
        .values(
            lease_until=bindparam("until", type_=Moment()),
            attempts=_WORK.c.attempts + 1,
            claims=_WORK.c.claims + 1,
            begun=true(),
            lost=case((_WORK.c.lease_until.is_(None), False), else_=True),
            deaths=_WORK.c.deaths + case((_WORK.c.lease_until.is_(None), 0), else_=1),
        )
        .returning(
            _WORK.c.stream,
            _WORK.c.seq,
            _WORK.c.stage,
            _WORK.c.attempts,
            _WORK.c.claims,
            _WORK.c.lost,
            _WORK.c.deaths,
            _WORK.c.due_at,
        )
    )


def _same_row(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.c.stream == other.c.stream, one.c.seq == other.c.seq, one.c.stage == other.c.stage)


_OLDEST, _TAKE = _oldest(), _take()
#: How many times more rows are looked at than are wanted, before all are.
_WINDOW = 8
_ALL = 2**31
_TOKEN = (_WORK.c.stream, _WORK.c.seq, _WORK.c.stage, _WORK.c.claims)
# Work that was given back has no lease: its old token opens nothing, though nobody else has claimed it yet.
_HELD = and_(_WORK.c.lease_until.is_not(None), tuple_(*_TOKEN).in_(bindparam("tokens", expanding=True)))
_FINISH = delete(_WORK).where(_HELD).returning(*_TOKEN)
_RENEW = update(_WORK).where(_HELD).values(lease_until=bindparam("until", type_=Moment())).returning(*_TOKEN)
_LET_GO = (
    update(_WORK)
    .where(_HELD)
    .values(lease_until=bindparam("until", type_=Moment()), attempts=_WORK.c.attempts - 1, deaths=_WORK.c.deaths - 1)
    .returning(*_TOKEN)
)
_LEAVE = (
    update(_WORK)
    .where(_HELD)
    .values(
        lease_until=None, attempts=_WORK.c.attempts - 1, due_at=bindparam("at", type_=Moment()), needs=bindparam("more")
    )
    .returning(*_TOKEN)
)
_LOCK = select(_WORK.c.seq).where(_HELD).order_by(_WORK.c.stream, _WORK.c.seq, _WORK.c.stage).with_for_update()
_OF_STREAMS = select(_WORK.c.stream, _WORK.c.seq, _WORK.c.stage).where(
    _WORK.c.stream.in_(bindparam("streams", expanding=True)),
    _WORK.c.parked_because.is_(None),
    _WORK.c.stage != ASIDE,
)
_FREE_OF_STREAMS = _OF_STREAMS.where(or_(_WORK.c.lease_until.is_(None), _WORK.c.lease_until <= _NOW)).with_for_update(
    skip_locked=True
)
_UNPARKED = WorkRow.parked_because.is_(None)
_OLDEST_DUE = select(func.min(WorkRow.due_at)).where(_UNPARKED, WorkRow.due_at <= _NOW)


def _token(claim: Claim) -> tuple[str, int, str, int]:
    return claim.stream, claim.seq, claim.stage, claim.token


class Work:
    """The work of all streams, within one transaction."""

    def __init__(self, connection: Connection, *, language: int) -> None:
        """language: the version of the events' language that is spoken here; work that needs more is not seen."""
        self._connection = connection
        self._language = language

    def claim(
        self, stages: Collection[str], *, limit: int | Mapping[Any, int], now: datetime, lease: timedelta
    ) -> list[Claim]:
        """Take up to `limit` pieces of one stage, that of the oldest due; at most one a stream, oldest due first.

        limit: for any stage, or by stage.

        Within a stream work is done in order of (seq, stage), but for what is done aside. Timers of the future and
        parked work hold nothing up; work that is backing off holds up its own stream.
        """
        dialect.walk_indexes(self._connection)
        oldest = self._connection.execute(
            _OLDEST, {"stages": list(stages), "now": now, "language": self._language}
        ).first()
        if oldest is None:
            return []
        most = limit if isinstance(limit, int) else limit[oldest.stage]
        taken = {
            "of_stage": oldest.stage,
            "since": oldest.due_at,
            "most": most,
            "now": now,
            "until": now + lease,
            "language": self._language,
        }
        rows = self._connection.execute(_TAKE, {**taken, "window": _WINDOW * most}).all()
        if not rows:  # many rows of one moment, and the one that may start is not among the first of them
            rows = self._connection.execute(_TAKE, {**taken, "window": _ALL}).all()
        rows = sorted(rows, key=lambda row: (row.due_at, row.seq, row.stream))
        claims = [
            Claim(row.stream, row.seq, row.stage, row.attempts, row.claims, was_lost=row.lost, deaths=row.deaths)
            for row in rows
        ]
        return self._alone(claims, now) if dialect.has_many_writers(self._connection) else claims

    def _alone(self, claims: list[Claim], now: datetime) -> list[Claim]:
        """Those whose streams nobody else is taking up in this moment; the others are given back.

        Two claimers whose clocks differ may each find another first piece of one stream: one sees that a timer is
        due. Whoever looks later sees the other's row, held or locked, and steps back; in the worst case both do.
        """
        mine = {(claim.stream, claim.seq, claim.stage) for claim in claims}
        of_streams = {"streams": [claim.stream for claim in claims], "now": now}
        others = {tuple(row) for row in self._connection.execute(_OF_STREAMS, of_streams)} - mine
        if not others:
            return claims
        free = {tuple(row) for row in self._connection.execute(_FREE_OF_STREAMS, of_streams)}
        taken = {stream for stream, _, _ in others - free}
        back = [claim for claim in claims if claim.stream in taken]
        self.let_go([claim for claim in back if claim.was_lost], now)
        for claim in back:
            if not claim.was_lost:
                self.fail(claim, due_at=now, uncharged=True)
        return [claim for claim in claims if claim.stream not in taken]

    def claimable(self, stages: Collection[str], *, now: datetime) -> bool:
        """Whether a claim of these stages would get something."""
        dialect.walk_indexes(self._connection)
        return (
            self._connection.execute(_OLDEST, {"stages": list(stages), "now": now, "language": self._language}).first()
            is not None
        )

    def finish(self, claims: Iterable[Claim]) -> set[Claim]:
        """Delete this work and return what was still held. Write effects for those only, in this transaction."""
        return self._of_held(_FINISH, claims)

    def renew(self, claims: Iterable[Claim], until: datetime) -> set[Claim]:
        """Hold on for longer; returns what is still held."""
        return self._of_held(_RENEW, claims, until=until)

    def let_go(self, claims: Iterable[Claim], now: datetime) -> set[Claim]:
        """Put back lost work that was not begun: uncharged, and still lost to whoever claims it next."""
        return self._of_held(_LET_GO, claims, until=now)

    def leave(self, claims: Iterable[Claim], now: datetime) -> set[Claim]:
        """Give back, uncharged, what holds an event that this program cannot read: for a worker of a later version."""
        return self._of_held(_LEAVE, claims, at=now, more=self._language + 1)

    def hold(self, claims: Collection[Claim]) -> None:
        """Lock this work in one order before it is changed piece by piece: the thread that renews it may be at it."""
        if len(claims) > 1 and dialect.has_many_writers(self._connection):
            self._connection.execute(_LOCK, {"tokens": [_token(claim) for claim in claims]})

    def _of_held(self, statement: Any, claims: Iterable[Claim], **values: Any) -> set[Claim]:
        by_token = {_token(claim): claim for claim in claims}
        if not by_token:
            return set()
        self.hold(by_token.values())
        rows = self._connection.execute(statement, {"tokens": list(by_token), **values})
        return {by_token[row.stream, row.seq, row.stage, row.claims] for row in rows}

    def fail(self, claim: Claim, *, due_at: datetime, uncharged: bool = False) -> bool:
        """Give the work back, to be tried again from due_at on. False when it was no longer held.

        uncharged: the attempt does not count, for those who shared a batch with the culprit.
        """
        return self._change(
            claim, due_at=due_at, lease_until=None, attempts=claim.attempts - 1 if uncharged else claim.attempts
        )

    def park(self, claim: Claim, reason: str) -> bool:
        """Give up; a person takes over. reason: for people who operate, no customer's words. False as for fail."""
        return self._change(claim, lease_until=None, parked_because=reason)

    def _change(self, claim: Claim, **values: Any) -> bool:
        statement = (
            update(_WORK)
            .where(
                _WORK.c.stream == claim.stream,
                _WORK.c.seq == claim.seq,
                _WORK.c.stage == claim.stage,
                _WORK.c.claims == claim.token,
                _WORK.c.lease_until.is_not(None),
            )
            .values(values)
        )
        return self._connection.execute(statement).rowcount == 1

    def unpark(self, stream: str, *, now: datetime) -> int:
        """Try the stream's parked work again from the first attempt; returns how many pieces."""
        statement = (
            update(_WORK)
            .where(_WORK.c.stream == stream, _WORK.c.parked_because.is_not(None))
            .values(parked_because=None, attempts=0, deaths=0, due_at=now)
        )
        return self._connection.execute(statement).rowcount

    def waiting(self, stream: str | None = None) -> list[Waiting]:
        """All work that lies there, parked too, in order of (stream, seq, stage)."""
        statement = select(
            WorkRow.stream,
            WorkRow.seq,
            WorkRow.stage,
            WorkRow.attempts,
            WorkRow.due_at,
            WorkRow.lease_until,
            WorkRow.parked_because,
        ).order_by(WorkRow.stream, WorkRow.seq, WorkRow.stage)
        if stream is not None:
            statement = statement.where(WorkRow.stream == stream)
        return [Waiting(*row) for row in self._connection.execute(statement)]

    def at_rest(self, now: datetime) -> bool:
        """Whether nothing is due, being done or backing off. Timers of the future and parked work do not count."""
        busy = select(WorkRow.seq).where(_UNPARKED, or_(WorkRow.due_at <= now, WorkRow.begun)).limit(1)
        return self._connection.execute(busy).first() is None

    def next_due(self, now: datetime) -> datetime | None:
        """When the next timer or back-off after `now` ends; None without any."""
        return self._connection.execute(
            select(func.min(WorkRow.due_at)).where(_UNPARKED, WorkRow.due_at > now)
        ).scalar()

    def oldest_waiting_age(self, now: datetime) -> timedelta:
        """For how long the oldest due work has been due; zero without any."""
        oldest = self._connection.execute(_OLDEST_DUE, {"now": now}).scalar()
        return now - oldest if oldest else timedelta()

    def counts(self) -> Counts:
        parked = WorkRow.parked_because.is_not(None)
        rows = self._connection.execute(select(WorkRow.stage, parked, func.count()).group_by(WorkRow.stage, parked))
        by_state: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
        for stage, is_parked, number in rows:
            by_state[bool(is_parked)][stage] += number
        return Counts(waiting=dict(by_state[False]), parked=dict(by_state[True]))

    def streams_with_parked(self) -> set[str]:
        rows = self._connection.execute(select(WorkRow.stream).where(WorkRow.parked_because.is_not(None)).distinct())
        return set(rows.scalars())
