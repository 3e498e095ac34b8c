"""Similar past cases as a person may see them: how each ended and how fast, the nearest opposite, and the spread."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from statistics import median

from api.pages.case_view import FileReader, Json
from api.pages.queue_view import decides_blind
from api.pages.times import span
from api.security import Operation, may, sees_line
from cases.alike import TOPIC, Difference, differs
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.store.people import User
from cases.store.queue import CaseLine
from cases.wording import shown_value
from pipelines.house import House

TELLING = 3  # cases, and amounts: of fewer nothing is said about how such cases end
SHOWN_OF = frozenset({"money", "date", "integer", "boolean"})  # texts tell who somebody is: only that they differ
MOST_DIFFERENCES = 4


@dataclass(frozen=True, slots=True)
class Past:
    """A similar case. took: from its first message to its end; differs: in what, of the opposite one only."""

    reference: str
    summary: str
    why: Sequence[str]
    outcome: str
    outcome_title: str
    amount: str
    took: str
    similarity: float
    opposite: bool
    differs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """told: one sentence about how these ended, blank where there are none or the reader judges by themselves."""

    cases: Sequence[Past] = ()
    told: str = ""

    @property
    def ended(self) -> Mapping[str, int]:
        """Option -> how many of those shown ended so."""
        return Counter(past.outcome for past in self.cases)


def similar_of(
    house: House, reader: FileReader, case: Case, folder: JourneyFolder | None, user: User, *, blind: bool
) -> Similar:
    """Of the cases that the file names those that this person may see, each once, that are closed and no secret.

    How the neighbours ended is an advice of its own: on a case that is judged blind the sentence about it is left out.
    """
    named = _each_once(reader.file["similar"])
    if not named:
        return Similar()
    with house.database.reading(user.lines_seen) as store:
        lines = store.queue.of_references(named)
        seen = {name: one for name, one in named.items() if _may_be_shown(house, user, lines.get(name))}
        opposite = next((lines[name].id for name, one in seen.items() if one["opposite"]), None)
        other = store.cases([opposite]).get(opposite) if opposite else None
    past = [_past(reader, one, lines[name]) for name, one in seen.items()]
    if other is not None and folder is not None and may(user, Operation.SEE_CUSTOMERS):
        apart = tuple(_told_apart(reader, folder, differs(case, other, folder.journey)))
        past = [replace(one, differs=apart[:MOST_DIFFERENCES]) if one.opposite else one for one in past]
    near = [one for one in _all_but_the_sought(reader.file["similar"]) if one["reference"] in seen]
    return Similar(past, "" if blind else spread(reader, near))


def _each_once(found: Sequence[Json]) -> dict[str, Json]:
    """By reference; the nearest opposite may be one of the nearest of all, and is marked there."""
    opposite = {one["reference"] for one in found if one["opposite"]}
    return {one["reference"]: {**one, "opposite": one["reference"] in opposite} for one in found}


def _all_but_the_sought(found: Sequence[Json]) -> list[Json]:
    """Without the one that was looked for because it ended otherwise: it would colour the count."""
    return [one for one in found if not one["opposite"]]


def _may_be_shown(house: House, user: User, line: CaseLine | None) -> bool:
    """Whether it is within the person's rights, still closed, and waits for nobody's own judgement."""
    if line is None or line.closed_at is None or line.erased:
        return False
    return sees_line(user, line.line_of_business) and not decides_blind(house, line)


def _past(reader: FileReader, one: Json, line: CaseLine) -> Past:
    took = span(line.closed_at - line.opened_at, reader.say) if line.closed_at else ""
    return Past(
        reference=one["reference"],
        summary=one["topic"] if one["summary"] else "",  # which is in the journey's first language
        why=one["why"],
        outcome=one["outcome"],
        outcome_title=one["outcome_title"],
        amount=one["amount_shown"] or one["amount"] or "",
        took=took,
        similarity=one["similarity"],
        opposite=one["opposite"],
    )


def _told_apart(reader: FileReader, folder: JourneyFolder, found: Sequence[Difference]) -> Iterator[str]:
    """In words, what both know first: "Amount: € 412.50 here, € 1,250.00 there"."""
    for one in sorted(found, key=lambda one: one.here is None or one.there is None):
        here, there = (_value(reader, folder, one.name, value) for value in (one.here, one.there))
        if one.name == TOPIC:
            yield reader.say("similar.topic", here=here, there=there)
            continue
        spec = folder.journey.facts[one.name]
        label = folder.worded(spec.label, reader.pages.desk_language)
        if spec.type in SHOWN_OF:
            yield reader.say("similar.differs", what=label, here=here, there=there)
        elif one.here is None or one.there is None:
            yield reader.say("similar.known_here" if one.there is None else "similar.known_there", what=label)


def _value(reader: FileReader, folder: JourneyFolder, name: str, value: str | None) -> str:
    language = reader.pages.desk_language
    if value is None:
        return reader.say("similar.unknown")
    if name == TOPIC:
        topic = folder.journey.topics.get(value)
        return folder.worded(topic.title, language) if topic else value
    kind = folder.journey.facts[name].type
    if kind == "boolean":
        return reader.say("case.yes" if value == "true" else "case.no")
    return shown_value(value, kind, language)


def spread(reader: FileReader, near: Sequence[Json]) -> str:
    """How the nearest ended: "4 of 5 ended in Pay, median € 240.00; 1 in Ask for more". Of fewer than three, no more
    than that they are too few. Amounts have a median from three on.
    """
    if len(near) < TELLING:
        return reader.say("similar.too_few", n=len(near)) if near else ""
    titles = {one["outcome"]: one["outcome_title"] for one in near}
    (usual, most), *others = Counter(one["outcome"] for one in near).most_common()
    amounts = [amount for one in near if one["outcome"] == usual and (amount := _amount(one["amount"])) is not None]
    told = reader.say("similar.ended", n=most, of=len(near), outcome=titles[usual])
    if len(amounts) >= TELLING:
        middle = shown_value(f"{median(amounts):.2f}", "money", reader.pages.desk_language)
        told += reader.say("similar.median", amount=middle)
    told += "".join(reader.say("similar.others", n=n, outcome=titles[outcome]) for outcome, n in others)
    return told + "."


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
