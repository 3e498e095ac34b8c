"""What language models said, as a part of the decision file, and the summary that stands where none said one. Pure.

No rule, letter or certificate reads it. What was said in shadow, what a person discarded and what points at something
that went out of the case is left out; so is all of it where a person decides without advice.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cases import events as e
from cases import facts as f
from cases import file_evidence as evidence
from cases.case import Case
from cases.contradictions import Contradiction, ToldTwice, contradictions
from cases.file_advice import against, story
from cases.statements import Basis, Json, cited, statement
from cases.vocabulary import Help
from cases.wording import shown_value

BY_MODEL = "language model"
BY_PRODUCT = "casewright"
NO_TOPIC = "none_of_these"  # of the journey, in the second opinion
#: Drafts become letters by a person's hand, and what a colleague asks is theirs: neither is of the file.
TOLD = (Help.SUMMARY, Help.FACTS, Help.PHOTOS, Help.TRANSLATION, Help.OPINION)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One statement that may be shown, and its place in what was said."""

    said: e.AssistantSaid
    place: int
    line: e.SaidLine
    judged: e.AssistantJudged | None

    @property
    def more(self) -> Json:
        """Who says it, where a person's verdict on it goes, and the one that it has."""
        judged = {"judged": {"verdict": self.judged.verdict, "by": self.judged.by}} if self.judged else {}
        return {"by": BY_MODEL, "said_id": self.said.said_id, "line": self.place, **judged}


def assistant(of: Basis) -> Json | None:
    """None while nothing may be shown."""
    shown = [] if of.blind else list(_shown(of))
    if not shown:
        return None
    of_help = {task: [one for one in shown if one.said.task is task] for task in TOLD}
    return {
        "summary": _summary(of, of_help[Help.SUMMARY]),
        "facts": list(_facts(of, of_help[Help.FACTS])),
        "photos": [_photo(of, one) for one in of_help[Help.PHOTOS]],
        "translations": [_translation(one) for one in of_help[Help.TRANSLATION]],
        "opinion": next(_opinions(of, of_help[Help.OPINION]), None),
        "machine": {task.value: _machine(of, said[-1].said) for task, said in of_help.items() if said},
        "missing": _missing(of),
    }


def _shown(of: Basis) -> Iterator[_Shown]:
    assisted = of.case.assisted
    for said in assisted.said:
        if said.shadow or said.task not in TOLD:
            continue
        for place, line in enumerate(said.lines):
            judged = assisted.verdict(said.said_id, place)
            discarded = judged is not None and judged.verdict == "discarded"
            if not discarded and stands(of.case, line):
                yield _Shown(said, place, line, judged)


def stands(case: Case, line: e.SaidLine) -> bool:
    """Whether the case still holds all that it points at: a message may have been split off since, with its files."""
    messages, files = {one.message_id for one in case.messages}, {one.id for one in case.files}
    return all(
        source.message_id in messages if isinstance(source, f.MessageSpan)
        else source.file_id in files if isinstance(source, f.PhotoRegion)
        else True
        for source in line.sources
    )  # fmt: skip


def _photo(of: Basis, one: _Shown) -> Json:
    """tells: what it shows, which label it has, or what is written in it."""
    about, file_id = one.line.about, one.said.question
    known = (*of.journey.topics, *of.journey.photo_labels)
    tells = "shows" if about == file_id else "label" if about in known else "writing"
    return statement(one.line.text, *one.line.sources, file_id=file_id, tells=tells, **one.more)


def _translation(one: _Shown) -> Json:
    return statement(one.line.text, *one.line.sources, message_id=one.said.question, **one.more)


def _facts(of: Basis, shown: Sequence[_Shown]) -> Iterator[Json]:
    for one in shown:
        spec = of.journey.facts.get(one.line.about)
        if spec is not None:
            value = one.line.text
            yield {
                "name": one.line.about,
                "label": of.word(spec.label),
                "value": value,
                "shown": shown_value(value, spec.type, of.language),
                "sources": cited(one.line.sources, one.line.about),
                **one.more,
            }


def _opinions(of: Basis, shown: Sequence[_Shown]) -> Iterator[Json]:
    """On the topic; none on a photo."""
    for one in shown:
        if not one.said.question:
            topic = one.line.about
            yield {
                "topic": topic,
                "title": of.say("file.no_topic_fits") if topic == NO_TOPIC else of.topic_title(topic),
                "sources": cited(one.line.sources, topic),
                **one.more,
            }


def _machine(of: Basis, said: e.AssistantSaid) -> Json:
    at = next(entry.at for entry in reversed(of.entries) if entry.event == said)
    return {"model": said.model, "prompt": said.prompt, "at": at.isoformat()}


def _missing(of: Basis) -> list[Json]:
    """Helps that this journey shows and whose last call gave nothing."""
    switch = of.journey.assistant
    wanted = [task for task in TOLD if switch is not None and switch.helps.get(task) == "show"]
    return [{"help": call.task, "why": call.outcome} for call in of.case.assisted.missing() if call.task in wanted]


# --- summary --------------------------------------------------------------------------------------------------------


def _summary(of: Basis, shown: Sequence[_Shown]) -> list[Json]:
    """With the contradictions that the language model left out, as the product itself says them."""
    if not shown:
        return []
    left_out = [
        found for found in contradictions(of.case, of.journey) if not any(_tells(of, one.line, found) for one in shown)
    ]
    said = [statement(one.line.text, *one.line.sources, **one.more) for one in shown]
    return said + [_contradicted(of, found) for found in left_out]


def _contradicted(of: Basis, found: Contradiction) -> Json:
    return statement(against(of, found), *found.sources, by=BY_PRODUCT)


def _tells(of: Basis, line: e.SaidLine, found: Contradiction) -> bool:
    """Whether this one sentence states each side of it, and points at where each was said."""
    return isinstance(found, ToldTwice) and all(
        any(_meet(one, own) for one in line.sources for own in fact.sources)
        and any(_holds(line.text, words) for words in _ways(of, fact))
        for fact in found.said
    )


def _ways(of: Basis, fact: f.Fact) -> Iterator[str]:
    """How a value may be written: as it is kept, as it is shown, and as the customer put it."""
    yield from (fact.value, fact.value.removesuffix(".00"), of.shown_fact(fact))
    texts = {message.message_id: message.text for message in of.case.messages}
    for source in fact.sources:
        if isinstance(source, f.MessageSpan):
            yield texts.get(source.message_id, "")[source.start : source.end].strip()


def _holds(text: str, words: str) -> bool:
    """As words of their own: 1 does not stand in 11, nor in 1.50."""
    own = rf"(?<![\w.,]){re.escape(words)}(?!\w|[.,]\d)"
    return bool(words) and re.search(own, text, re.IGNORECASE) is not None


def _meet(one: f.Source, other: f.Source) -> bool:
    """Whether two sources point at the same place, or at places that overlap."""
    match one, other:
        case f.MessageSpan(), f.MessageSpan():
            return one.message_id == other.message_id and one.start < other.end and other.start < one.end
        case f.PhotoRegion(), f.PhotoRegion():
            return one.file_id == other.file_id
        case _:
            return one == other


def template_summary(of: Basis) -> list[Json]:
    """A summary without a language model: what was told, what is known, done, open and contradictory.

    It tells nothing of what the machine advises.
    """
    said = (*_told(of), *_known(of), *_last_letter(of), *_open_requests(of))
    against_it = (_contradicted(of, found) for found in contradictions(of.case, of.journey))
    return [*({**one, "by": BY_PRODUCT} for one in said), *against_it]


def _told(of: Basis) -> Iterator[Json]:
    first = story(of)
    words = first["text"] != of.say("file.no_words")
    yield {**first, "text": of.say("summary.told", words=first["text"])} if words else first
    if of.case.topic:
        yield statement(of.say("summary.topic", topic=of.topic_title(of.case.topic)), *of.happened(e.Understood))
    messages = of.case.messages
    if len(messages) > 1:
        ends = messages[0], messages[-1]
        first_day, last_day = (_day(of, one.received_at) for one in ends)
        text = of.say("summary.messages", n=len(messages), first=first_day, last=last_day)
        yield statement(text, *(f.MessageSpan(one.message_id, 0, len(one.text)) for one in ends))


def _known(of: Basis) -> Iterator[Json]:
    """What is told in two ways is not known; it is said below."""
    twice = f.contradictions(of.case.facts, of.journey.facts)
    best = (f.best(of.case.facts, name) for name in of.journey.facts if name not in twice)
    known = [fact for fact in best if fact is not None]
    if known:
        said = "; ".join(f"{of.fact_label(fact.name)}: {of.shown_fact(fact)}" for fact in known)
        sources = dict.fromkeys(source for fact in known for source in fact.sources)
        yield statement(of.say("summary.known", facts=said), *sources)


def _last_letter(of: Basis) -> Iterator[Json]:
    for entry in reversed([] if of.blind else of.entries):
        if isinstance(entry.event, e.LetterWritten):
            text = of.say("summary.letter", day=_day(of, entry.at), subject=entry.event.subject)
            yield statement(text, f.EventAt(entry.seq))
            return


def _open_requests(of: Basis) -> Iterator[Json]:
    for one in evidence.requests(of):
        if not one["answered"]:
            day = _day(of, datetime.fromisoformat(one["asked_at"]))
            yield {"text": of.say("summary.asked", what=one["title"], day=day), "sources": one["sources"]}


def _day(of: Basis, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(of.journey.calendar.time_zone))
    return shown_value(local.date().isoformat(), "date", of.language)
