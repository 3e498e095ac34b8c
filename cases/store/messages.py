"""Messages as they were accepted: the first thing written, with the raw bytes already durable."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from cases.errors import KeyReused, NotFound
from cases.store import dialect
from cases.store.prepared import Prepared
from cases.store.rows import MessageRow


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message as it was accepted. id is also the name of its stream; owner that of its blobs."""

    id: str
    raw_digest: str
    channel: str
    caller: str
    idempotency_key: str | None
    owner: str
    state: str
    case_id: str | None
    received_at: datetime


_FIELDS = tuple(MessageRecord.__dataclass_fields__)
_COLUMNS = tuple(getattr(MessageRow, name) for name in _FIELDS)
_FIND = Prepared(
    lambda _: select(MessageRow.id).where(
        MessageRow.caller == bindparam("caller"), MessageRow.idempotency_key == bindparam("key")
    )
)


def _insert(dialect_name: str) -> Any:
    """Answers the id when the row is new. On PostgreSQL it waits for another transaction with the same key to end."""
    statement = dialect.upsert(dialect_name, MessageRow.__table__)
    return statement.on_conflict_do_nothing(index_elements=["caller", "idempotency_key"]).returning(MessageRow.id)


_ADD = Prepared(_insert, _FIELDS)


class Messages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, caller: str, key: str) -> MessageRecord | None:
        """What this caller sent with this idempotency key before; another caller's key is another key."""
        known = _FIND.run(self._connection, {"caller": caller, "key": key}).scalar()
        if known is None:  # as nearly always
            return None
        row = self._connection.execute(select(*_COLUMNS).where(MessageRow.id == known)).first()
        return MessageRecord(*row) if row else None

    def add(self, message: MessageRecord) -> MessageRecord:
        """Add it, or return what was stored when the same caller repeats the same bytes under the same key.

        KeyReused when the bytes differ. The answer's id tells a repeat from a new message.
        """
        row = {name: getattr(message, name) for name in _FIELDS}
        while _ADD.run(self._connection, row).first() is None:
            before = self.find(message.caller, str(message.idempotency_key))
            if before is None:
                continue  # it was erased in this moment, and with it the key
            if before.raw_digest != message.raw_digest:
                raise KeyReused(str(message.idempotency_key))
            return before
        return message

    def get(self, message_id: str) -> MessageRecord:
        """NotFound when there is none."""
        row = self._connection.execute(select(*_COLUMNS).where(MessageRow.id == message_id)).first()
        if row is None:
            raise NotFound("message", message_id)
        return MessageRecord(*row)

    def of_case(self, case_id: str) -> list[MessageRecord]:
        """The case's messages in order of arrival."""
        statement = (
            select(*_COLUMNS).where(MessageRow.case_id == case_id).order_by(MessageRow.received_at, MessageRow.id)
        )
        return [MessageRecord(*row) for row in self._connection.execute(statement)]

    def set_state(self, message_id: str, state: str) -> None:
        self._change(message_id, state=state)

    def set_case(self, message_id: str, case_id: str) -> None:
        """Say which case the message belongs to; the case may be written later in the same transaction."""
        self._change(message_id, case_id=case_id)

    def _change(self, message_id: str, **values: str) -> None:
        statement = update(MessageRow).where(MessageRow.id == message_id).values(values)
        if self._connection.execute(statement).rowcount != 1:
            raise NotFound("message", message_id)
