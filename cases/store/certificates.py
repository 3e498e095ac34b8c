"""Certificates: leave to close a topic by machine. Read in the transaction that writes a closing decision.

A topic may hold several open ones, each for another model or table: the one that serves closes under its own, the
others wait beside it.
"""

from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from cases.store import dialect
from cases.store.side_rows import CertificateRow


@dataclass(frozen=True, slots=True)
class Certificate:
    """threshold, alpha and delta: 0..1. It stands until shut_at; from share_raised_at on more is audited."""

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
    share_raised_at: datetime | None = None


_COLUMNS = tuple(getattr(CertificateRow, name) for name in Certificate.__dataclass_fields__)


_OPEN = (
    select(*_COLUMNS)
    .where(
        CertificateRow.journey == bindparam("journey"),
        CertificateRow.topic == bindparam("topic"),
        CertificateRow.shut_at.is_(None),
    )
    .order_by(CertificateRow.issued_at, CertificateRow.id)
)


def _name(journey: str, topic: str) -> str:
    """Of the lock that keeps shutting and relying on a certificate apart."""
    return f"certificate {journey} {topic}"


class Certificates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, certificate: Certificate) -> None:
        """Open it; the one that stood for its topic, model and table is shut as replaced. Of two at once the later one
        stands.
        """
        one = certificate
        dialect.one_at_a_time(self._connection, _name(one.journey, one.topic))
        same = (CertificateRow.model_digest == one.model_digest, CertificateRow.rules_digest == one.rules_digest)
        self._shut(one.journey, one.topic, *same, at=one.issued_at, because=f"replaced by {one.id}")
        values = dict(zip(Certificate.__dataclass_fields__, astuple(one), strict=True))
        state = "open" if one.shut_at is None else "shut"
        self._connection.execute(insert(CertificateRow.__table__), {**values, "state": state})

    def get(self, certificate: str) -> Certificate | None:
        """Open or shut, by its id."""
        row = self._connection.execute(select(*_COLUMNS).where(CertificateRow.id == certificate)).first()
        return Certificate(*row) if row else None

    def open(self, journey: str, topic: str) -> list[Certificate]:
        """Those that stand, in order of issue: one for each model and table that was certified."""
        rows = self._connection.execute(_OPEN, {"journey": journey, "topic": topic})
        return [Certificate(*row) for row in rows]

    def of_version(self, journey: str, topic: str, *, model_digest: str, rules_digest: str) -> Certificate | None:
        """The open one for this very model and table."""
        asked = (model_digest, rules_digest)
        found = self.open(journey, topic)
        return next((one for one in found if (one.model_digest, one.rules_digest) == asked), None)

    def held(self, journey: str, topic: str, certificate: str) -> Certificate | None:
        """The open one of this id; it stands until this transaction ends: whoever shuts it waits for that."""
        dialect.several_at_a_time(self._connection, _name(journey, topic))
        return next((one for one in self.open(journey, topic) if one.id == certificate), None)

    def all(self, journey: str | None = None) -> list[Certificate]:
        """Open and shut, in order of issue."""
        statement = select(*_COLUMNS).order_by(CertificateRow.issued_at, CertificateRow.id)
        if journey is not None:
            statement = statement.where(CertificateRow.journey == journey)
        return [Certificate(*row) for row in self._connection.execute(statement)]

    def raise_share(self, certificate: str, *, at: datetime) -> None:
        """From now on more of what closes under it is audited; once raised, it stays so."""
        raised = update(CertificateRow).where(
            CertificateRow.id == certificate, CertificateRow.share_raised_at.is_(None)
        )
        self._connection.execute(raised.values(share_raised_at=at))

    def shut(self, journey: str, topic: str, *, at: datetime, because: str) -> bool:
        """From now on the machine closes no case of this topic, by any model. False when none was open.

        Waits for those that are writing a closing decision under one.
        """
        dialect.one_at_a_time(self._connection, _name(journey, topic))
        return self._shut(journey, topic, at=at, because=because) > 0

    def reopen(self, journey: str, topic: str, *, shut_at: datetime) -> list[str]:
        """Those that were shut at that moment stand again; their ids. Nothing may speak against it."""
        dialect.one_at_a_time(self._connection, _name(journey, topic))
        found = [one for one in self.all(journey) if one.topic == topic and one.shut_at == shut_at]
        statement = update(CertificateRow).where(CertificateRow.id.in_([one.id for one in found]))
        self._connection.execute(statement.values(state="open", shut_at=None, shut_because=None))
        return [one.id for one in found]

    def _shut(self, journey: str, topic: str, *same: ColumnElement[bool], at: datetime, because: str) -> int:
        statement = (
            update(CertificateRow)
            .where(
                CertificateRow.journey == journey,
                CertificateRow.topic == topic,
                CertificateRow.shut_at.is_(None),
                *same,
            )
            .values(state="shut", shut_at=at, shut_because=because)
        )
        return self._connection.execute(statement).rowcount
