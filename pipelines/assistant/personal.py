"""Where personal data stands in a text: what the readers find, and wider nets for what they are too careful to name.

A reader must not be wrong, a mask must not miss: here a number that might be somebody's counts as theirs. Every
search is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from stdnum import luhn

from pipelines.assistant.names import find_names
from pipelines.reading.contact import find_addresses, find_emails, find_phones, find_postcodes
from pipelines.reading.found import Found
from pipelines.reading.identifiers import find_citizen_numbers, find_ibans, find_licence_plates

Kind = Literal[
    "EMAIL", "PHONE", "IBAN", "BSN", "PLATE", "POSTCODE", "ADDRESS", "NAME", "CARD", "NUMBER", "TEXT"
]  # fmt: skip  # TEXT: words of the customer that look like a token

_WINDOW = 4_000  # characters; the phone reader compares each number with all before it
_SURE_ENOUGH = 0.5  # under this a postcode is "2000 KM"


@dataclass(frozen=True, slots=True)
class Span:
    """A value at `text[start:end]`. key: its one writing, where that is more than its letters and figures."""

    kind: Kind
    start: int
    end: int
    key: str = ""


# --- the wider nets -----------------------------------------------------------------------------------------------

_SPELT_AT = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}[ ]?[(\[](?:at|@|apenstaartje)[)\]][ ]?[\w.-]{2,64}", re.IGNORECASE)
_UNBROKEN = re.compile(r"[^\s<>()\[\]{},;:\"|]+")
_DATE = r"\d{1,2}([-./])(?:0?[1-9]|1[0-2])\1(?:\d{4}|\d{2})(?![\d])(?![-./]\d)"
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d[-./])(?!{_DATE})(?:\+[ ]?[1-9]|\(0\)?[ ]?[1-9]|00?[1-9])(?:[ \u00a0/()-]{{0,2}}\d){{6,14}}(?!\d)"
)
_LOOSE_IBAN = re.compile(r"[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3}(?![A-Za-z0-9]))?")
_GROUPS = [
    re.compile(rf"(?<!\d)\d{{2,}}(?:{separator}\d{{2,}}){{1,15}}") for separator in ("[ \u00a0]", "-", r"\.", "/")
]
_LONG_RUN = re.compile(r"\d{7,}")
_LETTERED = re.compile(r"(?<![^\W_])[^\W\d_]{1,20}[-_/#]{1,2}\d{1,20}(?:[-_/.]\d{1,20}){0,5}")
_LETTERS_FIRST = re.compile(r"(?<![^\W_])(?!EUR|USD|GBP|CHF)[A-Z]{1,10}\d{5,}")
_TOLD = re.compile(
    r"(?:(?:polis|klant|schade|dossier|zaak|contract|order|bestel|factuur|lid|relatie|claim|policy|customer|case|invoice"
    r"|reference|member|kunden|vertrags?|versicherungs|schaden|rechnungs|contrat|client|passport|paspoort|document|ausweis)"
    r"[- ]?(?:nummer|nr|number|no|numéro|n°)|(?<![^\W_])(?:polis|policy|paspoort|passport|rijbewijs|dossier))[.:#]?"
    r"[ \t]?(?:is|ist|est|:)?[ \t]{0,2}(?!\d{1,2}[-./]\d|\d{4}-\d\d-\d\d)(?P<number>[A-Z0-9][A-Z0-9/.-]{3,30})(?![\w])",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"(?:€|£|\$|\bEUR|\bGBP|\beuro)[ \u00a0]?$", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"(?:[.,](?:\d{1,2}|-))?[ \u00a0]?(?:€|£|\$|EUR|GBP|euro)", re.IGNORECASE)
_AMOUNT = re.compile(r"[1-9]\d{0,7}|[1-9]\d{0,2}(?:[. \u00a0]\d{3}){1,3}")
_LEAST_TOLD, _LEAST_LETTERED, _LEAST_GROUPED, _LEAST_PHONE = 4, 5, 9, 9  # figures
_CARD = range(13, 20)  # figures of a payment card. Source: ISO/IEC 7812-1

_GERMAN_STREET = (
    r"(?:[A-ZÄÖÜ][\w.-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer|damm|chaussee)"
    r"|(?:[A-ZÄÖÜ][\w.-]{1,30}[ ]){1,2}(?:Straße|Strasse|Str\.|Allee|Platz|Weg))"
)
_TOWN = r"(?:[,\s]{1,3}(?:[A-Z]{1,2}-)?\d{4,5}[ ][A-ZÀ-Ý][\w'’-]{1,30}(?:[ -][A-ZÀ-Ý][\w'’-]{1,30}){0,3})"  # noqa: RUF001
_GERMAN = re.compile(rf"(?<![\w.-]){_GERMAN_STREET}[ ]\d{{1,4}}[ ]?[a-zA-Z]?(?!\w){_TOWN}?")
_FRENCH = re.compile(
    r"(?<![\w-])\d{1,4}(?:[ ]?(?:bis|ter))?,?[ ](?i:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route)"
    r"[ ](?:(?:de|du|des|la|le|les)[ ]|[dl]['’]){0,3}[A-ZÀ-Ý][\w'’.-]{1,30}"  # noqa: RUF001
    rf"(?:[ -][A-ZÀ-Ý][\w'’.-]{{1,30}}){{0,3}}{_TOWN}?"  # noqa: RUF001
)
_FOREIGN_POSTCODE = re.compile(
    r"(?<![\w-])(?:[BDFL]-\d{4,5}(?!\d)|\d{5}(?=[ ](?!Euro|Kilo|Km|Mal|Stück)[A-ZÀ-Ý][\w'’-]{2,30}[ ]*$))",  # noqa: RUF001
    re.MULTILINE,
)
_FOREIGN_PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}-\d{3}-[A-Z]{2}|\d-[A-Z]{3}-\d{3}|[A-Z]{2}\d{2}[ ]?[A-Z]{3}(?<!LED)"
    r"|(?<=Kennzeichen[ ])[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[ ]?\d{1,4}[EH]?)(?![\w-])"
)  # French and Italian, Belgian, British, German


def find_personal(text: str) -> Iterator[Span]:
    """What might be somebody's, the surest kinds first. Spans may overlap: the first has the say."""
    yield from (Span("EMAIL", one.start, one.end, one.value) for one in find_emails(text))
    yield from _addresses_with_at(text)
    yield from _read("IBAN", find_ibans(text))
    yield from (Span("IBAN", *found.span()) for found in _LOOSE_IBAN.finditer(text) if _figures(found[0]) >= 8)  # noqa: PLR2004  # few words hold eight
    yield from _read("BSN", [found for found in find_citizen_numbers(text) if found.certainty >= _SURE_ENOUGH])
    yield from _phones(text)
    yield from _read("PLATE", find_licence_plates(text))
    yield from (Span("PLATE", *found.span()) for found in _FOREIGN_PLATE.finditer(text))
    yield from _read("ADDRESS", find_addresses(text))
    yield from (Span("ADDRESS", *found.span()) for shape in (_GERMAN, _FRENCH) for found in shape.finditer(text))
    yield from _read("POSTCODE", [found for found in find_postcodes(text) if found.certainty >= _SURE_ENOUGH])
    yield from (Span("POSTCODE", *found.span()) for found in _FOREIGN_POSTCODE.finditer(text))
    yield from _told_numbers(text)
    yield from _numbers(text)
    yield from (Span("NAME", start, end) for start, end in find_names(text))


def _read(kind: Kind, found: list[Found]) -> Iterator[Span]:
    return (Span(kind, one.start, one.end) for one in found)


def _figures(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _addresses_with_at(text: str) -> Iterator[Span]:
    """Whatever has an @ inside, however odd: bas@münchen.example, one stuck to other words, bas (at) post.example."""
    yield from (Span("EMAIL", *found.span()) for found in _SPELT_AT.finditer(text))
    for found in _UNBROKEN.finditer(text) if "@" in text else ():
        written = found[0].rstrip(".!?'*_")
        at = written.find("@", 1)  # @casper alone is no address
        if at > 0 and any(map(str.isalpha, written[at:])):
            yield Span("EMAIL", found.start(), found.start() + len(written), written.casefold())


def _phones(text: str) -> Iterator[Span]:
    for start, end in _windows(text):
        for found in find_phones(text[start:end], language=""):
            yield Span("PHONE", start + found.start, start + found.end, found.value)
    for match in _PHONE.finditer(text):
        if _figures(match[0]) >= _LEAST_PHONE:
            yield Span("PHONE", *match.span())


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Parts of at most 4,000 characters, cut at the end of a line where there is one."""
    start = 0
    while start < len(text):
        end = min(start + _WINDOW, len(text))
        if end < len(text):
            line = text.rfind("\n", start, end)
            end = line + 1 if line >= start else end
        yield start, end
        start = end


def _numbers(text: str) -> Iterator[Span]:
    for shape in (_LETTERED, _LETTERS_FIRST):
        for match in shape.finditer(text):
            if _figures(match[0]) >= _LEAST_LETTERED and not _is_dated(match[0]):
                yield Span("NUMBER", *match.span())
    for groups in _GROUPS:
        for match in groups.finditer(text):
            if _figures(match[0]) >= _LEAST_GROUPED and not _is_amount(text, match):
                yield Span(_number_kind(match[0]), *match.span())
    for match in _LONG_RUN.finditer(text):
        if not _is_amount(text, match):
            yield Span(_number_kind(match[0]), *match.span())


def _told_numbers(text: str) -> Iterator[Span]:
    """Behind "polisnummer" or "passport", where four figures are enough."""
    for match in _TOLD.finditer(text):
        if _figures(match["number"]) >= _LEAST_TOLD and not _MONEY_AFTER.match(text, match.end()):
            yield Span("NUMBER", match.start("number"), match.start("number") + len(match["number"].rstrip("./-")))


_MONTH = re.compile(r"(?:jan|feb|mrt|mar|mär|apr|mei|may|mai|jun|jul|aug|sep|okt|oct|nov|dec|dez)", re.IGNORECASE)


def _is_dated(text: str) -> bool:
    """A month and its year or day: okt-12-2026."""
    return _MONTH.match(text) is not None and re.fullmatch(r"\D+(?:\d{1,2}\D)?(?:19|20)\d\d", text) is not None


def _is_amount(text: str, match: re.Match[str]) -> bool:
    """With a sign or word of money beside it: what a model needs, and nobody's number."""
    if _AMOUNT.fullmatch(match[0]) is None:
        return False
    before = text[max(0, match.start() - 6) : match.start()]
    return _MONEY_BEFORE.search(before) is not None or _MONEY_AFTER.match(text, match.end()) is not None


def _number_kind(written: str) -> Kind:
    figures = "".join(character for character in written if character.isdigit())
    return "CARD" if len(figures) in _CARD and luhn.is_valid(figures) else "NUMBER"
