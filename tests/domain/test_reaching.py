"""By what a customer is reached besides mail: what is on file, and nothing that only stands in a message."""

import pytest

from cases.case import Case
from cases.reaching import numbers_on_file, postal_address
from tests.builders import answer, case, enriched, fact, opened, understood

HOME = (
    ("name", "Jo Smit"),
    ("phone", "020 123 45 67"),
    ("street", "Hof 9"),
    ("postcode", "3099xa"),
    ("city", "Zwolle"),
)


def registered(*fields: tuple[str, str | None], sender: str = "jo@example.org", found: bool = True) -> Case:
    return case(
        opened(sender=sender), understood(facts=(fact("phone", "+31699999999"),)),
        enriched(answer(fields=fields, found=found)),
    )  # fmt: skip


def test_the_number_that_somebody_gave_comes_before_the_one_on_file_and_one_in_a_message_counts_for_nothing() -> None:
    assert numbers_on_file(registered(*HOME, sender="06 12345678")) == ("06 12345678", "020 123 45 67")
    assert numbers_on_file(registered(*HOME, ("mobile", "06 1"))) == ("06 1", "020 123 45 67")
    assert numbers_on_file(registered(("phone", None))) == ()
    assert numbers_on_file(Case("case-1")) == ()


def test_an_address_stands_as_on_an_envelope() -> None:
    assert postal_address(registered(*HOME)) == ("Jo Smit", "Hof 9", "3099 XA  ZWOLLE")


def test_a_number_of_the_house_a_country_and_the_customers_own_name_are_filled_in() -> None:
    fields = (("address", "Hauptstr."), ("house_number", "7"), ("postal_code", "10115"), ("city", "Berlin"))

    told = postal_address(registered(*fields, ("country", "Deutschland")))

    assert told == ("Jo Smit", "Hauptstr. 7", "10115 Berlin", "Deutschland")


@pytest.mark.parametrize("lacking", ["street", "postcode", "city"])
def test_an_address_that_lacks_a_part_is_none(lacking: str) -> None:
    assert postal_address(registered(*(one for one in HOME if one[0] != lacking))) == ()


def test_a_register_that_knows_nobody_has_no_address() -> None:
    assert postal_address(registered(*HOME, found=False)) == ()
