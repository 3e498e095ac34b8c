"""A form and its photos are stored once, and the form is read again byte for byte."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_builders import KEYS, NOW

from cases.errors import NotFound
from cases.store.blobs import FileBlobs
from cases.store.cut import LEAST, Part, cut, mend
from cases.store.database import Database
from cases.store.vault import BlobDamaged, Vault

PHOTO = b"\xff\xd8" + bytes(range(256)) * (LEAST // 256)
FORM = b"head" + PHOTO + b"tail"
OWNER = "owner-1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def vault(root: Path, database: Database) -> Vault:
    return Vault(FileBlobs(root), database, KEYS.vault, now=lambda: NOW)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def part(at: int, data: bytes) -> Part:
    return Part(at, data, digest(data))


def size(root: Path, data: bytes) -> int:
    return FileBlobs(root).path(OWNER, digest(data)).stat().st_size


@given(pieces=st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=6), tail=st.binary())
def test_whatever_lies_around_parts_comes_back_with_them(pieces: list[tuple[bytes, bytes]], tail: bytes) -> None:
    whole, parts = b"", list[Part]()
    for between, data in pieces:
        parts.append(part(len(whole) + len(between), data))
        whole += between + data
    whole += tail
    known = {one.sha256: one.data for one in parts}

    assert mend(cut(whole, parts), known.__getitem__) == whole


@pytest.mark.parametrize("parts", [[part(1, b"here")], [part(4, b"here"), part(6, b"re")], [part(6, b"re-")]])
def test_a_part_that_lies_elsewhere_is_refused(parts: list[Part]) -> None:
    with pytest.raises(ValueError, match=r"does not lie at byte \d; tell where it does"):
        cut(b"not here", parts)


def test_a_photo_in_a_form_is_stored_once_and_both_are_read_as_they_came(vault: Vault, root: Path) -> None:
    vault.put_many(OWNER, [FORM], parts=[part(4, PHOTO)])

    assert vault.get(OWNER, digest(FORM)) == FORM
    assert vault.get(OWNER, digest(PHOTO)) == PHOTO
    assert vault.stored.digests(OWNER) == sorted([digest(FORM), digest(PHOTO)])
    assert size(root, FORM) < 200


def test_one_byte_less_than_is_worth_a_file_stays_in_the_form(vault: Vault, root: Path) -> None:
    small = PHOTO[: LEAST - 1]

    vault.put_many(OWNER, [b"head" + small], parts=[part(4, small)])

    assert vault.stored.digests(OWNER) == [digest(b"head" + small)]
    assert size(root, b"head" + small) > LEAST


def test_a_photo_that_came_twice_or_was_there_before_is_stored_once(vault: Vault, root: Path) -> None:
    twice = PHOTO + b"and" + PHOTO
    vault.put(OWNER, PHOTO)

    vault.put_many(OWNER, [twice], parts=[part(0, PHOTO), part(len(PHOTO) + 3, PHOTO)])

    assert vault.get(OWNER, digest(twice)) == twice
    assert size(root, twice) < 300


def test_a_form_stored_again_after_its_photo_was_lost_is_whole_again(vault: Vault, root: Path) -> None:
    vault.put_many(OWNER, [FORM], parts=[part(4, PHOTO)])
    FileBlobs(root).path(OWNER, digest(PHOTO)).unlink()

    with pytest.raises(NotFound):
        vault.get(OWNER, digest(FORM))
    vault.put_many(OWNER, [FORM], parts=[part(4, PHOTO)])

    assert vault.get(OWNER, digest(FORM)) == FORM


@given(place=st.integers(min_value=0, max_value=116), bit=st.integers(min_value=0, max_value=7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_flipped_bit_in_what_was_cut_is_noticed(vault: Vault, root: Path, place: int, bit: int) -> None:
    vault.put_many(OWNER, [FORM], parts=[part(4, PHOTO)])
    file = FileBlobs(root).path(OWNER, digest(FORM))
    kept = file.read_bytes()
    file.write_bytes(kept[:place] + bytes([kept[place] ^ 1 << bit]) + kept[place + 1 :])

    with pytest.raises(BlobDamaged):
        vault.get(OWNER, digest(FORM))

    file.write_bytes(kept)


def test_a_form_whose_photo_is_damaged_is_not_read_without_it(vault: Vault, root: Path) -> None:
    vault.put_many(OWNER, [FORM], parts=[part(4, PHOTO)])
    file = FileBlobs(root).path(OWNER, digest(PHOTO))
    file.write_bytes(file.read_bytes()[:-1])

    with pytest.raises(BlobDamaged, match=digest(PHOTO)):
        vault.get(OWNER, digest(FORM))
