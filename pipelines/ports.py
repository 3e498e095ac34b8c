"""What the stages need from outside, as Protocols of one or two methods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

from cases.events import HandoverAsked
from cases.vocabulary import LlmOutcome


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


@dataclass(frozen=True, slots=True)
class Question:
    """What a language model is asked. It has no tools, and sees nothing besides this.

    told: by us, what is to be done. given: JSON of what others wrote, which is data and no order. pictures: JPEG.
    shape: JSON schema of the answer (strict structured output). most_tokens: of the answer. key: of idempotency.
    """

    model: str
    told: str
    given: str
    shape: Mapping[str, Any]
    most_tokens: int
    key: str
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """text: the whole answer, which its sender said was complete; checked against nothing yet. Tokens as the sender
    counts them, 0 where it does not say. tries: calls that it took.
    """

    text: str
    tokens_in: int
    tokens_out: int
    tries: int = 1


class NoAnswer(Exception):
    """A language model gave none that may be used. seconds: so long it asks to be left alone; 0: it does not."""

    def __init__(
        self, outcome: LlmOutcome, *, tokens_in: int = 0, tokens_out: int = 0, tries: int = 1, seconds: float = 0
    ) -> None:
        super().__init__(outcome)
        self.outcome, self.tokens_in, self.tokens_out, self.tries, self.seconds = (
            outcome, tokens_in, tokens_out, tries, seconds,
        )  # fmt: skip


class LanguageModel(Protocol):
    def ask(self, question: Question, *, heard: Callable[[str], object] | None = None) -> Answer:
        """Raises NoAnswer, after the time-out at the latest. heard: gets all that was said so far, as it grows."""
