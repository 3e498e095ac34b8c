"""Texts in and out: who is told something by text reads where the case stands, and the link to the rest."""

from cases.case import Case
from cases.events import LetterWritten
from cases.reaching import numbers_on_file
from configs.settings import Settings
from pipelines.channels.sms.incoming import id_of_text
from pipelines.channels.sms.numbers import number_of
from pipelines.channels.sms.segments import fitted
from pipelines.channels.sms.wishes import wants_none
from pipelines.communication.channel import CODE, Channel, Delivery, Outgoing, Sending
from pipelines.house import House
from pipelines.links import path_of
from pipelines.ports import LetterUndeliverable


def _ready(settings: Settings) -> bool:
    return settings.sms_url is not None and settings.sms_secret is not None


def _address(case: Case, _: LetterWritten) -> str:
    """As it is written on file. Raises LetterUndeliverable."""
    numbers = numbers_on_file(case)
    if not numbers:
        raise LetterUndeliverable("no telephone number is known")
    return numbers[0]


def _takes(address: str, house: House) -> bool:
    """Not after a STOP from there, until START."""
    number = number_of(address, country=house.settings.sms_country)
    if number is None:
        return True
    with house.database.reading() as store:
        return not wants_none(store, number, house.keys.link)


def _send(outgoing: Outgoing, house: House) -> Delivery:
    from pipelines.channels.sms.texting import Outbound, texts_of  # noqa: PLC0415  # httpx costs 0.1 s

    settings = house.settings
    if settings.sms_url is None or settings.sms_secret is None:
        raise LetterUndeliverable("no provider of texts is set")
    number = number_of(outgoing.address, country=settings.sms_country)
    if number is None:
        raise LetterUndeliverable("what was given is no telephone number")
    if number in outgoing.case.dead_addresses:
        raise LetterUndeliverable("an earlier text to this number did not arrive")
    if not _takes(number, house):
        raise LetterUndeliverable("the customer wrote STOP: no texts go to this number")
    texts = texts_of(settings.sms_url, settings.sms_secret.get_secret_value())
    letter_id = outgoing.letter.letter_id
    before = sum(one.letter_id == letter_id for one in outgoing.case.bounces)
    id_ = id_of_text(letter_id, before=before)
    texts.send(Outbound(number, text_of(outgoing, house), settings.sms_kind, id_), now=house.now().timestamp())
    return Delivery("sms", id_)


def text_of(outgoing: Outgoing, house: House) -> str:
    """Where the case stands, and the link. A letter itself does not fit: it is read on the page. A code does."""
    case, letter = outgoing.case, outgoing.letter
    if letter.letter == CODE:
        return fitted(letter.body, "", alone=letter.subject)
    link = house.settings.public_url.rstrip("/") + path_of(case.link_id, house.keys.link) if case.link_id else ""
    return fitted(outgoing.standing, link, alone=case.reference)


CHANNEL = Channel("sms", receives=True, ready=_ready, sending=Sending(20, _address, _send, _takes))
