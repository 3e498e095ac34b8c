"""What those who watch an installation ask of its database: cheap, without a customer's word in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, inspect, select, text, tuple_

from cases.store.certificates import Certificates
from cases.store.counters import count_up
from cases.store.integrity import CHECKPOINTS
from cases.store.rows import CaseRow, CounterRow, EventRow, MessageRow, WorkRow

METRIC = "metric "  # before the names of counters that are here for watching only


@dataclass(frozen=True, slots=True)
class Lying:
    """Work of one stage that is not done. oldest: for how long the oldest of what is due has been due."""

    waiting: int
    parked: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Picture:
    """The installation at one moment.

    oldest_letter: time since the oldest letter that is still to leave was written; zero without any.
    topics: (journey, topic) -> whether its certificate stands, of all that ever had one.
    checkpoint_age: None when there is no checkpoint yet. counted: metric name -> total of all processes.
    """

    work: Mapping[str, Lying]
    oldest_letter: timedelta
    topics: Mapping[tuple[str, str], bool]
    checkpoint_age: timedelta | None
    counted: Mapping[str, int]


class Watch:
    """Within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def picture(self, now: datetime, *, sending: str) -> Picture:
        """sending: the stage in which letters leave."""
        return Picture(
            work=self._work(now),
            oldest_letter=_since(self._oldest_letter(sending), now),
            topics=self._topics(),
            checkpoint_age=self._checkpoint_age(now),
            counted=self.counted(),
        )

    def count(self, risen: Mapping[str, int]) -> None:
        """Add to the totals. In order of their names, so that two processes never wait for each other in a circle."""
        for name in sorted(risen):
            count_up(self._connection, METRIC + name, risen[name])

    def counted(self) -> dict[str, int]:
        rows = self._connection.execute(
            select(CounterRow.name, CounterRow.value).where(CounterRow.name.startswith(METRIC))
        )
        return {name.removeprefix(METRIC): value for name, value in rows}

    def traces(self, events: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """(stream, seq) -> the traceparent under which that event was written, where there was one."""
        rows = self._connection.execute(
            select(EventRow.stream, EventRow.seq, EventRow.trace).where(
                tuple_(EventRow.stream, EventRow.seq).in_(list(events)), EventRow.trace.is_not(None)
            )
        )
        return {(stream, seq): str(trace) for stream, seq, trace in rows}

    def references(self, streams: Collection[str]) -> dict[str, str]:
        """Stream of a case, or of one of its messages -> the case's reference."""
        of_cases = select(CaseRow.id, CaseRow.reference).where(CaseRow.id.in_(streams))
        of_messages = (
            select(MessageRow.id, CaseRow.reference)
            .join(CaseRow, CaseRow.id == MessageRow.case_id)
            .where(MessageRow.id.in_(streams))
        )
        rows = [*self._connection.execute(of_cases), *self._connection.execute(of_messages)]
        return {str(stream): str(reference) for stream, reference in rows}

    def arrived(self, journey: str, *, before: datetime, since: datetime | None = None) -> list[str]:
        """Ids of the journey's cases that came in before then, the oldest first; without imported and erased ones.

        since: only those that came in at that moment or later.
        """
        statement = select(CaseRow.id).where(
            CaseRow.journey == journey, CaseRow.opened_at < before, ~CaseRow.imported, ~CaseRow.erased
        )
        if since is not None:
            statement = statement.where(CaseRow.opened_at >= since)
        return list(self._connection.execute(statement.order_by(CaseRow.opened_at, CaseRow.id)).scalars())

    def revision(self) -> str | None:
        """Of the tables; None when there are none yet."""
        if not inspect(self._connection).has_table("alembic_version"):
            return None
        return self._connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def clock(self) -> datetime:
        """What the database takes for now. SQLite asks this machine."""
        if self._connection.dialect.name == "postgresql":
            found: datetime = self._connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return found
        stamp = self._connection.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")).scalar_one()
        return datetime.fromisoformat(stamp)

    def _work(self, now: datetime) -> dict[str, Lying]:
        parked = WorkRow.parked_because.is_not(None)
        rows = self._connection.execute(
            select(WorkRow.stage, parked, func.count(), func.min(WorkRow.due_at)).group_by(WorkRow.stage, parked)
        )
        lying: dict[str, Lying] = {}
        for stage, is_parked, number, due_at in rows:
            before = lying.get(stage, Lying(0, 0, timedelta()))
            lying[stage] = (
                Lying(before.waiting, number, before.oldest)
                if is_parked
                else Lying(number, before.parked, _since(due_at, now))
            )
        return lying

    def _oldest_letter(self, sending: str) -> datetime | None:
        """By the event, not by due_at: that moves on with every try that fails."""
        return self._connection.execute(
            select(func.min(EventRow.at))
            .join(WorkRow, and_(WorkRow.stream == EventRow.stream, WorkRow.seq == EventRow.seq))
            .where(WorkRow.stage == sending, WorkRow.parked_because.is_(None), WorkRow.begun)
        ).scalar()

    def _topics(self) -> dict[tuple[str, str], bool]:
        topics: dict[tuple[str, str], bool] = {}
        for one in Certificates(self._connection).all():
            key = (one.journey, one.topic)
            topics[key] = topics.get(key, False) or one.shut_at is None
        return topics

    def _checkpoint_age(self, now: datetime) -> timedelta | None:
        latest = self._connection.execute(
            select(EventRow.at).where(EventRow.stream == CHECKPOINTS).order_by(EventRow.seq.desc()).limit(1)
        ).scalar()
        return None if latest is None else _since(latest, now)


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return timedelta() if moment is None else max(timedelta(), now - moment)
