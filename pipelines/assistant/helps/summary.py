"""A long case in a few sentences, each with what it rests on. Twin: cases.file_assistant.template_summary.

A contradiction that is known and that it leaves out is said below it by the product itself (cases.file_assistant): that
is worked out each time the file is built, so that one which comes up later is not hidden by an older summary either.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cases import facts as f
from cases.file_assistant import template_summary
from cases.vocabulary import Help
from pipelines.assistant.evidence import SourceText, View, documents_of, events_of, facts_of, messages_of
from pipelines.assistant.spec import HelpSpec, cited_sentences, sentences_offered, sentences_shape


def _sources(view: View) -> Sequence[SourceText]:
    """What is left out first where all is too much stands first."""
    return [*documents_of(view), *events_of(view), *messages_of(view), *facts_of(view)]


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    """Facts by what the journey calls them: nothing of what a customer wrote stands outside the sources."""
    if not view.case.messages:
        return None
    twice = f.contradictions(view.case.facts, view.folder.journey.facts)
    return {"language": view.language, "stated_differently": [view.basis.fact_label(name) for name in twice]}


def _twin(view: View) -> tuple[str, ...]:
    return tuple(one["text"] for one in template_summary(view.basis))


def _by_itself(view: View) -> Sequence[str]:
    switch = view.folder.journey.assistant
    return ("",) if switch is not None and len(view.case.messages) >= switch.long_case else ()


SPEC = HelpSpec(
    task=Help.SUMMARY,
    sources=_sources,
    shape=sentences_shape,
    asks=_asks,
    keep=cited_sentences,
    offered=sentences_offered,
    twin=_twin,
    by_itself=_by_itself,
)
