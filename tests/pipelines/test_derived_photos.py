"""A photo to show is made once, kept encrypted beside its original, and erased with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.decoding import Decoder
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.reading_room import photo as shown
from tests.pipelines.given import Clock, by_form, case_of, photo, until_quiet


class NoDecoder(Decoder):
    """Nothing may be decoded any more."""

    def derive(self, photo: bytes | Path, max_side: int = 0) -> bytes:
        raise AssertionError("a photo was decoded again")


@pytest.fixture
def reference(house: House, clock: Clock) -> str:
    receipt = by_form(house, files=[("ruit.jpg", photo(1, size=(2400, 1800)))])
    until_quiet(house, clock)
    return str(receipt.reference)


def test_a_second_look_decodes_nothing(house: House, reference: str) -> None:
    file = case_of(house, reference).files[0]
    large, small = shown(house, reference, file.id), shown(house, reference, file.id, thumbnail=True)

    later = replace(house, decoder=NoDecoder())

    assert shown(later, reference, file.id) == large
    assert shown(later, reference, file.id, thumbnail=True) == small
    assert len(small) < len(large)


def test_derived_photos_lie_encrypted_and_go_with_the_case(house: House, reference: str, tmp_path: Path) -> None:
    case = case_of(house, reference)
    before = set(house.blobs.stored.digests(case.id))
    derived = shown(house, reference, case.files[0].id)

    made = set(house.blobs.stored.digests(case.id)) - before

    assert len(made) == 1
    assert house.blobs.get(case.id, made.pop()) == derived
    inside = derived[len(derived) // 2 :][:100]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and inside in file.read_bytes()]

    erase_case(house, reference, by="ada", why="asked")

    assert list(house.blobs.stored.owners()) == []
