"""What the stages need from outside, as Protocols of one or two methods."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Protocol

from cases.events import HandoverAsked


class Registers(Protocol):
    """The organisation's own registers: customers, policies, contracts, orders."""

    def look_up(self, register: str, *, column: str, value: str) -> Mapping[str, str] | None:
        """The row whose column has this value, compared without case, spaces and dashes; None when unknown."""


class HandoverDeclined(Exception):
    """The organisation's system refused an order; the reason goes to a person."""


class Handover(Protocol):
    """Where granted orders go: repair, payment proposal, appointment request."""

    def deliver(self, order: HandoverAsked, *, case_id: str, reference: str) -> str:
        """Deliver once under order.id, answering the receipt. Raises HandoverDeclined; any other error is retried."""


class Post(Protocol):
    """Where mail goes. Only the channel of mail uses it."""

    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:
        """Send once under its Message-ID, answering by which way. Raises LetterUndeliverable or an error to retry.

        sender: the address of the envelope, to which reports about the letter come back.
        """

    def close(self) -> None: ...


class LetterUndeliverable(Exception):
    """No repeat will help: the address does not exist or is no address."""


class TooBusy(OSError):
    """An outside system is there and too busy. seconds: so long it asks to be left alone."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"it asks to be left alone for {seconds} seconds")
        self.seconds = seconds


class AddressRefused(LetterUndeliverable):
    """Whoever serves the address says that it does not exist; other letters to it would not arrive either."""


class Span(Protocol):
    """Something that takes time, in the trace of a message. Its facts are names and numbers of ours, nobody's words."""

    @property
    def traceparent(self) -> str:
        """As a W3C header writes it."""

    def end(self, name: str, facts: Mapping[str, str | int]) -> None: ...


class Traces(Protocol):
    """parent: a traceparent, from a request's header or an event. serves: a request, not work."""

    def begin(self, name: str, *, parent: str | None, serves: bool) -> Span: ...
    def close(self) -> None: ...
