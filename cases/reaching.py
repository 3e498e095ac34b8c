"""How a customer is reached besides by mail, as far as what is on file tells. Pure.

What only stands in a message counts for nothing here: a letter holds a way in to the case, and anybody can write a
number or an address of somebody else.
"""

import re
from collections.abc import Iterator, Mapping

from cases.case import Case

#: What a field of a register is called that holds a telephone number; the first that has one is called first.
NUMBER_FIELDS = ("mobile", "phone")
_DUTCH_POSTCODE = re.compile(r"(\d{4}) ?([A-Za-z]{2})", re.ASCII)


def numbers_on_file(case: Case) -> tuple[str, ...]:
    """Telephone numbers as they are written there, the customer's own first: they write from it, or gave it to be
    answered at; then those of the organisation's registers.
    """
    own = (case.sender,) if case.sender and "@" not in case.sender else ()
    registered = (fields[name] for fields in _registered(case) for name in NUMBER_FIELDS if fields.get(name))
    return tuple(dict.fromkeys((*own, *registered)))


def postal_address(case: Case) -> tuple[str, ...]:
    """Name, street, postcode with city, and country where one is known, as lines on an envelope; () when no register
    has all that it takes.
    """
    for fields in _registered(case):
        name, street = fields.get("name") or case.sender_name, fields.get("street") or fields.get("address", "")
        postcode, city = fields.get("postcode") or fields.get("postal_code", ""), fields.get("city", "")
        if name and street and postcode and city:
            house = fields.get("house_number", "")
            lines = (name, f"{street} {house}".strip(), _place(postcode, city), fields.get("country", ""))
            return tuple(line for line in lines if line)
    return ()


def _place(postcode: str, city: str) -> str:
    """Dutch ones as the post reads them best: 1234 AB, two blanks, capitals."""
    dutch = _DUTCH_POSTCODE.fullmatch(postcode.strip())
    return f"{dutch[1]} {dutch[2].upper()}  {city.upper()}" if dutch else f"{postcode} {city}"


def _registered(case: Case) -> Iterator[Mapping[str, str]]:
    answers = case.enriched.answers if case.enriched else ()
    for answer in answers:
        if answer.found:
            yield {name: value.strip() for name, value in answer.fields if value and value.strip()}
