"""A second opinion on what a case is about, with the words that it rests on. Twin: the journey's own text model.

A signal that is counted (pipelines.assistant.acceptance), and no more: no rule, certificate, step or letter reads it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field, create_model

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case
from cases.file_assistant import NO_TOPIC
from cases.vocabulary import Help, Scope, Why
from pipelines.assistant.evidence import Evidence, SourceText, View, messages_of
from pipelines.assistant.examples import one_a_topic
from pipelines.assistant.spec import HelpSpec, Shape, one_of

_GUESSED = frozenset({Why.OUT_OF_SCOPE, Why.UNCERTAIN_TOPIC})


class Opinion(Shape):
    topic: str
    source: str = Field(max_length=40)
    quote: str = Field(max_length=500)


# --- who was right ----------------------------------------------------------------------------------------------------


def opinion_of(case: Case) -> e.AssistantSaid | None:
    """Its one line is about a topic, or NO_TOPIC; None where nothing is left of the newest. In shadow as well."""
    return next((one for one in case.assisted.said if one.task is Help.OPINION and one.lines), None)


def topic_by_twin(case: Case) -> str:
    """What the text model read, whatever a person made of it."""
    read = case.understood
    return read.topic if read is not None and read.scope is Scope.IN else NO_TOPIC


def topic_by_person(case: Case) -> str | None:
    """What a person named, or let stand although it stood before them; None where nobody said anything of it.

    Who lets a topic stand has seen the text model's, and the opinion only where it is shown: in shadow, this is rather
    hard on the opinion than kind.
    """
    if case.corrected_topic is not None:
        return case.corrected_topic
    decided = case.human is not None and case.human.choice not in (NEED_MORE, ESCALATE)
    guessed = case.step is not None and bool(_GUESSED & set(case.step.because))
    read = case.understood
    return read.topic if decided and not guessed and read is not None and read.scope is Scope.IN else None


# --- what is asked and kept -------------------------------------------------------------------------------------------


def _shape(view: View) -> type[BaseModel]:
    """The topics are a closed set."""
    return create_model("Opinion", __base__=Opinion, topic=(one_of((*view.folder.journey.topics, NO_TOPIC)), ...))


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    """Examples are the organisation's own and never earlier cases: a prompt holds no other customer's text.

    Nor the message itself with its label, where one is tried that is among the examples.
    """
    topics, of = view.folder.journey.topics, view.basis
    if not topics or not view.case.messages:
        return None
    named = {
        key: {"called": of.word(topic.title), "about": of.word(topic.description)} for key, topic in topics.items()
    }
    language = view.case.language or view.folder.journey.languages[0]
    written = {message.text.strip() for message in view.case.messages}
    others = [one for one in view.examples() if one.text not in written]
    shown = one_a_topic(others, topics, language=language)
    return {"topics": named, "examples": [{"topic": one.topic, "text": one.text} for one in shown]}


def _sources(view: View) -> Sequence[SourceText]:
    return messages_of(view)


def _keep(answer: Opinion, evidence: Evidence, view: View) -> list[e.SaidLine]:
    sources = evidence.cite(answer.source, answer.quote)
    return [e.SaidLine(view.basis.topic_title(answer.topic), sources, about=answer.topic)] if sources else []


def _twin(view: View) -> tuple[str, ...]:
    return (topic_by_twin(view.case),) if view.case.understood is not None else ()


SPEC = HelpSpec(
    task=Help.OPINION,
    sources=_sources,
    shape=_shape,
    asks=_asks,
    keep=_keep,
    offered=lambda _: 1,
    twin=_twin,
    by_itself=lambda _: ("",),
)
