"""What fits in a text: segments as phones count them, and words cut to two of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.channels.sms.segments import MOST_SEGMENTS, fitted, plain, segments

LINK = "https://cases.example.org/t/" + "x" * 65
GSM = st.text(alphabet="abc XYZ 0129 .,?! @£èéùìòÇØøÅåΔΦÆæßÄÖÑÜ§¿äöñüà ^{}[]~|€\\")
WORDS = st.lists(
    st.text(alphabet="abcdefgh éêëçœ’€", min_size=1, max_size=120).map(lambda words: f"A{words}."), max_size=6
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the sign of two places does not fit in the first segment's last
        ("a" * 151 + "€" + "a" * 153, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("🙂" * 66, 2),
        ("🙂" * 67, 3),  # 67 places hold 33 of them
        ("Ç", 1),
        ("ç" * 71, 2),
    ],
)
def test_a_text_takes_as_many_segments_as_a_phone_counts(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(), st.text())
def test_more_words_never_take_fewer_segments_and_never_more_than_both_apart_and_one(first: str, second: str) -> None:
    both = segments(first + second)

    assert both >= segments(first)
    assert (both == 0) == (first + second == "")


@given(GSM)
def test_the_default_alphabet_holds_153_places_a_segment(text: str) -> None:
    places = sum(2 if sign in "^{}[]~|€\\" else 1 for sign in text)

    count = segments(text)

    assert count == (0 if not text else 1) if places <= 160 else count >= -(-places // 153)
    assert count <= places // 152 + 1


@given(WORDS)
def test_what_is_told_with_its_link_fits_in_two_segments_and_is_cut_at_whole_sentences(sentences: list[str]) -> None:
    told = " ".join(sentences)

    text = fitted(told, LINK, alone="C-2026-000001")

    assert segments(text) <= MOST_SEGMENTS
    assert text.endswith(LINK)
    said = text.removesuffix(LINK).strip()
    beginnings = {" ".join(sentences[:count]).strip() for count in range(1, len(sentences) + 1)}
    assert said in {*beginnings, *map(plain, beginnings), "C-2026-000001"}


def test_what_fits_is_told_word_for_word() -> None:
    told = "Wij lezen uw melding. U hoort van ons voor dinsdag 24 november. Een collega bekijkt het."

    assert fitted(told, LINK, alone="C") == f"{told} {LINK}"


def test_the_last_sentence_is_left_out_first_and_the_link_never() -> None:
    told = "Wij lezen uw melding. " + "U hoort van ons. " * 5 + "W" * 200 + "."

    text = fitted(told, LINK, alone="C")

    assert text == f"Wij lezen uw melding. {('U hoort van ons. ' * 5).strip()} {LINK}"


def test_accents_go_before_a_sentence_does() -> None:
    told = "Nous lisons votre déclaration. Vous êtes informé avant mardi. Un collègue regarde votre tâche, c'est prêt."

    text = fitted(told, LINK, alone="C")

    assert text.startswith("Nous lisons votre déclaration. Vous etes informé avant mardi. Un collègue")
    assert text.endswith(LINK)


def test_where_no_sentence_fits_the_number_of_the_case_stands_before_the_link() -> None:
    assert fitted("W" * 400, LINK, alone="C-2026-000001") == f"C-2026-000001 {LINK}"


def test_a_code_is_told_in_its_own_words() -> None:
    assert fitted("Uw code is 1234 5678\n\nHij werkt een half uur.\n", "", alone="Uw code") == (
        "Uw code is 1234 5678\n\nHij werkt een half uur."
    )
