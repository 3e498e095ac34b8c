"""The organisation's provider as it describes itself: its addresses and its keys, asked for and kept for a while."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from api.oidc.asking import Asking, away
from pipelines.admitting import NotAdmitted, Why

KEPT_SECONDS = 3600.0  # a key that is taken back there is not believed for longer
REST_SECONDS = 10.0  # after it did not answer, strangers cannot make us wait for it again
LEAST_RSA_BITS = 2048
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
Key = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Client:
    """What we are at the provider. back: where it sends people back to."""

    issuer: str
    id: str
    secret: str | None
    back: str
    scopes: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """From /.well-known/openid-configuration. by_header: the secret goes in a header, else in the form."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    by_header: bool
    tells_issuer: bool  # in what it sends people back with (RFC 9207)


@dataclass(frozen=True, slots=True)
class Tokens:
    id_token: str
    access_token: str


class Provider:
    """May be used by several threads. Everything here may raise NotAdmitted (AWAY)."""

    def __init__(
        self, client: Client, *, asking: Asking | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.client = client
        self._asking = asking or Asking()
        self._clock = clock
        self._lock = threading.Lock()
        self._addresses: Addresses | None = None
        self._addresses_at = 0.0
        self._keys: list[Mapping[str, Any]] = []
        self._keys_at: float | None = None
        self._looked_at = float("-inf")  # when keys were last asked for because of an unknown one
        self._silent_until = float("-inf")

    def addresses(self) -> Addresses:
        """Asked for again after an hour; what was told before goes on while the provider is silent."""
        with self._lock:
            fresh = self._clock() - self._addresses_at < KEPT_SECONDS
            if self._addresses is not None and (fresh or self._clock() < self._silent_until):
                return self._addresses
            try:
                told = self._read(f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
                self._addresses, self._addresses_at = _addresses(told, self.client.issuer), self._clock()
            except NotAdmitted:
                if self._addresses is None:
                    raise
            return self._addresses

    def departure(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes."""
        url: str = prepare_grant_uri(
            self.addresses().authorization,
            self.client.id,
            "code",
            redirect_uri=self.client.back,
            scope=self.client.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    def exchange(self, code: str, verifier: str) -> Tokens:
        """What the code is worth; NotAdmitted (UNPROVEN) when the provider does not take it."""
        addresses, client = self.addresses(), self.client
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.back,
            "code_verifier": verifier,
        }
        auth = None
        if client.secret is not None and addresses.by_header:
            auth = (quote(client.id, safe=""), quote(client.secret, safe=""))  # RFC 6749, 2.3.1
        else:
            fields["client_id"] = client.id
            if client.secret is not None:
                fields["client_secret"] = client.secret
        status, answer = self._asking.send(addresses.token, fields, auth=auth)
        match status, answer.get("id_token"), answer.get("access_token"):
            case httpx.codes.OK, str(id_token), access_token:
                return Tokens(id_token, access_token if isinstance(access_token, str) else "")
            case httpx.codes.BAD_REQUEST, _, _ if answer.get("error") == "invalid_grant":
                raise NotAdmitted(Why.UNPROVEN, "the provider does not take the code")
            case httpx.codes.BAD_REQUEST | httpx.codes.UNAUTHORIZED, _, _:
                raise away(f"the token endpoint answers {status}; check CASEWRIGHT_OIDC_CLIENT_ID and _CLIENT_SECRET")
            case _:
                raise away(f"the token endpoint answers {status} without an id_token")

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """More claims than the ID token has; {} where the provider offers none."""
        address = self.addresses().userinfo
        if address is None or not access_token:
            return {}
        return self._asking.read(address, headers={"Authorization": f"Bearer {access_token}"})

    def key(self, kid: str | None, algorithm: str) -> Key | None:
        """The key that signs so. An unknown one is looked for at the provider once, not again within REST_SECONDS.

        Without kid: the only key there is for the algorithm.
        """
        with self._lock:
            if self._keys_at is None or self._clock() - self._keys_at >= KEPT_SECONDS:
                self._fetch_keys()
            found = _fitting(self._keys, kid, algorithm)
            if found is None and self._clock() - self._looked_at >= REST_SECONDS:
                self._looked_at = self._clock()
                self._fetch_keys()
                found = _fitting(self._keys, kid, algorithm)
            return found

    def _fetch_keys(self) -> None:
        if self._addresses is None:
            raise away("the provider has not told its addresses")
        told = self._read(self._addresses.keys).get("keys")
        self._keys = [key for key in told if isinstance(key, dict)] if isinstance(told, list) else []
        self._keys_at = self._clock()

    def _read(self, url: str) -> dict[str, Any]:
        if self._clock() < self._silent_until:
            raise away("the provider did not answer a moment ago")
        try:
            return self._asking.read(url)
        except NotAdmitted:
            self._silent_until = self._clock() + REST_SECONDS
            raise


def is_safe(url: object) -> bool:
    """Over TLS, or to a provider on this very machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE))


def _addresses(told: Mapping[str, Any], issuer: str) -> Addresses:
    if told.get("issuer") != issuer:
        raise away("the provider calls itself otherwise than CASEWRIGHT_OIDC_ISSUER; write it exactly as it does")
    needed = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(map(is_safe, needed)):
        raise away("the provider names no https addresses for authorization, token and keys")
    authorization, token, keys = map(str, needed)
    further = [told.get(name) for name in ("userinfo_endpoint", "end_session_endpoint")]
    userinfo, end_session = (str(url) if is_safe(url) else None for url in further)
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Addresses(
        authorization,
        token,
        keys,
        userinfo,
        end_session,
        by_header="client_secret_basic" in methods,
        tells_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _fitting(keys: list[Mapping[str, Any]], kid: str | None, algorithm: str) -> Key | None:
    kind = "EC" if algorithm.startswith("ES") else "RSA"
    fit = [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fit) != 1:
        return None
    try:
        key = import_key({name: value for name, value in fit[0].items() if isinstance(value, str)})
    except (JoseError, ValueError):
        return None
    if isinstance(key, ECKey):
        return key
    return key if isinstance(key, RSAKey) and key.raw_value.key_size >= LEAST_RSA_BITS else None
