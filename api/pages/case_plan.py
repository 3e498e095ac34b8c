"""The work plan and the parties of a case, in the words of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages.templating import Pages
from api.pages.times import shown_day, shown_moment
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.parties import Part, Party, parties
from cases.work_plan import Planned, State, Task, work_plan

ICONS = {State.DONE: "circle-check", State.NEXT: "chevron-right", State.BLOCKED: "hourglass"}
KINDS = {State.DONE: "good", State.NEXT: "", State.BLOCKED: "soon"}
_PARTIES = ("us", "lead", "machine", "customer", "third_party")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """state: in words. when: when it was done, or by when it should be."""

    icon: str
    kind: str
    title: str
    state: str
    tell: str


@dataclass(frozen=True, slots=True)
class PartyLine:
    part: str
    name: str
    reached: str
    care: str


def plan_of(pages: Pages, case: Case, entries: Sequence[Entry], folder: JourneyFolder) -> tuple[PlanLine, ...]:
    return tuple(_planned(pages, one, folder) for one in work_plan(case, entries))


def parties_of(pages: Pages, case: Case, folder: JourneyFolder) -> tuple[PartyLine, ...]:
    return tuple(_party(pages, one, folder) for one in parties(case))


def _planned(pages: Pages, one: Planned, folder: JourneyFolder) -> PlanLine:
    say = pages.desk_say()
    who = say(f"case.plan.who.{one.who}") if one.who in _PARTIES else one.who
    when = _moment(pages, one.at or one.due, folder)
    key = "done" if one.state is State.DONE else "due" if when else "open"
    return PlanLine(
        ICONS[one.state],
        KINDS[one.state],
        say(f"case.plan.{one.task}", what=_what(pages, one, folder)),
        say(f"case.plan.state.{one.state}"),
        say(f"case.plan.{key}", who=who, when=when),
    )


def _moment(pages: Pages, at: object, folder: JourneyFolder) -> str:
    if isinstance(at, datetime):
        zone = ZoneInfo(folder.journey.calendar.time_zone)
        return shown_moment(at, zone=zone, language=pages.desk_language)
    return shown_day(str(at), language=pages.desk_language) if at is not None else ""


def _what(pages: Pages, one: Planned, folder: JourneyFolder) -> str:
    journey, language = folder.journey, pages.desk_language
    if one.task is Task.ANSWER_REQUEST:
        request = journey.requests.get(one.what)
        return folder.worded(request.title, language) if request else pages.say(language, "case.plan.question")
    option = journey.options.get(one.what)
    if option is not None:
        return folder.worded(option.title, language)
    if one.what in ("need_more", "escalate"):
        return pages.say(language, f"case.{one.what}")
    return pages.say(language, "case.plan.letter") if one.task in (Task.SEND, Task.REACH) else one.what


def _party(pages: Pages, one: Party, folder: JourneyFolder) -> PartyLine:
    say = pages.desk_say()
    department = folder.journey.departments.get(one.name)
    option = folder.journey.options.get(one.name)
    name = one.name.replace("_", " ") if one.part in (Part.ORDERED, Part.THIRD_PARTY) else one.name
    if department or option:
        name = folder.worded(department or (option.title if option else {}), pages.desk_language)
    reached = ", ".join(
        part for part in (one.address, say("case.party.by", channel=one.channel) if one.channel else "") if part
    )
    care = say("case.party.care", words="; ".join(one.care)) if one.care else ""
    return PartyLine(say(f"case.party.{one.part}"), name or one.address, reached, care)
