"""A new link for a customer who lost theirs: by what only they know of their case, or by a code to the address on file.

What is answered never tells whether a case exists: a reference that nobody has is counted and refused like any other.
Codes are derived from a key and stored nowhere; the newest one that was asked for opens, once.
"""

import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import structlog

from cases.case import Case
from cases.errors import CaseError, NotFound
from cases.events import LetterWritten
from cases.facts import best
from cases.journey_folder import JourneyFolder
from cases.store.links import Link
from cases.store.store import Store
from cases.vocabulary import Effect
from pipelines.communication.channel import CODE
from pipelines.communication.service import deliver
from pipelines.house import House
from pipelines.joined import of_same_customer
from pipelines.links import new_link_id, token_of
from pipelines.ports import LetterUndeliverable
from pipelines.reading_room import folder_of_customer
from pipelines.registers import folded

log = structlog.get_logger()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CODE_LIVES = timedelta(minutes=30)  # at least; at most twice as long
TRIES = 5  # of a reference in a day, and of a code
TRIES_OF_CLIENT = 30  # in an hour, whichever references
CODES = 6  # of a reference in a day
DIGITS = 8
SHORTEST = 5  # characters of a proof: a shorter one is guessed
#: What a fact or a field of a register is called that proves who asks.
PROOFS = frozenset({"postcode", "postal_code", "birth_date", "date_of_birth", "birthdate", "born_on"})
_DAY_FIRST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})", re.ASCII)


class TriesUsed(CaseError):
    """Of this reference; only a code by mail opens it today."""

    def __init__(self) -> None:
        super().__init__(f"more than {TRIES} tries in a day; ask for a code by mail")


class WaitFirst(CaseError):
    """Of this client. seconds: until it may go on."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"more than {TRIES_OF_CLIENT} tries in an hour; wait {seconds} seconds and try again")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class _Code:
    """window: the half hour in which it was asked for. nth: of that half hour, from 1."""

    window: datetime
    nth: int


def prove(house: House, reference: str, proof: str, *, client: str) -> str | None:
    """The token of a new link when the proof belongs to the case; None when it does not, or there is no such case.

    proof: a postcode or a date of birth, as people write them. Raises TriesUsed and WaitFirst.
    """
    now = house.now()
    _count_client(house, client, now)
    begin = _window(now, DAY)
    with house.database.writing() as store:
        tries = store.people.hit(_counter(house, "proof", tidy(reference)), window=begin)
    if tries > TRIES:
        raise TriesUsed
    with house.database.reading() as store:
        case = _case(store, reference)
    given = read_proof(proof)
    fits = [hmac.compare_digest(given.encode(), known.encode()) for known in _known(house, case)]
    return _renew(house, case, now) if case is not None and any(fits) else None


def use_code(house: House, reference: str, code: str, *, client: str) -> str | None:
    """The token of a new link for the newest code, once; None for any other. Raises WaitFirst."""
    now = house.now()
    _count_client(house, client, now)
    with house.database.writing() as store:
        newest = _newest(house, store, tidy(reference), now)
        case = _case(store, reference)
        if newest is None or case is None:
            return None
        stamp = f"{tidy(reference)} {newest.window:%H%M} {newest.nth}"
        too_often = store.people.hit(_counter(house, "code tried", stamp), window=newest.window) > TRIES
        given = "".join(letter for letter in code if letter.isascii() and letter.isdigit())
        if too_often or not hmac.compare_digest(given, _digits(house, case.id, newest)):
            return None
        if store.people.hit(_counter(house, "code used", stamp), window=newest.window) > 1:
            return None
    return _renew(house, case, now)


def ask_code(house: House, reference: str, *, client: str) -> datetime | None:
    """Count that a code is asked for; the moment to hand to `mail_code`, None when enough were asked for today.

    Whoever asks is told the same each time. Raises WaitFirst.
    """
    now = house.now()
    _count_client(house, client, now)
    with house.database.writing() as store:
        if store.people.hit(_counter(house, "codes", tidy(reference)), window=_window(now, DAY)) > CODES:
            return None
        store.people.hit(_counter(house, "code asked", tidy(reference)), window=_window(now, CODE_LIVES))
    return now


def mail_code(house: House, reference: str, at: datetime) -> None:
    """Send the newest code to the address on file, if there is such a case and its address can be reached.

    To be called once the asker has their answer, so that its time tells nothing.
    """
    with house.database.reading() as store:
        case = _case(store, reference)
        newest = _newest(house, store, tidy(reference), at)
    if case is None or newest is None:
        return
    letter = _letter(folder_of_customer(house, case), case, newest, _digits(house, case.id, newest))
    try:
        deliver(case, letter, house, at=at)
    except (LetterUndeliverable, OSError) as error:  # asked for again, it is tried again
        log.warning("proof.code_not_sent", case_id=case.id, error=type(error).__name__)


def tidy(reference: str) -> str:
    """As references are written, however they were typed."""
    return "".join(reference.split()).upper()[:40]


# --- parts --------------------------------------------------------------------------------------------------------


def _case(store: Store, reference: str) -> Case | None:
    with suppress(NotFound):
        case = store.case(store.case_id(tidy(reference)))
        return None if case.erased else case
    return None


def _known(house: House, case: Case | None) -> list[str]:
    """What proves who the customer of a case is, as it is compared: of the register, and as they told it."""
    if case is None:
        return []
    specs = folder_of_customer(house, case).journey.facts
    named = [name for name, spec in specs.items() if name in PROOFS or spec.reader == "postcode"]
    told = [fact.value for name in named if (fact := best(case.facts, name))]
    answers = case.enriched.answers if case.enriched else ()
    registered = [value for answer in answers for name, value in answer.fields if name in PROOFS and value]
    return [read for value in (*told, *registered) if len(read := read_proof(value)) >= SHORTEST]


def read_proof(proof: str) -> str:
    """1234 ab is 1234AB, and 3-4-1980 is 1980-04-03."""
    typed = proof.strip()[:40]
    if written := _DAY_FIRST.fullmatch(typed):
        with suppress(ValueError):
            typed = date(int(written[3]), int(written[2]), int(written[1])).isoformat()
    return folded(typed)


def _renew(house: House, case: Case, now: datetime) -> str:
    expires = now + timedelta(days=house.settings.link_days)
    with house.database.writing() as store:
        shown = of_same_customer(store, case)
        link = Link(new_link_id(), shown.id, party="customer", scope="case", expires_at=expires)
        store.links.add(link)
    log.info("proof.link_renewed", case_id=case.id)
    return token_of(link.id, house.keys.link)


def _newest(house: House, store: Store, reference: str, now: datetime) -> _Code | None:
    """The code that was asked for last and still opens."""
    this = _window(now, CODE_LIVES)
    for window in (this, this - CODE_LIVES):
        asked = store.people.hits(_counter(house, "code asked", reference), window=window)
        if asked:
            return _Code(window, asked)
    return None


def _digits(house: House, case_id: str, code: _Code) -> str:
    text = f"code {case_id} {code.window.isoformat()} {code.nth}"
    digest = hmac.new(house.keys.link, text.encode(), sha256).digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"


def _letter(folder: JourneyFolder, case: Case, code: _Code, digits: str) -> LetterWritten:
    """It holds a way in, so it is not kept in the log with the other letters."""
    language = case.language if case.language in folder.journey.languages else folder.journey.languages[0]
    name = folder.journey.organisation.name
    return LetterWritten(
        letter_id=f"{case.id}.code-{code.window:%Y%m%d%H%M}-{code.nth}",
        letter=CODE,
        effect=Effect.INFORM,
        language=language,
        to=case.sender,
        subject=folder.say(language, "track.proof.mail.subject"),
        body=folder.say(language, "track.proof.mail.body", code=f"{digits[:4]} {digits[4:]}", organisation=name) + "\n",
    )


def _count_client(house: House, client: str, now: datetime) -> None:
    begin = _window(now, HOUR)
    with house.database.writing() as store:
        tries = store.people.hit(_counter(house, "proof of", client), window=begin)
    if tries > TRIES_OF_CLIENT:
        raise WaitFirst(int((begin + HOUR - now).total_seconds()) + 1)


def _counter(house: House, what: str, of: str) -> str:
    """A name without an address or a reference in clear."""
    return f"{what} {hmac.new(house.keys.session, of.encode(), sha256).hexdigest()[:32]}"


def _window(now: datetime, length: timedelta) -> datetime:
    """The beginning of the stretch of this length that now lies in."""
    seconds = length.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
