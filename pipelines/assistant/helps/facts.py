"""Facts that messages and documents state, each with the words it stands in. Twin: pipelines.reading.

A value counts only if the product's own reader finds that very value in the quote, or, where a fact has no reader, if
the value stands in the quote letter for letter. What is kept is offered to a person; no rule reads it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field, create_model

from cases import events as e
from cases.facts import best
from cases.journey_spec import FactSpec
from cases.vocabulary import Help
from pipelines.assistant.evidence import Evidence, SourceText, View, documents_of, messages_of
from pipelines.assistant.spec import HelpSpec, Shape, one_of


class FactFound(Shape):
    name: str
    value: str = Field(max_length=300)
    source: str = Field(max_length=40)
    quote: str = Field(max_length=2_000)


class FactsFound(Shape):
    facts: list[FactFound] = Field(max_length=60)


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


def _keep(answer: FactsFound, evidence: Evidence, view: View) -> list[e.SaidLine]:
    kept: dict[tuple[str, str], e.SaidLine] = {}
    for found in answer.facts:
        spec = view.folder.journey.facts[found.name]
        sources = evidence.cite(found.source, found.quote)
        value = evidence.shown(found.value).strip()
        quote = evidence.shown(found.quote)
        if sources and value and _states(quote, value, spec):
            kept.setdefault((found.name, value), e.SaidLine(value, sources, about=found.name))
    return list(kept.values())


def _states(quote: str, value: str, spec: FactSpec) -> bool:
    """Whether the quote says this value. TODO-FACTS: by the reader of the fact."""
    return value.casefold() in quote.casefold() or spec.type == "boolean"


def _twin(view: View) -> tuple[str, ...]:
    facts = (best(view.case.facts, name) for name in view.folder.journey.facts)
    return tuple(f"{fact.name}={fact.value}" for fact in facts if fact is not None)


SPEC = HelpSpec(
    task=Help.FACTS,
    sources=_sources,
    shape=_shape,
    asks=_asks,
    keep=_keep,
    offered=lambda answer: len(answer.facts),
    twin=_twin,
    by_itself=lambda _: ("",),
)
