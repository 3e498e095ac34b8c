"""Keys derived from the one secret of an installation, which lies outside the database."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: Shorter secrets can be guessed.
LEAST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """One key of 32 bytes for each use; none can be computed from another."""

    chain: bytes = field(repr=False)  # chains of the event log
    link: bytes = field(repr=False)  # tracking links
    reserve: bytes = field(repr=False)  # which customers are kept for certification, which cases are audited
    reply: bytes = field(repr=False)  # reply addresses of letters
    session: bytes = field(repr=False)  # sessions and forms of the pages
    vault: bytes = field(repr=False)  # wraps the keys that files are encrypted with
    backup: bytes = field(repr=False)  # seals of backups

    @classmethod
    def from_secret(cls, secret: bytes) -> "Keys":
        """Derive all keys with HKDF-SHA256 (RFC 5869). ValueError for a secret under 32 bytes."""
        if len(secret) < LEAST_SECRET:
            raise ValueError(
                f"the secret has {len(secret)} bytes; give at least {LEAST_SECRET}, for example secrets.token_bytes(32)"
            )

        def derived(use: str) -> bytes:
            return HKDF(SHA256(), length=32, salt=None, info=f"casewright {use} 1".encode()).derive(secret)

        return cls(
            chain=derived("chain"),
            link=derived("link"),
            reserve=derived("reserve"),
            reply=derived("reply"),
            session=derived("session"),
            vault=derived("vault"),
            backup=derived("backup"),
        )
