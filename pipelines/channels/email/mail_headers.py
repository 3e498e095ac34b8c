"""The header block of a mail or of one of its parts, read in linear time.

The standard library's reader recurses on nested comments and is quadratic in parameters; mail comes from anyone.
"""

import codecs
import re
from binascii import Error as BadBase64
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from pipelines.channels.parsed import clean_line, lower_domain

MAX_HEADER_BYTES = 64 * 1024
MAX_VALUE_CHARS = 2_000  # bounds what the standard library is given: its parameter reader is quadratic
MAX_ADDRESSES = 200

_HEADER_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)")
_ID = re.compile(r"<([^<>\s]{1,300})>")
# How one character leads from one place of an address line to the next.
_MOVES = {
    ("bare", '"'): "quoted",
    ("quoted", '"'): "bare",
    ("bare", "<"): "angled",
    ("angled", ">"): "bare",
    ("bare", "("): "comment",
}
_ADDRESS = re.compile(r"[^\s@<>(),;:\"]{1,128}@[^\s@<>(),;:\"]{1,255}")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order, names in lower case, values unfolded and not yet decoded."""

    fields: tuple[tuple[str, str], ...]

    def first(self, name: str) -> str:
        """The first value of that name, "" when there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    @property
    def content_type(self) -> str:
        value = self.first("content-type").partition(";")[0].strip().lower()
        return value if re.fullmatch(r"[\w.+-]+/[\w.+-]+", value, re.ASCII) else "text/plain"

    def parameter(self, header: str, name: str) -> str:
        """A parameter of a header, RFC 2231 continuations and RFC 2047 words decoded; "" when absent."""
        message = Message()
        message[header] = re.sub(r"[\r\n]", " ", self.first(header)[:MAX_VALUE_CHARS])
        try:
            value = message.get_param(name, "", header)
        except (ValueError, LookupError, HeaderParseError, TypeError):  # the standard library's reader is fragile
            return ""
        if isinstance(value, tuple):
            charset, _, raw = value
            return decode_bytes(raw.encode("latin-1", "replace"), charset or "utf-8")
        return decode_words(value)


def split_headers(raw: bytes, cap: int = MAX_HEADER_BYTES) -> tuple[Headers, int] | None:
    """The headers and the offset where the body starts; None when they do not end within `cap` bytes."""
    fields: list[tuple[str, list[bytes]]] = []
    position = raw.index(b"\n") + 1 if raw.startswith(b"From ") and b"\n" in raw[:cap] else 0
    while position < len(raw):
        if position >= cap:
            return None
        newline = raw.find(b"\n", position, cap + 1)
        if newline < 0 and len(raw) > cap:
            return None
        end = newline + 1 if newline >= 0 else len(raw)
        line = raw[position:end].rstrip(b"\r\n")
        if not line:
            return _joined(fields), end
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line.strip())
        elif match := _HEADER_LINE.match(line):
            fields.append((match[1].decode("ascii").lower(), [match[2]]))
        elif fields or not line.strip():
            return _joined(fields), position  # a line that is no header starts the body
        else:
            return Headers(()), position
        position = end
    return _joined(fields), len(raw)


def decode_words(value: str) -> str:
    """RFC 2047 encoded words as text on one line; what cannot be decoded stays as it was written."""
    value = value[:MAX_VALUE_CHARS]
    if "=?" not in value:
        return clean_line(value)
    try:
        pieces = decode_header(value)
    except (HeaderParseError, BadBase64, ValueError):
        return clean_line(value)
    return clean_line(
        "".join(
            piece if isinstance(piece, str) else decode_bytes(piece, charset or "ascii") for piece, charset in pieces
        )
    )


def read_addresses(value: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox, in order.

    Quotes, comments and brackets are split before encoded words are decoded, so that a decoded name cannot
    pose as an address.
    """
    found = []
    for name, address, bare in _mailboxes(value[: 32 * MAX_VALUE_CHARS]):
        match = _ADDRESS.fullmatch(address.strip()) or (not address and _ADDRESS.search(bare))
        if match:
            found.append((decode_words(name), lower_domain(match[0])))
        if len(found) == MAX_ADDRESSES:
            break
    return found


def read_ids(value: str) -> tuple[str, ...]:
    """Message-IDs without brackets, in order, at most 100. Some mailers write long ones as encoded words."""
    value = decode_words(value) if "=?" in value else value
    return tuple(_ID.findall(value[:MAX_HEADER_BYTES]))[-100:]


def charset_codec(label: str) -> str | None:
    """The codec for a mail charset, None when unknown. Codecs that are no charset (punycode, idna …) are unknown."""
    name = re.sub(r"[^a-z0-9]", "", label.lower()[:40])
    if name in ("usascii", "ascii", "utf8", "iso88591", "latin1", "unicode11utf8"):
        return {"utf8": "utf-8", "unicode11utf8": "utf-8"}.get(name, "cp1252")
    known = r"utf(8|16|32)(le|be|sig)?|iso8859\d{1,2}|latin\d|cp\d{3,4}|windows125\d|koi8[ru]|gb2312|gbk|gb18030"
    known += r"|big5(hkscs)?|shiftjis|sjis|eucjp|euckr|iso2022(jp|kr)|mac(roman|intosh)|tis620"
    if not re.fullmatch(known, name):
        return None
    try:
        return codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return None


def decode_bytes(raw: bytes, label: str) -> str:
    """Text in the charset of that label; errors become U+FFFD, an unknown label reads as UTF-8 or else Latin-1."""
    codec = charset_codec(label)
    if codec in (None, "cp1252"):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            codec = "cp1252" if codec else "latin-1"
    return raw.decode(codec or "latin-1", "replace")


def _joined(fields: list[tuple[str, list[bytes]]]) -> Headers:
    return Headers(tuple((name, decode_bytes(b" ".join(lines), "ascii").strip()) for name, lines in fields))


def _mailboxes(value: str) -> Iterator[tuple[str, str, str]]:
    """(display name, text between angle brackets, text outside quotes and comments) of each mailbox."""
    collected: dict[str, list[str]] = defaultdict(list)
    place, depth = "bare", 0
    for piece in re.findall(r"\\.|[^\\\"(),;<>]+|.", value, re.DOTALL):
        if place == "bare" and piece in (",", ";"):
            yield _mailbox(collected)
            collected.clear()
            continue
        depth += {"(": 1, ")": -1}.get(piece, 0) if place == "comment" else 0
        arrived = "bare" if place == "comment" and depth == 0 else _MOVES.get((place, piece), place)
        if arrived == "comment" and place == "bare":
            depth = 1
        elif arrived == place:
            text = piece[-1] if piece[0] == "\\" else piece
            collected[place].append(text)
            if place in ("bare", "quoted"):
                collected["name"].append(text)
        place = arrived
    yield _mailbox(collected)


def _mailbox(collected: dict[str, list[str]]) -> tuple[str, str, str]:
    name = "".join(collected["name"]).strip() if collected["angled"] else ""
    name = name or "".join(collected["comment"]).strip()
    return name, "".join(collected["angled"]), "".join(collected["bare"])
