"""What we know of a case, and from where: a fact has a value, a certainty and at least one source."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer


def _read_number(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError("write the number as a decimal string, for example 0.931200")


def _six_places(number: float) -> str:
    """Raises ValueError for what is no number: written once, it could never be read again."""
    if not isfinite(number):
        raise ValueError(f"{number} cannot be stored; find out why it was measured")
    return f"{number:.6f}"


#: A number in the event log is a decimal string of six places: floats print differently in different programs,
#: and the log's bytes are hashed. Range 0..1.
Probability = Annotated[
    float,
    BeforeValidator(_read_number),
    Field(ge=0, le=1),
    PlainSerializer(_six_places, when_used="json"),
]
#: As Probability, without a range.
Score = Annotated[float, BeforeValidator(_read_number), PlainSerializer(_six_places, when_used="json")]


@dataclass(frozen=True, slots=True)
class MessageSpan:
    """Characters start..end (end exclusive) of one message's new text."""

    message_id: str
    start: int
    end: int
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class PhotoRegion:
    """A photo, or a box (left, top, right, bottom in pixels) in it."""

    file_id: str
    box: tuple[int, int, int, int] | None = None
    type: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True)
class RuleRow:
    table: str
    digest: str
    row: str
    type: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True)
class ModelScore:
    model: str
    version: str
    score: Score
    type: Literal["model"] = "model"


@dataclass(frozen=True, slots=True)
class PastCase:
    case_id: str
    reference: str
    type: Literal["case"] = "case"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One field of an organisation's own register, as it read when it was consulted."""

    register: str
    key: str
    field: str
    type: Literal["register"] = "register"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    type: Literal["person"] = "person"


@dataclass(frozen=True, slots=True)
class JourneyText:
    """A place in the journey as it stood: digest of the snapshot and the path of the key in it."""

    digest: str
    path: str
    type: Literal["journey"] = "journey"


@dataclass(frozen=True, slots=True)
class EventAt:
    """An event of this case, by its sequence number."""

    seq: int
    type: Literal["event"] = "event"


Source = Annotated[
    MessageSpan | PhotoRegion | RuleRow | ModelScore | PastCase | RegisterEntry | Person | JourneyText | EventAt,
    Discriminator("type"),
]


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value. `value` is normalised text: ISO dates, decimal amounts with a point and two places."""

    name: str
    value: str
    certainty: Probability
    sources: tuple[Source, ...]


def best(facts: Iterable[Fact], name: str) -> Fact | None:
    """The fact to act on: a person's word first, then the most certain; of equals the earliest said."""
    of_name = [fact for fact in facts if fact.name == name]
    by_person = [fact for fact in of_name if any(isinstance(source, Person) for source in fact.sources)]
    if by_person:
        return by_person[-1]
    return max(of_name, key=lambda fact: fact.certainty, default=None)


def contradictions(facts: Iterable[Fact], names: Iterable[str]) -> dict[str, tuple[Fact, ...]]:
    """Facts of one name that state different values with a certainty of at least one half, in order.

    A person's word settles a name: nothing stands against it any more.
    """
    wanted = set(names)
    said: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.name in wanted and any(isinstance(source, Person) for source in fact.sources):
            wanted.discard(fact.name)
            said.pop(fact.name, None)
        elif fact.name in wanted and fact.certainty >= 0.5:  # noqa: PLR2004  # more likely than not
            said.setdefault(fact.name, {}).setdefault(fact.value, fact)
    return {name: tuple(values.values()) for name, values in said.items() if len(values) > 1}
