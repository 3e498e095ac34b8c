"""Leases: what only one process may do at a time, and which one that is."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, update

from cases.store import dialect
from cases.store.columns import Moment
from cases.store.side_rows import LeaseRow


@dataclass(frozen=True, slots=True)
class Lease:
    """Held by `holder` until then, unless it is taken again before. term: rises with every new holder."""

    name: str
    holder: str
    term: int
    until: datetime


_NOW = bindparam("now", type_=Moment())


@cache
def _take(dialect_name: str) -> Any:
    """One statement, so that of two that ask at once one gets it: the row is locked while it is compared."""
    statement = dialect.upsert(dialect_name, LeaseRow.__table__)
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": statement.excluded.holder,
            "term": case((LeaseRow.holder == statement.excluded.holder, LeaseRow.term), else_=LeaseRow.term + 1),
            "until": statement.excluded.until,
        },
        where=or_(LeaseRow.holder == statement.excluded.holder, LeaseRow.until <= _NOW),
    ).returning(LeaseRow.term)


class Leases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> Lease | None:
        """Take it when it is free or ran out, or hold on to it for longer; None while somebody else has it."""
        asked = {"name": name, "holder": holder, "term": 1, "until": until, "now": now}
        term = self._connection.execute(_take(self._connection.dialect.name), asked).scalar()
        return None if term is None else Lease(name, holder, term, until)

    def release(self, lease: Lease, *, now: datetime) -> None:
        """Leave it to the next one. Nothing happens when somebody else has it by now."""
        mine = (LeaseRow.name == lease.name, LeaseRow.holder == lease.holder, LeaseRow.term == lease.term)
        self._connection.execute(update(LeaseRow).where(*mine, LeaseRow.until > now).values(until=now))

    def get(self, name: str) -> Lease | None:
        """Who had it last, and until when; None when nobody ever had it."""
        row = self._connection.execute(
            select(LeaseRow.name, LeaseRow.holder, LeaseRow.term, LeaseRow.until).where(LeaseRow.name == name)
        ).first()
        return None if row is None else Lease(*row)
