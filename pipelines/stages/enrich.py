"""What the organisation's registers know of the customer, and how similar past cases ended."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from cases import alike
from cases import events as e
from cases.case import Case
from cases.facts import best
from cases.journey_folder import JourneyFolder
from cases.store.queue import CaseLine
from models.sentence import Embedder
from pipelines.house import House
from pipelines.likeness import Near
from pipelines.stages.understand import text_of
from pipelines.stages.work import Item, Outcome, case_of, follows

SHOWN = 5
LOOKED_AT = 40  # nearest by text: they are ranked by topic and amount too, and an opposite outcome is looked for there
READ_WHOLE = 10  # the first of those: all their facts and photos count
ALIKE_FROM = 0.35  # cosine under which two messages of the multilingual encoder have little in common


def space_of(journey: str) -> str:
    """Name of a journey's vectors: other encoder, other space."""
    return f"{journey}/{Embedder.name}-{Embedder.version}"


@dataclass(frozen=True, slots=True)
class _Past:
    """A past case that may be shown, as a list has it. likeness: what it is ranked by."""

    near: Near
    line: CaseLine
    likeness: float


def enrich(batch: Sequence[Item], house: House) -> list[Outcome]:
    cases = [case_of(item) for item in batch]
    near = _nearest(cases, batch, house)
    folders = [house.journeys.get(str(case.journey)) for case in cases]
    with house.database.reading() as store:
        lines = store.queue.lines({one.case_id for found in near for one in found})
        ranked = [
            _by_text_and_line(case, found, lines, folder)
            for case, found, folder in zip(cases, near, folders, strict=True)
        ]
        past = store.cases({one.near.case_id for found in ranked for one in _read_whole(found)})
    outcomes = []
    for item, case, found, folder in zip(batch, cases, ranked, folders, strict=True):
        shown, opposite = _chosen(_by_all(case, found, past, folder))
        similar = tuple(_neighbour(case, past[one.near.case_id], one.near, folder) for one in shown)
        other = next((_neighbour(case, past[one.near.case_id], one.near, folder) for one in opposite), None)
        outcomes.append(follows(item, [e.Enriched(answers_of(case, folder, house), similar, other)]))
    return outcomes


def answers_of(case: Case, folder: JourneyFolder, house: House) -> tuple[e.RegisterAnswer, ...]:
    return tuple(_answer(case, name, folder, house) for name in folder.journey.registers)


def _answer(case: Case, name: str, folder: JourneyFolder, house: House) -> e.RegisterAnswer:
    """Look the customer up by each key in turn: the first that the register knows answers."""
    spec = folder.journey.registers[name]
    tried = e.RegisterAnswer(name, "", "", found=False)
    for fact_name, column in spec.keys.items():
        fact = best(case.facts, fact_name)
        value = case.sender if fact_name == "sender" else fact.value if fact else ""
        if not value:
            continue
        row = house.registers.look_up(name, column=column, value=value)
        if row is not None:
            fields = tuple((field, row.get(field) or None) for field in spec.fields)
            return e.RegisterAnswer(name, fact_name, value, found=True, fields=fields)
        if not tried.key:
            tried = e.RegisterAnswer(name, fact_name, value, found=False)
    return tried


def _nearest(cases: Sequence[Case], batch: Sequence[Item], house: House) -> list[list[Near]]:
    vectors = house.texts.embed([text_of(case).text for case in cases])
    if vectors is None:
        return [[] for _ in cases]
    found: dict[int, list[Near]] = {}
    for journey in dict.fromkeys(str(case.journey) for case in cases):
        mine = [i for i, case in enumerate(cases) if case.journey == journey]
        before = [cases[i].opened_at or batch[i].at for i in mine]
        near = house.similar.query(space_of(journey), np.asarray(vectors[mine]), before=before, k=LOOKED_AT)
        found |= dict(zip(mine, near, strict=True))
    return [[one for one in found[i] if one.similarity >= ALIKE_FROM] for i in range(len(cases))]


def _by_text_and_line(
    case: Case, found: Sequence[Near], lines: Mapping[str, CaseLine], folder: JourneyFolder
) -> list[_Past]:
    """Those that may be shown, the likest first: closed with an outcome, not erased, of the same line of business."""
    amount = best(case.facts, folder.journey.amount_fact) if folder.journey.amount_fact else None
    ranked = []
    for one in found:
        line = lines.get(one.case_id)
        if line is None or not line.outcome or line.erased or line.line_of_business != case.line_of_business:
            continue
        why = [alike.TOPIC] if line.topic and line.topic == case.topic else []
        if amount is not None and line.amount is not None and alike.near(amount.value, str(line.amount)):
            why.append(alike.NEAR_AMOUNT)
        ranked.append(_Past(one, line, alike.likeness(one.similarity, why)))
    return sorted(ranked, key=_place)


def _place(past: _Past) -> tuple[float, str]:
    return -past.likeness, past.near.case_id


def _read_whole(ranked: Sequence[_Past]) -> list[_Past]:
    """The likest, and, when all of them ended alike, the likest that ended otherwise: what is shown is among these."""
    first = list(ranked[:READ_WHOLE])
    endings = {one.line.outcome for one in first}
    others = (one for one in ranked[READ_WHOLE:] if len(endings) == 1 and one.line.outcome not in endings)
    return first + list(islice(others, 1))


def _by_all(case: Case, ranked: Sequence[_Past], past: Mapping[str, Case], folder: JourneyFolder) -> list[_Past]:
    """The same with all facts and photos."""
    whole = []
    for one in _read_whole(ranked):
        why = alike.alike(case, past[one.near.case_id], folder.journey)
        whole.append(replace(one, likeness=alike.likeness(one.near.similarity, why)))
    return sorted(whole, key=_place)


def _neighbour(case: Case, past: Case, near: Near, folder: JourneyFolder) -> e.Neighbour:
    """Summary holds no words of that customer: what they wrote is theirs, and would outlive its erasure here."""
    topic = past.topic or ""
    spec = folder.journey.topics.get(topic)
    return e.Neighbour(
        case_id=past.id,
        reference=past.reference,
        similarity=near.similarity,
        topic=topic,
        outcome=past.outcome or "",
        amount=alike.amount_of(past, folder.journey),
        closed_at=past.closed_at or past.opened_at or case.opened_at,  # type: ignore[arg-type]  # closed cases have both
        summary=folder.worded(spec.title, folder.journey.languages[0]) if spec else "",
        alike=alike.alike(case, past, folder.journey),
    )


def _chosen(found: Sequence[_Past]) -> tuple[Sequence[_Past], Sequence[_Past]]:
    """The likest closed cases to show, and the likest one that ended otherwise than most of them, if any."""
    shown = found[:SHOWN]
    if not shown:
        return [], []
    usual = Counter(one.line.outcome for one in shown).most_common(1)[0][0]
    return shown, [one for one in found if one.line.outcome != usual][:1]
