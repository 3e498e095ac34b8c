"""People of the organisation as the page of administrators shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from api.pages.spoken import Spoken
from api.pages.times import Pill, shown_day
from cases.people import EVERY_LINE, User
from cases.vocabulary import Role
from pipelines.house import House
from pipelines.staff import known_lines


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list. can: teams, skills and languages; blank: any. seen: when they last came in."""

    name: str
    href: str
    roles: str
    lines: str
    teams: str
    can: str
    limit: str
    here: Pill
    deputy: str
    seen: str
    sessions: int


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick. field: its name in the form."""

    field: str
    key: str
    label: str


def people_shown(house: House, spoken: Spoken) -> list[Person]:
    """Everybody with an account, by name."""
    now = house.now()
    with house.database.reading() as store:
        users, sessions, seen = store.people.users(), store.people.sessions(now=now), store.people.signed_in_at()
    return [person_shown(one, now=now, sessions=sessions, seen=seen, spoken=spoken) for one in users]


def person_shown(
    user: User, *, now: datetime, sessions: Mapping[str, int], seen: Mapping[str, datetime], spoken: Spoken
) -> Person:
    say = spoken.say
    came = seen.get(user.name)
    return Person(
        name=user.name,
        href=address_of(user.name),
        roles=", ".join(say(f"desk.role.{role}") for role in user.roles),
        lines=", ".join(_line(line, spoken) for line in user.lines) or say("people.no_line"),
        teams=", ".join(user.teams) or say("people.no_team"),
        can=", ".join([*user.skills, *user.languages]) or say("people.any"),
        limit=say("people.euros", amount=f"{user.own_limit:f}")
        if user.own_limit is not None
        else say("people.of_role"),
        here=_here(user, now, spoken),
        deputy=user.deputy if user.deputy is not None and user.is_away(now) else "",
        seen=spoken.moment(came) if came else say("people.not_seen"),
        sessions=sessions.get(user.name, 0),
    )


def address_of(name: str) -> str:
    return f"/people/one?{urlencode({'name': name})}"


def _here(user: User, now: datetime, spoken: Spoken) -> Pill:
    if user.disabled_at is not None:
        return Pill(spoken.say("people.barred"), "late", "lock")
    if user.away_until is None or not user.is_away(now):
        return Pill(spoken.say("people.here"), "good", "circle-check")
    until = shown_day(user.away_until.astimezone(spoken.zone).isoformat(), language=spoken.language)
    return Pill(spoken.say("people.away_until", until=until), "soon", "clock")


def _line(line: str, spoken: Spoken) -> str:
    return spoken.say("people.every_line") if line == EVERY_LINE else line


def role_boxes(spoken: Spoken) -> list[Box]:
    return [Box(f"role.{role}", role, spoken.say(f"desk.role.{role}")) for role in Role]


def line_boxes(house: House, spoken: Spoken, ticked: Iterable[str]) -> list[Box]:
    """ticked: shown too where no journey has such a line of business any more."""
    lines = dict.fromkeys([EVERY_LINE, *known_lines(house), *ticked])
    return [Box(f"line.{line}", line, _line(line, spoken)) for line in lines]
