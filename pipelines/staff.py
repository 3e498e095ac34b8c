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
from cases.vocabulary import SYSTEM, Actor, Role
from pipelines.house import House
from pipelines.in_turn import write_in_turn

MOST = Decimal(10) ** 12


class LastAdministrator(NotAllowed):
    """Without one nobody could give rights any more, save who has the machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"taking {name!r} from the administrators", "nobody else is one; make somebody else one first")


class OwnRights(NotAllowed):
    """Nobody gives themselves more; another administrator does."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} giving more rights to themselves", "ask another administrator to do it")


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
    actor: Actor = SYSTEM,
    also: Callable[[Store], object] = lambda _: None,
) -> User:
    """NameTaken; NotAllowed for a line, skill or language that nobody knows. Without lines: all of them.

    actor: of the events; the person `by`, where one is signed in. also: what is written with the new person, or not
    at all.
    """
    user = _changed(User(name, (), password_hash, tuple(known_lines(house))), change)
    _check(house, user)
    noted = [AccessNoted("user_added", by, name), *_told(User(name, (), "", ()), user, by)]

    def write(store: Store) -> User:
        store.people.add_user(name, user.roles, password_hash, at=house.now(), lines=user.lines)
        store.people.change(user)
        also(store)
        store.append("access", [(event, actor) for event in noted], at=house.now())
        return user

    return write_in_turn(house.database, write)


def change_person(house: House, name: str, change: Change, *, by: str, actor: Actor = SYSTEM) -> User:
    """As add_person, of somebody who is there; NotFound. Their sessions end when rights changed.

    Raises LastAdministrator, and OwnRights for a person who would have more rights by their own doing.
    """

    def write(store: Store, old: User) -> User:
        new = _changed(old, change)
        if actor == Actor("person", name) and _has_more(new, old):
            raise OwnRights(name)
        return _written(store, old, new, by=by, actor=actor, at=house.now())

    return _in_turn(house, name, write, check=lambda old: _check(house, _changed(old, change)))


def follow_provider(house: House, name: str, change: Change, *, by: str) -> User:
    """As change_person, where the organisation's provider says so: whoever it takes a right from has it no more."""

    def write(store: Store, old: User) -> User:
        return _noted(store, old, _changed(old, change), by=by, actor=SYSTEM, at=house.now())

    return _in_turn(house, name, write, check=lambda old: _check(house, _changed(old, change)))


def send_away(house: House, name: str, until: datetime, deputy: str | None, *, by: str, actor: Actor = SYSTEM) -> User:
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

    def write(store: Store, old: User) -> User:
        new = replace(old, away_until=until, deputy=deputy)
        return _written(store, old, new, by=by, actor=actor, at=house.now())

    return _in_turn(house, name, write)


def take_back(house: House, name: str, *, by: str, actor: Actor = SYSTEM) -> User:
    """From being away."""

    def write(store: Store, old: User) -> User:
        return _written(store, old, replace(old, away_until=None, deputy=None), by=by, actor=actor, at=house.now())

    return _in_turn(house, name, write)


def bar(house: House, name: str, *, by: str, actor: Actor = SYSTEM) -> None:
    """Their account is shut, their sessions and links end. NotFound, LastAdministrator; NotAllowed for oneself."""
    if actor == Actor("person", name):
        raise NotAllowed("barring yourself", "ask another administrator to do it")

    def write(store: Store, old: User) -> User:
        store.people.disable(name, at=house.now())
        store.people.revoke_password_links(name, at=house.now())
        store.append("access", [(AccessNoted("user_disabled", by, name), actor)], at=house.now())
        _check_administrated(store, old)
        return old

    _in_turn(house, name, write)


def let_in(house: House, name: str, *, by: str, actor: Actor = SYSTEM) -> None:
    """The account of somebody who was barred is open again. NotFound."""

    def write(store: Store, old: User) -> User:
        store.people.enable(name)
        store.append("access", [(AccessNoted("user_enabled", by, name), actor)], at=house.now())
        return old

    _in_turn(house, name, write)


def end_sessions(house: House, name: str, *, by: str, actor: Actor, but: str = "") -> None:
    """They sign in again everywhere, save in the session of this secret. NotFound."""

    def write(store: Store, old: User) -> User:
        store.people.end_sessions(name, but=but)
        store.append("access", [(AccessNoted("sessions_ended", by, name), actor)], at=house.now())
        return old

    _in_turn(house, name, write)


def set_password(house: House, name: str, password_hash: str, *, by: str, actor: Actor = SYSTEM) -> None:
    """Their sessions end, and links to set a password open nothing any more. NotFound."""

    def write(store: Store, old: User) -> User:
        store.people.set_password(name, password_hash)
        store.people.revoke_password_links(name, at=house.now())
        store.append("access", [(AccessNoted("password_set", by, name), actor)], at=house.now())
        return old

    _in_turn(house, name, write)


def set_password_by_link(house: House, secret: str, password_hash: str) -> str | None:
    """Whose password it was; None when the link is unknown, too old or was used, or its user is barred."""

    def write(store: Store) -> str | None:
        user = store.people.user_of_link(secret, now=house.now())
        if user is None or not store.people.revoke_password_links(user.name, at=house.now()):
            return None
        store.people.set_password(user.name, password_hash)
        noted = AccessNoted("password_set by_link", user.name, user.name)
        store.append("access", [(noted, Actor("person", user.name))], at=house.now())
        return user.name

    return write_in_turn(house.database, write)


def _in_turn(
    house: House, name: str, write: Callable[[Store, User], User], *, check: Callable[[User], None] = lambda _: None
) -> User:
    """check: of the person as they are, before anything is written."""
    with house.database.reading() as store:
        before = store.people.user(name)
    if before is None:
        raise NotFound("user", name)
    check(before)
    return write_in_turn(house.database, lambda store: write(store, store.people.user(name) or before))


def _written(store: Store, old: User, new: User, *, by: str, actor: Actor, at: datetime) -> User:
    _noted(store, old, new, by=by, actor=actor, at=at)
    if Role.ADMINISTRATOR not in new.roles:
        _check_administrated(store, old)
    return new


def _noted(store: Store, old: User, new: User, *, by: str, actor: Actor, at: datetime) -> User:
    store.people.change(new)
    store.append("access", [(event, actor) for event in _told(old, new, by)], at=at)
    return new


def _check_administrated(store: Store, old: User) -> None:
    """Asked after the event was written: of two who take the role from each other, one has to wait and then sees it."""
    if Role.ADMINISTRATOR not in old.roles or old.disabled_at is not None:
        return
    if not any(Role.ADMINISTRATOR in one.roles and one.disabled_at is None for one in store.people.users()):
        raise LastAdministrator(old.name)


def _has_more(new: User, old: User) -> bool:
    """A role or line that was not there, or another limit of money than one that is lower."""
    lower = None not in (new.own_limit, old.own_limit) and (new.own_limit or 0) <= (old.own_limit or 0)
    limit = new.own_limit != old.own_limit and not lower
    return limit or not set(new.roles) <= set(old.roles) or not set(new.lines) <= set(old.lines)


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
