"""What the customer wrote, in the desk's language: paragraph by paragraph, below the original and never instead of it.

Twin: none; the page says that it is not translated. Nothing cites a translation. One with a hole is worse than none:
each paragraph is answered once and in order, or all of it is dropped. A paragraph whose numbers or masked words are not
those of the original stays untranslated.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from cases import events as e
from cases import facts as f
from cases.vocabulary import Help
from models.language import detect
from pipelines.assistant.evidence import Evidence, SourceText, View, always
from pipelines.assistant.masking import TOKEN
from pipelines.assistant.spec import HelpSpec, Shape, told_of

MOST_MESSAGES = 6  # the newest ones, by itself
MOST_CHARS = 4_000  # of one message: a model writes no more of it in the time that it has
LONGEST = 1_000  # characters of one paragraph; a longer one is cut behind a sentence
MOST_PARAGRAPHS = 60
LONGER_AT_MOST, AND_AT_MOST = 3, 80  # times as long as the original, and so many characters more
SURE, SURE_FROM = 0.98, 40  # of the language, and from so many characters on
#: Languages in which customers may write besides those of the journey.
WRITTEN = ("nl", "en", "de", "fr", "es", "it", "pt", "pl", "tr", "ar", "uk", "ru", "ro", "bg", "zh", "fa")
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n")
_NUMBER = re.compile(r"\d+")


class Paragraph(Shape):
    id: str = Field(max_length=12)
    text: str = Field(max_length=LONGEST * LONGER_AT_MOST + AND_AT_MOST)


class Translated(Shape):
    paragraphs: list[Paragraph] = Field(max_length=MOST_PARAGRAPHS)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where each begins and ends, without the white space around it; as many as are asked for, whole ones only."""
    found: list[tuple[int, int]] = []
    for start, end in _pieces(text):
        if end > MOST_CHARS or len(found) == MOST_PARAGRAPHS:
            break
        found.append((start, end))
    return found


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    edges = [0, *(place for gap in _BLANK_LINES.finditer(text) for place in gap.span()), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield from (_trimmed(text, *part) for part in _cut(text, start, end) if text[slice(*part)].strip())


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Parts of at most LONGEST characters: behind a sentence where there is one, else wherever it is too long."""
    while end - start > LONGEST:
        ends = [found.end() for found in _SENTENCE_END.finditer(text, start, start + LONGEST) if found.end() > start]
        split = ends[-1] if ends else start + LONGEST
        yield start, split
        start = split
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def language_of(said: e.MessageAdded, case_language: str | None) -> str | None:
    """As the text reads, where that is sure; else as the customer or the form said; else as the case."""
    if len(said.text.strip()) >= SURE_FROM:
        language, sure = detect([said.text], WRITTEN)[0]
        if sure >= SURE:
            return language
    return said.language or case_language


def _message(view: View) -> e.MessageAdded | None:
    return next((said for said in view.case.messages if said.message_id == view.question), None)


def _sources(view: View) -> Sequence[SourceText]:
    said = _message(view)
    if said is None:
        return ()
    return [
        SourceText(
            f"p{number}", "message", said.text[start:end], always(f.MessageSpan(said.message_id, start, end)), {}
        )
        for number, (start, end) in enumerate(paragraphs(said.text), 1)
    ]


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    return {"into": view.language} if _sources(view) else None


def _keep(answer: Translated, evidence: Evidence, view: View) -> list[e.SaidLine]:
    asked = [one.id for one in _sources(view)]
    if [one.id for one in answer.paragraphs] != asked:
        return []
    kept = []
    for one in answer.paragraphs:
        source = evidence.source(one.id)
        if source is not None and _same(evidence.said(one.id, ""), one.text):
            cited = source.cite(0, len(source.text))
            kept.append(e.SaidLine(evidence.shown(one.text.strip()), cited, about=view.question))
    return kept


def _same(original: str, translation: str) -> bool:
    """Whether it says something, at no unheard-of length, with the numbers and masked words of the original."""
    short_enough = len(translation) <= LONGER_AT_MOST * len(original) + AND_AT_MOST
    return bool(translation.strip()) and short_enough and _exact(original) == _exact(translation)


def _exact(text: str) -> tuple[Counter[str], Counter[str]]:
    """Numbers and masked words, each as often as it stands there; figures of every script alike."""
    plain = TOKEN.sub(" ", text)
    numbers = ("".join(str(unicodedata.decimal(digit)) for digit in one) for one in _NUMBER.findall(plain))
    return Counter(numbers), Counter(TOKEN.findall(text))


def _by_itself(view: View) -> Sequence[str]:
    """What a colleague cannot read and was not translated yet."""
    done = told_of(view, Help.TRANSLATION)
    foreign = [
        said.message_id
        for said in view.case.messages[-MOST_MESSAGES:]
        if said.text.strip() and language_of(said, view.case.language) not in (view.language, None)
    ]
    return [message_id for message_id in foreign if message_id not in done]


SPEC = HelpSpec(
    task=Help.TRANSLATION,
    sources=_sources,
    shape=lambda _: Translated,
    asks=_asks,
    keep=_keep,
    offered=lambda answer: len(answer.paragraphs),
    by_itself=_by_itself,
)
