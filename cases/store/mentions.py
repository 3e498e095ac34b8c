"""Who was named in a note of a case and has not looked at it since."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from cases.store import dialect
from cases.store.rows import Base, CaseRow, belongs_to


class MentionRow(Base):
    """A person to whom a note calls, until they open the case."""

    __tablename__ = "mentions"

    person: Mapped[str] = mapped_column(belongs_to("users.name"), primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True, index=True)
    by: Mapped[str]
    at: Mapped[datetime]


_TABLE = MentionRow.__table__


class Mentions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case_id: str, people: Collection[str], *, by: str, at: datetime) -> None:
        """Call these people to the case; who was called before is called once, by the latest."""
        rows = [{"person": person, "case_id": case_id, "by": by, "at": at} for person in sorted(set(people))]
        if rows:
            put = dialect.upsert(self._connection.dialect.name, _TABLE)
            newest = {"by": put.excluded.by, "at": put.excluded.at}
            self._connection.execute(put.on_conflict_do_update(index_elements=["person", "case_id"], set_=newest), rows)

    def seen(self, case_id: str, person: str) -> None:
        """They opened the case."""
        self._connection.execute(delete(MentionRow).where(MentionRow.case_id == case_id, MentionRow.person == person))

    def of(self, person: str, *, limit: int = 20) -> list[tuple[str, str, str]]:
        """(reference, line of business, by whom) of the cases that somebody is called to, the newest first."""
        found = (
            select(CaseRow.reference, CaseRow.line_of_business, MentionRow.by)
            .join(CaseRow, CaseRow.id == MentionRow.case_id)
            .where(MentionRow.person == person)
            .order_by(MentionRow.at.desc(), MentionRow.case_id)
            .limit(limit)
        )
        return [(row.reference, row.line_of_business, row.by) for row in self._connection.execute(found)]

    def forget(self, case_id: str) -> None:
        """For erasing the case."""
        self._connection.execute(delete(MentionRow).where(MentionRow.case_id == case_id))
