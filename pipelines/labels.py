"""What people's decisions say a message is about: the labels that models are trained on and held against.

A label is what a person said of a case's topic, by naming it or by deciding a case whose topic stood plainly before
them. Left out: what the machine said alone, what was only guessed, what is contested (opened again, or two people of
two minds), the customers of the certification reserve, and erased cases, which hold no words any more.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case, Entry, apply
from cases.vocabulary import Scope, Status, Why
from models.certify import in_reserve, uniform
from pipelines.house import House
from pipelines.stages.understand import text_of

HELD_OUT_SHARE = 0.25  # of customers outside the reserve: models are compared on them, and never trained
AT_ONCE = 500  # cases read in one query
_GUESSED = frozenset({Why.OUT_OF_SCOPE, Why.UNCERTAIN_TOPIC})


@dataclass(frozen=True, slots=True)
class Label:
    """text: as the model reads the case when the person spoke. facts: names of those that a person put right."""

    case_id: str
    text: str
    label: str
    language: str
    channel: str
    group: str  # the customer
    at: datetime
    source: Literal["decision", "audit", "history"]
    facts: tuple[str, ...] = ()


def labels(house: House, journey: str) -> tuple[Label, ...]:
    """Every label of a journey, in order of the cases' ids."""
    topics = house.journeys.get(journey).journey.topics
    found = (label_of(case_id, entries, topics=topics) for case_id, entries in histories(house, journey))
    return tuple(one for one in found if one is not None and not in_reserve(house.keys.reserve, one.group))


def is_held_out(house: House, customer: str) -> bool:
    """Whether a customer's messages compare models instead of training them: drawn once, by HMAC, for ever."""
    return uniform(house.keys.reserve, "held out", customer) < HELD_OUT_SHARE


def histories(house: House, journey: str) -> Iterator[tuple[str, list[Entry]]]:
    """Each case of a journey with its events, read a portion at a time."""
    with house.database.reading() as store:
        ids = store.case_ids(journey=journey)
    for start in range(0, len(ids), AT_ONCE):
        with house.database.reading() as store:
            portion = store.histories(ids[start : start + AT_ONCE])
        yield from portion.items()


def label_of(case_id: str, entries: Sequence[Entry], *, topics: Collection[str]) -> Label | None:
    """What people said of one case's topic; None when nobody did, or when it is contested."""
    case = Case(case_id)
    said: dict[str, str] = {}
    last: Label | None = None
    is_decided = False
    facts: set[str] = set()
    for entry in entries:
        before, case = case, apply(case, entry)
        match entry.event:
            case e.CaseErased():
                return None
            case e.CaseReopened(because=because) if because != "audit":
                return None
            case e.FactStated(fact=fact):
                facts.add(fact.name)
            case e.CaseImported() as imported:
                return _of_import(case, imported, topics)
            case e.HumanDecided() as verdict:
                is_decided |= verdict.choice not in (NEED_MORE, ESCALATE)
                topic = _stated(before, verdict)
                if topic is not None:
                    said[verdict.by] = topic
                    last = _label(before, topic, at=entry.at)
            case _:
                continue
    if last is None or not is_decided or len(set(said.values())) > 1 or last.label not in topics:
        return None
    return replace(last, facts=tuple(sorted(facts))) if last.text.strip() else None


def _stated(case: Case, verdict: e.HumanDecided) -> str | None:
    """The topic that this decision names, or lets stand although the person saw it; None when it says nothing of it."""
    if verdict.corrected_topic is not None:
        return verdict.corrected_topic
    if verdict.choice in (NEED_MORE, ESCALATE):
        return None
    if case.corrected_topic is not None:
        return case.corrected_topic
    guessed = case.step is not None and bool(_GUESSED & set(case.step.because))
    if case.understood is None or case.understood.scope is not Scope.IN or guessed:
        return None
    return case.understood.topic


def _label(case: Case, topic: str, *, at: datetime) -> Label:
    return Label(
        case_id=case.id,
        text=text_of(case).text,
        label=topic,
        language=case.language or "",
        channel=case.channel,
        group=case.sender,
        at=at,
        source="audit" if case.status is Status.CLOSED else "decision",
    )


def _of_import(case: Case, imported: e.CaseImported, topics: Collection[str]) -> Label | None:
    """History counts where a person decided without any advice; what was simulated for a demo never does."""
    is_ours = imported.blind and bool(imported.decided_by) and not imported.simulated and imported.topic in topics
    if not is_ours or not imported.text.strip():
        return None
    return Label(
        case_id=case.id,
        text=imported.text,
        label=str(imported.topic),
        language=imported.language or "",
        channel=case.channel,
        group=imported.customer,
        at=imported.decided_at,
        source="history",
    )
