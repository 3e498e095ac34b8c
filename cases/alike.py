"""How one case is like another: by its words first, then by topic, facts, amount and what its photos show. Pure.

And how it differs, which is what tells two cases apart that ended differently.

The cosine of the texts is lifted by what else is equal or near, in fixed steps: `MOST_LIFT` at most together, so that
what was written stays what counts most.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cases.case import Case
from cases.contradictions import confident
from cases.facts import best
from cases.journey_spec import Journey

TEXT, TOPIC, NEAR_AMOUNT, PHOTO = "text", "topic", "near_amount", "photo"
NEAR = Decimal("0.25")  # of the larger amount
LIFTS = {TEXT: 0.0, TOPIC: 0.05, NEAR_AMOUNT: 0.03, PHOTO: 0.04}
FACT_LIFT, MOST_FACTS = 0.03, 2  # for each equal fact, for so many at most
MOST_LIFT = sum(LIFTS.values()) + FACT_LIFT * MOST_FACTS


@dataclass(frozen=True, slots=True)
class Difference:
    """What two cases do not share. name: of a fact, or TOPIC; here, there: its value in each, None where unknown."""

    name: str
    here: str | None
    there: str | None


def likeness(similarity: float, why: Collection[str]) -> float:
    """The number cases are ranked by: cosine of the texts, -1..1, lifted for each of `why`."""
    facts = sum(name not in LIFTS for name in why)
    return similarity + sum(LIFTS.get(name, 0.0) for name in why) + FACT_LIFT * min(facts, MOST_FACTS)


def alike(case: Case, past: Case, journey: Journey) -> tuple[str, ...]:
    """Why a past case is like this one: "text" always; then "topic", names of equal facts, "near_amount", "photo"."""
    theirs = _values(past)
    same = [name for name, value in theirs.items() if (mine := best(case.facts, name)) and mine.value == value]
    amount = best(case.facts, journey.amount_fact) if journey.amount_fact else None
    labels = {seen.label for seen in confident(case)} & {seen.label for seen in confident(past)}
    is_near = journey.amount_fact not in same and amount is not None and near(amount.value, amount_of(past, journey))
    return (
        TEXT,
        *((TOPIC,) if case.topic == past.topic else ()),
        *same,
        *((NEAR_AMOUNT,) if is_near else ()),
        *((PHOTO,) if labels else ()),
    )


def differs(case: Case, past: Case, journey: Journey) -> tuple[Difference, ...]:
    """The topic, then the journey's facts in their order, where one of the two knows something else."""
    mine, theirs = _values(case), _values(past)
    if past.imported is not None and journey.amount_fact and past.imported.amount is not None:
        theirs.setdefault(journey.amount_fact, past.imported.amount)
    pairs = [(TOPIC, case.topic, past.topic), *((name, mine.get(name), theirs.get(name)) for name in journey.facts)]
    return tuple(Difference(name, here, there) for name, here, there in pairs if here != there)


def amount_of(past: Case, journey: Journey) -> str | None:
    """What a past case was about in money: as it was imported, else by the journey's fact."""
    if past.imported is not None:
        return past.imported.amount
    fact = best(past.facts, journey.amount_fact) if journey.amount_fact else None
    return fact.value if fact else None


def near(one: str, other: str | None) -> bool:
    """Whether two amounts differ by a quarter of the larger one at most; False when either is no amount."""
    try:
        mine, theirs = Decimal(one), Decimal(other or "")
    except InvalidOperation:
        return False
    return mine.is_finite() and theirs.is_finite() and abs(mine - theirs) <= NEAR * max(abs(mine), abs(theirs))


def _values(past: Case) -> dict[str, str]:
    if past.imported is not None:
        return dict(past.imported.facts)
    names = dict.fromkeys(fact.name for fact in past.facts)
    return {name: fact.value for name in names if (fact := best(past.facts, name)) is not None}
