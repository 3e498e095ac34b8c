"""How and where to reach somebody: telephone numbers, e-mail addresses, postal addresses (Dutch and British)."""

import re

import phonenumbers

from pipelines.reading.found import Found, found_at, without_overlap

_PHONE_SHAPE = re.compile(r"(?<![\w.])(?:\+|\(?0)[\d() \t\u00a0./-]{7,22}", re.ASCII)
_EMAIL = re.compile(
    r"(?<![\w.%+'-])[\w.%+'-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![\w-]|\.\w)", re.ASCII
)

_SURE_POSTCODE = r"(?:[1-9]\d{3}[ \u00a0]?[A-Z]{2})(?<!SA)(?<!SD)(?<!SS)"
_BRITISH_POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[ABD-HJLNP-UW-Z]{2})"
_POSTCODE = re.compile(rf"(?<![\w-]){_SURE_POSTCODE}(?![\w])")
_CARELESS_POSTCODE = re.compile(r"(?<![\w-])[1-9]\d{3}(?:[a-z]{2}|[A-Z][a-z]|[a-z][A-Z])(?!\w)", re.ASCII)
_CUED_POSTCODE = re.compile(
    r"(?:postcode|post code|pc|postal code)(?: is)?[ :]{1,3}(?P<code>[1-9]\d{3}[ ]?[a-z]{2})(?!\w)", re.IGNORECASE
)
_BRITISH = re.compile(rf"(?<![\w-]){_BRITISH_POSTCODE}(?!\w)")
_NO_POSTCODE = re.compile(
    r"(?:km|kg|cm|mm|ml|cl|dl|kw|mb|gb|hz|st|nd|rd|th|ft|lb|oz|pk|cc|mg|am|pm|eu|ct|xl|en|op|of|in|is|te|na|om)$",
    re.IGNORECASE,
)

_KIND_OF_STREET = (
    "straat|straatje|str|laan|weg|plein|gracht|kade|singel|dijk|hof|park|dreef|steeg|plantsoen|markt|pad|baan|ring"
    "|boulevard|wal|poort|haven|erf|veld|akker|tuin|brink|burg|kamp|zoom|oord|hoek|wei|dam|werf|horst"
)
_STREET = (
    r"(?:(?:[A-Z][\w'\u2019.-]{0,30}|van|de|den|der|het|'t|\u2019t|ten|ter|la|1e|2e)[ ]){0,4}"
    rf"(?:[A-Za-zÀ-ÿ'\u2019.-]{{2,30}}(?:{_KIND_OF_STREET})|[A-Z][A-Za-zÀ-ÿ'\u2019.-]{{2,30}}|(?:Laan|Weg|Plein|Straat|Park|Hof))"
)
_HOUSE = r"(?P<house>[1-9]\d{0,4}(?:[ ]?-?[ ]?(?:\d{1,4}|[A-Za-z]|bis|hs|huis|[IVX]{1,4})(?!\w))?)"
_CITY = (
    r"(?:[A-Z]|'s-|\u2019s-|'t )[\w'\u2019-]{1,30}(?:[ -](?:aan|den|de|der|op|ten|bij|[A-Z][\w'\u2019-]{1,30})){0,4}"
)
_DUTCH_FULL = re.compile(
    rf"(?<![\w-])(?P<street>{_STREET})[ ]{_HOUSE}[,;\s]{{1,3}}(?:te[ ])?(?P<code>[1-9]\d{{3}}[ ]?[A-Za-z]{{2}})(?!\w)"
    rf"(?:[,;\s]{{1,3}}(?:te[ ]|in[ ])?(?P<city>{_CITY}))?"
)
_DUTCH_SHORT = re.compile(
    rf"(?<![\w-])(?P<street>(?:(?:[A-Z][\w'\u2019.-]{{0,30}}|van|de|den|der)[ ]){{0,4}}[A-Za-zÀ-ÿ'\u2019-]{{2,30}}"
    rf"(?:straat|straatje|laan|weg|plein|gracht|kade|singel|dijk|dreef|steeg|plantsoen|hof|park))[ ]{_HOUSE}(?!\w)"
    rf"(?:[,;\s]{{1,3}}(?:te[ ]|in[ ])?(?P<city>{_CITY}))?"
)
_BRITISH_STREET = (
    r"(?:Street|Road|Lane|Avenue|Close|Drive|Way|Court|Place|Terrace|Square|Crescent|Gardens|Grove|Hill|Mews"
    r"|Row|Rd|St|Ave)"
)
_BRITISH_NAME = r"[A-Z][a-z'\u2019-]{1,30}"
_BRITISH_ADDRESS = re.compile(
    r"(?<![\w-])(?P<whole>(?:(?:Flat|Apartment|Unit)[ ]\w{1,5},?[ ])?\d{1,5}[A-Za-z]?,?[ ]"
    rf"(?:{_BRITISH_NAME}[ ]){{1,4}}{_BRITISH_STREET}\b\.?"
    rf"(?:,?\s{{1,2}}{_BRITISH_NAME}(?:[ -]{_BRITISH_NAME}){{0,2}}){{0,2}}"
    rf"(?:,?\s{{1,2}}(?P<code>{_BRITISH_POSTCODE})(?!\w))?)"
)
_NO_STREET = re.compile(
    r"^(?:(?:ik|wij|op|aan|in|van|de|mijn|adres|ons|bij|woon|woonadres|het|dit|naar|i|my|at|on|address|the|en|of)"
    r"\b[ :]*)+",
    re.IGNORECASE,
)


def find_phones(text: str, *, language: str) -> list[Found]:
    """Valid telephone numbers, kind `phone`, value as +31612345678.

    A number without its country is read as Dutch, or as British in English messages; the other of the two is
    tried last, at a lower certainty.
    """
    if _PHONE_SHAPE.search(text) is None:  # the library's own search takes a millisecond
        return []
    regions = ("GB", "NL") if language.lower().startswith("en") else ("NL", "GB")
    found: list[Found] = []
    for region, certainty in zip(regions, (0.97, 0.6), strict=True):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            if all(match.end <= one.start or one.end <= match.start for one in found):
                value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
                found.append(found_at(text, (match.start, match.end), kind="phone", value=value, certainty=certainty))
    return without_overlap(found)


def find_emails(text: str) -> list[Found]:
    """E-mail addresses, kind `email`, value in lower case."""
    return [
        found_at(text, match.span(), kind="email", value=match[0].lower(), certainty=0.99)
        for match in _EMAIL.finditer(text)
    ]


def find_postcodes(text: str) -> list[Found]:
    """Postcodes, kind `postcode`, value "1234 AB" or "SW1A 1AA".

    Carelessly typed Dutch ones are at 0.5 unless the word postcode stands before them.
    """
    found = [
        _postcode(text, match.span(), 0.4 if _NO_POSTCODE.search(match[0]) else 0.95)
        for match in _POSTCODE.finditer(text)
    ]
    found += [_postcode(text, match.span(), 0.9) for match in _BRITISH.finditer(text)]
    found += [_postcode(text, match.span("code"), 0.95) for match in _CUED_POSTCODE.finditer(text)]
    for match in _CARELESS_POSTCODE.finditer(text):
        if not _NO_POSTCODE.search(match[0]):
            found.append(_postcode(text, match.span(), 0.5))
    return without_overlap(found)


def _postcode_value(written: str) -> str:
    plain = re.sub(r"\s", "", written).upper()
    return f"{plain[:4]} {plain[4:]}" if plain[0].isdigit() else f"{plain[:-3]} {plain[-3:]}"


def _postcode(text: str, span: tuple[int, int], certainty: float) -> Found:
    return found_at(text, span, kind="postcode", value=_postcode_value(text[slice(*span)]), certainty=certainty)


def find_addresses(text: str) -> list[Found]:
    """Postal addresses, kind `address`, value "Kerkstraat 12a, 1234 AB Utrecht" or on one line as in Britain.

    Street, number and postcode together are nearly sure; a Dutch street and number alone are at 0.6.
    """
    found = [_dutch(text, match, 0.97 if match["city"] else 0.93) for match in _DUTCH_FULL.finditer(text)]
    found += [
        _dutch(text, match, 0.75 if match["city"] else 0.6)
        for match in _DUTCH_SHORT.finditer(text)
        if not match["street"].lower().endswith("onderweg")
    ]
    for match in _BRITISH_ADDRESS.finditer(text):
        value = " ".join(match["whole"].split())
        certainty = 0.95 if match["code"] else 0.6
        found.append(found_at(text, match.span(), kind="address", value=value, certainty=certainty))
    return without_overlap(sorted(found, key=lambda one: -one.certainty))


def _dutch(text: str, match: re.Match[str], certainty: float) -> Found:
    opening = _NO_STREET.match(match["street"])
    skipped = opening.end() if opening and opening.end() < len(match["street"]) else 0
    groups = match.groupdict()
    parts = [f"{match['street'][skipped:]} {' '.join(match['house'].split())}"]
    tail = " ".join(
        part for part in (_postcode_value(groups["code"]) if groups.get("code") else "", match["city"]) if part
    )
    value = ", ".join([*parts, tail] if tail else parts)
    return found_at(text, (match.start() + skipped, match.end()), kind="address", value=value, certainty=certainty)
