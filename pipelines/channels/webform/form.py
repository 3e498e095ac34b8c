"""The web form: multipart/form-data read from memory under caps.

Starlette's reader drops the last part of a cut-off body in silence; here a missing end is a refusal.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from pipelines.channels.email.mail_headers import decode_bytes
from pipelines.channels.parsed import (
    MAX_TEXT_CHARS,
    Attachment,
    FieldInvalid,
    FieldMissing,
    MessageTooLarge,
    MultipartCutOff,
    NotMultipart,
    ParsedMessage,
    Refused,
    TooManyParts,
    clean_line,
    clean_name,
    clean_text,
    lower_domain,
)

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FORM_BYTES = 100_000_000
MAX_FIELDS = 100
MAX_FILES = 50
MAX_BOUNDARY_BYTES = 200
MAX_SHORT_FIELD_CHARS = 500
_TEXT_FIELDS = ("text",)


@dataclass(frozen=True, slots=True)
class Form:
    """Text fields by name and files in the order of the form."""

    fields: dict[str, str]
    files: tuple[Attachment, ...]


def check_multipart(content_type: str, body: bytes) -> bytes:
    """The boundary of a complete form. Cheap: looks at both ends of the body only.

    Raises NotMultipart, MessageTooLarge, and MultipartCutOff when the closing boundary is missing.
    """
    boundary = _boundary(content_type)
    if len(body) > MAX_FORM_BYTES:
        raise MessageTooLarge(len(body), MAX_FORM_BYTES)
    closing = b"--" + boundary + b"--"
    at = body.rfind(closing)
    if at < 0 or (at > 0 and body[at - 1 : at] != b"\n"):
        raise MultipartCutOff
    return boundary


def read_multipart(content_type: str, body: bytes) -> Form:
    """Fields and files of a form.

    Raises what `check_multipart` raises, TooManyParts (100 fields, 50 files) and FieldInvalid.
    """
    collected = _Collected()
    parser = MultipartParser(check_multipart(content_type, body), collected.callbacks())
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        if collected.refused:
            raise collected.refused from error
        raise FieldInvalid("body", f"is no well-formed multipart/form-data ({error}); send it again") from error
    if not collected.ended:
        raise MultipartCutOff
    return Form(collected.fields, tuple(collected.files))


def read_webform(content_type: str, body: bytes) -> ParsedMessage:
    """The message in a form: channel, journey?, sender, name?, subject?, text, language?, photos[].

    Raises what `read_multipart` raises, and FieldMissing without a sender or without both text and files.
    """
    form = read_multipart(content_type, body)
    for name, value in form.fields.items():
        if name not in _TEXT_FIELDS and len(value) > MAX_SHORT_FIELD_CHARS:
            raise FieldInvalid(name, f"is longer than {MAX_SHORT_FIELD_CHARS} characters; shorten it")
    text = clean_text(form.fields.get("text", "")).strip()
    sender = clean_line(form.fields.get("sender", ""))
    if not sender:
        raise FieldMissing("sender", "fill in the e-mail address or telephone number we can answer to")
    if not text and not form.files:
        raise FieldMissing("text", "write what happened, or attach a photo")
    return ParsedMessage(
        sender=lower_domain(sender),
        sender_name=clean_line(form.fields.get("name", "")),
        subject=clean_line(form.fields.get("subject", "")),
        text=text,
        attachments=form.files,
        language=clean_line(form.fields.get("language", "")).lower() or None,
        journey=clean_line(form.fields.get("journey", "")) or None,
        request=clean_line(form.fields.get("request", "")),
    )


def _boundary(content_type: str) -> bytes:
    kind, parameters = parse_options_header(content_type[:1000].encode("latin-1", "replace"))
    if kind != b"multipart/form-data":
        raise NotMultipart(f"is {clean_line(content_type, 80)!r}")
    boundary = parameters.get(b"boundary", b"")
    if not boundary or len(boundary) > MAX_BOUNDARY_BYTES:
        raise NotMultipart("has no usable boundary")
    return boundary


@dataclass(slots=True)
class _Collected:
    """What the parser's callbacks gather: one part at a time, then the form."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Attachment] = field(default_factory=list)
    ended: bool = False
    refused: Refused | None = None
    _headers: dict[str, bytes] = field(default_factory=dict)
    _header_name: bytearray = field(default_factory=bytearray)
    _header_value: bytearray = field(default_factory=bytearray)
    _content: list[tuple[bytes, int, int]] = field(default_factory=list)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header_name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header_value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_part_data": lambda data, start, end: self._content.append((data, start, end)),
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._content = []

    def _header_end(self) -> None:
        self._headers[bytes(self._header_name).decode("latin-1").lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end(self) -> None:
        self.ended = True

    def _part_end(self) -> None:
        _, parameters = parse_options_header(self._headers.get("content-disposition", b""))
        name = clean_line(decode_bytes(parameters.get(b"name", b""), "utf-8"), 100)
        if b"filename" in parameters:
            self._add_file(decode_bytes(parameters[b"filename"], "utf-8"))
            return
        if name in self.fields:
            raise FieldInvalid(name, "is given twice; send it once")
        if len(self.fields) >= MAX_FIELDS:
            raise TooManyParts(MAX_FIELDS)
        value = decode_bytes(self._joined(), "utf-8")
        if len(value) > MAX_TEXT_CHARS:
            raise FieldInvalid(name, f"is longer than {MAX_TEXT_CHARS} characters; attach it as a file")
        self.fields[name] = value

    def _joined(self) -> bytes:
        """The bytes of one part. Copied once: a photo comes as one piece."""
        pieces = [data[start:end] for data, start, end in self._content]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _at(self) -> int | None:
        """Where the part lies in the body, which is written to the parser whole."""
        return self._content[0][1] if len(self._content) == 1 else None

    def _add_file(self, filename: str) -> None:
        data = self._joined()
        if not filename and not data:
            return  # browsers send an empty part for a file field that was left empty
        if len(self.files) >= MAX_FILES:
            raise TooManyParts(MAX_FILES)
        content_type = clean_line(decode_bytes(self._headers.get("content-type", b""), "utf-8"), 100).lower()
        name = clean_name(filename, f"file-{len(self.files) + 1}")
        kind = content_type or "application/octet-stream"
        self.files.append(Attachment(name, kind, data, problem=None if data else "empty", at=self._at()))
