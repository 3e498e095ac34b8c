"""The words that everybody shares. One word per thing; these enums are closed and stored by value."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Literal


class Step(StrEnum):
    """What the rules may choose next for a case."""

    AUTO_CLOSE = auto()
    REQUEST_INFO = auto()
    ROUTE = auto()
    APPOINT = auto()
    EXPERT = auto()


#: Steps that lay a case before a person with advice.
ADVISED = frozenset({Step.EXPERT, Step.ROUTE})


class Status(StrEnum):
    """Where a case stands inside the organisation. Journeys map each onto a milestone in the customer's words."""

    RECEIVED = auto()
    READING = auto()
    WAITING_CUSTOMER = auto()
    WAITING_THIRD_PARTY = auto()
    WITH_EXPERT = auto()
    DECIDED = auto()
    HANDING_OVER = auto()
    CLOSED = auto()
    REOPENED = auto()


class Effect(StrEnum):
    """What a letter does to its reader. Only a person may send an adverse one."""

    GRANT = auto()
    ASK = auto()
    INFORM = auto()
    ADVERSE = auto()


class Danger(StrEnum):
    """Reasons why a person must look at once and nothing may be asked or closed by the machine."""

    GAS = auto()
    FIRE = auto()
    INJURY = auto()
    DEATH = auto()
    SHUT_IN = auto()
    DISTRESS = auto()
    VULNERABILITY = auto()


class Scope(StrEnum):
    IN = auto()
    OUT = auto()


class MilestoneState(StrEnum):
    DONE = auto()
    NOW = auto()
    EXPECTED = auto()
    SKIPPED = auto()


class FileStatus(StrEnum):
    """Receipt of one attached file, as its sender sees it."""

    RECEIVED = auto()
    UNUSABLE = auto()


class FileKind(StrEnum):
    PHOTO = auto()
    DOCUMENT = auto()
    TEXT = auto()
    OTHER = auto()


class RequestKind(StrEnum):
    PHOTO = auto()
    DOCUMENT = auto()
    FACT = auto()
    CHOICE = auto()
    SIGNATURE = auto()  # a statement to agree to


class ActsAs(StrEnum):
    """What somebody is to the customer whom they act for."""

    FAMILY = auto()
    LAWYER = auto()
    GUARDIAN = auto()
    CARETAKER = auto()


class Access(StrEnum):
    """How far a representative's link reaches: to read along, or to answer and send files as well."""

    FOLLOW = auto()
    ANSWER = auto()


class Role(StrEnum):
    HANDLER = auto()
    EXPERT = auto()
    LEAD = auto()
    JOURNEY_OWNER = auto()
    DATA_SCIENTIST = auto()
    AUDITOR = auto()
    ADMINISTRATOR = auto()


class View(StrEnum):
    """The named lists of the work queue."""

    MINE = auto()
    UNASSIGNED = auto()
    US = auto()
    CUSTOMER = auto()
    THIRD_PARTY = auto()
    DUE_TODAY = auto()
    SNOOZED = auto()
    AUDIT = auto()
    SECOND_LOOK = auto()
    ABSENT = auto()
    ALL = auto()


class Why(StrEnum):
    """Why a step was chosen other than by a fired row alone. Journeys never see these; files word them."""

    ROW = auto()  # a row of the table fired and nothing stood against it
    DANGER = auto()
    OUT_OF_SCOPE = auto()
    UNCERTAIN_TOPIC = auto()  # the score lies under the journey's floor for acting on a topic
    CONTRADICTION = auto()  # the case says two different things about one fact
    MISSING_INPUT = auto()
    CONFLICT = auto()  # rows of the table contradict each other
    ELSE_ROW = auto()
    NOT_CERTIFIED = auto()  # a closing row fired; the topic has no certificate, so a person decides blind
    BELOW_THRESHOLD = auto()  # certified, but this score lies under the certificate's threshold
    REUSED_PHOTO = auto()
    UNUSABLE_FILE = auto()
    REOPENED = auto()
    PERSON_INVOLVED = auto()  # a person has decided or is deciding; the machine only tells
    ASKED_BEFORE = auto()  # the same thing was asked already; a person takes over
    COULD_NOT_BE_PROCESSED = auto()  # work of this case is parked
    BELONGS_ELSEWHERE = auto()  # the message may belong to another case; a person looks
    PAID_BEFORE = auto()  # as much was granted lately to this customer or for this thing, or is asked in another case


class Help(StrEnum):
    """What a language model may be asked for. Each has a twin that works without one."""

    FACTS = auto()  # values that messages state, each with the words it stands in
    OPINION = auto()  # a second one on the topic
    SUMMARY = auto()  # of a long case
    DRAFT = auto()  # of a reply, which a person sends or does not
    TRANSLATION = auto()  # of what the customer wrote, for the desk
    PHOTOS = auto()  # what they show, for who cannot see them
    QUESTION = auto()  # that a colleague asks about this case


class LlmOutcome(StrEnum):
    """How a call of a language model ended; the last two: it was not made."""

    ANSWERED = auto()
    LATE = auto()  # not done within its time
    CUT = auto()  # broken off, or longer than it may be
    REFUSED = auto()
    INVALID = auto()  # not what was asked for
    BUSY = auto()  # 429
    AWAY = auto()  # 5xx, or nobody there
    DECLINED = auto()  # 4xx: key, model or request are wrong
    OVER_BUDGET = auto()
    RESTING = auto()  # it failed so often that it is left alone for a while


ActorType = Literal["machine", "customer", "person", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: the machine, the customer, a named person, or the system (clock, import, erasure)."""

    type: ActorType
    name: str = ""

    def __str__(self) -> str:
        return f"{self.type}:{self.name}" if self.name else self.type

    @classmethod
    def read(cls, text: str) -> "Actor":
        type_, _, name = text.partition(":")
        if type_ not in ("machine", "customer", "person", "system"):
            raise ValueError(f"unknown actor {text!r}")
        return cls(type_, name)  # type: ignore[arg-type]  # checked in the line above


#: How a customer's word can come in, as events name it. "form": posted by a program; "import": from before.
CHANNELS = ("email", "webform", "form", "phone", "chat", "sms", "whatsapp", "post", "import")

MACHINE = Actor("machine")
CUSTOMER = Actor("customer")
SYSTEM = Actor("system")
