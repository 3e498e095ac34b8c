"""What customers are still busy sending: files that arrive in pieces, and words that were typed and not sent yet."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cases.store.rows import Base, belongs_to


class UploadRow(Base):
    """A file on its way. Its pieces are blobs of an owner named after it, and go with it."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_expires_at", "expires_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(index=True)  # only this one's messages may take it in
    case_id: Mapped[str | None] = mapped_column(belongs_to("cases.id"), index=True)
    name: Mapped[str]
    size: Mapped[int]  # bytes, as announced
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]  # since when it is part of a message


class PieceRow(Base):
    """Bytes that arrived together. Each begins where the one before it ends."""

    __tablename__ = "upload_pieces"

    upload_id: Mapped[str] = mapped_column(belongs_to("uploads.id"), primary_key=True)
    at: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    sha256: Mapped[str]


class LinkDraftRow(Base):
    """What was typed into a form of the customer's page by who holds this link. Emptied when it is sent."""

    __tablename__ = "link_drafts"

    link_id: Mapped[str] = mapped_column(belongs_to("links.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    kept_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # what was typed on a page opened before is not kept any more
