"""Hides personal data from a language model and puts it back: a value becomes a token such as [NAME_1].

What is hidden: what the house knows of the case, what the readers of this product find (e-mail, telephone, account,
citizen number, plate, postcode, address), names that a cue points at (under a letter, on its last line, behind a title,
"my name is" or "my wife", in the head of a mail), and numbers of four figures behind "policy number" and its like, five
behind letters and a dash, seven in a row or nine in groups, whatever they are.

What is NOT hidden: a name in running text that nobody knows and nothing points at ("I lent it to Karim"), a place, a
street that the house does not know without its number, a name in lower case behind a weak cue, an e-mail address spelt
out in words, a date of birth (dates stay), a shorter number, a diagnosis, a link's own text, and what a photo shows.
Measured in tests/pipelines/assistant/test_masking.py: of 30 names in running text (Dutch, English, German, French)
none is hidden; of the senders' names in the demo's 88 mails, with which the cues were tried, all are, though none was
known. The other way about, 7 of 12,900 short questions with nobody's data in them lost a word that was no name.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

from pipelines.assistant.names import is_name_word
from pipelines.assistant.personal import Kind, Span, find_personal
from pipelines.assistant.unseen import only_seen
from pipelines.reading.contact import find_phones

TOKEN = re.compile(r"\[[A-Z]+_\d+\]")  # as a mask writes them
_KINDS = "|".join(get_args(Kind))
_TOKEN = re.compile(rf"\[[ \t]{{0,3}}({_KINDS})[ \t_-]{{0,3}}(\d{{1,6}})[ \t]{{0,3}}\]", re.IGNORECASE | re.ASCII)
_LIKE_A_TOKEN = re.compile(rf"[\[［]\s{{0,3}}(?:{_KINDS})[\s_＿-]{{0,3}}\d{{1,6}}\s{{0,3}}[\]］]", re.IGNORECASE)  # noqa: RUF001  # any width
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_MOST_WORDS = 12  # of a value that is looked for
_MOST_KEY = 80  # characters of one
_LEAST_KEY = 4  # characters; shorter ones are hidden where they were found, and not looked for elsewhere
_LEAST_PART = 3  # letters of a part of a name
_WIDEST_GAP = 3  # characters between the words of a value
_SURE: frozenset[Kind] = frozenset({"TEXT", "EMAIL", "IBAN", "BSN", "PHONE", "PLATE"})  # claimed before known values


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the house knows of a case: a name, a street with its number, an e-mail address, a number."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that may leave. Pieces: where each begins in `text` and in the original; a token has its length there."""

    text: str
    _starts: Sequence[int] = field(repr=False)
    _spans: Sequence[tuple[int, int]] = field(repr=False)  # in the text that is seen
    _tokens: Sequence[bool] = field(repr=False)
    _origin: Sequence[int] = field(repr=False)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original; inside a token, the whole value. [) as slices are.

        Raises ValueError when it does not lie in `text`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"{start} to {end} is outside the text; give a span within 0 to {len(self.text)}")
        if not self._origin:
            return 0, 0
        first, last = self._piece(start), self._piece(max(start, end - 1))
        begin, until = self._seen(first, start)[0], self._seen(last, end - 1)[1]
        if start == end and not (self._tokens[first] and start > self._starts[first]):
            until = begin = min(begin, len(self._origin))
            at = self._origin[begin] if begin < len(self._origin) else self._origin[-1] + 1
            return at, at
        return self._origin[begin], self._origin[until - 1] + 1

    def _piece(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _seen(self, piece: int, position: int) -> tuple[int, int]:
        begin, until = self._spans[piece]
        if self._tokens[piece]:
            return begin, until
        at = begin + position - self._starts[piece]
        return at, at + 1


@dataclass(frozen=True, slots=True)
class _Value:
    """What is looked for. capital: only where it is written with one, as a word of the language may be the same."""

    kind: Kind
    key: str
    writing: str
    capital: bool


class Mask:
    """One a call: hides personal data in all texts of a prompt by the same tokens, and knows them back.

    A value is the same in another writing (case, accents, spaces, dashes, dots; an e-mail address: case only; a
    telephone number: with or without its country) and has one token, which `show` turns into its first writing: the
    house's, if it knows one. Parts of a name have tokens of their own. What was hidden once is hidden wherever it
    stands in this and in later texts, without its cue too; texts hidden before are not gone over again.
    """

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._values: dict[str, _Value] = {}  # by the letters and figures of a writing
        self._beginnings: set[str] = set()
        self._tokens: dict[str, str] = {}  # by key
        self._shown: dict[tuple[str, int], str] = {}
        self._counts: dict[str, int] = {}
        self._house: dict[str, str] = {}  # how the house writes a value, by key
        for one in known:
            self._know(one)

    def hide(self, text: str) -> Hidden:
        """What may leave of a text, without the characters that people cannot see (pipelines.assistant.unseen)."""
        seen = only_seen(text)
        claims = _Claims(seen.text)
        found = list(find_personal(seen.text))
        for span in found:
            if span.kind == "NAME":
                self._learn_name(seen.text[span.start : span.end])
        claims.take(Span("TEXT", *like.span()) for like in _LIKE_A_TOKEN.finditer(seen.text))
        claims.take(span for span in found if span.kind in _SURE)
        claims.take(self._standing(seen.text))
        claims.take(span for span in found if span.kind not in _SURE)
        if self._learn_all(claims.spans, seen.text):
            claims.take(self._standing(seen.text))
        return self._hidden(seen.text, seen.origin, sorted(claims.spans, key=lambda one: one.start))

    def show(self, text: str) -> str:
        """With the values back in the place of their tokens, "[ name_1 ]" too; an unknown token stays as it is."""

        def value(token: re.Match[str]) -> str:
            return self._shown.get((token[1].upper(), int(token[2])), token[0])

        return _TOKEN.sub(value, text)

    # --- what is known --------------------------------------------------------------------------------------------

    def _know(self, known: Known) -> None:
        value = " ".join(only_seen(known.value).text.split())
        match known.kind:
            case "NAME":
                self._house.setdefault(_folded(value), value)
                self._learn_name(value)
            case "EMAIL":
                self._house.setdefault(value.casefold(), value)
            case "PHONE":
                numbers = find_phones(value, language="")
                key = numbers[0].value if numbers else _folded(value)
                self._house.setdefault(key, value)
                self._learn(known.kind, key, value)
            case "ADDRESS":
                for part in (value, *value.split(",")):
                    self._learn_street(part.strip())
            case _:
                self._learn(known.kind, "", value)

    def _learn_street(self, written: str) -> None:
        """A street with its number, and the street alone; a town alone is nobody's."""
        if any(character.isdigit() for character in written):
            self._learn("ADDRESS", "", written)
            street = re.split(r"\s(?=\d)", written)[0] if not written[0].isdigit() else written.lstrip("0123456789 ")
            if len(street.split()) <= _LEAST_PART and len(_folded(street)) > _LEAST_KEY:
                self._learn("ADDRESS", "", street)

    def _learn_name(self, written: str) -> None:
        words = [word[0] for word in _WORD.finditer(written)]
        if not words:
            return
        self._add(_Value("NAME", _folded(written), written, capital=len(words) == 1))
        for word in words:
            if len(word) >= _LEAST_PART and is_name_word(word):
                self._add(_Value("NAME", _folded(word), word[0].upper() + word[1:], capital=True))

    def _learn_all(self, spans: Iterable[Span], text: str) -> bool:
        """Whether any was new."""
        before = len(self._values)
        for span in spans:
            self._learn(span.kind, span.key, text[span.start : span.end])
        return len(self._values) > before

    def _learn(self, kind: Kind, key: str, written: str) -> None:
        """An e-mail address is found wherever it stands, and its letters alone are not it."""
        folded = _folded(written)
        if kind in {"TEXT", "EMAIL", "NAME"} or len(folded) < _LEAST_KEY:
            return
        self._add(_Value(kind, key or folded, written, capital=False))

    def _add(self, value: _Value) -> None:
        folded = _folded(value.writing)
        if not 1 < len(folded) <= _MOST_KEY or folded in self._values:
            return
        self._values[folded] = value
        self._beginnings.update(folded[:length] for length in range(1, len(folded) + 1))

    def _standing(self, text: str) -> Iterator[Span]:
        """Where known values stand as whole words, the longest first. Looks at most 12 words ahead of each."""
        words = [(_folded(word[0]), word.start(), word.end()) for word in _WORD.finditer(text)]
        position = 0
        while position < len(words):
            found, after = self._longest(text, words, position)
            if found is not None:
                yield found
            position = after

    def _longest(self, text: str, words: Sequence[tuple[str, int, int]], first: int) -> tuple[Span | None, int]:
        start, found, after, joined = words[first][1], None, first + 1, ""
        for index in range(first, min(first + _MOST_WORDS, len(words))):
            folded, begin, end = words[index]
            joined += folded
            gap = text[words[index - 1][2] : begin] if index > first else ""
            if joined not in self._beginnings or len(gap) > _WIDEST_GAP or gap.count("\n") > 1:
                break
            value = self._values.get(joined)
            if value is not None and not (value.capital and text[start].islower()):
                found, after = Span(value.kind, start, end, value.key), index + 1
        return found, after

    # --- tokens ---------------------------------------------------------------------------------------------------

    def _token(self, span: Span, written: str) -> str:
        key = written if span.kind == "TEXT" else span.key or _folded(written) or written
        if key not in self._tokens:
            number = self._counts[span.kind] = self._counts.get(span.kind, 0) + 1
            self._tokens[key] = f"[{span.kind}_{number}]"
            self._shown[span.kind, number] = self._house.get(key, written)
        return self._tokens[key]

    def _hidden(self, text: str, origin: Sequence[int], spans: Sequence[Span]) -> Hidden:
        parts: list[str] = []
        starts, places, tokens = [], [], []
        length = position = 0
        for span in (*spans, Span("TEXT", len(text), len(text))):
            for start, end, token in ((position, span.start, ""), (span.start, span.end, "token")):
                if start < end:
                    part = self._token(span, text[start:end]) if token else text[start:end]
                    starts.append(length)
                    places.append((start, end))
                    tokens.append(bool(token))
                    parts.append(part)
                    length += len(part)
            position = span.end
        return Hidden("".join(parts), starts, places, tokens, origin)


def tokens_in(text: str) -> frozenset[tuple[str, int]]:
    """Kind and number of each token that `Mask.show` would turn into its value."""
    return frozenset((token[1].upper(), int(token[2])) for token in _TOKEN.finditer(text))


def without_tokens(text: str) -> str:
    return _TOKEN.sub(" ", text)


class _Claims:
    """Which characters are whose; the first to claim one keeps it, and of a later span only what is left is taken."""

    def __init__(self, text: str) -> None:
        self.spans: list[Span] = []
        self._text = text
        self._taken = bytearray(len(text))

    def take(self, spans: Iterable[Span]) -> None:
        for span in spans:
            for start, end in self._free(span):
                whole = (start, end) == (span.start, span.end)
                self.spans.append(span if whole else Span(span.kind, start, end))
                self._taken[start:end] = b"\1" * (end - start)

    def _free(self, span: Span) -> Iterator[tuple[int, int]]:
        position = span.start
        while (start := self._taken.find(0, position, span.end)) >= 0:
            taken = self._taken.find(1, start, span.end)
            position = taken if taken >= 0 else span.end
            words = list(_WORD.finditer(self._text, start, position))
            if (start, position) == (span.start, span.end):
                yield start, position
                return
            if span.kind == "NAME":
                words = [word for word in words if is_name_word(word[0])]
            if words:
                yield words[0].start(), words[-1].end()


def _folded(written: str) -> str:
    """Letters and figures only, without case and accents."""
    plain = written if written.isascii() else unicodedata.normalize("NFKD", written.casefold())
    return "".join(filter(str.isalnum, plain)).casefold()
