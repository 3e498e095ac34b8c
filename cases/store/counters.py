"""Named numbers that only rise, safe between processes."""

from typing import Any

from sqlalchemy import Connection, select

from cases.store import dialect
from cases.store.prepared import Prepared
from cases.store.rows import CounterRow


def _raise(dialect_name: str) -> Any:
    statement = dialect.upsert(dialect_name, CounterRow.__table__)
    return statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": CounterRow.value + statement.excluded.value}
    ).returning(CounterRow.value)


_COUNT_UP = Prepared(_raise, ("name", "value"))


def count_up(connection: Connection, name: str, by: int = 1) -> int:
    """Raise the counter and return it; it starts at 0."""
    raised = _COUNT_UP.run(connection, {"name": name, "value": by})
    return int(raised.scalar_one())


def count_within(connection: Connection, name: str, by: int, *, most: int) -> bool:
    """Raise the counter, unless that made it more than `most`; whether it was raised. Two at once never go over it."""
    if by > most:
        return False
    insert = dialect.upsert(connection.dialect.name, CounterRow.__table__).values(name=name, value=by)
    after = CounterRow.value + by
    raised = insert.on_conflict_do_update(index_elements=["name"], set_={"value": after}, where=after <= most)
    return connection.execute(raised.returning(CounterRow.value)).first() is not None


def counted(connection: Connection, name: str) -> int:
    return connection.execute(select(CounterRow.value).where(CounterRow.name == name)).scalar() or 0
