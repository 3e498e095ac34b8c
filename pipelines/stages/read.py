"""A raw message becomes a message in its case: parsed under caps, its files kept, looked at and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases import answering
from cases import events as e
from cases.case import Case
from cases.store.likeness import PhotoHash
from cases.store.log import Append
from cases.vocabulary import CUSTOMER, MACHINE, FileKind, FileStatus, Status
from pipelines.attachments import Findings, read_text_file, sniff
from pipelines.channels.email.reading import read_email
from pipelines.channels.jsonl import read_json_message
from pipelines.channels.parsed import Attachment, FieldInvalid, ParsedMessage, Refused
from pipelines.channels.post import letter as post
from pipelines.channels.sms.incoming import TEXT_TYPE, Text, read_posted
from pipelines.channels.webform.form import read_webform
from pipelines.house import House
from pipelines.joined import mains_of, told
from pipelines.stages.work import NOTHING, Item, Outcome

SMALLEST_INLINE = 64  # pixels; smaller pictures inside a mail are logos and signs


@dataclass(frozen=True, slots=True)
class _Read:
    """Files of one message, and fingerprints of its photos."""

    files: tuple[e.FileSeen, ...]
    photos: tuple[PhotoHash, ...]


def read(batch: Sequence[Item], house: House) -> list[Outcome]:
    with house.database.reading() as store:
        cases = store.cases({str(received(item).case_id) for item in batch})
        cases |= mains_of(store, cases.values())
    house.blobs.fetch_keys({received(item).owner for item in batch})
    return [_read(item, cases.get(str(received(item).case_id)), cases, house) for item in batch]


def received(item: Item) -> e.MessageReceived:
    if not isinstance(item.entry.event, e.MessageReceived):
        raise TypeError(f"read works on message_received, not on {item.entry.event.kind}")
    return item.entry.event


def _read(item: Item, case: Case | None, cases: Mapping[str, Case], house: House) -> Outcome:
    message = received(item)
    if case is None or case.erased:
        return NOTHING
    parsed = parse(message, house)
    seen = _files(message, parsed, case, house)
    added = e.MessageAdded(
        message_id=message.message_id,
        channel=message.channel,
        sender=parsed.sender or message.sender,
        sender_name=parsed.sender_name,
        subject=parsed.subject or message.subject,
        text=parsed.text,
        quoted=parsed.quoted,
        language=parsed.language,
        received_at=message.received_at,
        files=seen.files,
        notes=parsed.notes,
        request=parsed.request,
    )
    answers = answering.answers(case, added, readable=_readable(case, house))
    events = [(added, CUSTOMER), *((answer, MACHINE) for answer in answers)]
    into = case.ties.into
    if case.status is Status.CLOSED and into is None:
        events.append((e.CaseReopened(message.message_id), CUSTOMER))
    return Outcome(
        appends=(
            Append(case.id, events, item.at, case=case),
            Append(item.claim.stream, ((e.MessageRead(case.id, parsed.notes), MACHINE),), item.at),
            *((told(case, cases[into.into], added, at=item.at),) if into is not None else ()),
        ),
        photos=seen.photos,
    )


def _readable(case: Case, house: House) -> frozenset[str]:
    folder = house.journeys.folders.get(case.journey or "")
    return answering.readable_facts(folder.journey.facts) if folder is not None else frozenset()


def parse(message: e.MessageReceived, house: House) -> ParsedMessage:
    """The raw bytes as plain data. What cannot be parsed is kept, shown as unusable, and read by a person."""
    known = house.recent.forms.take(message.message_id)
    if known is not None:
        return known
    raw = house.blobs.get(message.owner, message.raw_sha256)
    try:
        match message.content_type.partition(";")[0].strip().lower():
            case "message/rfc822":
                return read_email(raw)
            case "multipart/form-data":
                return read_webform(message.content_type, raw)
            case kind if kind == TEXT_TYPE:
                return _from_text(raw, house)
            case post.LETTER:
                return post.parsed(post.read_letter(raw), _kept(message, house))
            case _:
                return _from_json(message, raw, house)
    except Refused as refused:
        lost = Attachment("message.eml", "message/rfc822", b"", inline=False, problem="message_unreadable")
        return ParsedMessage(message.sender, "", message.subject, "", "", (lost,), None, (refused.detail,))


def _from_text(raw: bytes, house: House) -> ParsedMessage:
    posted = read_posted(raw, country=house.settings.sms_country)
    if not isinstance(posted, Text):
        raise FieldInvalid("type", "is no text of a customer")
    return posted.message


def _from_json(message: e.MessageReceived, raw: bytes, house: House) -> ParsedMessage:
    parsed, files = read_json_message(raw), _kept(message, house)
    return ParsedMessage(parsed.sender, parsed.sender_name, parsed.subject, parsed.text, "", files, parsed.language)


def _kept(message: e.MessageReceived, house: House) -> tuple[Attachment, ...]:
    """The files that came beside the message itself."""
    return tuple(Attachment(file.name, "", house.blobs.get(message.owner, file.sha256)) for file in message.files)


def _files(message: e.MessageReceived, parsed: ParsedMessage, case: Case, house: House) -> _Read:
    attachments = parsed.attachments
    digests = _keep(message, attachments, house) if attachments else []
    if message.content_type == post.LETTER:
        return _Read(post.files_of(message, attachments, digests), ())
    kinds = [sniff(one.data, one.name) for one in attachments]
    photos = [i for i, (kind, _) in enumerate(kinds) if kind is FileKind.PHOTO and attachments[i].problem is None]
    looked = dict(zip(photos, house.decoder.look([attachments[i].data for i in photos]), strict=True))
    files, prints = [], []
    for i, (one, (kind, media), sha256) in enumerate(zip(attachments, kinds, digests, strict=True)):
        file_id = f"{message.message_id}.f{i + 1}"
        found = looked.get(i)
        reused = None
        if found is not None and found.usable:
            reused = house.seen.find(found.queries, sha256=sha256, pixels_sha256=found.sha256_pixels, case_id=case.id)
            prints.append(PhotoHash(file_id, case.id, case.reference, sha256, found.sha256_pixels, found.hashes))
        files.append(_file(file_id, one, kind, media, sha256, found=found, reused=reused, house=house))
    house.seen.note(prints)
    return _Read(tuple(files), tuple(prints))


def _keep(message: e.MessageReceived, attachments: Sequence[Attachment], house: House) -> list[str]:
    """Files that were offered by name have their digests from the door; those of a mail were not looked at there."""
    blobs = [one.data for one in attachments]
    same = [file.size for file in message.files] == [len(data) for data in blobs]
    return house.blobs.put_many(message.owner, blobs, digests=[file.sha256 for file in message.files] if same else None)


def _file(
    file_id: str, one: Attachment, kind: FileKind, media: str, sha256: str, *, found: Findings | None,
    reused: tuple[str, int] | None, house: House,
) -> e.FileSeen:  # fmt: skip
    status, reason, findings, text, pages = FileStatus.RECEIVED, None, None, "", None
    if one.problem is not None:
        status, reason = FileStatus.UNUSABLE, one.problem
    elif found is not None:
        if one.inline and max(found.width, found.height) < SMALLEST_INLINE:
            kind = FileKind.OTHER
        else:
            reason = _photo_problem(found)
            status = FileStatus.UNUSABLE if reason else FileStatus.RECEIVED
        findings = _findings(found, reused) if found.usable else None
    elif kind is FileKind.DOCUMENT:
        pdf = house.decoder.read_pdf(one.data)
        status = FileStatus.RECEIVED if pdf.usable else FileStatus.UNUSABLE
        reason, text, pages = pdf.reason, pdf.text, pdf.pages
    elif kind is FileKind.TEXT:
        text = read_text_file(one.data)
    elif not one.inline:
        status, reason = FileStatus.UNUSABLE, "empty" if not one.data else "not_a_photo"
    return e.FileSeen(
        id=file_id, name=one.name, sha256=sha256, size=len(one.data), media_type=media, kind=_asked_as(kind, one),
        status=status, reason=reason, findings=findings, text=text, pages=pages,
    )  # fmt: skip


def _asked_as(kind: FileKind, one: Attachment) -> FileKind:
    """A file that says it is a photo and is none is asked for again as a photo."""
    looks_like_photo = one.content_type.startswith("image/") or one.name.lower().endswith(
        (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
    )
    return FileKind.PHOTO if kind is FileKind.OTHER and looks_like_photo and not one.inline else kind


def _photo_problem(found: Findings) -> str | None:
    if not found.usable:
        return found.reason
    if found.dark:
        return "dark"
    return "blurred" if found.blurred else None


def _findings(found: Findings, reused: tuple[str, int] | None) -> e.PhotoFindings:
    latitude, longitude = found.gps or (None, None)
    return e.PhotoFindings(
        width=found.width,
        height=found.height,
        sharpness=found.sharpness,
        luminance=found.luminance,
        blurred=found.blurred,
        dark=found.dark,
        taken_at=found.taken_at,
        latitude=latitude,
        longitude=longitude,
        camera=found.camera,
        hashes=found.hashes,
        reused_from=(reused[0],) if reused else (),
        distance=reused[1] if reused else None,
    )
