"""People and programs that may come in: users, sessions, tokens, and how often they tried."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from cases.errors import CaseError, NotFound
from cases.people import EVERY_LINE, User, weight
from cases.store import dialect
from cases.store.rows import CaseRow, EventRow
from cases.store.side_rows import IdentityRow, SessionRow, ThrottleRow, TokenRow, UserRow
from cases.vocabulary import Role

__all__ = ["EVERY_LINE", "PASSWORD_SCOPE", "NameTaken", "People", "Token", "User"]

PASSWORD_SCOPE = "password"  # noqa: S105  # of a link that sets one; no call takes it
_LINK_WORD, _LINK_BYTES = "password ", 8
_LINK_HEAD = len(_LINK_WORD) + 2 * _LINK_BYTES + 1  # letters of a link's title before the name of its user
_LOOKED_BACK = 2000  # events


class NameTaken(CaseError):
    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"there is a {what} {name!r} already; choose another name")
        self.what, self.name = what, name


@dataclass(frozen=True, slots=True)
class Token:
    """A program's way in. name: who it is in the log and whose idempotency keys it uses."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


_USER = tuple(getattr(UserRow, name) for name in User.__dataclass_fields__)
_OF_SESSION = select(*_USER).where(
    UserRow.disabled_at.is_(None),
    UserRow.name.in_(
        select(SessionRow.user).where(
            SessionRow.digest == bindparam("digest"), SessionRow.expires_at > bindparam("now")
        )
    ),
)
_PARTED = ("roles", "lines", "teams", "skills", "languages")  # kept apart by spaces


def _user(row: dict[str, Any]) -> User:
    parted = {name: tuple(row[name].split()) for name in _PARTED}
    return User(**{**row, **parted, "roles": tuple(map(Role, parted["roles"]))})


def _digest(secret: str) -> str:
    """Secrets here are random and long, so one round of SHA-256 is enough to keep them out of the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def _hit(dialect_name: str) -> Any:
    return (
        dialect.upsert(dialect_name, ThrottleRow.__table__)
        .on_conflict_do_update(index_elements=["key", "window"], set_={"hits": ThrottleRow.hits + 1})
        .returning(ThrottleRow.hits)
    )


class People:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- users ------------------------------------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        roles: Collection[Role],
        password_hash: str,
        *,
        at: datetime,
        lines: Collection[str] = ("general",),
    ) -> User:
        """NameTaken when there is one. password_hash: as argon2 writes it."""
        user = User(name, tuple(roles), password_hash, tuple(lines))
        added = self._connection.execute(
            dialect.upsert(self._connection.dialect.name, UserRow.__table__)
            .on_conflict_do_nothing()
            .returning(UserRow.name),
            {
                "name": name,
                "roles": " ".join(user.roles),
                "lines": " ".join(user.lines),
                "password_hash": password_hash,
                "created_at": at,
            },
        )
        if added.first() is None:
            raise NameTaken("user", name)
        return user

    def user(self, name: str) -> User | None:
        """The user, disabled or not; None when there is none."""
        found = self._users(UserRow.name == name)
        return found[0] if found else None

    def users(self) -> list[User]:
        """All users by name."""
        return self._users()

    def _users(self, *conditions: Any) -> list[User]:
        rows = self._connection.execute(select(*_USER).where(*conditions).order_by(UserRow.name))
        return [_user(row._asdict()) for row in rows]

    def loads(self) -> dict[str, Decimal]:
        """What the open cases of each person weigh together; who has none is left out."""
        kinds = (CaseRow.assignee, CaseRow.waiting_on, CaseRow.channel, CaseRow.danger)
        counted = (
            select(*kinds, func.count().label("cases"))
            .where(CaseRow.closed_at.is_(None), CaseRow.assignee.is_not(None))
            .group_by(*kinds)
        )
        loads: dict[str, Decimal] = {}
        for row in self._connection.execute(counted):
            heavy = row.cases * weight(waiting_on=row.waiting_on, channel=row.channel, danger=row.danger)
            loads[row.assignee] = loads.get(row.assignee, Decimal()) + heavy
        return loads

    def change(self, user: User) -> None:
        """Write what this person may and can do, and when they are away; NotFound without such a user.

        All sessions end when rights change. Password and being disabled have methods of their own.
        """
        before = self.user(user.name)
        if before is None:
            raise NotFound("user", user.name)
        values = {name: " ".join(getattr(user, name)) for name in _PARTED}
        values |= {name: getattr(user, name) for name in ("own_limit", "away_until", "deputy")}
        self._connection.execute(update(UserRow).where(UserRow.name == user.name).values(values))
        if (before.roles, before.lines, before.own_limit) != (user.roles, user.lines, user.own_limit):
            self.end_sessions(user.name)

    def set_password(self, name: str, password_hash: str) -> None:
        """NotFound without such a user. All sessions end."""
        self._change_user(name, password_hash=password_hash)

    def disable(self, name: str, *, at: datetime) -> None:
        """NotFound without such a user. All sessions end."""
        self._change_user(name, disabled_at=at)

    def enable(self, name: str) -> None:
        self._change_user(name, disabled_at=None)

    def _change_user(self, name: str, **values: Any) -> None:
        changed = self._connection.execute(update(UserRow).where(UserRow.name == name).values(values))
        if changed.rowcount != 1:
            raise NotFound("user", name)
        self.end_sessions(name)

    def end_sessions(self, name: str, *, but: str = "") -> None:
        """All of this user, save the one with this secret."""
        ended = delete(SessionRow).where(SessionRow.user == name)
        self._connection.execute(ended.where(SessionRow.digest != _digest(but)) if but else ended)

    def sessions(self, *, now: datetime) -> dict[str, int]:
        """How many are open of each user; who has none is left out."""
        counted = select(SessionRow.user, func.count()).where(SessionRow.expires_at > now).group_by(SessionRow.user)
        return {row[0]: row[1] for row in self._connection.execute(counted)}

    def signed_in_at(self) -> dict[str, datetime]:
        """When each user last came in, as far as the newest events of the stream `access` tell."""
        newest = (
            select(EventRow.at, EventRow.body)
            .where(EventRow.stream == "access", EventRow.kind == "access_noted", EventRow.body.is_not(None))
            .order_by(EventRow.seq.desc())
            .limit(_LOOKED_BACK)
        )
        found: dict[str, datetime] = {}
        for row in self._connection.execute(newest):
            told = json.loads(row.body)
            if told["what"].startswith("signed_in"):
                found.setdefault(told["who"], row.at)
        return found

    # --- accounts of an organisation's provider ---------------------------------------------------------------------

    def known_as(self, issuer: str, subject: str) -> User | None:
        """Whose account this subject of the provider has, disabled or not; None: nobody's."""
        linked = select(IdentityRow.user).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
        found = self._users(UserRow.name.in_(linked))
        return found[0] if found else None

    def link(self, issuer: str, subject: str, name: str) -> None:
        """From now on this subject of the provider comes in as this user. A subject is linked once."""
        self._connection.execute(insert(IdentityRow.__table__), {"issuer": issuer, "subject": subject, "user": name})

    # --- sessions and tokens ----------------------------------------------------------------------------------------

    def add_session(self, secret: str, user: str, *, at: datetime, expires_at: datetime) -> None:
        """secret: what the cookie holds, at least 128 random bits; only its SHA-256 is kept."""
        self._connection.execute(
            insert(SessionRow.__table__),
            {"digest": _digest(secret), "user": user, "created_at": at, "expires_at": expires_at},
        )

    def session(self, secret: str, *, now: datetime) -> User | None:
        """Whose session this is; None when unknown, expired or the user is disabled."""
        row = self._connection.execute(_OF_SESSION, {"digest": _digest(secret), "now": now}).first()
        return _user(row._asdict()) if row else None

    def end_session(self, secret: str) -> None:
        self._connection.execute(delete(SessionRow).where(SessionRow.digest == _digest(secret)))

    def add_token(
        self,
        secret: str,
        name: str,
        scopes: Collection[str],
        *,
        at: datetime,
        expires_at: datetime | None = None,
    ) -> Token:
        """NameTaken also for the name of a revoked token: names stand in the log."""
        added = self._connection.execute(
            dialect.upsert(self._connection.dialect.name, TokenRow.__table__)
            .on_conflict_do_nothing()
            .returning(TokenRow.name),
            {
                "digest": _digest(secret),
                "name": name,
                "scopes": " ".join(scopes),
                "created_at": at,
                "expires_at": expires_at,
            },
        )
        if added.first() is None:
            raise NameTaken("token", name)
        return Token(name, tuple(scopes), expires_at)

    def token(self, secret: str, *, now: datetime) -> Token | None:
        """What this token opens; None when unknown, expired or revoked."""
        row = self._connection.execute(
            select(TokenRow.name, TokenRow.scopes, TokenRow.expires_at).where(
                TokenRow.digest == _digest(secret),
                TokenRow.revoked_at.is_(None),
                or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now),
            )
        ).first()
        return Token(row.name, tuple(row.scopes.split()), row.expires_at) if row else None

    def revoke_token(self, name: str, *, at: datetime) -> None:
        """NotFound without such a token."""
        statement = update(TokenRow).where(TokenRow.name == name, TokenRow.revoked_at.is_(None))
        if self._connection.execute(statement.values(revoked_at=at)).rowcount != 1:
            raise NotFound("token", name)

    # --- links that set a password once -----------------------------------------------------------------------------

    def add_password_link(self, secret: str, name: str, *, at: datetime, expires_at: datetime) -> None:
        """From now on the newest one alone opens anything. secret: at least 128 random bits."""
        self.revoke_password_links(name, at=at)
        title = f"{_LINK_WORD}{token_hex(_LINK_BYTES)} {name}"
        self.add_token(secret, title, (PASSWORD_SCOPE,), at=at, expires_at=expires_at)

    def user_of_link(self, secret: str, *, now: datetime) -> User | None:
        """Whose password this link sets; None when it is unknown, used or too old, or the user is disabled."""
        token = self.token(secret, now=now)
        if token is None or token.scopes != (PASSWORD_SCOPE,):
            return None
        user = self.user(token.name[_LINK_HEAD:])
        return user if user is not None and user.disabled_at is None else None

    def revoke_password_links(self, name: str, *, at: datetime) -> int:
        """How many were open."""
        of_user = func.substr(TokenRow.name, _LINK_HEAD + 1) == name
        open_ = update(TokenRow).where(TokenRow.scopes == PASSWORD_SCOPE, of_user, TokenRow.revoked_at.is_(None))
        return self._connection.execute(open_.values(revoked_at=at)).rowcount

    # --- throttling -------------------------------------------------------------------------------------------------

    def hit(self, key: str, *, window: datetime) -> int:
        """Count one try in this window (its beginning) and return how many there were. key: no address in clear."""
        row = {"key": key, "window": window, "hits": 1}
        return int(self._connection.execute(_hit(self._connection.dialect.name), row).scalar_one())

    def hits(self, key: str, *, window: datetime) -> int:
        found = select(ThrottleRow.hits).where(ThrottleRow.key == key, ThrottleRow.window == window)
        return self._connection.execute(found).scalar() or 0

    def forget(self, *, before: datetime) -> None:
        """Drop sessions that have expired and counts of windows that began before."""
        self._connection.execute(delete(SessionRow).where(SessionRow.expires_at < before))
        self._connection.execute(delete(ThrottleRow).where(ThrottleRow.window < before))
