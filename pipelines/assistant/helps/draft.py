"""A reply to the customer's last words, for a person to change and send, or not. Twin: the journey's own blocks.

It is asked for by a person only, and read by nothing but the page. Notes of colleagues are no source of it: what they
say is inside. Besides being cited, each sentence passes what only people may say (pipelines.assistant.guarding).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cases import events as e
from cases import facts as f
from cases.case import Case
from cases.composing import block_text, gaps_in, language_of
from cases.file_assistant import stands
from cases.journey_folder import JourneyFolder
from cases.letters import filled
from cases.milestone_sentence import standing
from cases.vocabulary import Help
from pipelines.assistant.editing import MOST, edit_distance
from pipelines.assistant.evidence import (
    Evidence,
    Kind,
    SourceText,
    View,
    always,
    documents_of,
    facts_of,
    messages_of,
)  # fmt: skip
from pipelines.assistant.guarding import against
from pipelines.assistant.spec import HelpSpec, Sentences, cited_sentences, sentences_offered, sentences_shape
from pipelines.assistant.unseen import only_seen

MOST_LETTERS = 5  # of the newest
#: Sources in the house's own words, by how their ids begin: letters, ready blocks, requests, where the case stands.
_OWN = ("e", "b", "r", "p")


def answers(case: Case) -> str:
    """The message that a draft would answer; "" before there is one."""
    return case.messages[-1].message_id if case.messages else ""


def draft_text(said: e.AssistantSaid) -> str:
    """As it lands in the letter's field."""
    return " ".join(line.text for line in said.lines)


def newest_draft(case: Case) -> e.AssistantSaid | None:
    """What was drafted last, whichever message it answers, until a person kept, changed or discarded it."""
    drafts = [said for said in case.assisted.said if said.task is Help.DRAFT and not said.shadow]
    if not drafts or not drafts[-1].lines or not all(stands(case, line) for line in drafts[-1].lines):
        return None  # it may tell what was split off since, as another customer's
    if case.assisted.verdict(drafts[-1].said_id) is not None:
        return None
    return drafts[-1]


def verdict_on(case: Case, said_id: str, text: str, *, by: str) -> e.AssistantJudged | None:
    """What a person made of a draft by sending this text; None for what is no draft of this case."""
    said = case.assisted.shown(said_id)
    if said is None or said.task is not Help.DRAFT:
        return None
    offered, sent = draft_text(said), text.replace("\r\n", "\n").strip()
    distance = edit_distance(offered, sent)
    return e.AssistantJudged(
        said_id, "edited" if distance else "kept", by, distance=distance, length=min(len(offered), MOST)
    )


def ready_blocks(case: Case, folder: JourneyFolder, *, at: datetime) -> dict[str, str]:
    """The journey's blocks in the customer's language, those that lack no fact."""
    texts = {key: block_text(case, folder, key, at=at) for key in folder.journey.blocks}
    return {key: text for key, text in texts.items() if not gaps_in(text)}


def _asks(view: View, question: str) -> Mapping[str, Any] | None:
    """question: id of the message that is answered."""
    messages = [message.message_id for message in view.case.messages]
    if question not in messages:
        return None
    language, switch = language_of(view.case, view.folder), view.folder.journey.assistant
    return {
        "answers": f"m{messages.index(question) + 1}",
        "write_in": language,
        "tone": view.folder.worded(switch.tone, language) if switch is not None else "",
        "open_requests": [source.id for source in _requests(view)],
    }


def _sources(view: View) -> Sequence[SourceText]:
    """What was asked and said last stands last: it stays where the room is too small."""
    return [
        *_blocks(view), *_letters(view), *documents_of(view), *facts_of(view), *_standing(view), *_requests(view),
        *messages_of(view),
    ]  # fmt: skip


def _blocks(view: View) -> Iterator[SourceText]:
    texts = ready_blocks(view.case, view.folder, at=view.basis.at)
    for number, (key, text) in enumerate(texts.items(), 1):
        title = view.folder.worded(view.folder.journey.blocks[key].title, language_of(view.case, view.folder))
        yield _own(f"b{number}", "letter", text, view.basis.told(f"blocks.{key}.text"), title=title)


def _letters(view: View) -> Iterator[SourceText]:
    sent = [(entry, entry.event) for entry in view.entries if isinstance(entry.event, e.LetterWritten)]
    for entry, letter in sent[-MOST_LETTERS:]:
        body = filled(letter.body, link="", standing="")
        yield _own(f"e{entry.seq}", "letter", body, f.EventAt(entry.seq), written=entry.at.date().isoformat())


def _requests(view: View) -> Iterator[SourceText]:
    language = language_of(view.case, view.folder)
    for number, request in enumerate(view.case.open_requests, 1):
        spec = view.folder.journey.requests.get(request.item.key)
        text = view.folder.worded(spec.text, language) if spec is not None else request.item.text
        yield _own(f"r{number}", "event", text, *view.basis.happened(e.RequestMade))


def _standing(view: View) -> Iterator[SourceText]:
    """As the customer's page tells it: where the case stands, what comes next, and by when they hear from us."""
    told = standing(view.folder, view.case, language_of(view.case, view.folder)).text
    yield _own("p1", "event", told, *view.basis.happened(e.StepDecided, e.HumanDecided, e.PromisePassed))


def _own(id_: str, kind: Kind, text: str, *sources: f.Source, **more: str) -> SourceText:
    return SourceText(id_, kind, text, always(*sources), more)


def _keep(answer: Sentences, evidence: Evidence, view: View) -> list[e.SaidLine]:
    blocks = [block.text for block in _blocks(view)]
    kept = []
    for line in answer.lines:
        own = [
            evidence.shown(evidence.said(one.source, one.quote)) for one in line.cites if one.source.startswith(_OWN)
        ]
        for said in cited_sentences(Sentences(lines=[line]), evidence, view):
            text = " ".join(only_seen(said.text).text.split())
            if against(text, masked=line.text, own=own, blocks=blocks) is None:
                kept.append(replace(said, text=text))
    return kept


def _twin(view: View) -> tuple[str, ...]:
    return tuple(ready_blocks(view.case, view.folder, at=view.basis.at).values())


SPEC = HelpSpec(
    task=Help.DRAFT,
    sources=_sources,
    shape=sentences_shape,
    asks=_asks,
    keep=_keep,
    offered=sentences_offered,
    twin=_twin,
)
