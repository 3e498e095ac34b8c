"""A colleague's question about one case, answered in sentences that point at where they stand in it.

Twin: the sentences of the case that hold the question's own words, which works without a language model.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases import events as e
from cases import facts as f
from cases.case import Case, Entry
from cases.vocabulary import Help
from pipelines.assistant.evidence import SourceText, View, documents_of, events_of, facts_of, messages_of
from pipelines.assistant.spec import HelpSpec, cited_sentences, sentences_offered, sentences_shape

LONGEST = 300  # characters of a question
MOST_FOUND = 8
_STEM = 5  # letters in which the forms of a word agree, mostly: betaald and betaalde, repair and repaired
_LEAST = 3  # letters of a word that is looked for
_LONGEST_SENTENCE = 600
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of the case. source: where it stands."""

    text: str
    source: f.MessageSpan | f.EventAt


def look_up(case: Case, entries: Sequence[Entry], question: str) -> tuple[Found, ...]:
    """Sentences of messages, letters and notes that hold words of the question; rare words weigh more, the best first.

    At most 8. () for a question without a word of three letters.
    """
    wanted = _stems(question)
    sentences = [(one, _stems(one.text) & wanted) for one in _sentences(case, entries)] if wanted else []
    often = Counter(stem for _, stems in sentences for stem in stems)
    fit = [(_weight(stems, often, len(sentences)), n, one) for n, (one, stems) in enumerate(sentences) if stems]
    best = sorted(fit, key=lambda one: (-one[0], -one[1]))
    return tuple(dict.fromkeys(one for _, _, one in best))[:MOST_FOUND]


def _weight(stems: Collection[str], often: Mapping[str, int], of: int) -> float:
    return sum(math.log(1 + of / often[stem]) for stem in stems)


def _sentences(case: Case, entries: Sequence[Entry]) -> Iterator[Found]:
    for message in case.messages:
        for start, end in _cut(message.text):
            yield Found(message.text[start:end], f.MessageSpan(message.message_id, start, end))
    for entry in entries:
        match entry.event:
            case e.NoteAdded(text=text) | e.LetterWritten(body=text):
                yield from (Found(text[start:end], f.EventAt(entry.seq)) for start, end in _cut(text))
            case _:
                continue


def _cut(text: str) -> Iterable[tuple[int, int]]:
    for found in _SENTENCE.finditer(text):
        start, end = found.span()
        start += len(found[0]) - len(found[0].lstrip())
        end = min(end - (len(found[0]) - len(found[0].rstrip())), start + _LONGEST_SENTENCE)
        if start < end:
            yield start, end


def _stems(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    return {word[:_STEM] for word in words if len(word) >= _LEAST}


def _sources(view: View) -> Sequence[SourceText]:
    """What people said and what is known stays longest, where not all of it may leave."""
    return [*events_of(view), *documents_of(view), *messages_of(view), *facts_of(view)]


def _asks(view: View, question: str) -> Mapping[str, Any] | None:
    asked = " ".join(question.split())[:LONGEST]
    return {"question": asked, "language": view.language} if asked else None


SPEC = HelpSpec(
    task=Help.QUESTION,
    sources=_sources,
    shape=sentences_shape,
    asks=_asks,
    keep=cited_sentences,
    offered=sentences_offered,
)
