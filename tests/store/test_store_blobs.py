"""One promise, held by files and by a real S3 server: stored is stored, by owner and digest, until it is erased."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.errors import NotFound
from cases.store.blobs import Blobs, BlobsAway, FileBlobs
from cases.store.s3 import open_s3
from cases.store.tombstones import FileTombstones, Tombstone, Tombstones
from tests.object_store import ObjectStore, object_store

PLACES = ["files", "s3"]
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def s3(running: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket, with what a program finds in its environment."""
    running.empty()
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return "s3://casewright/home"


@pytest.fixture(params=PLACES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FileBlobs(tmp_path / "blobs") if request.param == "files" else open_s3(request.getfixturevalue("s3"))[0]


@pytest.fixture(params=PLACES)
def tombstones(request: pytest.FixtureRequest, tmp_path: Path) -> Tombstones:
    if request.param == "files":
        return FileTombstones(tmp_path / "tombstones.jsonl")
    return open_s3(request.getfixturevalue("s3"))[1]


@pytest.fixture
def files(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


def put(blobs: Blobs, owner: str, data: bytes) -> str:
    return blobs.put_many(owner, [data])[0]


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 70_000])
def test_bytes_are_found_by_owner_and_digest(blobs: Blobs, data: bytes) -> None:
    sha256 = put(blobs, "message-1", data)

    assert sha256 == hashlib.sha256(data).hexdigest()
    assert blobs.get("message-1", sha256) == data
    assert blobs.has("message-1", sha256)


def test_another_owner_does_not_have_them(blobs: Blobs) -> None:
    sha256 = put(blobs, "message-1", b"hello")

    assert not blobs.has("message-2", sha256)
    assert blobs.digests("message-2") == []
    with pytest.raises(NotFound):
        blobs.get("message-2", sha256)


def test_an_owner_whose_name_begins_alike_is_another(blobs: Blobs) -> None:
    put(blobs, "message-1", b"hello")
    kept = put(blobs, "message-12", b"hello")

    assert blobs.erase("message-1") == 1
    assert blobs.digests("message-12") == [kept]


def test_several_are_stored_in_order_and_twice_is_once(blobs: Blobs) -> None:
    digests = blobs.put_many("message-1", [b"b", b"a", b"b"])

    assert [blobs.get("message-1", digest) for digest in digests] == [b"b", b"a", b"b"]
    assert blobs.put_many("message-1", [b"a"]) == [digests[1]]
    assert blobs.digests("message-1") == sorted(set(digests))
    assert blobs.put_many("message-1", []) == []


def test_a_digest_that_is_known_is_taken_as_it_is(blobs: Blobs) -> None:
    name = "0" * 64

    assert blobs.put_many("message-1", [bytearray(b"sealed")], digests=[name]) == [name]
    assert blobs.get("message-1", name) == b"sealed"
    with pytest.raises(ValueError, match="2 blobs and 1 digests"):
        blobs.put_many("message-1", [b"a", b"b"], digests=[name])


def test_erasing_an_owner_leaves_the_others(blobs: Blobs) -> None:
    kept = put(blobs, "message-2", b"same")
    gone = put(blobs, "message-1", b"same")

    assert blobs.erase("message-1") == 1
    assert not blobs.has("message-1", gone)
    assert blobs.get("message-2", kept) == b"same"
    assert list(blobs.owners()) == ["message-2"]
    assert blobs.erase("message-1") == 0


def test_every_owner_is_listed_once_and_with_its_time(blobs: Blobs) -> None:
    blobs.check()
    for number in range(20):
        blobs.put_many(f"message-{number}", [b"a", b"b"])

    assert sorted(blobs.owners()) == sorted(f"message-{number}" for number in range(20))
    changed = blobs.changed_at("message-7")
    assert changed is not None
    assert abs(datetime.now(UTC) - changed) < timedelta(minutes=5)
    assert blobs.changed_at("stranger") is None


def test_nothing_is_left_beside_a_stored_file(files: FileBlobs, tmp_path: Path) -> None:
    sha256 = files.put("message-1", b"hello")

    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == [files.path("message-1", sha256)]


def test_a_half_that_a_crash_left_goes_when_it_is_old(files: FileBlobs, tmp_path: Path) -> None:
    half = tmp_path / "blobs" / "arriving" / "half"
    half.write_bytes(b"sa")
    now = datetime.now(UTC)

    assert files.tidy(now - timedelta(hours=1)) == 0
    assert files.tidy(now + timedelta(hours=1)) == 1
    assert not half.exists()
    assert list(files.owners()) == []


def test_a_disk_that_refuses_is_told_without_its_path(tmp_path: Path) -> None:
    files = FileBlobs(tmp_path / "blobs")
    shelf = files.path("message-1", "0" * 64).parent.parent
    shelf.write_bytes(b"a file where a folder should be")

    with pytest.raises(BlobsAway, match="try again later") as refused:
        files.put("message-1", b"hello")

    assert str(tmp_path) not in str(refused.value)


def test_a_store_that_is_away_is_told_as_such_and_comes_back(s3: str, running: ObjectStore) -> None:
    blobs = open_s3(s3)[0]
    away = open_s3("s3://no-such-bucket")[0]

    with pytest.raises(BlobsAway, match="nothing was taken in, try again later") as refused:
        away.put_many("message-1", [b"hello"])
    with pytest.raises(BlobsAway):
        away.check()

    assert running.address not in str(refused.value)
    blobs.check()
    assert blobs.get("message-1", put(blobs, "message-1", b"hello")) == b"hello"


def test_a_server_that_died_is_away_for_reading_writing_listing_and_erasing(monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store() as dying:
        dying.empty()
        for name, value in dying.environment.items():
            monkeypatch.setenv(name, value)
        blobs, tombstones = open_s3("s3://casewright")
        sha256 = put(blobs, "message-1", b"hello")

    with pytest.raises(BlobsAway):
        blobs.put_many("message-1", [b"hello"])
    with pytest.raises(BlobsAway):
        blobs.get("message-1", sha256)
    with pytest.raises(BlobsAway):
        blobs.has("message-1", sha256)
    with pytest.raises(BlobsAway):
        list(blobs.owners())
    with pytest.raises(BlobsAway):
        blobs.erase("message-1")
    with pytest.raises(BlobsAway):
        tombstones.add(["case-1"], AT)


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "https://example.org/bucket", "bucket", ""])
def test_a_url_without_a_bucket_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ValueError, match="write s3://bucket or s3://bucket/prefix"):
        open_s3(url)


def test_blobs_and_tombstones_lie_below_the_prefix_apart_from_each_other(s3: str, running: ObjectStore) -> None:
    blobs, tombstones = open_s3(s3)

    sha256 = put(blobs, "case-1", b"hello")
    tombstones.add(["case-1"], AT)

    shelf = hashlib.sha256(b"case-1").hexdigest()[:2]
    assert set(running.everything()) == {f"home/blobs/{shelf}/case-1/{sha256}", "home/tombstones/case-1"}
    assert list(blobs.owners()) == ["case-1"]


def test_tombstones_are_kept_once_each_is_added(tombstones: Tombstones) -> None:
    assert tombstones.read() == []

    tombstones.add(["case-1", "message-1"], AT)
    tombstones.add(["case-2"], AT + timedelta(hours=1))

    assert {stone.id for stone in tombstones.read()} == {"case-1", "message-1", "case-2"}


def test_a_tombstone_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "tombstones.jsonl"
    tombstones = FileTombstones(path)
    tombstones.add(["case-1"], AT)
    with path.open("ab") as file:
        file.write(b'{"id":"case-2","a')

    tombstones.add(["case-3"], AT)

    assert tombstones.read() == [Tombstone("case-1", AT), Tombstone("case-3", AT)]


@pytest.mark.parametrize("owner", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a\0b", "-x", "é", "a" * 129, "a\n"])
def test_an_owner_that_leads_elsewhere_is_refused(blobs: Blobs, owner: str) -> None:
    with pytest.raises(ValueError, match="cannot own files"):
        blobs.put_many(owner, [b"x"])
    with pytest.raises(ValueError, match="cannot own files"):
        blobs.erase(owner)


@pytest.mark.parametrize("name", ["", "x", "0" * 63, "0" * 65, "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_refused(blobs: Blobs, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        blobs.get("message-1", name)


@given(owner=st.text(max_size=140), name=st.text(max_size=70) | st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
def test_no_path_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, owner: str, name: str) -> None:
    root = tmp_path_factory.getbasetemp() / "paths"
    try:
        path = FileBlobs(root).path(owner, name)
    except ValueError:
        return
    assert path.resolve().is_relative_to(root.resolve())
    assert len(path.relative_to(root).parts) == 3
