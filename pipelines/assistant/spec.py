"""What each kind of help is made of: which sources it may see, what is asked, and what of the answer is kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cases import events as e
from cases.facts import Source
from cases.vocabulary import Help
from pipelines.assistant.evidence import Evidence, SourceText, View, backed
from pipelines.assistant.prompts import prompt_of

MOST_LINES = 40
MOST_CHARS = 1_000  # of one statement


class Shape(BaseModel):
    """Of an answer, or of a part of one: strict structured output wants every field, and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cited(Shape):
    """A quote, letter for letter, from the source with this id."""

    source: str = Field(max_length=40)
    quote: str = Field(max_length=2_000)


class Sentence(Shape):
    text: str = Field(max_length=MOST_CHARS)
    cites: list[Cited] = Field(max_length=8)


class Sentences(Shape):
    lines: list[Sentence] = Field(max_length=MOST_LINES)


@dataclass(frozen=True)
class HelpSpec:
    """task: what it is called. sources: what it may see. shape: of the answer, closed where labels are.

    asks: what stands beside the sources, by name; None: there is nothing to ask. keep: what of a well-formed answer
    holds; what it leaves out counts as dropped. twin: what the product says without a language model, told as lines
    are, for what can be compared. pictures: JPEGs that go with a question. by_itself: what the pipeline asks without
    anybody wanting it, by question; () where only people ask.
    """

    task: Help
    sources: Callable[[View], Sequence[SourceText]]
    shape: Callable[[View], type[BaseModel]]
    asks: Callable[[View, str], Mapping[str, Any] | None]
    keep: Callable[[Any, Evidence, View], list[e.SaidLine]]
    offered: Callable[[Any], int]
    twin: Callable[[View], tuple[str, ...]] = lambda _: ()
    pictures: Callable[[View, str], Sequence[bytes]] = lambda _, __: ()
    by_itself: Callable[[View], Sequence[str]] = lambda _: ()


def one_of(labels: Iterable[str]) -> Any:
    """The type of a label out of a closed set, that pydantic and the JSON schema hold an answer to."""
    return Literal[tuple(labels)]


def sentences_shape(_: View) -> type[BaseModel]:
    return Sentences


def sentences_offered(answer: Sentences) -> int:
    return len(answer.lines)


def cited_sentences(answer: Sentences, evidence: Evidence, _: View) -> list[e.SaidLine]:
    """Sentences whose every citation is there and whose numbers stand in them; the others are dropped."""
    kept = []
    for line in answer.lines:
        sources = all_cited(line.cites, evidence)
        quotes = [evidence.said(one.source, one.quote) for one in line.cites]
        if sources and line.text.strip() and backed(line.text, quotes):
            kept.append(e.SaidLine(evidence.shown(line.text.strip()), sources))
    return kept


def told_of(view: View, task: Help) -> set[str]:
    """What of this case this help was given for, by the prompt that is in force."""
    prompt = prompt_of(task).name
    return {one.question for one in view.case.assisted.said if (one.task, one.prompt) == (task, prompt)}


def all_cited(cites: Iterable[Cited], evidence: Evidence) -> tuple[Source, ...]:
    """The evidence of these citations, each once; () when any of them does not stand there."""
    found: list[Source] = []
    for one in cites:
        sources = evidence.cite(one.source, one.quote)
        if not sources:
            return ()
        found += sources
    return tuple(dict.fromkeys(found))
