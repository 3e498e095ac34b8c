"""A second opinion on what a case is about, with the words that it rests on. Twin: the journey's own text model.

A signal that is counted, and no more: no rule, certificate, step or letter reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, create_model

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case
from cases.vocabulary import Help, Scope, Why
from models.certify import clopper_pearson_upper
from pipelines.assistant.evidence import Evidence, SourceText, View, messages_of
from pipelines.assistant.examples import one_a_topic
from pipelines.assistant.spec import HelpSpec, Shape, one_of

NONE = "none_of_these"
OUTSIDE = 0.05  # how often an interval may miss, both sides together
_GUESSED = frozenset({Why.OUT_OF_SCOPE, Why.UNCERTAIN_TOPIC})


class Opinion(Shape):
    topic: str
    source: str = Field(max_length=40)
    quote: str = Field(max_length=500)


# --- how good it is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """right of n, with the exact interval (Clopper and Pearson) that misses the true share 5 times in 100 at most."""

    right: int
    n: int

    @property
    def low(self) -> float:
        return 1 - clopper_pearson_upper(self.n - self.right, self.n, OUTSIDE / 2)

    @property
    def high(self) -> float:
        return clopper_pearson_upper(self.right, self.n, OUTSIDE / 2)


@dataclass(frozen=True, slots=True)
class Counted:
    """Cases by who named the topic that a person named or let stand: the opinion, the text model, both or neither."""

    both: int = 0
    only_opinion: int = 0
    only_twin: int = 0
    neither: int = 0

    @property
    def n(self) -> int:
        return self.both + self.only_opinion + self.only_twin + self.neither

    @property
    def opinion(self) -> Share:
        return Share(self.both + self.only_opinion, self.n)

    @property
    def twin(self) -> Share:
        return Share(self.both + self.only_twin, self.n)


def agreement(cases: Iterable[Case]) -> Counted:
    """Over cases that have an opinion and that a person decided, also where it was kept in shadow.

    A person who lets a topic stand has seen the text model's, and the opinion only where it is shown: as long as it is
    in shadow, this is rather hard on it than kind.
    """
    counts = {(mine, twins): 0 for mine in (True, False) for twins in (True, False)}
    for case in cases:
        truth, said = topic_by_person(case), opinion_of(case)
        if truth is not None and said is not None:
            counts[said == truth, topic_by_twin(case) == truth] += 1
    return Counted(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def opinion_of(case: Case) -> str | None:
    """Key of the topic, NONE for none of them; None where nothing is left of the newest opinion. In shadow as well."""
    said = next((one for one in case.assisted.said if one.task is Help.OPINION and one.lines), None)
    return None if said is None else said.lines[0].about


def topic_by_twin(case: Case) -> str:
    """What the text model read, whatever a person made of it."""
    read = case.understood
    return read.topic if read is not None and read.scope is Scope.IN else NONE


def topic_by_person(case: Case) -> str | None:
    """What a person named, or let stand although it stood before them; None where nobody said anything of it."""
    if case.corrected_topic is not None:
        return case.corrected_topic
    decided = case.human is not None and case.human.choice not in (NEED_MORE, ESCALATE)
    guessed = case.step is not None and bool(_GUESSED & set(case.step.because))
    read = case.understood
    return read.topic if decided and not guessed and read is not None and read.scope is Scope.IN else None


# --- what is asked and kept -------------------------------------------------------------------------------------------


def _shape(view: View) -> type[BaseModel]:
    """The topics are a closed set."""
    return create_model("Opinion", __base__=Opinion, topic=(one_of((*view.folder.journey.topics, NONE)), ...))


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    """Examples are the organisation's own and never earlier cases: a prompt holds no other customer's text."""
    topics, of = view.folder.journey.topics, view.basis
    if not topics or not view.case.messages:
        return None
    named = {
        key: {"called": of.word(topic.title), "about": of.word(topic.description)} for key, topic in topics.items()
    }
    language = view.case.language or view.folder.journey.languages[0]
    examples = [
        {"topic": one.topic, "text": one.text} for one in one_a_topic(view.examples(), topics, language=language)
    ]
    return {"topics": named, "examples": examples}


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
