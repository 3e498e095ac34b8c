"""Facts as people type them: read by their type, or refused with the mend."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.journey_spec import FactSpec
from cases.stating import NotOfItsType, read_typed


def spec(kind: Any) -> FactSpec:
    return FactSpec(label={"nl": "Iets"}, type=kind)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", " GX-482-B ", "GX-482-B"),
        ("money", "3000", "3000.00"),
        ("money", "€ 1.250,50", "1250.50"),
        ("money", "1,250.5", "1250.50"),
        ("money", "12,5", "12.50"),
        ("date", "2026-11-20", "2026-11-20"),
        ("date", "3-1-2026", "2026-01-03"),
        ("integer", "-012", "-12"),
        ("boolean", "Ja", "true"),
        ("boolean", "no", "false"),
    ],
)
def test_what_is_typed_is_kept_in_one_form(kind: str, typed: str, kept: str) -> None:
    assert read_typed("it", spec(kind), typed) == kept


@pytest.mark.parametrize(
    ("reader", "typed", "kept"),
    [
        ("licence_plate", "gx-482-b", "GX482B"),
        ("iban", "nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
        ("postcode", "1012ab", "1012 AB"),
        ("postcode", "SW1A 1AA", "SW1A 1AA"),
        ("pattern", "pol-400123", "POL-400123"),
        ("email", "Bas@Example.org", "bas@example.org"),
        ("none", "gx-482-b", "gx-482-b"),
    ],
)
def test_a_number_is_kept_as_it_is_read_in_a_message(reader: Any, typed: str, kept: str) -> None:
    known = FactSpec(label={"nl": "Iets"}, type="text", reader=reader, pattern="x" if reader == "pattern" else None)

    assert read_typed("it", known, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "mend"),
    [
        ("text", " ", "what it should say"),
        ("money", "1.250", "1250.00"),
        ("money", "1.250 000,5", "1250.00"),
        ("money", "-5", "1250.00"),
        ("money", "٣", "1250.00"),
        ("date", "2026-02-30", "2026-11-20"),
        ("date", "tomorrow", "2026-11-20"),
        ("integer", "2.5", "whole number"),
        ("integer", "1" * 13, "whole number"),
        ("boolean", "perhaps", "yes or no"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused_with_field_and_mend(kind: str, typed: str, mend: str) -> None:
    with pytest.raises(NotOfItsType, match=mend) as refused:
        read_typed("it", spec(kind), typed)

    assert str(refused.value).startswith("it: ")


@given(st.decimals(0, 10**9, places=2))
def test_an_amount_reads_back_as_it_is_kept(amount: Decimal) -> None:
    assert read_typed("it", spec("money"), f"{amount:.2f}") == f"{amount:.2f}"


@given(st.dates())
def test_a_day_reads_back_as_it_is_kept(day: date) -> None:
    assert read_typed("it", spec("date"), day.isoformat()) == day.isoformat()


@given(st.sampled_from(["money", "date", "integer", "boolean"]), st.text(max_size=20))
def test_whatever_is_typed_is_kept_in_its_form_or_refused(kind: str, typed: str) -> None:
    try:
        kept = read_typed("it", spec(kind), typed)
    except NotOfItsType:
        return

    assert read_typed("it", spec(kind), kept) == kept
