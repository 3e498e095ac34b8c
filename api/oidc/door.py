"""The way in by the organisation's provider, from the settings to a session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlencode

import structlog
from anyio import CapacityLimiter, to_thread

from api.oidc.asking import SECONDS, Asking
from api.oidc.claims import identify
from api.oidc.leaving import Leaving, came_back
from api.oidc.provider import Client, Provider, is_safe
from api.security import blurred
from api.signing_in import TooManyTries, hash_password, note_access, open_session
from cases.errors import CaseError
from cases.vocabulary import Role
from configs.settings import OutsideGroup, Settings
from pipelines.admitting import BY, NotAdmitted, Why, admit
from pipelines.house import House

log = structlog.get_logger()
BACK = "/login/oidc/back"
REFUSALS_PER_MINUTE = 30  # of one address; what comes after is not even written down
MOST_AT_ONCE = 8  # who wait for the provider; others wait for them, and nobody else does
LONGEST_FIELD = 4096
NO_HINT = "-"


class ProviderUnset(CaseError):
    """Settings of the provider that cannot be used; the message names the variable and what to write."""


@dataclass(frozen=True)
class Door:
    """groups_claim, name_claim: where the provider tells these."""

    provider: Provider
    groups: Mapping[str, OutsideGroup]
    groups_claim: str
    name_claim: str
    waiting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MOST_AT_ONCE))

    async def end_session_url(self, hint: str) -> str | None:
        """Where to sign out there too (OpenID Connect RP-Initiated Logout 1.0); None: nowhere, or not now.

        hint: the ID token that they came in with, or NO_HINT.
        """
        try:
            addresses = await to_thread.run_sync(self.provider.addresses, limiter=self.waiting)
        except NotAdmitted:
            return None
        if addresses.end_session is None:
            return None
        client = self.provider.client
        asked = {"client_id": client.id, "post_logout_redirect_uri": client.back.removesuffix(BACK) + "/login"}
        if hint != NO_HINT:
            asked["id_token_hint"] = hint
        return f"{addresses.end_session}{'&' if '?' in addresses.end_session else '?'}{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """secret: of the new session. id_token: what the provider wants to see again when they sign out there."""

    secret: str
    wanted: str
    id_token: str


def open_door(settings: Settings, *, seconds: float = SECONDS) -> Door:
    """Nothing is asked of the provider yet. seconds: how long each answer may take. Raises ProviderUnset."""
    if not is_safe(settings.oidc_issuer):
        raise ProviderUnset("CASEWRIGHT_OIDC_ISSUER must be an https address, written exactly as the provider does")
    if not settings.oidc_client_id:
        raise ProviderUnset("CASEWRIGHT_OIDC_CLIENT_ID is missing; write what the provider calls this installation")
    if not settings.oidc_roles:
        raise ProviderUnset("CASEWRIGHT_OIDC_ROLES is empty, so nobody could come in; name a group and its role")
    for name, group in settings.oidc_roles.items():
        if group.role not in set(Role):
            raise ProviderUnset(
                f"CASEWRIGHT_OIDC_ROLES {name!r}: no role {group.role!r}; write one of {', '.join(Role)}"
            )
    secret = settings.oidc_client_secret
    client = Client(
        issuer=str(settings.oidc_issuer),
        id=settings.oidc_client_id,
        secret=secret.get_secret_value() if secret else None,
        back=settings.public_url.rstrip("/") + BACK,
        scopes=settings.oidc_scopes,
    )
    provider = Provider(client, asking=Asking(seconds=seconds))
    return Door(provider, settings.oidc_roles, settings.oidc_groups, settings.oidc_name)


def departure(house: House, door: Door, left: Leaving) -> str:
    """Where the browser goes to sign in. Raises NotAdmitted (AWAY)."""
    key = house.keys.session
    try:
        return door.provider.departure(state=left.state(key), nonce=left.nonce(key), verifier=left.verifier(key))
    except NotAdmitted as error:
        log.warning("login.provider_away", detail=error.detail)
        raise


def come_in(house: House, door: Door, told: Mapping[str, str], *, cookie: str, address: str) -> Arrival:
    """Somebody is back from the provider. told: the fields of the address they came back to.

    Raises NotAdmitted; what was refused is an event. TooManyTries: of this address.
    """
    minute = house.now().replace(second=0, microsecond=0)
    who = f"provider {blurred(address, house.keys.session)}"
    with house.database.reading() as store:
        tried = store.people.hits(who, window=minute)
    if tried >= REFUSALS_PER_MINUTE:
        raise TooManyTries(_seconds_left(house.now(), minute))
    try:
        return _come_in(house, door, told, cookie)
    except NotAdmitted as error:
        log.warning("login.refused", why=error.why, detail=error.detail)
        if error.why is not Why.AWAY:
            with house.database.writing() as store:
                store.people.hit(who, window=minute)
            note_access(house, f"sign_in_refused {error.why}", who=BY, subject=error.who)
        raise


def _come_in(house: House, door: Door, told: Mapping[str, str], cookie: str) -> Arrival:
    key, now = house.keys.session, house.now()
    state, code = (told.get(name, "")[:LONGEST_FIELD] for name in ("state", "code"))
    left = came_back(cookie, state, key=key, now=now)
    if left is None:
        raise NotAdmitted(Why.STALE, "this browser did not leave from here, or too long ago")
    with house.database.writing() as store:
        again = left.used_before(store)
    if again:
        raise NotAdmitted(Why.STALE, "this browser came back with this before")
    _check_issuer(door.provider, told.get("iss"))
    if "error" in told or not code:
        raise NotAdmitted(Why.DECLINED, "the provider sent them back without a code")
    tokens = door.provider.exchange(code, left.verifier(key))
    identity = identify(
        door.provider, tokens, nonce=left.nonce(key), now=now, name=door.name_claim, groups=door.groups_claim
    )
    user = admit(house, identity, door.groups, unusable=lambda: hash_password(token_urlsafe(32)))
    secret = open_session(house, user.name, how="signed_in by_provider")
    return Arrival(secret, left.wanted, tokens.id_token)


def _check_issuer(provider: Provider, told: str | None) -> None:
    """So that another provider's answer is not taken for this one's (RFC 9207)."""
    if told is None and not provider.addresses().tells_issuer:
        return
    if told != provider.client.issuer:
        raise NotAdmitted(Why.UNPROVEN, "the answer comes from another provider")


def _seconds_left(now: datetime, minute: datetime) -> int:
    return int((minute + timedelta(minutes=1) - now.astimezone(UTC)).total_seconds()) + 1
