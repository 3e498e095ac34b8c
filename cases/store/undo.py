"""What was done to many cases at once, kept for as long as it can be taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Index, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from cases.store.rows import Base, belongs_to

KEPT = timedelta(hours=1)


class UndoRow(Base):
    """One step of an act: what a column of the case held before it, and after."""

    __tablename__ = "undo_steps"
    __table_args__ = (Index("ix_undo_steps_at", "at"),)

    act: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    who: Mapped[str]
    at: Mapped[datetime]
    what: Mapped[str]
    was: Mapped[str | None]
    became: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class UndoStep:
    """was, became: a name, a moment in ISO 8601, or None."""

    case_id: str
    what: str
    was: str | None
    became: str | None


class Undo:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, act: str, steps: Collection[UndoStep], *, who: str, at: datetime) -> None:
        """Add steps to an act. What is older than an hour goes."""
        self._connection.execute(delete(UndoRow).where(UndoRow.at < at - KEPT))
        rows = [
            {"act": act, "who": who, "at": at, "case_id": step.case_id, "what": step.what, "was": step.was,
             "became": step.became}
            for step in steps
        ]  # fmt: skip
        if rows:
            self._connection.execute(insert(UndoRow.__table__), rows)

    def count(self, act: str, *, who: str, since: datetime) -> int:
        """How many steps of this person's act can still be taken back."""
        mine = (UndoRow.act == act, UndoRow.who == who, UndoRow.at >= since)
        return self._connection.execute(select(func.count()).select_from(UndoRow).where(*mine)).scalar_one()

    def take(self, act: str, *, who: str, since: datetime) -> list[UndoStep]:
        """The steps of this person's act, which are then gone: nobody takes them back twice. [] when it is too late."""
        columns = (UndoRow.case_id, UndoRow.what, UndoRow.was, UndoRow.became)
        mine = (UndoRow.act == act, UndoRow.who == who, UndoRow.at >= since)
        taken = self._connection.execute(delete(UndoRow).where(*mine).returning(*columns))
        return sorted((UndoStep(*row) for row in taken), key=lambda step: step.case_id)
