"""What a customer, or somebody for them, told by phone or at the desk: noted, and taken as the answer that it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cases import events as e
from cases.answering import asks_for
from cases.case import Case
from cases.errors import NotAllowed
from cases.facts import EventAt, Fact
from cases.stating import read_typed
from cases.store.store import Store
from cases.vocabulary import CUSTOMER
from pipelines.hand import folder_of, write_from
from pipelines.house import House

LONGEST_NAME = 120
TOLD = 0.99  # as sure as words can be that a colleague heard: a fact that a person stated stands before it


@dataclass(frozen=True, slots=True)
class Told:
    """text: what was said and about what, in the words of who noted it. caller: who said it; blank for the customer.
    facts: name and value as typed. answered: requests (keys) that are answered without a fact, for example because the
    photo was brought along.
    """

    text: str
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    answered: tuple[str, ...] = ()
    caller: str = ""


def note_told(house: House, reference: str, told: Told, *, person: str) -> int:
    """Returns the case's new version. What was asked and is told now is not asked any more; the rest stays open.

    A fact stands beside what else was said of it, with this note as its source: neither outweighs the other unseen.
    Raises NotFound, NotAllowed for a blank note and for names that the journey or the case does not have, NotOfItsType
    for a value that is none of its fact's type.
    """
    if not told.text.strip():
        raise NotAllowed("a note without words", "write what was told")

    def events(_: Store, case: Case) -> list[e.Written]:
        facts = tuple(_facts(house, case, told))
        keys = dict.fromkeys(key for fact in facts for key in asks_for(case, fact.name))
        keys |= dict.fromkeys(_answered(case, told))
        return [
            e.NoteAdded(told.text.strip(), person, _caller(case, told)),
            *(e.FactStated(fact, person) for fact in facts),
            *([e.RequestAnswered(tuple(keys), "")] if keys else []),
        ]

    return write_from(house, reference, events, person=person)


def _caller(case: Case, told: Told) -> str:
    said = " ".join(told.caller.split())[:LONGEST_NAME]
    return said or case.sender_name or case.sender or CUSTOMER.type


def _facts(house: House, case: Case, told: Told) -> list[Fact]:
    if not told.facts:
        return []
    known = folder_of(house, case).journey.facts
    unknown = [name for name in told.facts if name not in known]
    if unknown:
        raise NotAllowed(f"fact {unknown[0]!r}", f"the journey knows: {', '.join(known)}")
    note = EventAt(case.version + 1)  # the note is written first
    return [Fact(name, read_typed(name, known[name], value), TOLD, (note,)) for name, value in told.facts.items()]


def _answered(case: Case, told: Told) -> tuple[str, ...]:
    still = [request.item.key for request in case.open_requests]
    wrong = [key for key in told.answered if key not in still]
    if wrong:
        raise NotAllowed(f"answering {wrong[0]!r}", f"open are: {', '.join(still) or 'no requests'}")
    return told.answered
