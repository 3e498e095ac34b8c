"""What waits for a colleague's approval, over all cases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Index, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from cases.case import Held
from cases.store.rows import Base, CaseRow, belongs_to

MOST = 200


class ApprovalRow(Base):
    """One letter or decision that waits, as the events of its case say."""

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_asked_at", "asked_at"),)

    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    held: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str]
    asked_at: Mapped[datetime]


_TABLE = ApprovalRow.__table__


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """held: the seq of the event that holds it."""

    case_id: str
    reference: str
    line_of_business: str
    held: int
    role: str
    asked_at: datetime


def put_approvals(connection: Connection, waiting: Mapping[str, Sequence[Held]]) -> None:
    """Bring the rows of these cases up to date with what waits there by their events; () takes all away."""
    if not waiting:
        return
    connection.execute(delete(_TABLE).where(_TABLE.c.case_id.in_(list(waiting))))
    rows = [
        {"case_id": id_, "held": one.seq, "role": str(one.role), "asked_at": one.asked_at}
        for id_, held in waiting.items()
        for one in held
    ]
    if rows:
        connection.execute(insert(_TABLE), rows)


class Approvals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, roles: Collection[str], lines: Collection[str] | None) -> list[ApprovalLine]:
        """What colleagues of these roles may be asked, the oldest first, at most 200. lines: of business; None: all."""
        found = (
            select(CaseRow.id, CaseRow.reference, CaseRow.line_of_business, *_TABLE.c["held", "role", "asked_at"])
            .join(_TABLE, CaseRow.id == _TABLE.c.case_id)
            .where(_TABLE.c.role.in_(list(roles)), CaseRow.erased.is_(False))
            .order_by(_TABLE.c.asked_at, CaseRow.id, _TABLE.c.held)
            .limit(MOST)
        )
        if lines is not None:
            found = found.where(CaseRow.line_of_business.in_(list(lines)))
        return [ApprovalLine(*row) for row in self._connection.execute(found)]
