"""How long cases like this one take: what history tells of it, and what its customer reads. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cases import calendar
from cases import events as e
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Status, Step
from cases.wording import date_text

Until = Literal["outcome", "next_step"]
#: From these steps on it is our turn; how long a customer takes to answer is theirs to know.
OURS = (Step.EXPERT, Step.ROUTE, Step.APPOINT)
_EXPECTING = frozenset({Status.WITH_EXPERT, Status.WAITING_THIRD_PARTY})


@dataclass(frozen=True, slots=True)
class Wait:
    """From the machine's step on, until the case was closed or until our next step. ended: None while it goes on."""

    topic: str
    step: Step
    until: Until
    began: datetime
    ended: datetime | None = None


def waits(entries: Iterable[Entry]) -> list[Wait]:
    """Of one case. What follows after it was opened again, or went on in another one, is no case like the others."""
    found: dict[tuple[str, Step, Until], Wait] = {}
    for entry in entries:
        match entry.event:
            case e.CaseImported(topic=str(topic)) as past:
                return [Wait(topic, Step.EXPERT, "outcome", past.received_at, past.decided_at)]
            case e.StepDecided() as decided:
                _end(found, entry.at, "next_step")
                for until in _expected(decided):
                    wait = Wait(decided.topic, _step(decided), until, entry.at)
                    found.setdefault((wait.topic, wait.step, until), wait)
            case e.HumanDecided():
                _end(found, entry.at, "next_step")
            case e.CaseClosed():
                _end(found, entry.at, "next_step", "outcome")
            case e.CaseReopened():
                break
            case e.CaseMerged() | e.CaseErased():
                return []
            case _:
                pass
    return list(found.values())


def _end(found: dict[tuple[str, Step, Until], Wait], at: datetime, *what: Until) -> None:
    for key, wait in found.items():
        if wait.until in what and wait.ended is None:
            found[key] = Wait(wait.topic, wait.step, wait.until, wait.began, at)


def _expected(decided: e.StepDecided) -> tuple[Until, ...]:
    return ("outcome", "next_step") if _step(decided) in OURS else ()


def _step(decided: e.StepDecided) -> Step:
    """In shadow a person decides, whatever the rules chose."""
    return Step.EXPERT if decided.shadow else decided.step


def expected(
    folder: JourneyFolder,
    case: Case,
    entries: Sequence[Entry],
    ranges: Iterable[e.LearnedRange],
    *,
    now: datetime,
    language: str,
) -> tuple[str, ...]:
    """Sentences about when most cases like this one are settled; () where nothing is to be said.

    The promised date stands: what would go beyond it is left out. Nothing while a person has to call, there is danger
    in the case or it was opened again: it is not like the others then.
    """
    began = next((entry.at for entry in entries if entry.seq == case.step_seq), None)
    if began is None or not is_expecting(case):
        return ()
    told = [one for one in ranges if one.told and _fits(one, case)]
    days = {one.until: _days(one, began, folder) for one in told}
    zone = ZoneInfo(folder.journey.calendar.time_zone)
    promised = case.update_by.astimezone(zone).date() if case.update_by else None
    if "outcome" not in days:
        return (folder.say(language, "track.dates.unknown"),)
    known = {until: day for until, day in days.items() if promised is None or day[1] <= promised}
    if case.human is not None or case.status is not Status.WITH_EXPERT:
        known.pop("next_step", None)
    today = now.astimezone(zone).date()
    return tuple(dict.fromkeys(_sentences(folder, known, today, language)))


def is_expecting(case: Case) -> bool:
    """Whether it is our turn, and the case is like the others."""
    strange = case.to_call or case.dangers or case.reopened or case.ties.into is not None
    return case.status in _EXPECTING and case.step is not None and _step(case.step) in OURS and not strange


def _fits(learned: e.LearnedRange, case: Case) -> bool:
    return case.step is not None and (learned.topic, learned.step) == (case.step.topic, _step(case.step))


def _days(learned: e.LearnedRange, began: datetime, folder: JourneyFolder) -> tuple[date, date]:
    """The first day and the last one."""
    open_hours = folder.journey.calendar
    ends = (
        calendar.after_open(began, timedelta(minutes=max(1, minutes)), open_hours)
        for minutes in (learned.low, learned.high)
    )
    first, last = (end.astimezone(ZoneInfo(open_hours.time_zone)).date() for end in ends)
    return first, last


def _sentences(
    folder: JourneyFolder, known: Mapping[Until, tuple[date, date]], today: date, language: str
) -> Iterator[str]:
    """A next step that is expected on the days of the outcome is the outcome."""
    if "next_step" in known and known["next_step"] != known.get("outcome"):
        yield _sentence(folder, "next_step", known["next_step"], today, language)
    if "outcome" in known:
        yield _sentence(folder, "outcome", known["outcome"], today, language)


def _sentence(folder: JourneyFolder, until: Until, days: tuple[date, date], today: date, language: str) -> str:
    first, last = days
    parts = {"first": date_text(first, language), "last": date_text(last, language)}
    if last < today:
        return folder.say(language, "track.dates.longer")
    if first == last:
        return folder.say(language, f"track.dates.{until}.on", **parts)
    if first <= today:
        return folder.say(language, f"track.dates.{until}.by", **parts)
    return folder.say(language, f"track.dates.{until}.between", **parts)
