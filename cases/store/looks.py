"""How far each person has read what the customer of a case wrote and sent."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from cases.store import dialect
from cases.store.columns import Words
from cases.store.rows import Base, CaseRow, belongs_to


class LookRow(Base):
    """A person opened a case. read_to: when the newest message came in that was in it then."""

    __tablename__ = "looks"

    person: Mapped[str] = mapped_column(belongs_to("users.name"), primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True, index=True)
    read_to: Mapped[datetime]


def unread_by(person: Any) -> ColumnElement[bool]:
    """A condition on CaseRow: it is open, and its customer wrote or sent something that this person has not opened.

    person: a name, or the name of a value that is bound later.
    """
    read = exists().where(
        LookRow.person == person, LookRow.case_id == CaseRow.id, LookRow.read_to >= CaseRow.last_message_at
    )
    return and_(CaseRow.closed_at.is_(None), CaseRow.last_message_at.is_not(None), ~read)


#: Built once, since every page of a list asks it.
_UNREAD = select(CaseRow.id).where(
    CaseRow.id.in_(bindparam("case_ids", expanding=True)), unread_by(bindparam("person", type_=Words()))
)


class Looks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def look(self, case_id: str, person: str, *, read_to: datetime) -> None:
        """They opened it with all that came in until then; a page that was opened earlier takes nothing back."""
        put = dialect.upsert(self._connection.dialect.name, LookRow.__table__)
        put = put.on_conflict_do_update(
            index_elements=["person", "case_id"],
            set_={"read_to": put.excluded.read_to},
            where=LookRow.read_to < put.excluded.read_to,
        )
        self._connection.execute(put, {"person": person, "case_id": case_id, "read_to": read_to})

    def unread(self, person: str, case_ids: Collection[str]) -> frozenset[str]:
        """Those of these cases that this person has something to read in."""
        return frozenset(self._connection.scalars(_UNREAD, {"case_ids": list(case_ids), "person": person}))

    def forget(self, case_id: str) -> None:
        """For erasing the case."""
        self._connection.execute(delete(LookRow).where(LookRow.case_id == case_id))
