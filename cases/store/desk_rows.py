"""What people at the desk leave beside a case: that they are there, who works on it, what they typed; saved lists."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cases.store.rows import Base, belongs_to


class PresenceRow(Base):
    """Somebody has a case open. Told again every few seconds; what was not told for a while is over."""

    __tablename__ = "presences"
    __table_args__ = (Index("ix_presences_case_id", "case_id"), Index("ix_presences_seen_at", "seen_at"))

    person: Mapped[str] = mapped_column(belongs_to("users.name"), primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    seen_at: Mapped[datetime]
    typed_at: Mapped[datetime | None]


class HoldRow(Base):
    """Who works on a case, so that others do not. It ends by itself, and others may take it over."""

    __tablename__ = "holds"
    __table_args__ = (Index("ix_holds_until", "until"),)

    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    holder: Mapped[str] = mapped_column(belongs_to("users.name"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]


class DraftRow(Base):
    """What somebody typed into a form of a case and did not send yet. Emptied when it is sent."""

    __tablename__ = "drafts"

    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), primary_key=True)
    person: Mapped[str] = mapped_column(belongs_to("users.name"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[str]  # JSON object of strings
    kept_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # what was typed on a page opened before is not kept any more


class SavedViewRow(Base):
    """A list of cases that somebody gave a name: the query of its address, and nothing of what it finds."""

    __tablename__ = "saved_views"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(belongs_to("users.name"), index=True)
    shared: Mapped[bool]
    name: Mapped[str]
    query: Mapped[str]
    made_at: Mapped[datetime]
