from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.amounts import find_amounts, find_numbers
from pipelines.reading.number_words import read_number_words

CENTS = st.integers(min_value=1, max_value=99_999_999).map(lambda cents: Decimal(cents) / 100)


def values(text: str, language: str = "nl") -> list[str]:
    return [found.value for found in find_amounts(text, language=language)]


def dutch(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@given(CENTS)
def test_every_amount_is_read_back_in_dutch_and_english_writing(amount: Decimal) -> None:
    expected = [f"{amount:.2f}"]

    assert values(f"Ik kreeg een rekening van € {dutch(amount)} van u") == expected
    assert values(f"het kostte {dutch(amount)} euro.") == expected
    assert values(f"you charged EUR {amount:,.2f} yesterday", "en") == expected
    assert values(f"I paid {amount:.2f} pounds", "en") == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250,-", "250.00"),
        ("€20.-", "20.00"),
        ("€ 1,5k", "1500.00"),
        ("twee honderd euro", "200.00"),
        ("vijfhonderd euro", "500.00"),
        ("drieëntwintig euro", "23.00"),
        ("two hundred and fifty pounds", "250.00"),
        ("50 cent", "0.50"),
        ("5 euro 50", "5.50"),
        ("5 euro en 50 cent", "5.50"),
    ],
)
def test_the_ways_customers_write_money(text: str, value: str) -> None:
    assert values(text) == [value]


def test_a_lone_separator_before_three_figures_means_thousands_and_a_wrong_one_is_less_sure() -> None:
    dutch_way = find_amounts("1.234 euro", language="nl")[0]
    english_in_dutch = find_amounts("1,234 euro", language="nl")[0]
    english_way = find_amounts("1,234 euro", language="en")[0]

    assert {dutch_way.value, english_in_dutch.value, english_way.value} == {"1234.00"}
    assert english_in_dutch.certainty < dutch_way.certainty == english_way.certainty


@pytest.mark.parametrize(
    "text",
    [
        "polis 12345678", "om 18.30 uur", "06-12345678", "in 2024", "12.000 km", "12-03-2026", "12.05.2026",
        "+31 6 12 34 56 78", "3,50 meter", "versie 2,10",
    ],
)  # fmt: skip
def test_other_figures_are_not_money(text: str) -> None:
    assert values(text) == []


def test_figures_with_decimals_but_no_currency_are_perhaps_money() -> None:
    (found,) = find_amounts("het bedrag was 89,95", language="nl")

    assert (found.value, found.certainty) == ("89.95", 0.4)


def test_plain_numbers_are_read_in_figures_and_words() -> None:
    found = find_numbers("3 kamers, twee ramen en stand 12.345,5", language="nl")

    assert [one.value for one in found] == ["3", "2", "12345.5"]


@given(st.integers(min_value=1, max_value=99), st.sampled_from(["honderd", "hundred"]))
def test_hundreds_in_words_multiply(count: int, hundred: str) -> None:
    tens = ["", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]
    units = ["", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
    teens = [
        "tien",
        "elf",
        "twaalf",
        "dertien",
        "veertien",
        "vijftien",
        "zestien",
        "zeventien",
        "achttien",
        "negentien",
    ]
    ten, unit = divmod(count, 10)
    low = units[unit] if ten == 0 else teens[unit] if ten == 1 else tens[ten]
    word = low if ten < 2 or unit == 0 else f"{units[unit]}en{tens[ten]}"

    assert read_number_words(word) == count
    assert read_number_words(f"{word}{hundred}") == count * 100


@given(st.text(), st.sampled_from(["nl", "en"]))
def test_any_text_is_survived_and_spans_hold(text: str, language: str) -> None:
    for found in find_amounts(text, language=language) + find_numbers(text, language=language):
        assert text[found.start : found.end] == found.text


@given(st.text(alphabet="0123456789.,-'€ ek en euro cent'", max_size=60))
def test_mangled_amounts_are_survived_and_spans_hold(text: str) -> None:
    for found in find_amounts(text, language="nl"):
        assert text[found.start : found.end] == found.text
        assert Decimal(found.value) >= 0
