"""Links by which a person sets their own password, once: whoever made the account never knows it."""

import secrets
from datetime import timedelta

from api.signing_in import hash_password
from cases.errors import NotFound
from cases.events import AccessNoted
from cases.store.people import NameTaken
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.staff import Change, add_person

HOURS = (4, 24, 72)  # for which a link may hold


def add_with_link(house: House, name: str, change: Change, *, hours: int, by: str) -> str:
    """The path where the new person sets a password; until then nobody comes in by one. NameTaken, NotAllowed."""
    with house.database.reading() as store:
        if any(user.name.casefold() == name.casefold() for user in store.people.users()):
            raise NameTaken("user", name)
    secret, actor = secrets.token_urlsafe(32), Actor("person", by)
    unusable = hash_password(secrets.token_urlsafe(32))

    def link(store: Store) -> None:
        _write(house, store, secret, name, hours=hours, by=by)

    add_person(house, name, unusable, change, by=by, actor=actor, also=link)
    return _path(secret)


def link_for(house: House, name: str, *, hours: int, by: str) -> str:
    """The path where this person sets a new password; the old one holds until then. NotFound."""
    secret = secrets.token_urlsafe(32)
    with house.database.reading() as store:
        if store.people.user(name) is None:
            raise NotFound("user", name)
    write_in_turn(house.database, lambda store: _write(house, store, secret, name, hours=hours, by=by))
    return _path(secret)


def _write(house: House, store: Store, secret: str, name: str, *, hours: int, by: str) -> None:
    now = house.now()
    store.people.add_password_link(secret, name, at=now, expires_at=now + timedelta(hours=hours))
    noted = AccessNoted(f"password_link_made hours={hours}", by, name)
    store.append("access", [(noted, Actor("person", by))], at=now)


def _path(secret: str) -> str:
    return f"/login/password/{secret}"
