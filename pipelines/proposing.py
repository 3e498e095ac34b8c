"""Which cases to have people label next: those that wait for a person and whose answer teaches the model most.

Only customers that models are trained on are proposed for their wavering. Cases judged blind are proposed too, since
certificates wait for them, but by the topic that lacks fewest labels and then by age: neither the words nor the order
tell what the machine made of them, and within a topic no score decides who is labelled, or the labels would not speak
for the topic.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np

from cases.case import Case, fold
from cases.store.queue import MOST_LINES, CaseLine
from cases.vocabulary import View
from models.asking import Asked, Labelled, Reason, ask
from models.certify import in_reserve
from models.heads import Floats
from models.labels import topic_key
from models.text import Prediction
from pipelines.auditing import standing_of
from pipelines.house import House
from pipelines.labels import Label, is_held_out, labels
from pipelines.named_models import UnknownJourney
from pipelines.stages.understand import text_of
from pipelines.text_models import examples_of

MOST = 2_000  # waiting cases looked at, the most urgent first
MOST_LABELS = 5_000  # people's labels compared with, the newest
Kind = Literal["blind", "wavers", "border", "neighbours", "few"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One case to label next. why: sentences. Of a blind case nothing is told but that it is one."""

    reference: str
    kinds: tuple[Kind, ...]
    why: tuple[str, ...]


def propose(house: House, journey: str, *, n: int = 20) -> list[Proposal]:
    """At most n cases, in turns for certificates and for training. Raises UnknownJourney and NoExamples.

    A person's decision on one is its label; nothing else has to be done.
    """
    if journey not in house.journeys.folders:
        raise UnknownJourney(journey, house.journeys.names())
    waiting = list(_waiting(house, journey, View.US))
    blind = [one for one in waiting if one.shadow and in_reserve(house.keys.reserve, one.sender)]
    open_ = [
        one
        for one in waiting
        if not one.shadow and not in_reserve(house.keys.reserve, one.sender) and not is_held_out(house, one.sender)
    ]
    audits = [one for one in _waiting(house, journey, View.AUDIT) if one.audit_since is not None]
    telling = _telling(house, journey, open_, n)
    judged = _to_judge(house, journey, blind, audits, max(n // 2, n - len(telling)))
    return [one for pair in _zipped(judged, telling) for one in pair][:n]


def _zipped(first: Sequence[Proposal], second: Sequence[Proposal]) -> Iterator[tuple[Proposal, ...]]:
    for i in range(max(len(first), len(second))):
        yield (*first[i : i + 1], *second[i : i + 1])


def _waiting(house: House, journey: str, view: View) -> Iterator[CaseLine]:
    cursor: str | None = None
    for _ in range(MOST // MOST_LINES):
        with house.database.reading() as store:
            page = store.queue.page(view, who="", now=house.now(), journey=journey, cursor=cursor, limit=MOST_LINES)
        yield from (line for line in page.items if not line.erased and not line.imported)
        cursor = page.next
        if cursor is None:
            return


# --- for certificates: nothing of what the machine made of them ------------------------------------------------------


def _to_judge(
    house: House, journey: str, blind: Sequence[CaseLine], audits: Sequence[CaseLine], n: int
) -> list[Proposal]:
    """Of the topic that lacks fewest labels first; then told in order of age, whatever their topics."""
    lacking = {one.topic: one.needs for one in standing_of(house, journey) if one.state != "certified"}
    most = max((needs for needs in lacking.values() if needs is not None), default=0) + 1
    counted = [one for one in blind if one.topic in lacking]
    first = sorted(counted, key=lambda one: (lacking[str(one.topic)] or most, one.opened_at, one.id))[:n]
    later = sorted(audits, key=lambda one: (one.audit_since or one.opened_at, one.id))[: n - len(first)]
    told = {
        **{one.id: "waits to be judged blind: its verdict counts for a certificate that is being earned"
           for one in first},
        **{one.id: "closed by itself and drawn for a blind check that nobody has made yet" for one in later},
    }  # fmt: skip
    ordered = sorted([*first, *later], key=lambda one: (one.opened_at, one.id))
    return [Proposal(one.reference, ("blind",), (told[one.id],)) for one in ordered]


# --- for training ----------------------------------------------------------------------------------------------------


def _telling(house: House, journey: str, lines: Sequence[CaseLine], n: int) -> list[Proposal]:
    cases = [case for case in _cases(house, lines) if _is_unsaid(case)]
    texts = [text_of(case).text for case in cases]
    model, vectors = house.texts.of(journey), house.texts.embed(texts)
    predictions = model.predict(texts, vectors)
    known = _known(house, journey, is_embedded=vectors is not None)
    asked = ask(predictions, _or_none(vectors), gate=model.gate.threshold, labelled=known, n=n)
    return [_proposal(cases[one.index], predictions[one.index], one) for one in asked]


def _cases(house: House, lines: Sequence[CaseLine]) -> Iterator[Case]:
    for start in range(0, len(lines), MOST_LINES):
        with house.database.reading() as store:
            found = store.histories([one.id for one in lines[start : start + MOST_LINES]])
        yield from (fold(case_id, entries) for case_id, entries in found.items())


def _is_unsaid(case: Case) -> bool:
    """Whether nobody has said yet what it is about. A case once opened again is contested, and would be no label."""
    return (
        case.understood is not None and case.human is None and case.corrected_topic is None and not case.reopened
        and bool(text_of(case).text.strip())
    )  # fmt: skip


def _known(house: House, journey: str, *, is_embedded: bool) -> Labelled:
    """What the next model would be trained on by now."""
    shipped = examples_of(house.journeys, journey)
    newest: list[Label] = sorted(labels(house, journey), key=lambda one: one.at)[-MOST_LABELS:]
    training = [one for one in newest if not is_held_out(house, one.group)]
    texts = [*shipped.texts, *(one.text for one in training)]
    return Labelled(
        (*map(topic_key, shipped.labels), *(one.label for one in training)),
        _or_none(house.texts.embed(texts) if is_embedded else None),
    )


def _or_none(vectors: Floats | None) -> Floats:
    return np.zeros((0, 0), np.float32) if vectors is None else vectors


def _proposal(case: Case, read: Prediction, asked: Asked) -> Proposal:
    return Proposal(
        case.reference,
        tuple(_KINDS[one] for one in asked.reasons),
        tuple(_told(one, read, asked) for one in asked.reasons),
    )


_KINDS: dict[Reason, Kind] = {
    Reason.WAVERS: "wavers", Reason.BORDER: "border", Reason.NEIGHBOURS: "neighbours", Reason.FEW: "few"
}  # fmt: skip


def _told(reason: Reason, read: Prediction, asked: Asked) -> str:
    match reason:
        case Reason.WAVERS:
            (one, first), (other, second) = read.top[:2]
            return f"the model wavers between {one} ({first:.2f}) and {other} ({second:.2f})"
        case Reason.BORDER:
            return "it lies at the border of what the journey's examples speak of"
        case Reason.NEIGHBOURS:
            return f"the model reads {read.label}, but messages most like it are about {asked.like}"
        case Reason.FEW:
            return f"the model reads {read.label}, of which there are only {asked.examples} examples"
        case _:
            assert_never(reason)
