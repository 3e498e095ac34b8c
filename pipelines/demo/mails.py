"""The demo's e-mails: hand-written in configs/demo/mails.yaml, put into MIME here, the same bytes each time."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from configs.settings import HERE
from pipelines.demo.draw import Drawing, FileFormat, Flaw, photograph
from pipelines.demo.expected import Expected, read_expected
from pipelines.demo.papers import one_page
from pipelines.yaml_lines import read_yaml

MAILS = HERE / "demo" / "mails.yaml"
MAILBOX = Address(display_name="Voorbeeld", username="post", domain="voorbeeld.example")
UNKNOWN_REFERENCE = "C-2026-000001"
#: Unfolded: the standard library turns a Message-ID longer than a line into an encoded word.
_POLICY = SMTP.clone(max_line_length=998)
_MEDIA: Mapping[FileFormat, tuple[str, str]] = MappingProxyType(
    {"jpeg": ("image", "jpeg"), "mpo": ("image", "jpeg"), "truncated": ("image", "jpeg"), "heic": ("image", "heic")}
)
_TRANSFER: Mapping[str, str] = MappingProxyType({"qp": "quoted-printable", "base64": "base64", "8bit": "8bit"})
_NONE: Mapping[str, str] = MappingProxyType({})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PhotoSpec(_Part):
    name: str
    scene: str
    seed: int
    format: FileFormat = "jpeg"
    flaw: Flaw = "none"
    taken: str = Field(default="", pattern=r"^(\d{4}:\d\d:\d\d \d\d:\d\d:\d\d)?$")
    place: bool = False
    turned: Literal[1, 3, 6, 8] = 1


class PaperSpec(_Part):
    name: str
    lines: tuple[str, ...]


class Earlier(_Part):
    mail: str


class Bounced(_Part):
    recipient: str
    mail: str


class MailSpec(_Part):
    """One mail as written. quoted: the older mail below it; after: a mail that must have been read before."""

    id: str
    name: str
    sender: str
    date: datetime
    subject: str
    text: str
    shape: Literal["plain", "alternative", "html", "bounce"] = "plain"
    charset: Literal["utf-8", "iso-8859-1", "windows-1252"] = "utf-8"
    encoding: Literal["qp", "base64", "8bit"] = "qp"
    signature: str = ""
    quoted: str = ""
    photos: tuple[PhotoSpec, ...] = ()
    documents: tuple[PaperSpec, ...] = ()
    headers: Mapping[str, str] = {}
    in_reply_to: Earlier | None = None
    names_reference_of: Earlier | None = None
    after: str | None = None
    bounced: Bounced | None = None

    @property
    def words(self) -> str:
        """What the mail says, with its signature and the older mail below it."""
        signature = f"-- \n{self.signature}" if self.signature else ""
        return "\n".join(part for part in (self.text, signature, self.quoted) if part)


@dataclass(frozen=True, slots=True)
class DemoMail:
    """after: the mail whose case must have moved before this one makes sense; None: it can come at any time."""

    id: str
    after: str | None
    expected: Expected
    spec: MailSpec


class LetterMissing(Exception):
    def __init__(self, mail: str, earlier: str) -> None:
        super().__init__(f"mail {mail} answers our letter about {earlier}; pass its Message-ID in `letters`")


class MailsRefused(Exception):
    pass


@lru_cache(maxsize=1)
def demo_mails(path: Path = MAILS) -> tuple[DemoMail, ...]:
    """Every mail with what is expected of it, in the order in which they can be offered. Raises MailsRefused."""
    expected = read_expected()
    specs = [MailSpec.model_validate(one) for one in read_yaml(path, name=path.name).data["mails"]]
    ids = [spec.id for spec in specs]
    if sorted(ids) != sorted(expected):
        odd = ", ".join(sorted(set(ids) ^ set(expected))) or "an id that stands there twice"
        raise MailsRefused(f"mails.yaml and expected.csv must hold the same ids; look at: {odd}")
    mails = []
    for number, spec in enumerate(specs):
        earlier = spec.in_reply_to or spec.names_reference_of
        after = earlier.mail if earlier else spec.after
        if after is not None and after not in ids[:number]:
            raise MailsRefused(f"mail {spec.id} comes after {after!r}, which must stand above it in mails.yaml")
        mails.append(DemoMail(spec.id, after, expected[spec.id], spec))
    return tuple(mails)


def message_id(mail: str) -> str:
    """With brackets; the demo's customers all use one mail host."""
    return f"<{mail}@mail.customers.example>"


def build(mail: DemoMail, letters: Mapping[str, str] = _NONE, references: Mapping[str, str] = _NONE) -> bytes:
    """The mail as bytes (RFC 5322).

    letters: Message-ID of our letter (with brackets) by the id of the mail it answered. references: case references
    by mail id, for the one mail that names another's case. Raises LetterMissing.
    """
    spec = mail.spec
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(spec.name, addr_spec=spec.sender)
    message["To"] = MAILBOX
    named = references.get(spec.names_reference_of.mail, UNKNOWN_REFERENCE) if spec.names_reference_of else ""
    message["Subject"] = spec.subject.replace("{reference}", named)
    message["Date"] = format_datetime(spec.date)
    message["Message-ID"] = message_id(spec.id)
    if spec.in_reply_to is not None:
        if spec.in_reply_to.mail not in letters:
            raise LetterMissing(spec.id, spec.in_reply_to.mail)
        message["In-Reply-To"] = message["References"] = letters[spec.in_reply_to.mail]
    for name, value in spec.headers.items():
        message[name] = value
    if spec.bounced is not None:
        _bounce(message, spec, spec.bounced, letters)
    else:
        _content(message, spec)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{spec.id}_{number}")
    return message.as_bytes(policy=_POLICY)


def _content(message: EmailMessage, spec: MailSpec) -> None:
    if spec.shape == "html":
        message.set_content(_as_html(spec), subtype="html", charset=spec.charset, cte=_TRANSFER[spec.encoding])
    else:
        message.set_content(spec.words, charset=spec.charset, cte=_TRANSFER[spec.encoding])
    if spec.shape == "alternative":
        message.add_alternative(_as_html(spec), subtype="html", charset=spec.charset, cte=_TRANSFER[spec.encoding])
    for photo in spec.photos:
        main, sub = _MEDIA[photo.format]
        message.add_attachment(photograph(_drawing(photo)), maintype=main, subtype=sub, filename=photo.name)
    for paper in spec.documents:
        message.add_attachment(one_page(paper.lines), maintype="application", subtype="pdf", filename=paper.name)


def _drawing(spec: PhotoSpec) -> Drawing:
    return Drawing(spec.scene, spec.seed, spec.format, spec.flaw, spec.taken, spec.place, spec.turned)


def _as_html(spec: MailSpec) -> str:
    """As mail programs write it: paragraphs, a style nobody asked for, the older mail in a blockquote."""
    paragraphs = "".join(
        f"<p style='margin:0 0 12px 0'>{html.escape(part.strip()).replace(chr(10), '<br>')}</p>"
        for part in spec.text.strip().split("\n\n")
    )
    older = f"<blockquote>{html.escape(spec.quoted)}</blockquote>" if spec.quoted else ""
    return f"<html><body style='font-family:Calibri,sans-serif'><div>{paragraphs}</div>{older}</body></html>\n"


def _bounce(message: EmailMessage, spec: MailSpec, bounced: Bounced, letters: Mapping[str, str]) -> None:
    """A delivery report (RFC 3464): words, the status of the recipient, and the head of our letter."""
    domain = bounced.recipient.rpartition("@")[2]
    status = (
        f"Reporting-MTA: dns; mx.{domain}\n\nFinal-Recipient: rfc822; {bounced.recipient}\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such mailbox\n"
    )
    letter = letters.get(bounced.mail, "<letter@casewright.invalid>")
    head = f"From: cases@casewright.invalid\nTo: {bounced.recipient}\nSubject: Uw bericht\nMessage-ID: {letter}\n"
    message["MIME-Version"] = "1.0"
    edge = f"=_{spec.id}_report"
    message["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{edge}"'
    parts = (("text/plain", spec.text), ("message/delivery-status", status), ("text/rfc822-headers", head))
    shown = "".join(f"--{edge}\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    message.set_payload(f"{shown}--{edge}--\n")
