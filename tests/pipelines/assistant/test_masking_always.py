"""Whatever the text: values come back, places point at them, and no figures of one leave."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.assistant.masking import Known, Mask
from pipelines.assistant.unseen import only_seen

pytestmark = pytest.mark.once  # keeps nothing
IBANS = ["NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "DE89 3704 0044 0532 0130 00", "FR7630006000011234567890189"]
PHONES = ["06-12345678", "0612345678", "+31612345678", "06 12 34 56 78", "030 2345678", "+31 (0)6 12345678"]
EMAILS = ["bas1984@example.nl", "a.de-vries.12345@post.example.org", "info+77001@münchen.example"]


values = st.sampled_from([
    *IBANS, *PHONES, *EMAILS, "111222333", "79-KXF-6", "POL-2024-00123", "4111 1111 1111 1111", "1234567",
    "Kerkstraat 12a", "Molenweg 3, 1234 AB Utrecht", "Bas de Vries", "Fatima", "[EMAIL_1]", "[ name_2 ]", "1234 AB",
])  # fmt: skip
words = st.sampled_from(
    ["de ruit", "is", "stuk.", "€ 1.250,00", "12-03-2026", "the pipe", "\u200b", "\U000e0041", "é,", "Scheibe"]
)
KNOWN = [Known("NAME", "Bas de Vries"), Known("NAME", "Fatima")]


def same(written: str) -> str:
    """Without what two writings of one value may differ in; a telephone number also by its country."""
    plain = re.sub(r"[\s.()-]", "", written).casefold()
    return re.sub(r"\+31(?:0?)|(?<!\d)06", "06", plain).replace("+310", "0").replace("(0)", "")


@given(st.text())
def test_any_text_comes_back_whole_in_its_letters(text: str) -> None:
    mask = Mask()

    shown = mask.show(mask.hide(text).text)

    assert same(shown) == same(only_seen(text).text)


@given(st.lists(st.one_of(values, words), unique_by=lambda piece: same(piece)[-8:]), st.sampled_from([" ", "\n", "; "]))
def test_values_among_words_come_back_exactly(pieces: list[str], between: str) -> None:
    mask = Mask(KNOWN)
    text = between.join(pieces)

    left = mask.hide(text)

    assert mask.show(left.text) == only_seen(text).text


@given(st.lists(st.one_of(values, words), min_size=1, max_size=8), st.data())
def test_a_quote_stands_in_the_original_where_its_place_says(pieces: list[str], data: st.DataObject) -> None:
    mask = Mask(KNOWN)
    text = " ; ".join(pieces)
    left = mask.hide(text)
    parts = left.text.split(" ; ")
    first = data.draw(st.integers(0, len(parts) - 1))
    last = data.draw(st.integers(first, len(parts) - 1))
    start = len(" ; ".join([*parts[:first], ""]))
    quote = " ; ".join(parts[first : last + 1])

    begin, end = left.place(start, start + len(quote))

    assert mask.hide(text[begin:end]).text == quote


@given(st.text(), st.integers(0), st.integers(0))
def test_a_place_covers_what_is_quoted_and_lies_in_the_original(text: str, start: int, length: int) -> None:
    left = Mask().hide(text)
    start %= len(left.text) + 1
    end = min(start + length, len(left.text))

    begin, until = left.place(start, end)

    assert 0 <= begin <= until <= len(text)
    assert until > begin or start == end
    if "[" not in left.text:
        assert only_seen(text[begin:until]).text == left.text[start:end]


@settings(max_examples=300)
@given(st.text(), st.sampled_from([*IBANS, *PHONES, *EMAILS]), st.text())
def test_no_run_of_figures_of_a_value_survives_wherever_it_stands(before: str, value: str, after: str) -> None:
    left = Mask().hide(before + value + after).text

    runs = [run for run in re.findall(r"\d{3,}", value) if run not in before + after]
    plain = re.sub(r"\[[A-Z]+_\d+\]", "", left)
    assert [run for run in runs if run in plain] == []


@given(
    st.sampled_from([*IBANS, *PHONES, *EMAILS, "79-KXF-6"]), st.lists(words, max_size=4), st.lists(words, max_size=4)
)
def test_two_texts_of_a_mask_have_the_same_token_for_the_same_value(
    value: str, before: list[str], after: list[str]
) -> None:
    mask = Mask()

    texts = [mask.hide(" ; ".join([*before, value])).text, mask.hide(" ; ".join([value.swapcase(), *after])).text]

    tokens = [re.findall(r"\[[A-Z]+_\d+\]", text) for text in texts]
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) == 1


@given(
    st.lists(
        st.sampled_from(["+31612345678", "06-12345679", "bas@example.nl", "b@as.nl", "NL91ABNA0417164300"]), unique=True
    )
)
def test_different_values_have_different_tokens(different: list[str]) -> None:
    left = Mask().hide(" ; ".join(different)).text

    assert len(set(left.split(" ; "))) == max(1, len(different))


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "a@", "a.b-", "0 ", "+", "groet\n", "Bas de ", "[", "[EMAIL_1] ", "a\u200b", "12-", "'a", "Mr. "],
)
def test_a_hundred_kilobytes_of_anything_is_hidden_and_shown(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    mask = Mask([Known("NAME", "Bas de Vries")])

    left = mask.hide(text)

    assert left.place(0, len(left.text))[0] == 0
    assert same(mask.show(left.text)) == same(only_seen(text).text)
