"""Signing in: passwords, sessions in cookies, one-time links, and how often somebody may try."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.security import blurred
from cases.errors import CaseError, NotFound
from cases.events import AccessNoted
from cases.store.people import User
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Actor
from pipelines.house import House
from pipelines.in_turn import write_in_turn

LONGEST = timedelta(hours=12)  # however busy, after this one signs in again
IDLE = timedelta(hours=1)
ONCE = timedelta(minutes=30)
ONCE_SCOPE = "login"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1024

#: Tries of one name from one address: at most n in a minute, an hour, a day. The wait grows with each limit.
TRIES = ((timedelta(minutes=1), 5), (timedelta(hours=1), 15), (timedelta(days=1), 40))
#: One address trying many names gets this many times as much.
TRIES_OF_ADDRESS = 10

_HASHER = PasswordHasher()


class Scope(StrEnum):
    """What a program with a token may do."""

    SEND = "messages:write"
    READ = "cases:read"
    WATCH = "metrics:read"


class TooManyTries(CaseError):
    """seconds: until the next try counts."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries; wait {seconds} seconds and try again")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Session:
    user: User
    secret: str
    fresh: bool  # the cookie was given out a short while ago


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such user, so that names cannot be told apart by the time it takes."""
    return _HASHER.hash(secrets.token_hex(16))


def password_fits(user: User | None, password: str) -> bool:
    """False also for a disabled or unknown user, after the same work."""
    known = user is not None and user.disabled_at is None
    try:
        _HASHER.verify(user.password_hash if user is not None and known else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known


def sign_in(house: House, name: str, password: str, *, address: str, instead_of: str = "") -> str | None:
    """The secret of a new session; None when name and password do not match. Raises TooManyTries.

    instead_of: the cookie of a session that this browser has; it ends.
    """
    now = house.now()
    with house.database.writing() as store:
        wait = _count_try(store, name, address, key=house.keys.session, now=now)
    if wait:
        raise TooManyTries(wait)
    with house.database.reading() as store:
        user = store.people.user(name)
    if len(password) > LONGEST_PASSWORD or not password_fits(user, password):
        note_access(house, "sign_in_failed", who=blurred(name, house.keys.session))
        return None
    return open_session(house, name, instead_of=instead_of)


def _count_try(store: Store, name: str, address: str, *, key: bytes, now: datetime) -> int:
    """Seconds to wait before this try counts; 0 when it may go on."""
    wait = 0
    for length, most in TRIES:
        begin, end = _window(now, length)
        for who, allowed in ((f"{name}\n{address}", most), (address, most * TRIES_OF_ADDRESS)):
            if store.people.hit(f"login {length.total_seconds():.0f} {blurred(who, key)}", window=begin) > allowed:
                wait = max(wait, int((end - now).total_seconds()) + 1)
    return wait


def _window(now: datetime, length: timedelta) -> tuple[datetime, datetime]:
    begin = datetime.fromtimestamp(now.timestamp() // length.total_seconds() * length.total_seconds(), UTC)
    return begin, begin + length


# --- sessions -----------------------------------------------------------------------------------------------------


def open_session(house: House, name: str, *, instead_of: str = "", how: str = "signed_in") -> str:
    """A new secret each time; the session of the cookie `instead_of` ends. how: what the log calls it."""
    secret = secrets.token_urlsafe(32)
    now = house.now()

    def write(store: Store) -> None:
        before = read_cookie(store, instead_of, key=house.keys.session, now=now) if instead_of else None
        if before is not None:
            store.people.end_session(before.secret)
        store.people.add_session(secret, name, at=now, expires_at=now + LONGEST)
        store.append("access", [(AccessNoted(how, name), Actor("person", name))], at=now)

    write_in_turn(house.database, write)
    return secret


def close_session(house: House, session: Session) -> None:
    noted = AccessNoted("signed_out", session.user.name), Actor("person", session.user.name)

    def write(store: Store) -> None:
        store.people.end_session(session.secret)
        store.append("access", [noted], at=house.now())

    write_in_turn(house.database, write)


def cookie_of(secret: str, *, key: bytes, now: datetime) -> str:
    """secret, when it was last used, and a seal over both: what the browser keeps."""
    stamp = f"{secret}.{int(now.timestamp())}"
    return f"{stamp}.{_seal(stamp, key)}"


def read_cookie(store: Store, cookie: str, *, key: bytes, now: datetime) -> Session | None:
    """Whose session it is; None when unknown, over, unused for an hour, or not sealed by us."""
    stamp, _, seal = cookie.rpartition(".")
    secret, _, used = stamp.rpartition(".")
    if not cookie.isascii() or not hmac.compare_digest(seal, _seal(stamp, key)):
        return None
    unused = now.timestamp() - int(used)
    user = store.people.session(secret, now=now) if unused < IDLE.total_seconds() else None
    return Session(user, secret, fresh=unused < IDLE.total_seconds() / 12) if user else None


def _seal(stamp: str, key: bytes) -> str:
    return hmac.new(key, b"cookie " + stamp.encode(), sha256).hexdigest()


# --- links that work once ------------------------------------------------------------------------------------------


def login_path(house: House, name: str) -> str:
    """A path that signs this user in once, within half an hour."""
    secret = secrets.token_urlsafe(32)
    now = house.now()
    with house.database.writing() as store:
        if store.people.user(name) is None:
            raise NotFound("user", name)
        title = f"login {secrets.token_hex(8)} {name}"
        store.people.add_token(secret, title, (ONCE_SCOPE,), at=now, expires_at=now + ONCE)
    return f"/login/once/{secret}"


def use_login(house: House, secret: str, *, instead_of: str = "") -> str | None:
    """The secret of a new session; None when the link is unknown, too old or was used before. instead_of: as above."""
    now = house.now()
    with house.database.writing() as store:
        token = store.people.token(secret, now=now)
        if token is None or token.scopes != (ONCE_SCOPE,):
            return None
        store.people.revoke_token(token.name, at=now)
    return open_session(house, token.name.split(" ", 2)[2], instead_of=instead_of)


def note_access(house: House, what: str, *, who: str, subject: str = "") -> None:
    noted = AccessNoted(what, who, subject), SYSTEM
    write_in_turn(house.database, lambda store: store.append("access", [noted], at=house.now()))
