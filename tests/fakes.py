"""In-memory twins of the ports. Each passes the same tests as its real twin (tests/pipelines/test_ports.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from cases.events import HandoverAsked
from pipelines.ports import HandoverDeclined, LetterUndeliverable


@dataclass
class FakeHandover:
    """Keeps orders by id. Those named in `declines` are refused; `away` more calls fail first."""

    orders: dict[str, HandoverAsked] = field(default_factory=dict)
    declines: Mapping[str, str] = field(default_factory=dict)
    away: int = 0

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:
        if self.away:
            self.away -= 1
            raise ConnectionError("the back office is away")
        if order.order in self.declines:
            raise HandoverDeclined(self.declines[order.order])
        self.orders.setdefault(order.id, order)
        return order.id


@dataclass
class FakePost:
    """Keeps mails by letter id. Addresses in `unknown` are undeliverable; `away` more calls fail first."""

    mails: dict[str, EmailMessage] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    away: int = 0

    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:
        if self.away:
            self.away -= 1
            raise ConnectionError("the mail server is away")
        if str(mail["To"]) in self.unknown:
            raise LetterUndeliverable("the mail server knows no such address")
        self.mails.setdefault(letter_id, mail)
        return "fake"

    def close(self) -> None:
        """Nothing is held open."""


class FakeRegisters:
    def __init__(self, registers: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self._registers = registers

    def look_up(self, register: str, *, column: str, value: str) -> Mapping[str, str] | None:
        wanted = _plain(value)
        rows = self._registers.get(register, ())
        return next((row for row in rows if wanted and _plain(row.get(column, "")) == wanted), None)


def _plain(value: str) -> str:
    return "".join(value.split()).replace("-", "").casefold()
