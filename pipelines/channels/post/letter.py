"""A letter as it was read from its pages: the raw bytes that a message of this channel is kept as."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import orjson

from cases import events as e
from cases.vocabulary import FileKind, FileStatus
from pipelines.attachments import sniff
from pipelines.channels.parsed import Attachment, FieldInvalid, ParsedMessage, clean_line, clean_text, cut_text

LETTER = "application/vnd.casewright.letter+json"
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover sheet says: the case that the letter answers, and the proof that we printed that sheet."""

    reference: str
    proof: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """number: in its scan, from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """scan: sha256 of the file it came from, which may hold other letters. notes: what a person should know of it."""

    scan: str
    name: str
    pages: tuple[LetterPage, ...]
    cover: Cover | None = None
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All pages; from the second on each begins with its number, so that every place tells its page."""
        first, *others = self.pages
        return "\n\n".join([first.text, *(f"[p. {page.number}]\n{page.text}" for page in others)]).strip()


def write_letter(letter: Letter) -> bytes:
    return orjson.dumps(asdict(letter))


def read_letter(raw: bytes) -> Letter:
    """Raises FieldInvalid for what write_letter did not write."""
    try:
        told = orjson.loads(raw)
        cover = told["cover"]
        pages = tuple(LetterPage(int(one["number"]), clean_text(str(one["text"]))) for one in told["pages"])
        return Letter(
            scan=str(told["scan"]),
            name=clean_line(str(told["name"]), 200),
            pages=pages or _refuse("has no pages"),
            cover=Cover(str(cover["reference"]), str(cover["proof"])) if cover else None,
            notes=tuple(clean_line(str(note)) for note in told["notes"][:MOST_NOTES]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FieldInvalid("body", f"is no scanned letter ({type(error).__name__}); scan it again") from error


def _refuse(what: str) -> tuple[LetterPage, ...]:
    raise FieldInvalid("pages", f"{what}; scan the letter again")


def parsed(letter: Letter, files: Sequence[Attachment]) -> ParsedMessage:
    """Who wrote it is not known: what a letter says of its sender proves nothing, and may be misread."""
    notes = list(letter.notes)
    return ParsedMessage(
        sender="",
        sender_name="",
        subject="",
        text=cut_text(letter.text, notes),
        attachments=tuple(files),
        notes=tuple(notes),
    )


def files_of(
    message: e.MessageReceived, attachments: Sequence[Attachment], digests: Sequence[str]
) -> tuple[e.FileSeen, ...]:
    """Pages are documents, though they are pictures: no photo of damage, and like every other page of print."""
    return tuple(
        e.FileSeen(
            id=f"{message.message_id}.f{at}",
            name=one.name,
            sha256=sha256,
            size=len(one.data),
            media_type=sniff(one.data)[1],
            kind=FileKind.DOCUMENT,
            status=FileStatus.RECEIVED,
        )
        for at, (one, sha256) in enumerate(zip(attachments, digests, strict=True), 1)
    )
