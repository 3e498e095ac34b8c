"""What every page of the desk shows around its content."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from api.security import Operation, form_token, may
from api.signing_in import Session
from cases.journey_spec import Calendar
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class MenuEntry:
    key: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class Desk:
    person: str
    login: str
    role: str
    csrf: str
    menu: tuple[MenuEntry, ...]
    waiting: int | None = None


def desk_of(house: House, session: Session, *, waiting: int | None = None) -> Desk:
    user = session.user
    menu = []
    if may(user, Operation.READ_CASES):
        menu += [MenuEntry("queue", "/queue", "inbox"), MenuEntry("all", "/queue?view=all", "layers")]
    menu.append(MenuEntry("journeys", "/journeys", "route"))
    if may(user, Operation.READ_RULES):
        menu.append(MenuEntry("rules", "/rules", "table-2"))
    if may(user, Operation.READ_MODELS):
        menu.append(MenuEntry("models", "/models", "sparkles"))
    return Desk(
        person=user.name,
        login=user.name,
        role=str(user.roles[0]),
        csrf=form_token(session.secret, house.keys.session),
        menu=tuple(menu),
        waiting=waiting,
    )


def calendar_of(house: House, journey: str | None) -> Calendar:
    """The opening hours of a journey; of the first one for a case that has none yet."""
    names = house.journeys.names()
    return house.journeys.get(journey if journey in names else names[0]).journey.calendar


def zone_of(house: House, journey: str | None) -> ZoneInfo:
    return ZoneInfo(calendar_of(house, journey).time_zone)
