"""Certificates: leave to close a topic by machine. Read in the transaction that writes a closing decision."""

from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from cases.store import dialect
from cases.store.side_rows import CertificateRow


@dataclass(frozen=True, slots=True)
class Certificate:
    """threshold, alpha and delta: 0..1. It stands until shut_at."""

    id: str
    journey: str
    topic: str
    threshold: float
    alpha: float
    delta: float
    attempt: int
    model_digest: str
    rules_digest: str
    issued_at: datetime
    shut_at: datetime | None = None
    shut_because: str | None = None


_COLUMNS = tuple(getattr(CertificateRow, name) for name in Certificate.__dataclass_fields__)


_CURRENT = select(*_COLUMNS).where(
    CertificateRow.journey == bindparam("journey"),
    CertificateRow.topic == bindparam("topic"),
    CertificateRow.shut_at.is_(None),
)


def _name(journey: str, topic: str) -> str:
    """Of the lock that keeps shutting and relying on a certificate apart."""
    return f"certificate {journey} {topic}"


class Certificates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, certificate: Certificate) -> None:
        """Open it; the one that stood for its topic is shut as replaced. Of two at once the later one stands."""
        self.shut(
            certificate.journey,
            certificate.topic,
            at=certificate.issued_at,
            because=f"replaced by {certificate.id}",
        )
        values = dict(zip(Certificate.__dataclass_fields__, astuple(certificate), strict=True))
        state = "open" if certificate.shut_at is None else "shut"
        self._connection.execute(insert(CertificateRow.__table__), {**values, "state": state})

    def current(self, journey: str, topic: str) -> Certificate | None:
        """The open one; None when the topic is not certified or was shut."""
        row = self._connection.execute(_CURRENT, {"journey": journey, "topic": topic}).first()
        return Certificate(*row) if row else None

    def held(self, journey: str, topic: str) -> Certificate | None:
        """As current, and it stands until this transaction ends: whoever shuts it waits for that."""
        dialect.several_at_a_time(self._connection, _name(journey, topic))
        return self.current(journey, topic)

    def all(self, journey: str | None = None) -> list[Certificate]:
        """Open and shut, in order of issue."""
        statement = select(*_COLUMNS).order_by(CertificateRow.issued_at, CertificateRow.id)
        if journey is not None:
            statement = statement.where(CertificateRow.journey == journey)
        return [Certificate(*row) for row in self._connection.execute(statement)]

    def shut(self, journey: str, topic: str, *, at: datetime, because: str) -> bool:
        """From now on the machine closes no case of this topic. False when none was open.

        Waits for those that are writing a closing decision under it.
        """
        dialect.one_at_a_time(self._connection, _name(journey, topic))
        statement = (
            update(CertificateRow)
            .where(
                CertificateRow.journey == journey,
                CertificateRow.topic == topic,
                CertificateRow.shut_at.is_(None),
            )
            .values(state="shut", shut_at=at, shut_because=because)
        )
        return self._connection.execute(statement).rowcount == 1
