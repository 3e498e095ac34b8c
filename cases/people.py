"""The organisation's people: what each may and can do with a case, and whose turn it is. Pure.

*May* is a right: role, line of business, limit of money, a second look by somebody else. *Can* is knowledge and time:
skill, language, presence. Nobody is given a case that they may not or cannot do; a person may still take up by hand
what they may.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum, auto

from cases.vocabulary import Role

EVERY_LINE = "*"
DECIDERS = frozenset({Role.HANDLER, Role.EXPERT, Role.LEAD})


@dataclass(frozen=True, slots=True)
class User:
    """lines: lines of business whose cases the user may see. skills: keys of journeys and topics, languages: two
    letters; empty means all. own_limit: largest amount to grant, in euros; None: the journey's for the role.
    """

    name: str
    roles: tuple[Role, ...]
    password_hash: str
    lines: tuple[str, ...] = ("general",)
    disabled_at: datetime | None = None
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    own_limit: Decimal | None = None
    away_until: datetime | None = None
    deputy: str | None = None  # who looks after the cases of somebody who is away

    def sees(self, line: str) -> bool:
        """Whether what belongs to this line of business exists for the user."""
        return line in self.lines or EVERY_LINE in self.lines

    @property
    def lines_seen(self) -> tuple[str, ...] | None:
        """The lines of business to ask the store for; None is all."""
        return None if EVERY_LINE in self.lines else self.lines

    def is_away(self, now: datetime) -> bool:
        return self.disabled_at is not None or (self.away_until is not None and self.away_until > now)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a case asks of whoever does it. amount: in euros. limits: of its journey. barred: names of people who may
    not, as whoever decided what is looked at for the second time.
    """

    line: str
    journey: str | None = None
    topic: str | None = None
    language: str | None = None
    amount: Decimal | None = None
    limits: Mapping[Role, int] | None = None
    barred: Collection[str] = ()


class Hindrance(StrEnum):
    """Why somebody is not given a case, in the order in which it is asked."""

    ROLE = auto()
    LINE = auto()
    BARRED = auto()
    AUTHORITY = auto()
    AWAY = auto()
    LANGUAGE = auto()
    SKILL = auto()


def decides(user: User, line: str) -> bool:
    """Whether this person has a role that decides, an open account, and sees cases of this line of business."""
    return bool(DECIDERS & set(user.roles)) and user.disabled_at is None and user.sees(line)


def limit_of(user: User, limits: Mapping[Role, int] | None) -> Decimal | None:
    """The largest amount this person may grant, in euros: their own, else the journey's for their role; None: any.

    A journey that sets limits gives nothing to roles that it does not name.
    """
    if user.own_limit is not None:
        return user.own_limit
    if not limits:
        return None
    return Decimal(max((limits.get(role, 0) for role in user.roles), default=0))


def may_grant(user: User, amount: Decimal | None, limits: Mapping[Role, int] | None) -> bool:
    """Whether granting this amount lies within the limit; an amount that nobody has named yet does."""
    limit = limit_of(user, limits)
    return amount is None or limit is None or amount <= limit


def hindrance(user: User, needs: Needs, *, now: datetime) -> Hindrance | None:
    """Why this person is not given the case; None when they may and can do it.

    A case whose topic, journey or language is not known yet hinders nobody.
    """
    known = {key for key in (needs.journey, needs.topic) if key is not None}
    found = {
        Hindrance.ROLE: not DECIDERS & set(user.roles),
        Hindrance.LINE: not user.sees(needs.line),
        Hindrance.BARRED: user.name in needs.barred,
        Hindrance.AUTHORITY: not may_grant(user, needs.amount, needs.limits),
        Hindrance.AWAY: user.is_away(now),
        Hindrance.LANGUAGE: bool(user.languages) and needs.language not in (None, *user.languages),
        Hindrance.SKILL: bool(user.skills) and bool(known) and not known & set(user.skills),
    }
    return next((why for why, hinders in found.items() if hinders), None)


def in_turn(users: Iterable[User], needs: Needs, loads: Mapping[str, Decimal], *, now: datetime) -> list[User]:
    """Who may and can do the case, least loaded first; at equal load who learnt this very topic, then by name."""
    fit = [user for user in users if hindrance(user, needs, now=now) is None]
    return sorted(fit, key=lambda user: (loads.get(user.name, Decimal()), needs.topic not in user.skills, user.name))


#: What an open case weighs while it waits on somebody else.
_WAITING_ELSEWHERE = Decimal("0.25")
#: Channels on which a person is waited for at this moment weigh more than those that are read later.
_CHANNELS: Mapping[str, Decimal] = {"phone": Decimal(3), "chat": Decimal(2)}


def weight(*, waiting_on: str, channel: str, danger: bool) -> Decimal:
    """How much of a person's day one open case takes, in cases of e-mail that wait on us."""
    of_channel = _CHANNELS.get(channel, Decimal(1)) * (2 if danger else 1)
    return of_channel if waiting_on == "us" else of_channel * _WAITING_ELSEWHERE
