"""What stands against what within one case: facts told twice, and photos against the topic, the day or the place. Pure.

A contradiction closes nothing and refuses nothing: the case goes to a person, who reads it in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import asin, cos, isfinite, radians, sin, sqrt

from cases import events as e
from cases import facts as f
from cases.case import Case
from cases.journey_spec import Journey
from cases.vocabulary import Scope

EARTH_KM = 6_371.0


@dataclass(frozen=True, slots=True)
class ToldTwice:
    """One fact, different values."""

    fact: str
    said: tuple[f.Fact, ...]

    @property
    def sources(self) -> tuple[f.Source, ...]:
        return tuple(source for fact in self.said for source in fact.sources)


@dataclass(frozen=True, slots=True)
class ShowsOtherwise:
    """A photo that goes with other topics than the one that was read."""

    file: e.FileSeen
    seen: e.PhotoSeen

    @property
    def sources(self) -> tuple[f.Source, ...]:
        seen = self.seen
        return f.PhotoRegion(self.file.id, seen.box), f.ModelScore(seen.model, seen.model_version, seen.confidence)


@dataclass(frozen=True, slots=True)
class TakenAnotherDay:
    """A photo the camera dates too long before or after the day that was told."""

    file: e.FileSeen
    taken: date
    told: f.Fact

    @property
    def sources(self) -> tuple[f.Source, ...]:
        return f.PhotoRegion(self.file.id), *self.told.sources


@dataclass(frozen=True, slots=True)
class TakenElsewhere:
    """A photo the camera places too far away. km: great-circle distance, whole kilometres."""

    file: e.FileSeen
    km: int
    place: tuple[f.Source, ...]

    @property
    def sources(self) -> tuple[f.Source, ...]:
        return f.PhotoRegion(self.file.id), *self.place


Contradiction = ToldTwice | ShowsOtherwise | TakenAnotherDay | TakenElsewhere


def contradictions(case: Case, journey: Journey) -> tuple[Contradiction, ...]:
    """All of them: first what was told, then photo by photo."""
    return (
        *(ToldTwice(name, said) for name, said in f.contradictions(case.facts, journey.facts).items()),
        *_against_topic(case, journey),
        *_another_day(case, journey),
        *_elsewhere(case, journey),
    )


def topics_of(label: str, journey: Journey) -> tuple[str, ...]:
    """The topics that a label of the photo model goes with; () when it tells nothing about the topic."""
    spec = journey.photo_labels.get(label)
    if spec is not None:
        return spec.topics
    return (label,) if label in journey.topics else ()


def confident(case: Case) -> tuple[e.PhotoSeen, ...]:
    """What the photo model says of the case's photos, where it does not abstain."""
    read = case.understood
    return tuple(seen for seen in read.photos if not seen.abstains and seen.scope is Scope.IN) if read else ()


def _against_topic(case: Case, journey: Journey) -> Iterator[ShowsOtherwise]:
    """One photo that goes with the topic settles it: people send the whole car too. So does a person's word."""
    topic = journey.topics.get(case.topic or "")
    if topic is None or topic.photos == "none" or case.corrected_topic:
        return
    sure = confident(case)
    if any(case.topic in topics_of(seen.label, journey) for seen in sure):
        return
    files = {file.id: file for file in case.files}
    for seen in sure:
        if topics_of(seen.label, journey) and seen.file_id in files:
            yield ShowsOtherwise(files[seen.file_id], seen)


def _another_day(case: Case, journey: Journey) -> Iterator[TakenAnotherDay]:
    check = journey.photo_checks.taken_around
    told = f.best(case.facts, check.fact) if check else None
    day = _day(told.value) if told else None
    if check is None or told is None or day is None:
        return
    for file in case.files:
        taken = _day((file.findings.taken_at or "")[:10]) if file.findings else None
        if taken is not None and not -check.days_before <= (taken - day).days <= check.days_after:
            yield TakenAnotherDay(file, taken, told)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _elsewhere(case: Case, journey: Journey) -> Iterator[TakenElsewhere]:
    check = journey.photo_checks.taken_near
    text, sources = _place(case, check.place) if check else ("", ())
    place = _degrees(text)
    if check is None or place is None:
        return
    for file in case.files:
        found = file.findings
        if found is None or found.latitude is None or found.longitude is None:
            continue
        km = round(kilometres(place, (found.latitude, found.longitude)))
        if km > check.km:
            yield TakenElsewhere(file, km, sources)


def _place(case: Case, named: str) -> tuple[str, tuple[f.Source, ...]]:
    root, name, *rest = named.split(".")
    if root == "fact":
        fact = f.best(case.facts, name)
        return (fact.value, fact.sources) if fact else ("", ())
    for answer in case.enriched.answers if case.enriched else ():
        if answer.register == name:
            return dict(answer.fields).get(rest[0]) or "", (f.RegisterEntry(name, answer.key, rest[0]),)
    return "", ()


def _degrees(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, a comma between; None when it is no place on earth."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        return None
    is_on_earth = isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004
    return (latitude, longitude) if is_on_earth else None


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places in degrees north and east, by the haversine formula; 0 to 20,016."""
    (north, east), (north_2, east_2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((north_2 - north) / 2) ** 2 + cos(north) * cos(north_2) * sin((east_2 - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))
