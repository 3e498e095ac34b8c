"""Blobs and tombstones in a store that speaks S3: Amazon's own or another one, named by AWS_ENDPOINT_URL.

Credentials, region and address come from the environment, as every program for S3 reads them: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL, or the role of the machine or the container.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from obstore.exceptions import BaseError
from obstore.store import S3Store

from cases.errors import NotFound
from cases.store.blobs import BlobsAway, Bytes, checked, digests_of, is_digest, place_of
from cases.store.tombstones import Tombstone

SCHEME = "s3://"
CONNECT, ANSWER = timedelta(seconds=3), timedelta(seconds=30)
#: Together they bound how long a customer's request waits for a store that is away.
RETRIES, RETRY_FOR = 3, timedelta(seconds=10)


class S3Blobs:
    """Blobs as objects `shelf/owner/sha256`, laid out as FileBlobs lays out files. An object is there whole or not."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put_many(self, owner: str, blobs: Sequence[Bytes], *, digests: Sequence[str] | None = None) -> list[str]:
        """Store several blobs of one owner; answers in order. One that is there already is written over."""
        place, names = place_of(owner), digests_of(blobs, digests)
        with _answering():
            for name, data in dict(zip(names, blobs, strict=True)).items():
                # In one request, up to 5 GB: parts that were never put together would lie there unseen, and cost.
                self._store.put(f"{place}/{name}", data, use_multipart=False)
        return names

    def get(self, owner: str, sha256: str) -> bytes:
        """NotFound when there is none."""
        path = f"{place_of(owner)}/{checked(sha256)}"
        with _answering():
            try:
                return self._store.get(path).bytes().to_bytes()
            except FileNotFoundError:
                raise NotFound("file", f"{owner}/{sha256}") from None

    def has(self, owner: str, sha256: str) -> bool:
        path = f"{place_of(owner)}/{checked(sha256)}"
        with _answering():
            try:
                self._store.head(path)
            except FileNotFoundError:
                return False
        return True

    def digests(self, owner: str) -> list[str]:
        """What the owner has, in order."""
        return sorted(name for path, _ in self._objects(owner) if is_digest(name := path.rpartition("/")[2]))

    def owners(self) -> Iterator[str]:
        """Everybody who has an object, in no order. One request for each shelf, and for each 1,000 owners on it."""
        for shelf in self._names_below(None):
            yield from self._names_below(shelf)

    def changed_at(self, owner: str) -> datetime | None:
        """When the owner's newest blob was stored, by the store's clock; None when there is none."""
        return max((changed for _, changed in self._objects(owner)), default=None)

    def erase(self, owner: str) -> int:
        """Remove all blobs of the owner; returns how many there were. A bucket that keeps versions keeps ciphertext."""
        paths = [path for path, _ in self._objects(owner)]
        with _answering():
            if paths:
                self._store.delete(paths)
        return len(paths)

    def tidy(self, before: datetime) -> int:  # noqa: ARG002  # the same for all places
        """0: an object is there whole or not at all."""
        return 0

    def check(self) -> datetime:
        """What time the store's own clock says. BlobsAway when nothing can be stored now."""
        with _answering():
            self._store.put("check", b"x", use_multipart=False)
            return self._store.head("check")["last_modified"]

    def _objects(self, owner: str) -> list[tuple[str, datetime]]:
        with _answering():
            found = self._store.list(f"{place_of(owner)}/", chunk_size=1000).collect()
        return [(one["path"], one["last_modified"]) for one in found]

    def _names_below(self, prefix: str | None) -> list[str]:
        with _answering():
            return [path.rpartition("/")[2] for path in self._store.list_with_delimiter(prefix)["common_prefixes"]]


class S3Tombstones:
    """One object an id. Leave this prefix out when a bucket is put back to an earlier time."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def add(self, ids: Sequence[str], at: datetime) -> None:
        """Durable when it returns; the same id twice is one tombstone. BlobsAway when it could not be written."""
        with _answering():
            for name in ids:
                self._store.put(name, at.isoformat().encode(), use_multipart=False)

    def read(self) -> list[Tombstone]:
        """All of them, oldest first; `at` is the store's clock."""
        with _answering():
            found = self._store.list(chunk_size=1000).collect()
        return sorted((Tombstone(one["path"], one["last_modified"]) for one in found), key=lambda one: (one.at, one.id))


def open_s3(url: str) -> tuple[S3Blobs, S3Tombstones]:
    """The blobs and the tombstones below s3://bucket/prefix, each under a prefix of its own.

    Asks nothing of the store yet. ValueError for a URL that names no bucket.
    """
    bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not bucket:
        raise ValueError(f"CASEWRIGHT_BLOB_URL {url[:80]!r} names no bucket; write s3://bucket or s3://bucket/prefix")
    prefix = prefix.strip("/")
    below = f"{prefix}/" if prefix else ""
    return S3Blobs(_store(bucket, f"{below}blobs")), S3Tombstones(_store(bucket, f"{below}tombstones"))


def _store(bucket: str, prefix: str) -> S3Store:
    plain = (os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix,
        client_options={"connect_timeout": CONNECT, "timeout": ANSWER, "allow_http": plain},
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Whatever the store refuses is told without its address; the cause goes to our own log."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise BlobsAway(f"the blob store answers {type(error).__name__}") from error
