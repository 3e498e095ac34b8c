"""What every page of the desk shows around its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from api.pages.times import Say
from api.security import Operation, form_token, may, sees_line
from api.signing_in import Session
from cases.approving import role_of
from cases.calendar import next_working_day
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Calendar
from cases.people import User
from cases.vocabulary import View
from pipelines.house import House

#: The key that opens a list of the queue, after g.
LETTERS: Mapping[View, str] = {
    View.US: "w", View.MINE: "m", View.DUE_TODAY: "d", View.UNASSIGNED: "n", View.CUSTOMER: "c", View.THIRD_PARTY: "t",
    View.SECOND_LOOK: "l", View.AUDIT: "b", View.SNOOZED: "s", View.ABSENT: "v", View.ALL: "a",
}  # fmt: skip
#: When a case that was put aside until a day is back, by the clock of its journey.
MORNING = time(9)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """group: work or improve, each under its heading."""

    key: str
    href: str
    icon: str
    group: str = "improve"


@dataclass(frozen=True, slots=True)
class SavedList:
    """owner: of a colleague's list; blank for one's own. count: blank for lists that are not counted."""

    id: str
    name: str
    href: str
    owner: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Desk:
    person: str
    role: str
    csrf: str
    menu: tuple[MenuEntry, ...]
    waiting: int | None = None
    saved: tuple[SavedList, ...] = ()
    views: tuple[tuple[str, str], ...] = ()


def desk_of(house: House, session: Session, *, waiting: int | None = None, saved: tuple[SavedList, ...] = ()) -> Desk:
    """waiting, saved: where a page has them at hand; a page that is not about work shows neither."""
    user = session.user
    menu = []
    if may(user, Operation.READ_CASES):
        menu.append(MenuEntry("queue", "/queue", "inbox", "work"))
        menu.append(MenuEntry("all", "/queue?view=all", "layers", "work"))
    if may(user, Operation.DECIDE) and approves(house, user):
        menu.append(MenuEntry("approvals", "/approvals", "circle-check", "work"))
    menu.append(MenuEntry("journeys", "/journeys", "route"))
    if may(user, Operation.READ_RULES):
        menu.append(MenuEntry("rules", "/rules", "table-2"))
    if may(user, Operation.READ_MODELS):
        menu.append(MenuEntry("models", "/models", "sparkles"))
    if may(user, Operation.SEE_INSIGHTS):
        menu.append(MenuEntry("insights", "/insights", "chart-column"))
    if may(user, Operation.SEE_OVERSIGHT):
        menu.append(MenuEntry("oversight", "/oversight", "scale"))
    if may(user, Operation.SHUT_AUTO_CLOSE):
        menu.append(MenuEntry("shut_off", "/shut-off", "lock"))
    if may(user, Operation.READ_SETTINGS):
        menu.append(MenuEntry("people", "/people", "user"))
    return Desk(
        person=user.name,
        role=str(user.roles[0]),
        csrf=form_token(session.secret, house.keys.session),
        menu=tuple(menu),
        waiting=waiting,
        saved=saved,
        views=tuple((letter, str(view)) for view, letter in LETTERS.items()) if may(user, Operation.READ_CASES) else (),
    )


def journeys_seen(house: House, user: User) -> list[JourneyFolder]:
    """Those of this person's lines of business."""
    folders = (house.journeys.get(name) for name in house.journeys.names())
    return [folder for folder in folders if sees_line(user, folder.journey.line_of_business)]


def approves(house: House, user: User) -> bool:
    """Whether letters of some journey that this person sees wait for the approval of somebody of their role."""
    return any(
        role_of(key, folder.journey) in user.roles
        for folder in journeys_seen(house, user)
        for key in folder.journey.letters
    )


def channel_name(say: Say, channel: str) -> str:
    """In words; one of the house's own, for which there are none, as events name it."""
    name = say(key := f"desk.channel.{channel}")
    return channel if name == key else name


def calendar_of(house: House, journey: str | None) -> Calendar:
    """The opening hours of a journey; of the first one for a case that has none yet."""
    names = house.journeys.names()
    return house.journeys.get(journey if journey in names else names[0]).journey.calendar


def back_on(house: House, journey: str | None) -> date:
    """The day on which a case is back when somebody puts it aside and says nothing else: the next working day."""
    calendar = calendar_of(house, journey)
    return next_working_day(house.now().astimezone(ZoneInfo(calendar.time_zone)).date(), calendar)


def zone_of(house: House, journey: str | None) -> ZoneInfo:
    return ZoneInfo(calendar_of(house, journey).time_zone)
