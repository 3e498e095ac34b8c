import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.contact import find_addresses, find_emails, find_phones, find_postcodes
from pipelines.reading.found import Found
from pipelines.reading.identifiers import (
    check_pattern,
    find_citizen_numbers,
    find_ibans,
    find_licence_plates,
    find_pattern,
)

SIDECODES = [
    "XX-99-99",
    "99-99-XX",
    "99-XX-99",
    "XX-99-XX",
    "XX-XX-99",
    "99-XX-XX",
    "99-XXX-9",
    "9-XXX-99",
    "XX-999-X",
    "X-999-XX",
    "XXX-99-X",
    "X-99-XXX",
    "9-XX-999",
    "999-XX-9",
]


def values(found: list[Found]) -> list[str]:
    return [one.value for one in found]


@pytest.mark.parametrize("code", SIDECODES)
def test_plates_of_every_sidecode_are_read_however_they_are_typed(code: str) -> None:
    plate = code.replace("X", "K").replace("9", "4")
    bare = plate.replace("-", "")

    assert values(find_licence_plates(f"de auto {plate} stond stil")) == [bare]
    assert values(find_licence_plates(f"mijn kenteken is {bare.lower()}.")) == [bare]
    assert values(find_licence_plates(f"bestelling {bare}")) == []


@pytest.mark.parametrize("text", ["12-nov-6", "AB-12-34-56", "1234-AB", "e-mail 06-12-34", "kenteken onbekend"])
def test_dates_words_and_longer_numbers_are_no_plates(text: str) -> None:
    assert find_licence_plates(text) == []


def test_an_iban_is_read_with_spaces_and_lower_case_and_its_checksum_is_held() -> None:
    good = find_ibans("rekening nl91 abna 0417 1643 00 graag")
    wrong = find_ibans("NL91ABNA0417164301")

    assert [(one.kind, one.value) for one in good] == [("iban", "NL91ABNA0417164300")]
    assert [(one.kind, one.certainty) for one in wrong] == [("iban_invalid", 0.0)]
    assert values(find_ibans("BE68 5390 0754 7034 en DE89 3704 0044 0532 0130 00")) == [
        "BE68539007547034",
        "DE89370400440532013000",
    ]


def test_a_citizen_number_passes_the_eleven_test_and_is_surer_when_named() -> None:
    named, bare = find_citizen_numbers("BSN 111222333"), find_citizen_numbers("nummer 111222333")

    assert values(named) == values(bare) == ["111222333"]
    assert named[0].certainty > bare[0].certainty
    assert find_citizen_numbers("bsn 111222334") == []


def test_a_pattern_marks_its_group_and_ignores_case() -> None:
    (found,) = find_pattern("é mijn polis pol-123456 loopt af", r"polis (POL-\d{6})", "policy")

    assert (found.kind, found.value, found.text, found.start) == ("policy", "POL-123456", "pol-123456", 13)


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", "a*", "(a)(b)", "x" * 301, "((a{100}){100}){100}"])
def test_a_pattern_outside_the_linear_subset_is_refused_with_a_mend(pattern: str) -> None:
    assert check_pattern(pattern)
    with pytest.raises(ValueError, match="policy: "):
        find_pattern("aaa", pattern, "policy")


def test_phones_are_dutch_unless_the_message_is_english() -> None:
    assert values(find_phones("bel 06-12345678 of 030 2345678", language="nl")) == ["+31612345678", "+31302345678"]
    assert values(find_phones("call 020 7946 0958", language="en")) == ["+442079460958"]
    assert find_phones("polis 123456789 van 12-03-2026", language="nl") == []


def test_mail_addresses_end_before_the_full_stop() -> None:
    assert values(find_emails("mail Jan.Jansen@Voorbeeld.nl. of a@b.co.uk")) == ["jan.jansen@voorbeeld.nl", "a@b.co.uk"]


def test_postcodes_in_both_countries() -> None:
    assert values(find_postcodes("1234 AB, 3512jk, SW1A 1AA, postcode 9999 zz")) == [
        "1234 AB", "3512 JK", "SW1A 1AA", "9999 ZZ",
    ]  # fmt: skip
    assert find_postcodes("in 2024 is er 1500km gereden, 1234 SS") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ik woon op de Kerkstraat 12, 1234 AB Utrecht.", "Kerkstraat 12, 1234 AB Utrecht"),
        ("Kerkstraat 12a\n1234AB Utrecht", "Kerkstraat 12a, 1234 AB Utrecht"),
        ("kerkstraat 12 1234ab utrecht", "kerkstraat 12, 1234 AB"),
        (
            "Burgemeester van Hallstraat 3-5, 3512 JK Den Haag en ik",
            "Burgemeester van Hallstraat 3-5, 3512 JK Den Haag",
        ),
        ("Het gaat om Dorpsweg 5 in Ede", "Dorpsweg 5, Ede"),
        ("Flat 2, 12 High Street, London SW1A 1AA", "Flat 2, 12 High Street, London SW1A 1AA"),
    ],
)  # fmt: skip
def test_addresses_on_one_line_or_two(text: str, value: str) -> None:
    assert values(find_addresses(text)) == [value]


@given(st.text() | st.text(alphabet="NL91abAB 0123456789-+.@(),straat\n", max_size=80))
def test_any_text_is_survived_and_spans_hold(text: str) -> None:
    found = find_licence_plates(text) + find_ibans(text) + find_citizen_numbers(text) + find_emails(text)
    found += find_phones(text, language="nl") + find_postcodes(text) + find_addresses(text)
    found += find_pattern(text, r"\w+", "word")

    for one in found:
        assert text[one.start : one.end] == one.text
        assert 0 <= one.certainty <= 1
