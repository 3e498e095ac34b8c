"""What a browser takes along to the provider, and must bring back: one cookie, sealed, for ten minutes.

Everything that binds the answer to this browser follows from the cookie's secret and our key: state, nonce and PKCE
verifier stand nowhere, and none can be made from another.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cases.store.store import Store

COOKIE = "leaving"
LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Leaving:
    """wanted: the path of ours to go to afterwards."""

    secret: str
    wanted: str
    at: datetime

    def cookie(self, key: bytes) -> str:
        where = urlsafe_b64encode(self.wanted.encode()).decode()
        sealed = f"{self.secret}.{int(self.at.timestamp())}.{where}"
        return f"{sealed}.{_seal(sealed, key)}"

    def state(self, key: bytes) -> str:
        return self._derived("state", key)

    def nonce(self, key: bytes) -> str:
        return self._derived("nonce", key)

    def verifier(self, key: bytes) -> str:
        """43 to 128 unreserved signs, as RFC 7636 wants."""
        return self._derived("verifier", key)

    def _derived(self, what: str, key: bytes) -> str:
        return hmac.new(key, f"leaving {what} {self.secret}".encode(), sha256).hexdigest()

    def used_before(self, store: Store) -> bool:
        """Whether somebody came back with this already; now they have."""
        again = sha256(f"leaving {self.secret}".encode()).hexdigest()
        return store.people.hit(f"leaving {again}", window=self.at) > 1


def leave(wanted: str, now: datetime) -> Leaving:
    return Leaving(secrets.token_urlsafe(32), wanted, now.replace(microsecond=0))


def came_back(cookie: str, state: str, *, key: bytes, now: datetime) -> Leaving | None:
    """None when the cookie is not ours, older than ten minutes, or belongs to another state."""
    sealed, _, seal = cookie.rpartition(".")
    if not cookie.isascii() or not hmac.compare_digest(seal, _seal(sealed, key)):
        return None
    secret, stamp, where = sealed.split(".")
    left = Leaving(secret, urlsafe_b64decode(where).decode(), datetime.fromtimestamp(int(stamp), UTC))
    fits = hmac.compare_digest(state.encode(), left.state(key).encode())
    return left if fits and timedelta() <= now - left.at < LONGEST else None


def _seal(sealed: str, key: bytes) -> str:
    return hmac.new(key, b"leaving cookie " + sealed.encode(), sha256).hexdigest()
