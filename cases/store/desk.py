"""Who is at which case, who works on it, and which cases changed lately."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, or_, select

from cases.store import dialect
from cases.store.desk_rows import DraftRow, HoldRow, PresenceRow
from cases.store.rows import CaseRow

#: Pages tell every 20 s that they are open: one that missed two is gone.
PRESENT = timedelta(seconds=50)
TYPING = timedelta(seconds=12)  # after the last key
HOLD = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Present:
    case_id: str
    reference: str
    line_of_business: str
    person: str
    typing: bool


@dataclass(frozen=True, slots=True)
class Hold:
    case_id: str
    reference: str
    line_of_business: str
    holder: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A case whose row was written at this moment."""

    case_id: str
    reference: str
    line_of_business: str
    version: int
    at: datetime


_CASE = (CaseRow.id, CaseRow.reference, CaseRow.line_of_business)


def held_by_others(person: str, now: datetime) -> ColumnElement[bool]:
    """A condition on CaseRow: somebody else works on the case at this moment."""
    return exists().where(HoldRow.case_id == CaseRow.id, HoldRow.until > now, HoldRow.holder != person)


class Desk:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- presence ---------------------------------------------------------------------------------------------------

    def enter(self, case_id: str, person: str, *, now: datetime, typing: bool = False) -> None:
        """A person has the case open; told again and again as long as that is so."""
        put = dialect.upsert(self._connection.dialect.name, PresenceRow.__table__)
        changed: dict[str, Any] = {"seen_at": now, **({"typed_at": now} if typing else {})}
        self._connection.execute(
            put.on_conflict_do_update(index_elements=["person", "case_id"], set_=changed),
            {"person": person, "case_id": case_id, "seen_at": now, "typed_at": now if typing else None},
        )
        gone = (PresenceRow.person == person, PresenceRow.seen_at < now - PRESENT)
        self._connection.execute(delete(PresenceRow).where(*gone))

    def leave(self, case_id: str, person: str) -> None:
        """The page was left, and with it the work on the case."""
        mine = (PresenceRow.person == person, PresenceRow.case_id == case_id)
        self._connection.execute(delete(PresenceRow).where(*mine))
        self.release(case_id, person)

    def present(self, now: datetime, references: Collection[str] | None = None) -> list[Present]:
        """Everybody who has a case open, or one of these cases, by case and name."""
        statement = (
            select(*_CASE, PresenceRow.person, PresenceRow.typed_at)
            .join(CaseRow, CaseRow.id == PresenceRow.case_id)
            .where(PresenceRow.seen_at > now - PRESENT, CaseRow.erased.is_(False))
            .order_by(CaseRow.reference, PresenceRow.person)
        )
        return [
            Present(
                row.id,
                row.reference,
                row.line_of_business,
                row.person,
                typing=row.typed_at is not None and row.typed_at > now - TYPING,
            )
            for row in self._connection.execute(_among(statement, references))
        ]

    # --- who works on it --------------------------------------------------------------------------------------------

    def hold(self, case_id: str, person: str, *, now: datetime) -> bool:
        """Begin or go on to work on it for two minutes; False when somebody else does."""
        put = dialect.upsert(self._connection.dialect.name, HoldRow.__table__)
        mine, over = HoldRow.holder == put.excluded.holder, HoldRow.until <= now
        since = case((and_(mine, ~over), HoldRow.since), else_=put.excluded.since)
        kept = {"holder": put.excluded.holder, "since": since, "until": put.excluded.until}
        held = self._connection.execute(
            put.on_conflict_do_update(index_elements=["case_id"], set_=kept, where=or_(mine, over)).returning(
                HoldRow.holder
            ),
            {"case_id": case_id, "holder": person, "since": now, "until": now + HOLD},
        ).first()
        self._connection.execute(delete(HoldRow).where(HoldRow.holder == person, HoldRow.until <= now))
        return held is not None

    def take_over(self, case_id: str, person: str, *, now: datetime) -> None:
        """Work on it, whoever did."""
        put = dialect.upsert(self._connection.dialect.name, HoldRow.__table__)
        row = {"case_id": case_id, "holder": person, "since": now, "until": now + HOLD}
        kept = {name: put.excluded[name] for name in ("holder", "since", "until")}
        self._connection.execute(put.on_conflict_do_update(index_elements=["case_id"], set_=kept), row)

    def release(self, case_id: str, person: str) -> None:
        """Only the holder's own; nothing when somebody else works on it."""
        self._connection.execute(delete(HoldRow).where(HoldRow.case_id == case_id, HoldRow.holder == person))

    def holds(self, now: datetime, references: Collection[str] | None = None) -> list[Hold]:
        """All, or those of these cases."""
        statement = (
            select(*_CASE, HoldRow.holder, HoldRow.since)
            .join(CaseRow, CaseRow.id == HoldRow.case_id)
            .where(HoldRow.until > now, CaseRow.erased.is_(False))
            .order_by(CaseRow.reference)
        )
        return [Hold(*row) for row in self._connection.execute(_among(statement, references))]

    # --- what changed -----------------------------------------------------------------------------------------------

    def changed(self, after: datetime, *, most: int) -> list[Changed]:
        """Cases written after this moment, oldest first; with as many as `most`, there may be more.

        Writers take the time before they commit: one that was slow shows up behind others that are later. So ask
        again for the last seconds.
        """
        statement = (
            select(*_CASE, CaseRow.version, CaseRow.updated_at)
            .where(CaseRow.updated_at > after, CaseRow.erased.is_(False))
            .order_by(CaseRow.updated_at)
            .limit(most)
        )
        return [Changed(*row) for row in self._connection.execute(statement)]

    def forget(self, case_id: str) -> None:
        """Everything that people left beside this case; for erasing it."""
        for row in (PresenceRow, HoldRow, DraftRow):
            self._connection.execute(delete(row).where(row.case_id == case_id))


def _among(statement: Any, references: Collection[str] | None) -> Any:
    return statement if references is None else statement.where(CaseRow.reference.in_(list(references)))
