"""Telephone numbers as networks write them: +31612345678."""

import phonenumbers

LONGEST = 40  # characters of a number as people type it


def number_of(typed: str, *, country: str) -> str | None:
    """As +31612345678, however it was typed; None for what is no possible number.

    country: two capitals, of numbers that name none.
    """
    if len(typed) > LONGEST or "@" in typed:
        return None
    try:
        read = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(read) or read.extension:
        return None
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)


def as_written(number: str) -> tuple[str, ...]:
    """The digits of a number in the ways in which people and registers write them."""
    read = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(read)
    return (number[1:], f"00{number[1:]}", f"0{national}", national)
