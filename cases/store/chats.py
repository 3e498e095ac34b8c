"""Chats that wait or are held, over all cases, and whether their customers have the page open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Index, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from cases.chatting import Chat
from cases.store import dialect
from cases.store.desk_rows import PresenceRow
from cases.store.rows import Base, CaseRow, belongs_to
from cases.store.side_rows import SessionRow

#: An open page says so every 15 s: one that missed two has gone.
OPEN = timedelta(seconds=40)


class ChatRow(Base):
    """The chat of a case, as its events say, and when its customer's page was last seen open."""

    __tablename__ = "chats"
    __table_args__ = (Index("ix_chats_since", "since"), Index("ix_chats_holder", "holder"))

    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    since: Mapped[datetime | None]  # when its customer began to wait
    holder: Mapped[str | None]
    moved_at: Mapped[datetime | None]
    open_at: Mapped[datetime | None]


_TABLE = ChatRow.__table__
_PROJECTED = ("since", "holder", "moved_at")


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat that goes on. is_open: its customer has the page open."""

    case_id: str
    reference: str
    line_of_business: str
    since: datetime | None
    holder: str | None
    moved_at: datetime | None
    is_open: bool


def put_chats(connection: Connection, chats: Mapping[str, Chat]) -> None:
    """Bring the rows of these cases up to date with what their events say."""
    rows = [{"case_id": id_, **{name: getattr(chat, name) for name in _PROJECTED}} for id_, chat in chats.items()]
    if rows:
        put = dialect.upsert(connection.dialect.name, _TABLE)
        changed = {name: put.excluded[name] for name in _PROJECTED}
        connection.execute(put.on_conflict_do_update(index_elements=["case_id"], set_=changed), rows)


class Chats:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def going_on(self, now: datetime) -> list[ChatLine]:
        """All that wait or are held, the one that waits longest first."""
        found = (
            select(CaseRow.id, CaseRow.reference, CaseRow.line_of_business, *(getattr(ChatRow, n) for n in _PROJECTED),
                   ChatRow.open_at)
            .join(CaseRow, CaseRow.id == ChatRow.case_id)
            .where((ChatRow.since.is_not(None)) | (ChatRow.holder.is_not(None)), CaseRow.erased.is_(False))
            .order_by(ChatRow.since, ChatRow.case_id)
        )  # fmt: skip
        return [
            ChatLine(
                *(row.id, row.reference, row.line_of_business, row.since, row.holder, row.moved_at),
                is_open=row.open_at is not None and row.open_at > now - OPEN,
            )
            for row in self._connection.execute(found)
        ]

    def held_by(self, person: str) -> int:
        """How many this person answers in. Until this transaction ends nobody else learns it, to take one more."""
        dialect.one_at_a_time(self._connection, f"chats {person}")
        held = select(func.count()).select_from(ChatRow).where(ChatRow.holder == person)
        return int(self._connection.execute(held).scalar_one())

    def see(self, case_id: str, now: datetime, *, is_open: bool = True) -> None:
        """The customer has the page of this case open, or has left it."""
        put = dialect.upsert(self._connection.dialect.name, _TABLE)
        seen = now if is_open else None
        self._connection.execute(
            put.on_conflict_do_update(index_elements=["case_id"], set_={"open_at": put.excluded.open_at}),
            {"case_id": case_id, "open_at": seen},
        )

    def is_open(self, case_id: str, now: datetime) -> bool:
        """Whether the customer has the page of this case open at this moment."""
        seen = self._connection.execute(select(ChatRow.open_at).where(ChatRow.case_id == case_id)).scalar()
        return seen is not None and seen > now - OPEN

    def at_the_desk(self, *, present_since: datetime, session_until: datetime) -> set[str]:
        """Names of those who had a case open since that moment, or whose session lasts at least until that one."""
        there = select(PresenceRow.person).where(PresenceRow.seen_at > present_since)
        busy = select(SessionRow.user).where(SessionRow.expires_at > session_until)
        return set(self._connection.execute(there.union(busy)).scalars())

    def drop_idle(self, before: datetime) -> None:
        """Rows in which nothing goes on and whose page was not open since."""
        idle = (ChatRow.since.is_(None), ChatRow.holder.is_(None), ChatRow.open_at < before)
        self._connection.execute(delete(ChatRow).where(*idle))

    def forget(self, case_id: str) -> None:
        """For erasing the case."""
        self._connection.execute(delete(ChatRow).where(ChatRow.case_id == case_id))
