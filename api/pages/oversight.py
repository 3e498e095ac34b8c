"""Oversight: whether people judge for themselves. All read of themselves, a lead of everybody, others of teams."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere, demand
from api.pages.desk import desk_of, journeys_seen, zone_of
from api.pages.spoken import Spoken
from api.pages.templating import pages_of
from api.pages.times import shown_day
from api.security import Operation, may
from cases.journey_folder import JourneyFolder
from cases.people import User
from models.stamping import LEVEL, needed, power
from pipelines.house import House
from pipelines.oversight.figures import FEW, Figures, Oversight, oversight

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class GroupShown:
    """figures: in the order of the heads. alarm: it was raised."""

    name: str
    figures: tuple[str, ...]
    alarm: bool


@dataclass(frozen=True, slots=True)
class JourneyShown:
    """told: sentences. alarm: of the whole journey, or of a team of it."""

    key: str
    title: str
    alarm: bool
    told: tuple[str, ...]
    groups: tuple[GroupShown, ...]


@router.get("/oversight")
def show_oversight(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Every journey of this person's lines of business, since the quarter began."""
    demand(session.user, Operation.SEE_OVERSIGHT)
    pages = pages_of(request)
    spoken = Spoken(pages.desk_say(), pages.desk_language, zone_of(house, None))
    return pages.page(
        "desk/oversight.html",
        desk=desk_of(house, session),
        section="oversight",
        journeys=[_journey(house, one, session.user, spoken) for one in journeys_seen(house, session.user)],
        heads=[spoken.say(f"insights.watch.{key}") for key in HEADS],
        privacy=spoken.say("insights.watch.privacy", n=FEW),
    )


HEADS = ("shown", "changed", "blind", "alike", "planted", "caught", "time")


def alarms(house: House, folders: Iterable[JourneyFolder], user: User) -> list[JourneyFolder]:
    """Those of these journeys in which advice is changed too seldom, as far as this person may read of it."""
    stated = [one for one in folders if one.journey.oversight.override_rate is not None]
    return [one for one in stated if _read(house, one, user).alarm]


def _read(house: House, folder: JourneyFolder, user: User) -> Oversight:
    leads, groups = may(user, Operation.ASSIGN_OTHERS), may(user, Operation.SEE_INSIGHTS)
    return oversight(house, folder.name, user, leads=leads, groups=groups)


def _journey(house: House, folder: JourneyFolder, user: User, spoken: Spoken) -> JourneyShown:
    found = _read(house, folder, user)
    shown = tuple(_groups(found, user, spoken))
    return JourneyShown(
        folder.name,
        folder.worded(folder.journey.title, spoken.language),
        found.alarm,
        tuple(_told(folder, found, spoken)),
        shown,
    )


def _groups(found: Oversight, user: User, spoken: Spoken) -> Iterator[GroupShown]:
    if found.all is not None and found.all.decisions:
        yield _group(spoken.say("insights.watch.all"), found.all, spoken)
    for team, figures in found.teams.items():
        yield _group(spoken.say("insights.watch.team", team=team), figures, spoken)
    for name, figures in found.persons.items():
        yield _group(spoken.say("insights.watch.you") if name == user.name else name, figures, spoken)


def _group(name: str, of: Figures, spoken: Spoken) -> GroupShown:
    def part(n: int, whole: int) -> str:
        return spoken.say("insights.watch.part", n=n, share=spoken.share(n / whole, digits=0)) if whole else "-"

    seconds = of.seconds
    figures = (
        str(of.shown),
        part(of.changed, of.shown),
        str(of.blind),
        part(of.alike, of.blind),
        str(of.planted),
        part(of.caught, of.planted),
        "-" if seconds is None else spoken.say("insights.watch.seconds", n=round(seconds)),
    )
    return GroupShown(name, figures, alarm=of.watched is not None and of.watched.alarm)


def _told(folder: JourneyFolder, found: Oversight, spoken: Spoken) -> Iterator[str]:
    """What was asked for, what the figures say, and how soon they would say it."""
    say, spec, whole = spoken.say, folder.journey.oversight, found.all
    yield say(
        "insights.watch.shares",
        since=shown_day(found.since.isoformat(), language=spoken.language),
        blind=spoken.share(float(spec.blind_share), digits=1),
        planted=spoken.share(float(spec.planted_share), digits=1),
    )
    if whole is None:
        yield say("insights.watch.few", n=FEW)
        return
    if whole.shown and whole.blind:
        yield say(
            "insights.watch.difference",
            shown=spoken.share(1 - whole.changed / whole.shown, digits=0),
            blind=spoken.share(whole.alike / whole.blind, digits=0),
            chance=spoken.share(whole.chance, digits=1),
        )
    if found.rate is None or whole.watched is None:
        yield say("insights.watch.no_rate")
        return
    enough = needed(found.rate)
    yield say(
        "insights.watch.alarm" if whole.watched.alarm else "insights.watch.quiet",
        k=whole.changed,
        n=whole.shown,
        rate=spoken.share(found.rate, digits=0),
        level=spoken.share(LEVEL, digits=0),
    )
    yield say(
        "insights.watch.power" if enough is not None else "insights.watch.power_none",
        needed=enough,
        n=whole.shown,
        chance=spoken.share(power(whole.shown, found.rate, found.rate / 2), digits=0),
    )
