"""What the organisation's registers know of the customer, and how similar past cases ended."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

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
LOOKED_AT = 40  # nearest ones among which an opposite outcome is looked for
ALIKE_FROM = 0.35  # cosine under which two messages of the multilingual encoder have little in common


def space_of(journey: str) -> str:
    """Name of a journey's vectors: other encoder, other space."""
    return f"{journey}/{Embedder.name}-{Embedder.version}"


def enrich(batch: Sequence[Item], house: House) -> list[Outcome]:
    cases = [case_of(item) for item in batch]
    near = _nearest(cases, batch, house)
    with house.database.reading() as store:
        lines = store.queue.lines({one.case_id for found in near for one in found})
        chosen = [_chosen(found, lines) for found in near]
        past = store.cases({one.case_id for shown, opposite in chosen for one in (*shown, *opposite)})
    outcomes = []
    for item, case, (shown, opposite) in zip(batch, cases, chosen, strict=True):
        folder = house.journeys.get(str(case.journey))
        similar = tuple(_neighbour(case, past[one.case_id], one, folder) for one in shown)
        other = next((_neighbour(case, past[one.case_id], one, folder) for one in opposite), None)
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


def _neighbour(case: Case, past: Case, near: Near, folder: JourneyFolder) -> e.Neighbour:
    """Summary holds no words of that customer: what they wrote is theirs, and would outlive its erasure here."""
    imported = past.imported
    amount_fact = best(past.facts, folder.journey.amount_fact) if folder.journey.amount_fact else None
    amount = imported.amount if imported else amount_fact.value if amount_fact else None
    topic = past.topic or ""
    spec = folder.journey.topics.get(topic)
    return e.Neighbour(
        case_id=past.id,
        reference=past.reference,
        similarity=near.similarity,
        topic=topic,
        outcome=past.outcome or "",
        amount=amount,
        closed_at=past.closed_at or past.opened_at or case.opened_at,  # type: ignore[arg-type]  # closed cases have both
        summary=folder.worded(spec.title, folder.journey.languages[0]) if spec else "",
        alike=_alike(case, past),
    )


def _alike(case: Case, past: Case) -> tuple[str, ...]:
    """Why it is similar: its words always, its topic and facts where they are equal."""
    facts = dict(past.imported.facts) if past.imported else {fact.name: fact.value for fact in past.facts}
    same = [name for name, value in facts.items() if (mine := best(case.facts, name)) and mine.value == value]
    return ("text", *(("topic",) if case.topic == past.topic else ()), *same)


def _chosen(found: Sequence[Near], lines: Mapping[str, CaseLine]) -> tuple[list[Near], list[Near]]:
    """The nearest closed cases to show, and the nearest one that ended otherwise than most of them, if any."""
    known = [
        one for one in found if one.case_id in lines and lines[one.case_id].outcome and not lines[one.case_id].erased
    ]
    shown = known[:SHOWN]
    if not shown:
        return [], []
    usual = Counter(lines[one.case_id].outcome for one in shown).most_common(1)[0][0]
    return shown, [one for one in known if lines[one.case_id].outcome != usual][:1]
