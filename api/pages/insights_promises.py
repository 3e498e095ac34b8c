"""A part of insights: how fast messages are answered beside what is published, and what customers were asked twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton

from api.pages.desk import channel_name
from api.pages.queue_view import case_href
from api.pages.spoken import Spoken
from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.replying import worded_time
from pipelines.house import House
from pipelines.service_measured import measured

FEW = 20  # under that it is said that they are few
TOO_FEW = 5  # under that no share is told at all


@dataclass(frozen=True, slots=True)
class AnswersShown:
    """One channel of a journey. kept: a share, or why there is none; few: whether chance says much of it."""

    journey: str
    channel: str
    promised: str
    n: str
    half: str
    most: str
    kept: str
    kind: str
    few: bool


@dataclass(frozen=True, slots=True)
class RepeatsShown:
    """One month of a journey. cases: (reference, href)."""

    journey: str
    month: str
    n: str
    asked: str
    repeated: str
    cases: tuple[tuple[str, str], ...]
    few: bool


@dataclass(frozen=True, slots=True)
class PromisesShown:
    """as_of: when it was counted, the oldest of them; "" while nothing was."""

    as_of: str
    answers: tuple[AnswersShown, ...]
    repeats: tuple[RepeatsShown, ...]


def promises_shown(house: House, folders: Sequence[JourneyFolder], spoken: Spoken) -> PromisesShown:
    """Of these journeys; one query, however many cases there are."""
    with house.database.reading() as store:
        found = measured(store, [folder.name for folder in folders])
    by_name = {folder.name: folder for folder in folders}
    told = [(by_name[one.journey], one) for _, one in found]
    return PromisesShown(
        _as_of([at for at, _ in found], spoken),
        tuple(shown for folder, one in told for shown in _answers(folder, one, spoken)),
        tuple(shown for folder, one in told for shown in _repeats(folder, one, spoken)),
    )


def _as_of(moments: Sequence[datetime], spoken: Spoken) -> str:
    return spoken.say("insights.as_of", at=spoken.moment(min(moments))) if moments else ""


def _answers(folder: JourneyFolder, counted: e.ServiceMeasured, spoken: Spoken) -> Iterator[AnswersShown]:
    for one in counted.replies:
        share = one.kept / one.n if one.n else 0
        told = bool(one.promised) and one.n >= TOO_FEW
        yield AnswersShown(
            folder.worded(folder.journey.title, spoken.language),
            channel_name(spoken.say, one.channel),
            worded_time(folder, one.promised, spoken.language) if one.promised else spoken.say("insights.kept.none"),
            spoken.number(one.n, digits=0),
            _time(one.half, one.n, spoken),
            _time(one.most, one.n, spoken),
            spoken.share(share, digits=0) if told else "",
            "" if not told else "good" if share >= _GOOD else "soon" if share >= _POOR else "late",
            0 < one.n < FEW,
        )


_GOOD, _POOR = 0.9, 0.75  # of promises kept: colours only


def _time(minutes: int | None, n: int, spoken: Spoken) -> str:
    if not n:
        return ""
    if minutes is None:
        return spoken.say("insights.kept.not_yet")
    if minutes < 60:  # noqa: PLR2004  # an hour
        return spoken.say("insights.kept.minutes", n=minutes)
    return spoken.say("insights.kept.hours", n=spoken.number(minutes / 60, digits=1))


def _repeats(folder: JourneyFolder, counted: e.ServiceMeasured, spoken: Spoken) -> Iterator[RepeatsShown]:
    for one in counted.repeats:
        first = date.fromisoformat(f"{one.month}-01")
        yield RepeatsShown(
            folder.worded(folder.journey.title, spoken.language),
            str(format_skeleton("yMMMM", first, locale=spoken.language)),
            spoken.number(one.n, digits=0),
            spoken.number(one.asked, digits=0),
            spoken.number(one.repeated, digits=0),
            tuple((reference, case_href(reference, "")) for reference in one.cases),
            one.n < FEW,
        )
