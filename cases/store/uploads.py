"""Files on their way: which there are, what has arrived of them, and when they end."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from cases.store.dialect import inserting
from cases.store.upload_rows import PieceRow, UploadRow


@dataclass(frozen=True, slots=True)
class Upload:
    """id: also the owner of its blobs. size, received: bytes, as announced and as they are here."""

    id: str
    caller: str
    case_id: str | None
    name: str
    size: int
    made_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    received: int = 0

    @property
    def complete(self) -> bool:
        return self.received == self.size


@dataclass(frozen=True, slots=True)
class Piece:
    """at: where in the file it begins, in bytes."""

    at: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What somebody has announced and not sent as part of a message yet."""

    files: int
    size: int


_FIELDS = ("id", "caller", "case_id", "name", "size", "made_at", "expires_at", "spent_at")
_COLUMNS = tuple(getattr(UploadRow, name) for name in _FIELDS)
_ADD = inserting(UploadRow.__table__, *_FIELDS)
_ADD_PIECE = inserting(PieceRow.__table__, "upload_id", "at", "size", "sha256")


class Uploads:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, upload: Upload) -> None:
        """Announced; the key of its blobs is added in the same transaction."""
        _ADD.run(self._connection, {name: getattr(upload, name) for name in _FIELDS})

    def get(self, upload_id: str) -> Upload | None:
        """None when there is none, or none any more."""
        row = self._connection.execute(select(*_COLUMNS).where(UploadRow.id == upload_id)).first()
        return replace(Upload(*row), received=self._received(upload_id)) if row else None

    def pieces(self, upload_id: str) -> list[Piece]:
        """In the order of the file."""
        columns = (PieceRow.at, PieceRow.size, PieceRow.sha256)
        rows = self._connection.execute(select(*columns).where(PieceRow.upload_id == upload_id).order_by(PieceRow.at))
        return [Piece(*row) for row in rows]

    def add_piece(self, upload_id: str, piece: Piece) -> bool:
        """False when it does not begin where the file ends by now, or the file is there no more: nothing is added.

        Of two that begin at the same place one is added, whatever comes at once.
        """
        held = select(UploadRow.id).where(UploadRow.id == upload_id).with_for_update()
        if self._connection.execute(held).first() is None or self._received(upload_id) != piece.at:
            return False
        row = {"upload_id": upload_id, "at": piece.at, "size": piece.size, "sha256": piece.sha256}
        _ADD_PIECE.run(self._connection, row)
        return True

    def pending(self, caller: str, now: datetime) -> Pending:
        mine = (UploadRow.caller == caller, UploadRow.expires_at > now, UploadRow.spent_at.is_(None))
        count = select(func.count(), func.coalesce(func.sum(UploadRow.size), 0)).where(*mine)
        files, size = self._connection.execute(count).one()
        return Pending(files, int(size))

    def spend(self, upload_ids: Collection[str], *, at: datetime, until: datetime) -> None:
        """They are part of a message now. until: how long the same message may be sent again."""
        mine = (UploadRow.id.in_(upload_ids), UploadRow.spent_at.is_(None))
        self._connection.execute(update(UploadRow).where(*mine).values(spent_at=at, expires_at=until))

    def expired(self, now: datetime, *, most: int) -> list[str]:
        ended = select(UploadRow.id).where(UploadRow.expires_at <= now).order_by(UploadRow.expires_at)
        return list(self._connection.scalars(ended.limit(most)))

    def of_case(self, case_id: str) -> list[str]:
        return list(self._connection.scalars(select(UploadRow.id).where(UploadRow.case_id == case_id)))

    def drop(self, upload_ids: Collection[str]) -> None:
        """With what arrived of them. Their blobs and keys are the caller's to remove."""
        self._connection.execute(delete(PieceRow).where(PieceRow.upload_id.in_(upload_ids)))
        self._connection.execute(delete(UploadRow).where(UploadRow.id.in_(upload_ids)))

    def _received(self, upload_id: str) -> int:
        ends = select(func.coalesce(func.sum(PieceRow.size), 0)).where(PieceRow.upload_id == upload_id)
        return int(self._connection.execute(ends).scalar_one())
