"""Who may do what, and whether a request comes from one of our own pages."""

import hmac
from collections.abc import Mapping
from enum import StrEnum, auto
from hashlib import sha256
from urllib.parse import urlsplit

from cases.store.people import User
from cases.store.search import Within
from cases.vocabulary import Role


class Operation(StrEnum):
    """What a person may be allowed to do; the rows of the table in docs/security."""

    READ_CASES = auto()
    SEE_CUSTOMERS = auto()  # names, addresses and photos as they are, not pseudonymised
    DECIDE = auto()
    ASSIGN_SELF = auto()
    ASSIGN_OTHERS = auto()
    DRAFT_RULES = auto()
    READ_RULES = auto()
    CHANGE_MODELS = auto()
    READ_MODELS = auto()
    SHUT_AUTO_CLOSE = auto()
    ADMINISTER = auto()
    READ_SETTINGS = auto()
    READ_EVENTS = auto()
    SEE_INSIGHTS = auto()
    SEE_OVERSIGHT = auto()  # of oneself; of others as far as privacy goes


_R = Role
_MAY: Mapping[Operation, frozenset[Role]] = {
    Operation.READ_CASES: frozenset(
        {_R.HANDLER, _R.EXPERT, _R.LEAD, _R.JOURNEY_OWNER, _R.DATA_SCIENTIST, _R.AUDITOR},
    ),
    Operation.SEE_CUSTOMERS: frozenset({_R.HANDLER, _R.EXPERT, _R.LEAD, _R.JOURNEY_OWNER, _R.AUDITOR}),
    Operation.DECIDE: frozenset({_R.HANDLER, _R.EXPERT, _R.LEAD}),
    Operation.ASSIGN_SELF: frozenset({_R.HANDLER, _R.EXPERT, _R.LEAD}),
    Operation.ASSIGN_OTHERS: frozenset({_R.LEAD}),
    Operation.DRAFT_RULES: frozenset({_R.JOURNEY_OWNER}),
    Operation.READ_RULES: frozenset({_R.JOURNEY_OWNER, _R.AUDITOR}),
    Operation.CHANGE_MODELS: frozenset({_R.DATA_SCIENTIST}),
    Operation.READ_MODELS: frozenset({_R.JOURNEY_OWNER, _R.DATA_SCIENTIST, _R.AUDITOR}),
    Operation.SHUT_AUTO_CLOSE: frozenset(
        {_R.EXPERT, _R.LEAD, _R.JOURNEY_OWNER, _R.DATA_SCIENTIST, _R.ADMINISTRATOR},
    ),
    Operation.ADMINISTER: frozenset({_R.ADMINISTRATOR}),
    Operation.READ_SETTINGS: frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
    Operation.READ_EVENTS: frozenset({_R.HANDLER, _R.EXPERT, _R.LEAD, _R.JOURNEY_OWNER, _R.AUDITOR}),
    Operation.SEE_INSIGHTS: frozenset({_R.LEAD, _R.JOURNEY_OWNER, _R.AUDITOR}),
    Operation.SEE_OVERSIGHT: frozenset({_R.HANDLER, _R.EXPERT, _R.LEAD, _R.JOURNEY_OWNER, _R.AUDITOR}),
}


def may(user: User, operation: Operation, case_line: str | None = None) -> bool:
    """Whether this person may do this; with a line of business: to a case of that line."""
    if not _MAY[operation] & set(user.roles):
        return False
    return case_line is None or sees_line(user, case_line)


def sees_line(user: User, case_line: str) -> bool:
    """Cases of other lines do not exist for this person: they answer 404."""
    return user.sees(case_line)


def searched_by(user: User | None) -> Within:
    """What a search looks through: who reads without names must not learn of them by asking. None: a program."""
    return Within.ALL if user is None or may(user, Operation.SEE_CUSTOMERS) else Within.REFERENCES


def from_own_page(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a writing request comes from a page of ours, or from a program that is no browser.

    Browsers tell in Sec-Fetch-Site or Origin. An Origin of "null" (our own pages without a referrer, or a
    stranger's) tells nothing, so the older browsers that send only that are held by SameSite cookies and form tokens.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None or origin == "null":
        return True
    shown = urlsplit(origin)
    return origin.rstrip("/") == public_url.rstrip("/") or shown.netloc == headers.get("host")


def form_token(secret: str, key: bytes) -> str:
    """What every form of this session carries."""
    return hmac.new(key, b"form " + secret.encode(), sha256).hexdigest()


def form_token_fits(token: str, secret: str, key: bytes) -> bool:
    return token.isascii() and hmac.compare_digest(token, form_token(secret, key))


def blurred(text: str, key: bytes) -> str:
    """A name for an address in counters: the same for the same address, and no way back."""
    return hmac.new(key, b"seen " + text.encode(), sha256).hexdigest()[:32]
