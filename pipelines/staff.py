"""Changing what people of the organisation may and can do; every change is an event of the stream `access`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.localedata import exists

from cases.errors import NotAllowed, NotFound
from cases.events import AccessNoted
from cases.people import EVERY_LINE, User
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Role
from pipelines.house import House
from pipelines.in_turn import write_in_turn

MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Change:
    """None leaves as it is. no_limit: the journey's limits for the role count again."""

    roles: tuple[Role, ...] | None = None
    lines: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    skills: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    own_limit: Decimal | None = None
    no_limit: bool = False


def known_lines(house: House) -> list[str]:
    return sorted({"general", *(folder.journey.line_of_business for folder in house.journeys.folders.values())})


def known_skills(house: House) -> list[str]:
    """Keys of journeys and of their topics."""
    return sorted({key for name, one in house.journeys.folders.items() for key in (name, *one.journey.topics)})


def add_person(
    house: House,
    name: str,
    password_hash: str,
    change: Change,
    *,
    by: str,
    also: Callable[[Store], object] = lambda _: None,
) -> User:
    """NameTaken; NotAllowed for a line, skill or language that nobody knows. Without lines: all of them.

    also: what is written with the new person, or not at all.
    """
    user = _changed(User(name, (), password_hash, tuple(known_lines(house))), change)
    _check(house, user)
    noted = [AccessNoted("user_added", by, name), *_told(User(name, (), "", ()), user, by)]

    def write(store: Store) -> User:
        store.people.add_user(name, user.roles, password_hash, at=house.now(), lines=user.lines)
        store.people.change(user)
        also(store)
        store.append("access", [(event, SYSTEM) for event in noted], at=house.now())
        return user

    return write_in_turn(house.database, write)


def change_person(house: House, name: str, change: Change, *, by: str) -> User:
    """As add_person, of somebody who is there; NotFound. Their sessions end when rights changed."""
    return _rewrite(house, name, lambda user: _changed(user, change), by=by)


def send_away(house: House, name: str, until: datetime, deputy: str | None, *, by: str) -> User:
    """Until then nobody gives them cases, and theirs are in the view of absent colleagues.

    NotAllowed for a time that is past, or a deputy who is unknown, disabled, away at that time, or the person.
    """
    if until <= house.now():
        raise NotAllowed(f"being away until {until:%Y-%m-%d}", "that day is past; name one that is to come")
    if deputy is not None:
        with house.database.reading() as store:
            stands_in = store.people.user(deputy)
        if stands_in is None:
            raise NotFound("user", deputy)
        if deputy == name or stands_in.is_away(house.now()):
            raise NotAllowed(f"deputy {deputy!r}", "name a colleague who is here")
    return _rewrite(house, name, lambda user: replace(user, away_until=until, deputy=deputy), by=by)


def take_back(house: House, name: str, *, by: str) -> User:
    """From being away."""
    return _rewrite(house, name, lambda user: replace(user, away_until=None, deputy=None), by=by)


def _rewrite(house: House, name: str, rewrite: Callable[[User], User], *, by: str) -> User:
    with house.database.reading() as store:
        before = store.people.user(name)
    if before is None:
        raise NotFound("user", name)
    _check(house, rewrite(before))

    def write(store: Store) -> User:
        old = store.people.user(name) or before
        new = rewrite(old)
        store.people.change(new)
        store.append("access", [(event, SYSTEM) for event in _told(old, new, by)], at=house.now())
        return new

    return write_in_turn(house.database, write)


def _changed(user: User, change: Change) -> User:
    given = {one.name: getattr(change, one.name) for one in fields(change) if one.name != "no_limit"}
    new = replace(user, **{name: value for name, value in given.items() if value is not None})
    return replace(new, own_limit=None) if change.no_limit else new


def _check(house: House, user: User) -> None:
    if not user.roles:
        raise NotAllowed("a person without a role", f"give one of: {', '.join(Role)}")
    if user.own_limit is not None and not _is_amount(user.own_limit):
        raise NotAllowed(f"a limit of {user.own_limit}", f"write euros from 0 to {MOST:f}, with two decimals at most")
    _check_known("line of business", user.lines, [*known_lines(house), EVERY_LINE])
    _check_known("skill", user.skills, known_skills(house))
    for language in user.languages:
        if not exists(language):
            raise NotAllowed(f"language {language!r}", "name one by its two letters, like nl")
    for team in user.teams:
        if not team or len(team.split()) != 1:
            raise NotAllowed(f"team {team!r}", "write it as one word, like claims-north")


def _is_amount(limit: Decimal) -> bool:
    return limit.is_finite() and 0 <= limit <= MOST and limit == round(limit, 2)


def _check_known(what: str, given: Iterable[str], known: list[str]) -> None:
    for key in given:
        if key not in known:
            raise NotAllowed(f"{what} {key!r}", f"nobody knows it; choose from: {', '.join(known)}")


def _told(before: User, after: User, by: str) -> list[AccessNoted]:
    """One event for each thing that changed, with its new value."""
    names = [one.name for one in fields(User) if one.name not in ("name", "password_hash", "disabled_at")]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    return [AccessNoted(f"user_set {name}={_shown(getattr(after, name))}", by, after.name) for name in changed]


def _shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case tuple():
            return ",".join(value) or "none"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
