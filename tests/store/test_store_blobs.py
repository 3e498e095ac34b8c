import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.errors import NotFound
from cases.store.blobs import FileBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 70_000])
def test_bytes_are_found_by_owner_and_digest(blobs: FileBlobs, data: bytes) -> None:
    sha256 = blobs.put("message-1", data)

    assert sha256 == hashlib.sha256(data).hexdigest()
    assert blobs.get("message-1", sha256) == data
    assert blobs.has("message-1", sha256)
    assert blobs.path("message-1", sha256).read_bytes() == data


def test_another_owner_does_not_have_them(blobs: FileBlobs) -> None:
    sha256 = blobs.put("message-1", b"hello")

    assert not blobs.has("message-2", sha256)
    with pytest.raises(NotFound):
        blobs.get("message-2", sha256)


def test_several_are_stored_in_order_and_twice_is_once(blobs: FileBlobs) -> None:
    digests = blobs.put_many("message-1", [b"b", b"a", b"b"])

    assert [blobs.get("message-1", digest) for digest in digests] == [b"b", b"a", b"b"]
    assert blobs.put_many("message-1", [b"a"]) == [digests[1]]
    assert blobs.digests("message-1") == sorted(set(digests))


def test_erasing_an_owner_leaves_the_others(blobs: FileBlobs) -> None:
    kept = blobs.put("message-2", b"same")
    gone = blobs.put("message-1", b"same")

    assert blobs.erase("message-1") == 1
    assert not blobs.has("message-1", gone)
    assert blobs.get("message-2", kept) == b"same"
    assert set(blobs.owners()) == {"message-2"}
    assert blobs.erase("message-1") == 0


def test_nothing_is_left_beside_a_stored_file(blobs: FileBlobs) -> None:
    sha256 = blobs.put("message-1", b"hello")

    assert [file.name for file in blobs.path("message-1", sha256).parent.iterdir()] == [sha256]


@pytest.mark.parametrize("owner", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a\0b", "-x", "é", "a" * 129, "a\n"])
def test_an_owner_that_leads_elsewhere_is_refused(blobs: FileBlobs, owner: str) -> None:
    with pytest.raises(ValueError, match="cannot own files"):
        blobs.put(owner, b"x")
    with pytest.raises(ValueError, match="cannot own files"):
        blobs.erase(owner)


@pytest.mark.parametrize("name", ["", "x", "0" * 63, "0" * 65, "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_refused(blobs: FileBlobs, name: str) -> None:
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
