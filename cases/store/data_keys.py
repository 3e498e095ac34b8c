"""Keys of owners of blobs, each wrapped by the installation's key: whoever erases the row erases the files."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, or_, select

from cases.store.dialect import inserting, upsert
from cases.store.rows import CaseRow, MessageRow
from cases.store.side_rows import DataKeyRow
from cases.store.upload_rows import UploadRow

_GET = select(DataKeyRow.wrapped).where(DataKeyRow.owner == bindparam("owner"))
_ADD = inserting(DataKeyRow.__table__, "owner", "wrapped", "made_at")


class DataKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, owner: str) -> bytes | None:
        """The owner's key, wrapped; None without any."""
        return self._connection.execute(_GET, {"owner": owner}).scalar()

    def of(self, owners: Collection[str]) -> dict[str, bytes]:
        """As get, for many in one query; owners without a key are left out."""
        rows = self._connection.execute(
            select(DataKeyRow.owner, DataKeyRow.wrapped).where(DataKeyRow.owner.in_(owners))
        )
        return dict(rows.all())

    def add(self, owner: str, wrapped: bytes, at: datetime) -> None:
        """The first key of a new owner, in the transaction that writes the owner. IntegrityError when it has one."""
        _ADD.run(self._connection, {"owner": owner, "wrapped": wrapped, "made_at": at})

    def settle(self, owner: str, wrapped: bytes, at: datetime) -> bytes | None:
        """Give an owner of old a key, unless another process was first; the answer is the key that counts.

        None when the owner was erased: there shall be no key any more.
        """
        # Shared, so that PostgreSQL makes an erasing of this case wait; SQLite has one writer anyway.
        case = self._connection.execute(
            select(CaseRow.erased).where(CaseRow.id == owner).with_for_update(read=True)
        ).scalar()
        if case:
            return None
        row = {"owner": owner, "wrapped": wrapped, "made_at": at}
        table = DataKeyRow.__table__
        self._connection.execute(
            upsert(self._connection.dialect.name, table).values(row).on_conflict_do_nothing(index_elements=["owner"])
        )
        return self.get(owner)

    def destroy(self, owners: Iterable[str]) -> None:
        """From the commit on nobody can read their blobs, nor any copy of them that lies elsewhere."""
        self._connection.execute(delete(DataKeyRow).where(DataKeyRow.owner.in_(list(owners))))

    def destroy_ownerless(self, before: datetime) -> int:
        """Keys made before that time whose owner is in no row, or was erased; returns how many. Reads all keys."""
        lives = or_(
            exists().where(CaseRow.id == DataKeyRow.owner, CaseRow.erased.is_(False)),
            exists().where(MessageRow.id == DataKeyRow.owner),
            exists().where(UploadRow.id == DataKeyRow.owner),
        )
        return self._connection.execute(delete(DataKeyRow).where(DataKeyRow.made_at < before, ~lives)).rowcount

    def standing(self, owners: Collection[str]) -> dict[str, bool]:
        """Of each owner that is a case, a message or a file on its way, whether it was erased. Strangers left out."""
        cases = self._connection.execute(select(CaseRow.id, CaseRow.erased).where(CaseRow.id.in_(owners)))
        messages = self._connection.execute(select(MessageRow.id).where(MessageRow.id.in_(owners)))
        uploads = self._connection.execute(select(UploadRow.id).where(UploadRow.id.in_(owners)))
        return dict.fromkeys((*messages.scalars(), *uploads.scalars()), False) | dict(cases.all())
