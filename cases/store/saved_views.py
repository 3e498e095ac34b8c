"""Lists of cases that people gave a name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select

from cases.errors import NotAllowed, NotFound
from cases.store.desk_rows import SavedViewRow
from cases.store.people import EVERY_LINE, User
from cases.store.side_rows import UserRow

MOST = 30  # of one person


@dataclass(frozen=True, slots=True)
class SavedView:
    """query: of the queue's address. shared: with colleagues."""

    id: str
    owner: str
    shared: bool
    name: str
    query: str


_VIEW = tuple(getattr(SavedViewRow, name) for name in SavedView.__dataclass_fields__)


class SavedViews:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, view: SavedView, *, at: datetime) -> None:
        """NotAllowed when its owner has as many as one may have."""
        own = select(func.count()).select_from(SavedViewRow).where(SavedViewRow.owner == view.owner)
        if self._connection.execute(own).scalar_one() >= MOST:
            raise NotAllowed("one more saved view", f"you have {MOST}; drop one first")
        row = {name: getattr(view, name) for name in SavedView.__dataclass_fields__}
        self._connection.execute(insert(SavedViewRow).values(**row, made_at=at))

    def drop(self, view_id: str, owner: str) -> None:
        """Only one's own; NotFound for any other."""
        mine = (SavedViewRow.id == view_id, SavedViewRow.owner == owner)
        if self._connection.execute(delete(SavedViewRow).where(*mine)).rowcount != 1:
            raise NotFound("saved view", view_id)

    def of(self, user: User) -> list[SavedView]:
        """One's own, and those that colleagues of one's team share, by name. Who has no team shares with a line."""
        statement = (
            select(*_VIEW, UserRow.teams, UserRow.lines)
            .join(UserRow, UserRow.name == SavedViewRow.owner)
            .where(or_(SavedViewRow.owner == user.name, SavedViewRow.shared))
            .order_by(SavedViewRow.name, SavedViewRow.id)
        )
        return [
            SavedView(*row[: len(_VIEW)])
            for row in self._connection.execute(statement)
            if row.owner == user.name or _together(user, row.teams.split(), row.lines.split())
        ]


def _together(user: User, teams: Collection[str], lines: Collection[str]) -> bool:
    if teams:
        return not set(teams).isdisjoint(user.teams)
    return EVERY_LINE in lines or any(user.sees(line) for line in lines)
