"""Numbers and words are held against a quote as wholes, and masked ones however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.facts import MessageSpan
from pipelines.assistant.evidence import Evidence, SourceText, backed
from pipelines.assistant.numbers import numbers_in

TEXT = "The repair costs 1.250,50 euro and the crack is 20 cm. Paid from NL91ABNA0417164300, 1 time, on 12.05.2026."


def evidence(text: str = TEXT) -> Evidence:
    return Evidence([SourceText("m1", "message", text, lambda start, end: (MessageSpan("m", start, end),), {})])


@pytest.mark.parametrize(
    "quote", ["50", "250", "1.250", "250,50", "repair cost", "rack is 20", "20 c", "12.05", "05.2026"]
)
def test_a_quote_that_ends_a_word_or_a_number_halfway_points_at_nothing(quote: str) -> None:
    assert evidence().cite("m1", quote) == ()


@pytest.mark.parametrize("quote", ["1.250,50", "euro", "crack is 20", "12.05.2026", "cm. Paid", "The repair", "1 time"])
def test_a_quote_of_whole_words_stands_where_it_stands(quote: str) -> None:
    assert evidence().cite("m1", quote) == (MessageSpan("m", TEXT.index(quote), TEXT.index(quote) + len(quote)),)


def test_a_word_is_quoted_where_it_stands_by_itself_and_not_in_the_longer_one_before() -> None:
    assert evidence("It cost 1250 for 50 hours.").cite("m1", "50") == (MessageSpan("m", 17, 19),)


def test_a_script_without_spaces_may_be_quoted_anywhere() -> None:
    assert evidence("我的挡风玻璃坏了").cite("m1", "挡风玻璃") == (MessageSpan("m", 2, 6),)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [("It is 250 euro.", "1.250 euro"), ("It is 50 euro.", "1,50"), ("It is 12,50.", "1250"), ("In 26.", "12.05.2026")],
)
def test_a_part_of_a_number_is_none(sentence: str, quote: str) -> None:
    assert not backed(sentence, [quote])


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("It is 1250 euro.", "€ 1.250,-"), ("1,250.50 euro", "1.250,50"), ("At 10:30.", "10.30 uur"),
        ("On 12 May 2026.", "12.05.2026"), ("On 5 May", "05-05-2026"), ("€ 1 250", "1250.00"), ("In ٢٠ days", "20"),
    ],
)  # fmt: skip
def test_a_number_is_the_same_in_another_writing(sentence: str, quote: str) -> None:
    assert backed(sentence, [quote])


@pytest.mark.parametrize("token", ["[IBAN_1]", "[iban_1]", "[ Iban 1 ]", "[IBAN-1]"])
def test_what_is_hidden_is_put_back_only_where_its_quote_holds_it(token: str) -> None:
    held = evidence()

    assert held.shown(token) == "NL91ABNA0417164300"
    assert not backed(f"Pay to {token}.", ["1 time"])
    assert backed(f"Pay to {token}.", ["Paid from [IBAN_1]"])


@given(st.decimals(0, 10**9, places=2))
def test_every_amount_reads_alike_with_points_and_with_commas(amount: object) -> None:
    english = f"{amount:,.2f}"
    dutch = english.translate(str.maketrans(",.", ".,"))

    assert numbers_in(english) == numbers_in(dutch)
    assert len(numbers_in(english)) == 1
