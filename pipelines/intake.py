"""Accepting a message: its raw bytes are durable, and it has a case, before anybody is told so."""

import hashlib
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import events as e
from cases.errors import CaseError, KeyReused, NotFound
from cases.store.blobs import BlobsAway
from cases.store.cut import Part
from cases.store.links import Link
from cases.store.log import Append
from cases.store.messages import MessageRecord
from cases.store.store import Store
from cases.vocabulary import CUSTOMER
from pipelines.channels.email.joining import case_of_mail
from pipelines.channels.email.reading import read_headers
from pipelines.channels.email.returns import answered
from pipelines.channels.jsonl import read_json_message
from pipelines.channels.parsed import FieldInvalid, MessageTooLarge, ParsedHeaders, ParsedMessage
from pipelines.channels.post.belonging import case_of_letter
from pipelines.channels.post.letter import LETTER, Letter, read_letter
from pipelines.channels.sms.incoming import TEXT_TYPE, Text, read_posted
from pipelines.channels.sms.joining import case_of_receipt, case_of_text
from pipelines.channels.sms.wishes import stream_of
from pipelines.channels.webform.form import read_webform
from pipelines.counters import ACCEPTED, LETTERS, MACHINE_MAIL
from pipelines.erasing import sweep
from pipelines.house import House
from pipelines.links import new_link_id, path_of

MAX_BYTES = 25 * 1024 * 1024
_REFERENCE = re.compile(r"\bC-\d{4}-\d{6}\b")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it reached us. case_id: it was written on that case's own page. files: those of a JSON message."""

    content_type: str
    raw: bytes
    channel: str
    caller: str
    received_at: datetime
    idempotency_key: str | None = None
    journey: str | None = None
    case_id: str | None = None
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receipt. reference is None for machine mail; tracking_path only for the request that opened the case."""

    message_id: str
    reference: str | None
    tracking_path: str | None
    status: str
    files: tuple[e.OfferedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What is read in the request itself: enough to find the case, and no more."""

    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    journey: str | None = None
    language: str | None = None
    files: tuple[e.OfferedFile, ...] = ()
    headers: ParsedHeaders | None = None
    machine_mail: str | None = None
    answers: tuple[str, ...] = ()  # letters of ours that this mail answers, or brings back
    mentions: tuple[str, ...] = ()
    text: Text | None = None  # to a phone number of ours
    form: ParsedMessage | None = (
        None  # a form is parsed whole, to refuse what is wrong with it while its sender is there
    )
    letter: Letter | None = None

    @property
    def parts(self) -> list[Part]:
        """The files of a form as they lie in its raw bytes."""
        pairs = zip(self.form.attachments, self.files, strict=True) if self.form else ()
        return [Part(one.at, one.data, file.sha256) for one, file in pairs if one.at is not None]


def accept(incoming: Incoming, *, house: House) -> Accepted:
    """Store the message and answer its receipt; the same key and body answer the same receipt again.

    Raises a Refused (nothing was stored, the sender can mend it) or KeyReused.
    """
    if len(incoming.raw) > MAX_BYTES:
        raise MessageTooLarge(len(incoming.raw), MAX_BYTES)
    digest = hashlib.sha256(incoming.raw).hexdigest()
    if incoming.idempotency_key is not None:
        with house.database.reading() as store:
            before = store.messages.find(incoming.caller, incoming.idempotency_key)
            if before is not None:
                return _again(store, before, digest, incoming.idempotency_key, house)
    envelope = _open(incoming, house)
    while True:
        try:
            receipt = _store(incoming, envelope, digest, house)
        except _CaseGone:
            if incoming.case_id is not None:
                raise NotFound("case", incoming.case_id) from None
            continue  # it is threaded anew, and opens a case of its own
        house.counters.add(ACCEPTED, incoming.channel)
        if envelope.machine_mail:
            house.counters.add(MACHINE_MAIL, envelope.machine_mail)
        if envelope.machine_mail == "bounce":
            house.counters.add(LETTERS, "bounced")
        house.ring()
        return receipt


def receipt_of(caller: str, key: str, *, house: House) -> Accepted | None:
    """What accept answered to this caller and key before; None when it was never asked."""
    with house.database.reading() as store:
        before = store.messages.find(caller, key)
        return None if before is None else _stored_receipt(store, before, house)


class _CaseGone(Exception):
    """The case that a message was to join has been erased meanwhile."""


def _store(incoming: Incoming, envelope: _Envelope, digest: str, house: House) -> Accepted:
    """Blobs first, then everything else in one transaction. Blobs that nothing refers to are removed again."""
    message_id = f"message-{uuid.uuid4().hex}"
    case_id, may_belong_to = _thread(incoming, envelope, house)
    new_case = case_id is None and envelope.machine_mail is None
    case_id = f"case-{uuid.uuid4().hex}" if new_case else case_id
    owner = case_id or message_id
    blobs = [incoming.raw, *(data for _, data in incoming.files)]
    digests = [digest, *(file.sha256 for file in envelope.files[: len(incoming.files)])]
    key = None
    if new_case or owner == message_id:
        key = house.blobs.put_new(owner, blobs, digests=digests, parts=envelope.parts)
    else:
        house.blobs.put_many(owner, blobs, digests=digests, parts=envelope.parts)
    record = MessageRecord(
        id=message_id,
        raw_digest=digest,
        channel=incoming.channel,
        caller=incoming.caller,
        idempotency_key=incoming.idempotency_key,
        owner=owner,
        state="recorded" if envelope.machine_mail else "accepted",
        case_id=case_id,
        received_at=incoming.received_at,
    )
    if envelope.form is not None and house.settings.broker_url is None:  # with a broker another process reads it
        house.recent.forms.put(message_id, envelope.form)
    try:
        with house.database.writing() as store:
            stored = store.messages.add(record)
            if stored.id == message_id:
                if key is not None:
                    store.data_keys.add(owner, key, incoming.received_at)
                return _write(store, record, incoming, envelope, house, may_belong_to=may_belong_to, opens=new_case)
            receipt = _again(store, stored, digest, str(incoming.idempotency_key), house)
    except (CaseError, _CaseGone):
        _forget_files(record, house, opened=new_case)
        raise
    _forget_files(record, house, opened=new_case)  # the same key came twice at once, and the other was first
    return receipt


def _write(
    store: Store, record: MessageRecord, incoming: Incoming, envelope: _Envelope, house: House, *,
    may_belong_to: str | None, opens: bool,
) -> Accepted:  # fmt: skip
    received = _received(record, incoming, envelope)
    appends = [Append(record.id, [(received, CUSTOMER)], record.received_at, expected=0)]
    if envelope.text is not None and envelope.text.wish:
        wish = e.TextsStopped(record.id) if envelope.text.wish == "stop" else e.TextsWanted(record.id)
        own = stream_of(envelope.text.sender, house.keys.link)
        appends.append(Append(own, [(wish, CUSTOMER)], record.received_at))
    if opens and record.case_id is not None:
        opening = _opened(store, record, envelope, may_belong_to)
        appends.append(Append(record.case_id, [(opening, CUSTOMER)], record.received_at, expected=0))
        expires = record.received_at + timedelta(days=house.settings.link_days)
        link = Link(str(opening.link_id), record.case_id, party="customer", scope="case", expires_at=expires)
        store.links.add(link)
        store.append_many(appends)
        return _receipt(record, received, opening, house)
    if record.case_id is not None:
        store.hold(record.case_id)  # erased before, it is seen; erased after, it takes this message with it
    first = _opening(store, record.case_id)
    if isinstance(first, e.Erased):
        raise _CaseGone
    store.append_many(appends)
    return _receipt(record, received, first, house)


def _forget_files(record: MessageRecord, house: House, *, opened: bool) -> None:
    """Nothing refers to what was stored for a message that was not taken. A case in use keeps its files."""
    house.recent.forms.take(record.id)
    with suppress(BlobsAway):  # then the orphans are swept later
        if opened or record.case_id is None:
            house.blobs.erase(record.owner)
        else:
            sweep(house, [record.case_id])


def _open(incoming: Incoming, house: House) -> _Envelope:
    """Read the envelope; raises Refused for what can never be a message."""
    match incoming.content_type.partition(";")[0].strip().lower():
        case "message/rfc822":
            return _mail(incoming, house)
        case "multipart/form-data":
            return _form(read_webform(incoming.content_type, incoming.raw), incoming, house)
        case kind if kind == TEXT_TYPE:
            return _posted(incoming, house)
        case "application/json":
            message = read_json_message(incoming.raw)
            files = tuple(_offered(name, data) for name, data in incoming.files)
            journey = _journey(incoming.journey or message.journey, house)
            return _Envelope(message.sender, message.sender_name, message.subject, journey, message.language, files)
        case kind if kind == LETTER and incoming.channel == "post":
            letter, journey = read_letter(incoming.raw), _journey(incoming.journey, house)
            files = tuple(_offered(name, data) for name, data in incoming.files)
            return _Envelope(journey=journey, files=files, letter=letter)
        case other:
            raise FieldInvalid("Content-Type", f"{other!r} is no message; send multipart/form-data or message/rfc822")


def _mail(incoming: Incoming, house: House) -> _Envelope:
    headers = read_headers(incoming.raw, own_domain=house.settings.mail_domain)
    return _Envelope(
        sender=headers.sender,
        sender_name=headers.sender_name,
        subject=headers.subject,
        journey=_journey(incoming.journey, house),
        headers=headers,
        machine_mail=headers.machine.kind if headers.machine else None,
        answers=tuple(answered(headers, incoming.raw, key=house.keys.reply)),
        mentions=tuple(_REFERENCE.findall(headers.subject)),
    )


def _posted(incoming: Incoming, house: House) -> _Envelope:
    """A text; or, as a machine's word, a wish about texts or how one of ours fared."""
    posted = read_posted(incoming.raw, country=house.settings.sms_country)
    if isinstance(posted, Text):
        mentions = tuple(_REFERENCE.findall(posted.text.upper()))
        return _Envelope(
            posted.sender, posted.sender_name, machine_mail=posted.wish or None, mentions=mentions, text=posted
        )
    kind = "report" if posted.fate == "delivered" else "bounce"
    return _Envelope(posted.to, machine_mail=kind, answers=(posted.letter_id,))


def _form(form: ParsedMessage, incoming: Incoming, house: House) -> _Envelope:
    return _Envelope(
        sender=form.sender,
        sender_name=form.sender_name,
        subject=form.subject,
        journey=_journey(incoming.journey or form.journey, house),
        language=form.language,
        files=tuple(_offered(file.name, file.data) for file in form.attachments),
        form=form,
    )


def _journey(name: str | None, house: House) -> str | None:
    if name is not None and name not in house.journeys.folders:
        known = ", ".join(house.journeys.names())
        raise FieldInvalid("journey", f"there is no journey {name!r}; leave it out or choose one of: {known}")
    return name


def _offered(name: str, data: bytes) -> e.OfferedFile:
    return e.OfferedFile(name, hashlib.sha256(data).hexdigest(), len(data))


def _thread(incoming: Incoming, envelope: _Envelope, house: House) -> tuple[str | None, str | None]:
    """The case this message joins, or the reference of one it may belong to; each channel has its own proof."""
    if incoming.case_id is not None:
        return incoming.case_id, None
    if envelope.letter is not None:
        return case_of_letter(envelope.letter, house)
    with house.database.reading() as store:
        if envelope.headers is not None:
            return case_of_mail(
                store, envelope.headers, answers=envelope.answers, mentions=envelope.mentions,
                host=house.settings.mail_host,
            )  # fmt: skip
        if envelope.text is not None and envelope.machine_mail is None:
            return case_of_text(store, envelope.text, envelope.mentions, house)
        return next((case_of_receipt(store, one) for one in envelope.answers), None), None


def _received(record: MessageRecord, incoming: Incoming, envelope: _Envelope) -> e.MessageReceived:
    return e.MessageReceived(
        message_id=record.id,
        channel=record.channel,
        caller=record.caller,
        content_type=incoming.content_type,
        owner=record.owner,
        raw_sha256=record.raw_digest,
        size=len(incoming.raw),
        received_at=record.received_at,
        case_id=record.case_id,
        sender=envelope.sender,
        subject=envelope.subject,
        files=envelope.files,
        journey=envelope.journey,
        machine_mail=envelope.machine_mail,
    )


def _opened(store: Store, record: MessageRecord, envelope: _Envelope, may_belong_to: str | None) -> e.CaseOpened:
    return e.CaseOpened(
        reference=store.open_reference(record.received_at.year),
        message_id=record.id,
        channel=record.channel,
        sender=envelope.sender,
        sender_name=envelope.sender_name,
        journey=envelope.journey,
        language=envelope.language,
        link_id=new_link_id(),
        may_belong_to=may_belong_to,
    )


def _again(store: Store, before: MessageRecord, digest: str, key: str, house: House) -> Accepted:
    if before.raw_digest != digest:
        raise KeyReused(key)
    return _stored_receipt(store, before, house)


def _stored_receipt(store: Store, before: MessageRecord, house: House) -> Accepted:
    received = next((entry.event for entry in store.history(before.id)), None)
    return _receipt(before, received, _opening(store, before.case_id), house)


def _opening(store: Store, case_id: str | None) -> e.Event | None:
    """The first event of a case."""
    return store.history(case_id)[0].event if case_id is not None else None


def _receipt(record: MessageRecord, received: e.Event | None, opened: e.Event | None, house: House) -> Accepted:
    """Made from what is stored, so that it is the same whenever it is asked for."""
    files = received.files if isinstance(received, e.MessageReceived) else ()
    if record.case_id is None or (isinstance(received, e.MessageReceived) and received.machine_mail):
        return Accepted(record.id, None, None, record.state, files)
    if isinstance(opened, e.CaseImported):
        return Accepted(record.id, opened.reference, None, record.state, files)
    if not isinstance(opened, e.CaseOpened):
        return Accepted(record.id, None, None, "erased", ())
    is_opener = opened.message_id == record.id and opened.link_id is not None
    path = path_of(str(opened.link_id), house.keys.link) if is_opener else None
    return Accepted(record.id, opened.reference, path, record.state, files)
