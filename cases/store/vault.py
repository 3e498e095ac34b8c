"""Blobs encrypted at rest: AES-256-GCM with a key of their owner's, which is wrapped by the installation's key.

A sealed blob is magic ‖ version ‖ nonce ‖ ciphertext ‖ tag. The tag also covers owner and SHA-256, so that a file that
was put in another one's place is noticed. The version says whether the plain text is the blob, or the blob without its
parts (cut.py). Nonces are random: one key seals a case's files, far below the 2^32 that
NIST SP 800-38D (8.3) allows; the installation's key seals one small row for each owner.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cases.errors import CaseError, NotFound
from cases.store.blobs import Blobs, digests_of
from cases.store.cut import LEAST, Part, cut, mend
from cases.store.database import Database

MAGIC, VERSION = b"CWBLOB\x00", b"\x01"
CUT = b"\x02"  # in the place of the version
NONCE, TAG, KEY = 12, 16, 32  # bytes
_HEAD = len(MAGIC) + len(VERSION) + NONCE
#: Keys at hand in one process; about 1 KB each.
HELD = 4096


class BlobDamaged(CaseError):
    """The bytes that lie there are not those that were stored under this address."""

    def __init__(self, owner: str, sha256: str) -> None:
        super().__init__(
            f"file {owner}/{sha256} is not as it was stored; put that file back from a backup, "
            "and check that CASEWRIGHT_SECRET is the one it was stored under"
        )
        self.owner, self.sha256 = owner, sha256


class _Plain(NamedTuple):
    """What is sealed under a name."""

    sha256: str
    data: bytes
    version: bytes = VERSION


class Vault:
    """What everybody stores and reads through. `stored` is the ciphertext, for backups and sweeps. Made for threads.

    A key is looked up in the database once and then held. After an erasing in this process it is held no more; other
    processes may still hold it, and find no file.
    """

    def __init__(self, stored: Blobs, database: Database, master: bytes, *, now: Callable[[], datetime]) -> None:
        self.stored = stored
        self._database = database
        self._master = AESGCM(master)
        self._now = now
        self._held: OrderedDict[str, AESGCM] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, owner: str, data: bytes) -> str:
        """Store the bytes durably and return their SHA-256 in hexadecimal; storing twice is storing once."""
        return self.put_many(owner, [data])[0]

    def put_many(
        self, owner: str, blobs: Sequence[bytes], *, digests: Sequence[str] | None = None, parts: Sequence[Part] = ()
    ) -> list[str]:
        """As put, for several blobs of an owner that is in the database; answers in order.

        Known digests are not computed again. What is stored for an owner that was erased meanwhile can never be read.
        parts: files that lie in the first blob, in order; large ones are stored as blobs of their own, and it without
        them.
        """
        names = digests_of(blobs, digests)
        there = set(self.stored.digests(owner))
        new = [blob for blob in _to_store(names, blobs, parts) if blob.sha256 not in there]
        if new:
            self._store(owner, new, self._key(owner) or self._settle(owner))
        return names

    def put_new(
        self, owner: str, blobs: Sequence[bytes], *, digests: Sequence[str] | None = None, parts: Sequence[Part] = ()
    ) -> bytes:
        """As put_many, for an owner that nobody knows yet. Returns its new key, wrapped.

        Whoever writes the owner to the database adds the key in the same transaction (`store.data_keys.add`). If that
        never happens nobody can read these bytes, and the sweep removes them.
        """
        secret = os.urandom(KEY)
        key = AESGCM(secret)
        self._store(owner, _to_store(digests_of(blobs, digests), blobs, parts), key)
        self._hold(owner, key)
        return self._wrap(owner, secret)

    def get(self, owner: str, sha256: str) -> bytes:
        """NotFound when there is none or its key was destroyed; BlobDamaged when it is not what was stored."""
        data = self.stored.get(owner, sha256)
        if not data.startswith(MAGIC):
            return _plain(owner, sha256, data)
        key = self._key(owner)
        if key is None:
            raise NotFound("key to the file", f"{owner}/{sha256}")
        opened = _opened(key, owner, sha256, data)
        return self._mended(owner, sha256, opened) if _version(data) == CUT else opened

    def has(self, owner: str, sha256: str) -> bool:
        return self.stored.has(owner, sha256)

    def erase(self, owner: str) -> int:
        """Remove all blobs of the owner; returns how many there were. Its key goes with its rows."""
        self.forget([owner])
        return self.stored.erase(owner)

    def forget(self, owners: Iterable[str]) -> None:
        """Hold the keys of these owners no more."""
        with self._lock:
            for owner in owners:
                self._held.pop(owner, None)

    def fetch_keys(self, owners: Collection[str]) -> None:
        """Look up the keys of a whole batch in one query, before its blobs are read one by one."""
        with self._lock:
            missing = [owner for owner in owners if owner not in self._held]
        if missing:
            with self._database.reading() as store:
                found = store.data_keys.of(missing)
            for owner, wrapped in found.items():
                self._hold(owner, self._unwrapped(owner, wrapped))

    def _store(self, owner: str, new: Sequence[_Plain], key: AESGCM) -> None:
        sealed = [_sealed(key, owner, blob) for blob in new]
        self.stored.put_many(owner, sealed, digests=[blob.sha256 for blob in new])

    def _mended(self, owner: str, sha256: str, kept: bytes) -> bytes:
        whole = mend(kept, lambda part: self.get(owner, part))
        return _plain(owner, sha256, whole)

    def _key(self, owner: str) -> AESGCM | None:
        with self._lock:
            if owner in self._held:
                self._held.move_to_end(owner)
                return self._held[owner]
        with self._database.reading() as store:
            wrapped = store.data_keys.get(owner)
        return None if wrapped is None else self._hold(owner, self._unwrapped(owner, wrapped))

    def _settle(self, owner: str) -> AESGCM:
        """A key for an owner from before there were keys: of two processes at once the first one's counts for both."""
        secret = os.urandom(KEY)
        with self._database.writing() as store:
            wrapped = store.data_keys.settle(owner, self._wrap(owner, secret), self._now())
        if wrapped is None:  # it was erased: whoever is still at work on it writes what nobody can read
            return AESGCM(secret)
        return self._hold(owner, self._unwrapped(owner, wrapped))

    def _hold(self, owner: str, key: AESGCM) -> AESGCM:
        with self._lock:
            self._held[owner] = key
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return key

    def _wrap(self, owner: str, secret: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._master.encrypt(nonce, secret, owner.encode())

    def _unwrapped(self, owner: str, wrapped: bytes) -> AESGCM:
        nonce, sealed = wrapped[len(VERSION) :][:NONCE], wrapped[len(VERSION) + NONCE :]
        try:
            return AESGCM(self._master.decrypt(nonce, sealed, owner.encode()))
        except (InvalidTag, ValueError):  # ValueError: no room for a nonce
            raise BlobDamaged(owner, "*") from None


def _to_store(names: Sequence[str], blobs: Sequence[bytes], parts: Sequence[Part]) -> list[_Plain]:
    """Parts come first: what was cut is never there without them."""
    large = [part for part in parts if len(part.data) >= LEAST]
    plain = {part.sha256: _Plain(part.sha256, part.data) for part in large}
    for name, data in zip(names, blobs, strict=True):
        plain.setdefault(name, _Plain(name, data))
    if large:
        plain[names[0]] = _Plain(names[0], cut(blobs[0], large), CUT)
    return list(plain.values())


def _sealed(key: AESGCM, owner: str, blob: _Plain) -> bytearray:
    """In one pass, into the very bytes that will be written: 0.13 ms for 2 MB."""
    nonce = os.urandom(NONCE)
    sealed = bytearray(_HEAD + len(blob.data) + TAG)
    sealed[:_HEAD] = MAGIC + blob.version + nonce
    key.encrypt_into(nonce, blob.data, _bound(owner, blob.sha256, blob.version), memoryview(sealed)[_HEAD:])
    return sealed


def _opened(key: AESGCM, owner: str, sha256: str, data: bytes) -> bytes:
    nonce = data[_HEAD - NONCE : _HEAD]
    try:
        if _version(data) not in (VERSION, CUT):
            raise BlobDamaged(owner, sha256)
        return key.decrypt(nonce, memoryview(data)[_HEAD:], _bound(owner, sha256, _version(data)))
    except (InvalidTag, ValueError):  # ValueError: shorter than a tag
        raise BlobDamaged(owner, sha256) from None


def _plain(owner: str, sha256: str, data: bytes) -> bytes:
    """A file from before there was a vault, or mended from its parts: it proves itself by its name."""
    if digests_of([data], None) != [sha256]:
        raise BlobDamaged(owner, sha256)
    return data


def _version(data: bytes) -> bytes:
    return data[len(MAGIC) : len(MAGIC) + len(VERSION)]


def _bound(owner: str, sha256: str, version: bytes) -> bytes:
    """What the tag also covers. The first version is not in it: it was the only one."""
    return f"{owner}/{sha256}".encode() + (version if version != VERSION else b"")
