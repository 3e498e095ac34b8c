"""What stands beside the log: tracking links, people and how they come in, certificates, ledgers of likeness."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from cases.store.rows import Base, belongs_to, one_of, where

#: SQLite numbers only an INTEGER key by itself.
Counting = BigInteger().with_variant(Integer(), "sqlite")


class LinkRow(Base):
    """A tracking link. Its token is derived from the id with a key outside the database and stored nowhere."""

    __tablename__ = "links"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"), index=True)
    party: Mapped[str]
    scope: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserRow(Base):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(primary_key=True)
    roles: Mapped[str]  # words of Role, apart by spaces
    lines: Mapped[str]  # lines of business, apart by spaces
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    teams: Mapped[str] = mapped_column(server_default="")  # these three apart by spaces
    skills: Mapped[str] = mapped_column(server_default="")
    languages: Mapped[str] = mapped_column(server_default="")
    own_limit: Mapped[Decimal | None]  # own largest amount to grant
    away_until: Mapped[datetime | None]
    deputy: Mapped[str | None]


class SessionRow(Base):
    """A signed-in browser. Only the SHA-256 of its secret is here."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(belongs_to("users.name"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class IdentityRow(Base):
    """Whose account somebody of the organisation's provider has. Their name there may change, the subject does not."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(belongs_to("users.name"), index=True)


class TokenRow(Base):
    """A program's way in. Only the SHA-256 of the token is here."""

    __tablename__ = "tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]  # apart by spaces
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ThrottleRow(Base):
    """How often something was tried within a window of time."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    hits: Mapped[int]


class CertificateRow(Base):
    """Leave to close a topic by machine. One is open for each topic of a journey, model and table."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(one_of("state", ("open", "shut")), name="state"),
        CheckConstraint("(state = 'open') = (shut_at IS NULL)", name="shut_at"),
        Index(
            "uq_certificates_open",
            *("journey", "topic", "model_digest", "rules_digest"),
            unique=True,
            **where("shut_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    journey: Mapped[str]
    topic: Mapped[str]
    state: Mapped[str]
    threshold: Mapped[float]
    alpha: Mapped[float]
    delta: Mapped[float]
    attempt: Mapped[int]
    model_digest: Mapped[str]
    rules_digest: Mapped[str]
    issued_at: Mapped[datetime]
    shut_at: Mapped[datetime | None]
    shut_because: Mapped[str | None]
    share_raised_at: Mapped[datetime | None]  # since when more is audited


class VectorRow(Base):
    """The embedding of a closed case. Ids only rise and are never used again."""

    __tablename__ = "vectors"
    __table_args__ = (UniqueConstraint("case_id", "space"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Counting, primary_key=True)
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"))
    space: Mapped[str]  # names the model that made it: only vectors of one space compare
    closed_at: Mapped[datetime]
    vector: Mapped[bytes]  # float16, little-endian


class PhotoHashRow(Base):
    """Fingerprints of a photo, to find the same picture in another case. Ids as for vectors."""

    __tablename__ = "photo_hashes"
    __table_args__ = (
        UniqueConstraint("case_id", "file_id"),
        Index("ix_photo_hashes_sha256", "sha256"),
        Index("ix_photo_hashes_pixels", "pixels_sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Counting, primary_key=True)
    file_id: Mapped[str]
    case_id: Mapped[str] = mapped_column(belongs_to("cases.id"))
    reference: Mapped[str]
    sha256: Mapped[str]
    pixels_sha256: Mapped[str]
    hashes: Mapped[str]  # perceptual hashes in hexadecimal, apart by spaces


class SearchRow(Base):
    """The words by which a case is found. Ids are in the order in which cases came: the newest has the highest.

    words: on SQLite apart by spaces, on PostgreSQL the lexemes of a tsvector. What makes them fast to search, an FTS5
    table or a GIN index, is no mapped thing: see cases.store.word_index. As any index it can be made anew from what
    it is about, so nothing is held by it.
    """

    __tablename__ = "search"

    id: Mapped[int] = mapped_column(Counting, primary_key=True)
    case_id: Mapped[str] = mapped_column(unique=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class DataKeyRow(Base):
    """The key that an owner's blobs are encrypted with, wrapped by the installation's master key."""

    __tablename__ = "data_keys"

    owner: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]


class LeaseRow(Base):
    """Who does what only one process may do, and until when. `term` rises with every new holder: a fencing token."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    term: Mapped[int]
    until: Mapped[datetime]
