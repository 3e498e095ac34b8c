"""What waits to leave a case's house, when it leaves, and what was kept back: as the decision file's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import HTTPException

from api.pages.templating import Pages
from api.pages.times import shown_moment
from cases import events as e
from cases.calendar import open_time
from cases.case import Case, Held
from cases.journey_folder import JourneyFolder
from cases.store.queue import CaseLine
from pipelines.house import House
from pipelines.leaving import MOMENT, Leaving, leaving

SOON = timedelta(minutes=5)  # who sends now knows what time it is


@dataclass(frozen=True, slots=True)
class Waits:
    """seq: names it when it is taken back. seconds: until it leaves; 0: it is leaving now."""

    seq: int
    title: str
    by: str
    at_iso: str
    at_text: str
    seconds: int
    closed_then: bool
    approval: str  # who is to let it leave; "" when nobody has to


@dataclass(frozen=True, slots=True)
class Leaves:
    waits: tuple[Waits, ...]
    kept_back: tuple[str, ...]


def leaves_of(pages: Pages, case: Case, folder: JourneyFolder | None, *, now: datetime) -> Leaves:
    """What is held in the case and what was kept back, in the words of the desk."""
    if folder is None:
        return Leaves((), ())
    return Leaves(
        tuple(_waits(pages, one, folder, now=now) for one in case.held),
        tuple(_kept_back(pages, one, folder) for one in case.kept_back),
    )


def when_it_leaves(house: House, line: CaseLine, *, send_at: datetime | None) -> Leaving | None:
    """When what is decided now leaves; None: at once, as a verdict on a case that was closed, of which nothing does."""
    is_check = line.closed_at is not None and line.audit_since is not None
    return None if is_check else leaving(house, line.journey, send_at=send_at)


def send_at_of(fields: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """The chosen time of a form, in the organisation's time zone; None when none was chosen. 422 for no time at all."""
    text = fields.get("send_at", "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, "send_at: write a date and a time as 2026-11-24T08:30, or leave it empty") from error
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _waits(pages: Pages, held: Held, folder: JourneyFolder, *, now: datetime) -> Waits:
    event, calendar = held.event, folder.journey.calendar
    at, zone = event.leaves_at, ZoneInfo(calendar.time_zone)
    soon = (at - now).total_seconds() < 24 * 3600 and at.astimezone(zone).date() == now.astimezone(zone).date()
    return Waits(
        seq=held.seq,
        title=held_title(pages, held, folder),
        by=held.writer,
        at_iso=at.isoformat(),
        at_text=f"{at.astimezone(zone):%H:%M:%S}"
        if soon
        else shown_moment(at, zone=zone, language=pages.desk_language),
        seconds=max(0, round((at - now).total_seconds())),
        closed_then=at - now > SOON and not open_time(at, at + MOMENT, calendar),
        approval=pages.desk_say()("case.waits_for_approval", role=role_words(pages, str(held.role)))
        if held.waits_for_approval
        else "",
    )


def role_words(pages: Pages, role: str) -> str:
    return pages.desk_say()(f"approvals.role.{role}")


def _kept_back(pages: Pages, held: Held, folder: JourneyFolder) -> str:
    say, title = pages.desk_say(), held_title(pages, held, folder)
    if held.sent_back_by:
        return say("case.sent_back", title=title, name=held.sent_back_by, reason=held.sent_back_because)
    return say("case.kept_back", title=title)


def held_title(pages: Pages, held: Held, folder: JourneyFolder) -> str:
    match held.event:
        case e.LetterHeld(letter=letter):
            return letter_title(pages, folder, letter.letter)
        case e.DecisionHeld(decision=decision):
            option = folder.journey.options.get(decision.choice)
            if option is None:
                return pages.say(pages.desk_language, f"case.{decision.choice}")
            return folder.worded(option.title, pages.desk_language)


def letter_title(pages: Pages, folder: JourneyFolder, key: str) -> str:
    """Its subject in the language of the desk, without the reference that each of them ends in."""
    subject = folder.worded(folder.journey.letters[key].subject, pages.desk_language)
    return subject.replace("({{ reference }})", "").replace("{{ reference }}", "").strip()
