"""What a language model may see of one case, and the check that what it quotes really stands there.

Texts leave masked (pipelines.assistant.masking). A quote is looked for in the text as it left, letter for letter but
for runs of white space, and its place is told in the text as the customer wrote it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cases import events as e
from cases import facts as f
from cases.case import Case, Entry
from cases.inputs import local_day
from cases.journey_folder import JourneyFolder
from cases.statements import Basis
from cases.vocabulary import FileKind, FileStatus
from pipelines.assistant.examples import Example
from pipelines.assistant.masking import Hidden, Known, Mask, tokens_in, without_tokens
from pipelines.assistant.numbers import numbers_in
from pipelines.assistant.personal import Kind as Hides

Kind = Literal["message", "document", "fact", "register", "event", "note", "letter"]
MOST_CHARS = 24_000  # of all sources together; the oldest messages give way
MOST_OF_ONE = 8_000
LEAST_QUOTE = 2  # characters
#: They say nothing of the case that a colleague would tell another.
_NO_NEWS = (
    e.MessageAdded, e.Understood, e.Enriched, e.FilePackaged, e.LlmCalled, e.AssistantSaid, e.AssistantJudged,
    e.CaseAssigned,
)  # fmt: skip
#: A quote ends no word and no number halfway: of 1250 nobody said 50. In scripts that put no spaces it may.
_LETTER = "[0-9A-Za-z\u00c0-\u024f\u0370-\u052f]"
_BEFORE = rf"(?<!(?={_LETTER}{_LETTER}).)(?<!(?=\d[.,]\d)..)"
_BEHIND = rf"(?!(?<={_LETTER}){_LETTER})(?!(?<=\d)[.,]\d)"


@dataclass(frozen=True, slots=True)
class SourceText:
    """One thing that may be cited. cite: the evidence for these characters of its text. more: told beside it."""

    id: str
    kind: Kind
    text: str
    cite: Callable[[int, int], tuple[f.Source, ...]]
    more: Mapping[str, str]


@dataclass(frozen=True)
class View:
    """One case as its assistant reads it. language: of the desk. load: the bytes of one of its files.

    derive: a picture as an upright JPEG without metadata, of at most so many pixels a side; opened where every
    stranger's picture is, in the decoder's child. None: no picture is. question: what is asked now, or asked about.
    examples: the journey's own, labelled.
    """

    case: Case
    entries: Sequence[Entry]
    folder: JourneyFolder
    language: str
    load: Callable[[e.FileSeen], bytes]
    derive: Callable[[bytes, int], bytes] | None = None
    question: str = ""
    examples: Callable[[], Sequence[Example]] = tuple

    @property
    def basis(self) -> Basis:
        return Basis(self.folder, self.case, self.entries, self.language)


class Evidence:
    """The sources of one call, masked with one mask. whole: texts that are read for names before, as all sources are:
    one may hold the name, and another one what tells that it is a name.
    """

    def __init__(self, sources: Iterable[SourceText], known: Iterable[Known] = (), whole: Iterable[str] = ()) -> None:
        self.mask = Mask(known)
        self._sources = {one.id: one for one in _within(sources)}
        for text in dict.fromkeys((*whole, *(one.text for one in self._sources.values()))):
            self.mask.hide(text)
        self._hidden = {one.id: self.mask.hide(one.text) for one in self._sources.values()}

    def given(self) -> list[dict[str, Any]]:
        """As JSON tells them."""
        return [
            {"id": one.id, "kind": one.kind, **one.more, "text": self._hidden[one.id].text}
            for one in self._sources.values()
        ]

    def __bool__(self) -> bool:
        return bool(self._sources)

    def source(self, id_: str) -> SourceText | None:
        return self._sources.get(id_)

    def cite(self, id_: str, quote: str) -> tuple[f.Source, ...]:
        """The evidence that this quote of that source points at; () when it does not stand there.

        A fact, a register's field, an event or a note is cited as a whole: its quote may be blank.
        """
        source = self._sources.get(id_)
        if source is None:
            return ()
        if not quote.strip():
            return () if source.kind in ("message", "document") else source.cite(0, len(source.text))
        found = self.place(id_, quote)
        return () if found is None else source.cite(*found)

    def place(self, id_: str, quote: str) -> tuple[int, int] | None:
        """Which characters of the source, as it was written, this quote is; None where it does not stand there."""
        return _found(self._hidden[id_], quote) if id_ in self._hidden else None

    def said(self, id_: str, quote: str) -> str:
        """What a citation says: its quote, or all of what is cited as a whole."""
        hidden = self._hidden.get(id_)
        return quote if quote.strip() or hidden is None else hidden.text

    def shown(self, text: str) -> str:
        """With the personal data back in place."""
        return self.mask.show(text)


def backed(sentence: str, quotes: Collection[str]) -> bool:
    """Whether each number and each masked word of the sentence stands in a quote: invented ones are what harms most."""
    said = "\n".join(quotes)
    numbers = numbers_in(without_tokens(sentence)) <= numbers_in(without_tokens(said))
    return numbers and tokens_in(sentence) <= tokens_in(said)


def _found(hidden: Hidden, quote: str) -> tuple[int, int] | None:
    words = quote.split()
    if sum(map(len, words)) < LEAST_QUOTE:
        return None
    found = re.search(_BEFORE + r"\s+".join(map(re.escape, words)) + _BEHIND, hidden.text)
    return None if found is None else hidden.place(*found.span())


def _within(sources: Iterable[SourceText]) -> list[SourceText]:
    """As many as may leave, the last ones first, in their order; each cut where it is long."""
    left, kept = MOST_CHARS, []
    for one in reversed(list(sources)):
        text = one.text[: min(MOST_OF_ONE, left)]
        if text.strip():
            kept.append(SourceText(one.id, one.kind, text, one.cite, one.more))
        left -= len(text)
    return kept[::-1]


# --- what there is ------------------------------------------------------------------------------------------------


_PERSONAL: Mapping[str, Hides] = {
    "phone": "PHONE", "email": "EMAIL", "iban": "IBAN", "address": "ADDRESS", "postcode": "POSTCODE",
    "licence_plate": "PLATE", "bsn": "BSN",
}  # fmt: skip


def known_of(case: Case, folder: JourneyFolder) -> list[Known]:
    """Names, addresses and numbers that the house knows of this case."""
    names = [case.sender_name, *(message.sender_name for message in case.messages)]
    names += [one.name for one in case.representatives]
    senders = [case.sender, *(message.sender for message in case.messages)]
    facts = [
        (folder.journey.facts[fact.name].reader, fact.value) for fact in case.facts if fact.name in folder.journey.facts
    ]
    return [
        *(Known("NAME", name) for name in dict.fromkeys(names) if name),
        *(Known("EMAIL" if "@" in sender else "PHONE", sender) for sender in dict.fromkeys(senders) if sender),
        *(Known(_PERSONAL[reader], value) for reader, value in dict.fromkeys(facts) if reader in _PERSONAL),
    ]


def messages_of(view: View) -> list[SourceText]:
    """What the customer wrote; its quotes are characters of the message."""
    return [_message(f"m{number}", said, view) for number, said in enumerate(view.case.messages, 1)]


def _message(id_: str, said: e.MessageAdded, view: View) -> SourceText:
    def cite(start: int, end: int) -> tuple[f.Source, ...]:
        return (f.MessageSpan(said.message_id, start, end),)

    return SourceText(id_, "message", said.text, cite, {"written": _day(said, view)})


def _day(said: e.MessageAdded, view: View) -> str:
    """As facts are read: "yesterday" counts from the customer's day."""
    return local_day(said.received_at, view.folder.journey).isoformat()


def documents_of(view: View) -> list[SourceText]:
    """What documents of the customer say, as it was read from them."""
    readable = [
        (file, said) for said in view.case.messages for file in said.files
        if file.kind in (FileKind.DOCUMENT, FileKind.TEXT) and file.status is FileStatus.RECEIVED and file.text.strip()
    ]  # fmt: skip
    return [
        SourceText(f"d{number}", "document", file.text, always(f.PhotoRegion(file.id)), {"written": _day(said, view)})
        for number, (file, said) in enumerate(readable, 1)
    ]


def facts_of(view: View) -> list[SourceText]:
    """What is known, each with the sources that it has already."""
    of = view.basis
    best = {name: f.best(view.case.facts, name) for name in view.folder.journey.facts}
    return [
        SourceText(f"k{number}", "fact", f"{of.fact_label(name)}: {of.shown_fact(fact)}", always(*fact.sources), {})
        for number, (name, fact) in enumerate(((n, one) for n, one in best.items() if one is not None), 1)
    ]


def events_of(view: View) -> list[SourceText]:
    """What happened, in the words of the decision file, and what was written to the customer or noted."""
    of, rows = view.basis, []
    for entry in view.entries:
        match entry.event:
            case e.NoteAdded(text=text):
                kind: Kind = "note"
            case e.LetterWritten(body=text):
                kind = "letter"
            case _ if isinstance(entry.event, _NO_NEWS):
                continue
            case event:
                kind, text = "event", of.say(f"event.{event.kind}")
        more = {"written": entry.at.date().isoformat(), "by": entry.actor.type}
        rows.append(SourceText(f"e{entry.seq}", kind, text, always(f.EventAt(entry.seq)), more))
    return rows


def always(*sources: f.Source) -> Callable[[int, int], tuple[f.Source, ...]]:
    """Of what is cited as a whole."""
    return lambda _start, _end: sources
