"""Facts that messages and documents state, each with the words it stands in. Twin: pipelines.reading.

A value counts only if the product's own reader finds that very value within the quote, or, where a fact has no reader,
if the value stands in the quote letter for letter. What is kept is offered to a person; no rule reads it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, Field, create_model

from cases import events as e
from cases.case import Case
from cases.facts import Fact, Person, best
from cases.journey_folder import JourneyFolder
from cases.journey_spec import FactSpec
from cases.stating import NotOfItsType, read_typed
from cases.vocabulary import Help
from pipelines.assistant.evidence import Evidence, SourceText, View, documents_of, messages_of
from pipelines.assistant.spec import HelpSpec, Shape, one_of
from pipelines.reading.facts import FactReader, Reader, read_facts
from pipelines.reading.found import Found

TRUTHS = ("true", "false")
#: What a fact without a reader is read by where its values have more than one writing.
_BY_TYPE: Mapping[str, Reader] = {"money": "amount", "date": "date", "integer": "number"}
_READERS: Mapping[str, Reader] = {name: name for name in get_args(Reader)}
_WRAP = re.compile(r"(?<=[^\n])\n(?=[^\n])")


class FactFound(Shape):
    name: str
    value: str = Field(max_length=300)
    source: str = Field(max_length=40)
    quote: str = Field(max_length=2_000)


class FactsFound(Shape):
    facts: list[FactFound] = Field(max_length=60)


def news(case: Case, said: e.AssistantSaid, folder: JourneyFolder) -> tuple[int, ...]:
    """Places of the lines that a person may be offered: the case does not know that value, or knows another one.

    Not those that somebody judged already, and none of a fact on which a person had their say: that settles it.
    """
    return tuple(
        place for place, line in enumerate(said.lines)
        if line.about in folder.journey.facts
        and case.assisted.verdict(said.said_id, place) is None
        and not _knows(best(case.facts, line.about), line.text)
    )  # fmt: skip


def _knows(fact: Fact | None, value: str) -> bool:
    if fact is None:
        return False
    return any(isinstance(source, Person) for source in fact.sources) or _plain(fact.value) == _plain(value)


# --- what is asked ----------------------------------------------------------------------------------------------------


def _shape(view: View) -> type[BaseModel]:
    """The names are a closed set."""
    found = create_model("FactFound", __base__=FactFound, name=(one_of(view.folder.journey.facts), ...))
    return create_model("FactsFound", __base__=FactsFound, facts=(list[found], Field(max_length=60)))


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    facts = view.folder.journey.facts
    if not facts or not view.case.messages:
        return None
    named = {name: {"called": view.basis.fact_label(name), "type": spec.type} for name, spec in facts.items()}
    return {"facts": named}


def _sources(view: View) -> Sequence[SourceText]:
    return [*messages_of(view), *documents_of(view)]


# --- what is kept -----------------------------------------------------------------------------------------------------


def _keep(answer: FactsFound, evidence: Evidence, view: View) -> list[e.SaidLine]:
    """In the order of the answer; a value that is stated twice has the evidence of both."""
    kept: dict[tuple[str, str], e.SaidLine] = {}
    for found in answer.facts:
        sources = evidence.cite(found.source, found.quote)
        value = _stated(found, evidence, view) if sources else None
        if value is not None:
            before = kept.get((found.name, value))
            cited = dict.fromkeys((*(before.sources if before else ()), *sources))
            kept[found.name, value] = e.SaidLine(value, tuple(cited), about=found.name)
    return list(kept.values())


def _offered(answer: FactsFound) -> int:
    """Each value of a fact once, in whatever writing."""
    return len({(found.name, re.sub(r"\W", "", _plain(found.value))) for found in answer.facts})


def _stated(found: FactFound, evidence: Evidence, view: View) -> str | None:
    """The value as facts are kept, if the quote says it; None if not."""
    spec = view.folder.journey.facts[found.name]
    source, place = evidence.source(found.source), evidence.place(found.source, found.quote)
    if source is None or place is None:
        return None
    value = evidence.shown(found.value).strip()
    if spec.type == "boolean":
        return value.casefold() if value.casefold() in TRUTHS else None
    if spec.reader == "none" and spec.type not in _BY_TYPE:
        return _word_for_word(value, source.text[slice(*place)])
    return _as_read(value, spec, source, place, view)


def _as_read(value: str, spec: FactSpec, source: SourceText, place: tuple[int, int], view: View) -> str | None:
    """Read in all of the source: of "1 200 euro" the quote "1" says nothing, though by itself it is a number."""
    reader = _BY_TYPE[spec.type] if spec.reader == "none" else _READERS[spec.reader]
    readers = {"it": FactReader(reader, pattern=spec.pattern)}
    language = view.case.language or view.folder.journey.languages[0]
    written = date.fromisoformat(source.more["written"])

    def read(text: str) -> list[Found]:
        finds = read_facts(text, language=language, now=written, readers=readers)["it"]
        return [one for one in finds if one.certainty > 0 and _typed(one.value, spec) is not None]

    meant = {_typed(value, spec), *(one.value for one in read(value))}
    within = [one for one in read(_WRAP.sub(" ", source.text)) if place[0] <= one.start and one.end <= place[1]]
    return next((one.value for one in within if one.value in meant), None)


def _typed(value: str, spec: FactSpec) -> str | None:
    try:
        return read_typed("it", spec, value)
    except NotOfItsType:
        return None


def _word_for_word(value: str, quote: str) -> str | None:
    """Whole words: "drive" does not stand in "driver"."""
    words = " ".join(value.split())
    stands = re.search(rf"(?<!\w){re.escape(_plain(words))}(?!\w)", _plain(quote))
    return words if words and stands is not None else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _twin(view: View) -> tuple[str, ...]:
    facts = (best(view.case.facts, name) for name in view.folder.journey.facts)
    return tuple(f"{fact.name}={fact.value}" for fact in facts if fact is not None)


SPEC = HelpSpec(
    task=Help.FACTS,
    sources=_sources,
    shape=_shape,
    asks=_asks,
    keep=_keep,
    offered=_offered,
    twin=_twin,
    by_itself=lambda _: ("",),
)
