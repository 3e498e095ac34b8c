"""People whom the organisation's own provider vouches for: the account that is theirs, and what its groups allow.

An account belongs to a subject of the provider, never to a name: whoever takes a colleague's name there comes in to
nothing here, and an account that was made by hand is nobody's at the provider.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from cases.errors import CaseError, NotAllowed
from cases.events import AccessNoted
from cases.people import User
from cases.store.people import NameTaken
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Role
from configs.settings import OutsideGroup
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.staff import Change, add_person, follow_provider

BY = "provider"
_FIT = re.compile(r"\w[\w.@+-]{0,79}")


class Why(StrEnum):
    """Why somebody does not come in; each has a sentence for them, login.outside.*."""

    NO_GROUP = auto()  # none of their groups may do anything here
    NAME_TAKEN = auto()  # somebody else here is called so
    NAME_UNFIT = auto()  # the provider tells no name, or one that cannot be an account's
    DISABLED = auto()
    RULES_UNFIT = auto()  # the setting gives what nobody knows here, as a line of business
    STALE = auto()  # they did not leave from here, too long ago, or came back once already
    DECLINED = auto()  # the provider says no
    UNPROVEN = auto()  # what the provider says about them does not hold
    AWAY = auto()  # the provider does not answer, or nothing of use


class NotAdmitted(CaseError):
    """detail: what was wrong, for the log; no words of anybody. who: a name that the provider vouched for, else ""."""

    def __init__(self, why: Why, detail: str, *, who: str = "") -> None:
        super().__init__(f"nobody came in by the organisation's provider ({why}): {detail}")
        self.why, self.detail, self.who = why, detail, who


@dataclass(frozen=True, slots=True)
class Identity:
    """What the provider vouches for. subject: theirs for ever at this issuer; name and groups may change."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


def admit(house: House, identity: Identity, groups: Mapping[str, OutsideGroup], *, unusable: Callable[[], str]) -> User:
    """The account of this person, with the rights that their groups have now; made when they come for the first time.

    unusable: the hash of a password that nobody knows, for a new account. Raises NotAdmitted.
    """
    with house.database.reading() as store:
        user = store.people.known_as(identity.issuer, identity.subject)
    if user is not None and user.disabled_at is not None:
        raise NotAdmitted(Why.DISABLED, "the account is disabled; open it with users enable", who=user.name)
    change = rights_of(identity.groups, groups)
    if change is None:
        _end_sessions(house, user)
        who = user.name if user else account_name(identity.name) or ""
        raise NotAdmitted(Why.NO_GROUP, "CASEWRIGHT_OIDC_ROLES names none of their groups", who=who)
    try:
        if user is None:
            return _first_time(house, identity, change, unusable)
        return _as_now(house, user, change)
    except NotAllowed as error:
        raise NotAdmitted(
            Why.RULES_UNFIT, f"CASEWRIGHT_OIDC_ROLES: {error}", who=account_name(identity.name) or ""
        ) from error


def rights_of(names: Collection[str], groups: Mapping[str, OutsideGroup]) -> Change | None:
    """Roles, lines and teams of all their groups together; None when none of them is known.

    Teams are set only where the groups say anything about teams; else they stay as an administrator set them.
    """
    theirs = [groups[name] for name in sorted(set(names)) if name in groups]
    if not theirs:
        return None
    teams = _once(group.team for group in theirs if group.team)
    return Change(
        roles=tuple(role for role in Role if role in {group.role for group in theirs}),
        lines=_once(line for group in theirs for line in group.lines),
        teams=teams if any(group.team for group in groups.values()) else None,
    )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _first_time(house: House, identity: Identity, change: Change, unusable: Callable[[], str]) -> User:
    name = account_name(identity.name)
    if name is None:
        raise NotAdmitted(
            Why.NAME_UNFIT, "the provider tells no name that an account can have; see CASEWRIGHT_OIDC_NAME"
        )
    with house.database.reading() as store:
        taken = any(user.name.casefold() == name.casefold() for user in store.people.users())
    refused = NotAdmitted(Why.NAME_TAKEN, "an account of that name belongs to somebody else", who=name)
    if taken:
        raise refused

    def link(store: Store) -> None:
        store.people.link(identity.issuer, identity.subject, name)

    try:
        return add_person(house, name, unusable(), change, by=BY, also=link)
    except NameTaken as error:  # at this moment: by themselves in another window, or by somebody else
        with house.database.reading() as store:
            user = store.people.known_as(identity.issuer, identity.subject)
        if user is None:
            raise refused from error
        return user


def account_name(told: str) -> str | None:
    """The name in small letters, its signs in one form (NFKC); None when it cannot be an account's."""
    name = unicodedata.normalize("NFKC", told).strip().lower()
    return name if _FIT.fullmatch(name) else None


def _as_now(house: House, user: User, change: Change) -> User:
    """The same account, unless its rights changed at the provider; then its older sessions end."""
    now = replace(
        user,
        roles=change.roles or user.roles,
        lines=change.lines or user.lines,
        teams=user.teams if change.teams is None else change.teams,
    )
    return user if now == user else follow_provider(house, user.name, change, by=BY)


def _end_sessions(house: House, user: User | None) -> None:
    """Of somebody who is in no group any more."""
    if user is None:
        return

    def write(store: Store) -> None:
        store.people.end_sessions(user.name)
        store.append("access", [(AccessNoted("sessions_ended", BY, user.name), SYSTEM)], at=house.now())

    write_in_turn(house.database, write)
