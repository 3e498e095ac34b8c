"""Tracking links. Who may see what is decided with them; their tokens are derived elsewhere and stored nowhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from cases.errors import NotFound
from cases.store.dialect import inserting
from cases.store.side_rows import LinkRow


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    case_id: str
    party: str
    scope: str
    expires_at: datetime
    revoked_at: datetime | None = None


_FIELDS = tuple(Link.__dataclass_fields__)
_COLUMNS = tuple(getattr(LinkRow, name) for name in _FIELDS)


class Links:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, link: Link) -> None:
        """The case may be written later in the same transaction."""
        row = {name: getattr(link, name) for name in _FIELDS}
        inserting(LinkRow.__table__, *_FIELDS).run(self._connection, row)

    def get(self, link_id: str) -> Link | None:
        """The link, also when it has expired or was revoked; None when there is none."""
        row = self._connection.execute(select(*_COLUMNS).where(LinkRow.id == link_id)).first()
        return Link(*row) if row else None

    def of_case(self, case_id: str) -> list[Link]:
        rows = self._connection.execute(select(*_COLUMNS).where(LinkRow.case_id == case_id).order_by(LinkRow.id))
        return [Link(*row) for row in rows]

    def revoke_all(self, case_id: str, *, at: datetime) -> None:
        """Every link of a case, whoever holds it."""
        statement = update(LinkRow).where(LinkRow.case_id == case_id, LinkRow.revoked_at.is_(None))
        self._connection.execute(statement.values(revoked_at=at))

    def revoke(self, link_id: str, *, at: datetime) -> None:
        """NotFound without such a link; revoking twice keeps the first time."""
        if self.get(link_id) is None:
            raise NotFound("link", link_id)
        statement = update(LinkRow).where(LinkRow.id == link_id, LinkRow.revoked_at.is_(None))
        self._connection.execute(statement.values(revoked_at=at))
