"""Language, journey, topic, facts and danger signs of everything a customer has written in a case."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases import events as e
from cases.answering import found_in
from cases.case import Case
from cases.facts import Fact, MessageSpan, ModelScore
from cases.inputs import local_day
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Scope
from models.language import detect
from models.text import Prediction, TextModel
from pipelines.counters import UNDERSTOOD
from pipelines.house import House
from pipelines.joined import warned
from pipelines.reading.danger import find_danger, words_of
from pipelines.reading.facts import FactReader, read_facts
from pipelines.reading.orders import find_orders, without_orders
from pipelines.seeing import with_photos
from pipelines.stages.work import Item, Outcome, case_of, follows
from pipelines.text_models import version_of

MODEL, ALARM = "text", "alarm/danger"
HEARD_CHARS = 80  # of a message that sounds like danger, to show why
_WRAP = re.compile(r"(?<=[^\n])\n(?=[^\n])")
READ_CHARS = 20_000  # of one case's messages together; nobody writes more and means it


@dataclass(frozen=True, slots=True)
class CaseText:
    """What the model reads of a case, and which message each stretch of it comes from."""

    text: str
    parts: tuple[tuple[int, int, str, int], ...]  # start, end in text, message id, start in message

    def span(self, start: int, end: int) -> MessageSpan | None:
        for first, last, message_id, offset in self.parts:
            if first <= start and end <= last:
                return MessageSpan(message_id, start - first + offset, end - first + offset)
        return None


def understand(batch: Sequence[Item], house: House) -> list[Outcome]:
    cases = [case_of(item) for item in batch]
    texts = [text_of(case) for case in cases]
    house.texts.embed([text.text for text in texts])
    routed = _routes(cases, texts, house)
    read_by = {journey: house.texts.of(journey) for journey in dict.fromkeys(name for name, _ in routed)}
    predictions = _predictions(routed, texts, house, read_by)
    heard = listen(cases, house)
    outcomes = []
    for item, case, text, (journey, certainty), prediction, sign in zip(
        batch, cases, texts, routed, predictions, heard, strict=True
    ):
        folder = house.journeys.get(journey)
        version = version_of(read_by[journey])
        house.counters.add(UNDERSTOOD, means_of(read_by[journey]))
        event = understood(case, folder, text, prediction, version=version, routed=certainty, heard=sign)
        found = follows(item, [with_photos(event, case, folder, house), *found_in(case, event)])
        outcomes.append(_with_warning(found, case, event, item.at))
    return outcomes


def _with_warning(outcome: Outcome, case: Case, read: e.Understood, at: datetime) -> Outcome:
    """A case in which this one goes on is told of danger in it."""
    if not set(read.dangers) - set(case.dangers):
        return outcome
    return replace(outcome, appends=(*outcome.appends, *warned(case, read.message_id, danger=True, at=at)))


def means_of(model: TextModel) -> str:
    """What the model had to go by: few examples of a label, or words only without the embedder."""
    if not model.settings["embedder"]:
        return "no_embedder"
    earlier = model.settings["head"] == "logistic"  # which took it for few labels
    return "few_labels" if model.settings.get("few_labels", earlier) else "model"


def listen(cases: Sequence[Case], house: House) -> list[e.DangerSign | None]:
    """Danger in the sense of each case's newest message by itself: among older words it would be lost."""
    newest = [_newest(case) for case in cases]
    found = house.alarm.listen(newest, house.texts.embed(newest))
    return [
        e.DangerSign(one.danger, text.strip()[:HEARD_CHARS], ModelScore(ALARM, one.version, one.probability))
        if one
        else None
        for text, one in zip(newest, found, strict=True)
    ]


def _newest(case: Case) -> str:
    """With all that stands in it: a word of danger counts in any sentence."""
    if case.imported is not None or not case.messages:
        return case.imported.text if case.imported is not None else ""
    said = case.messages[-1]
    first = len(case.messages) == 1 and said.subject and said.channel == "email"
    return (f"{said.subject}\n{said.text}" if first else said.text)[:READ_CHARS]


def text_of(case: Case) -> CaseText:
    """Subject of the first message and the new text of each, a line apart, with spaces for orders to a machine; the
    empty case reads as "".
    """
    if case.imported is not None:
        return CaseText(case.imported.text, ((0, len(case.imported.text), case.id, 0),))
    text, parts = "", []
    if case.messages and case.messages[0].subject and case.messages[0].channel == "email":
        text = without_orders(case.messages[0].subject) + "\n"
    for message in case.messages:
        part = without_orders(message.text[: max(0, READ_CHARS - len(text))])
        parts.append((len(text), len(text) + len(part), message.message_id, 0))
        text += part + "\n"
    return CaseText(text.rstrip(), tuple(parts))


def _routes(cases: Sequence[Case], texts: Sequence[CaseText], house: House) -> list[tuple[str, float | None]]:
    """The journey of each case: as asked for, as before, else as the router reads it; with the router's certainty."""
    routes: list[tuple[str, float | None]] = []
    unrouted = [i for i, case in enumerate(cases) if case.journey not in house.journeys.folders]
    if unrouted:
        read = [texts[i].text for i in unrouted]
        found = dict(zip(unrouted, house.texts.router().predict(read, house.texts.embed(read)), strict=True))
    for i, case in enumerate(cases):
        if case.journey in house.journeys.folders:
            before = case.understood.routed if case.understood else None
            routes.append((str(case.journey), before))
        else:
            routes.append((found[i].label, found[i].confidence))
    return routes


def _predictions(
    routed: Sequence[tuple[str, float | None]],
    texts: Sequence[CaseText],
    house: House,
    read_by: Mapping[str, TextModel],
) -> list[Prediction]:
    """One prediction a case by its journey's model, with one call a model: a batch is read by one version."""
    predictions: dict[int, Prediction] = {}
    for journey, model in read_by.items():
        mine = [i for i, (name, _) in enumerate(routed) if name == journey]
        read = [texts[i].text for i in mine]
        predictions |= dict(zip(mine, model.predict(read, house.texts.embed(read)), strict=True))
    return [predictions[i] for i in range(len(texts))]


def understood(
    case: Case,
    folder: JourneyFolder,
    text: CaseText,
    prediction: Prediction,
    *,
    version: str,
    routed: float | None,
    heard: e.DangerSign | None,
) -> e.Understood:
    language = _language(case, folder, text.text)
    spans = ((text.span(start, end), weight) for start, end, weight in prediction.weights)
    return e.Understood(
        message_id=case.messages[-1].message_id if case.messages else "",
        language=language,
        journey=folder.name,
        journey_digest=folder.digest,
        topic=prediction.label,
        confidence=prediction.confidence,
        scope=Scope(prediction.scope),
        scope_score=prediction.scope_score,
        model=f"{MODEL}/{folder.name}",
        model_version=version,
        top=tuple(e.Candidate(label, probability) for label, probability in prediction.top),
        weights=tuple(e.Weight(span, weight) for span, weight in spans if span is not None),
        facts=tuple(_facts(case, folder, language)),
        dangers=(*_dangers(case, folder, language), *_heard(case, heard)),
        routed=routed,
        line_of_business=folder.journey.line_of_business,
        orders=tuple(
            MessageSpan(message.message_id, *span) for message in case.messages for span in find_orders(message.text)
        ),
    )


def _language(case: Case, folder: JourneyFolder, text: str) -> str:
    """As the customer or the form said, else as the text reads, among the journey's languages."""
    languages = folder.journey.languages
    said = next((m.language for m in case.messages if m.language in languages), None) or case.language
    if said in languages:
        return str(said)
    return detect([text], languages)[0][0] if text.strip() and len(languages) > 1 else languages[0]


def unwrapped(text: str) -> str:
    """The text with the line breaks inside its paragraphs as spaces: mail programs wrap lines. Offsets stay."""
    return _WRAP.sub(" ", text)


def _facts(case: Case, folder: JourneyFolder, language: str) -> list[Fact]:
    readers = {
        name: FactReader(spec.reader, pattern=spec.pattern, near=spec.near)
        for name, spec in folder.journey.facts.items()
        if spec.reader != "none"
    }
    facts = []
    for message in case.messages:
        now = local_day(message.received_at, folder.journey)
        for name, found in read_facts(
            without_orders(unwrapped(message.text)), language=language, now=now, readers=readers
        ).items():
            facts += [
                Fact(name, one.value, one.certainty, (MessageSpan(message.message_id, one.start, one.end),))
                for one in found
            ]
    return facts


def _dangers(case: Case, folder: JourneyFolder, language: str) -> list[e.DangerSign]:
    extra = words_of(folder.journey)
    signs = []
    for message in case.messages:
        signs += [
            e.DangerSign(sign.danger, sign.text, MessageSpan(message.message_id, sign.start, sign.end))
            for sign in find_danger(unwrapped(message.text), language, extra=extra)
        ]
        signs += [  # a subject has no span of its own: the whole message stands for it
            e.DangerSign(sign.danger, sign.text, MessageSpan(message.message_id, 0, 0))
            for sign in find_danger(message.subject, language, extra=extra)
        ]
    return signs


def _heard(case: Case, newest: e.DangerSign | None) -> list[e.DangerSign]:
    """What was heard in earlier messages stays heard."""
    earlier = [sign for sign in case.dangers if isinstance(sign.source, ModelScore)]
    return [*earlier, newest] if newest else earlier
