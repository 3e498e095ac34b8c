"""A language model tried on labelled messages, beside the product's own reading of the same.

Each message becomes a case in memory, which nobody stores; what is asked, masked, checked and paid is as on every day,
within the day's budget. An answer that failed counts as wrong: on that day the reading stands alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import import_module
from typing import Any

from cases import events as e
from cases.case import Entry, fold
from cases.errors import CaseError
from cases.facts import best
from cases.file_assistant import NO_TOPIC
from cases.journey_folder import JourneyFolder
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Help
from models.examples import OUT_OF_SCOPE
from models.heads import normalised
from models.paired import Paired, paired
from pipelines.assistant.calling import Made, Off, answer, view_of, why_off
from pipelines.assistant.evidence import View
from pipelines.assistant.examples import examples_of
from pipelines.assistant.helps import SPECS
from pipelines.assistant.helps.opinion import topic_by_twin
from pipelines.assistant.labelled import DataFile, LabelledMessage
from pipelines.assistant.provider import Provider
from pipelines.assistant.tallying import HELD_BACK, Calls, Tally, paired_json
from pipelines.house import House
from pipelines.stages.understand import text_of, understood
from pipelines.text_models import version_of

FORM = 1  # of the report as JSON
AT_ONCE = 20  # messages that are read together before they are asked about
CASES = 1_000  # for so many the price is told
_MENDS: Mapping[Off, str] = {
    "no_provider": "no endpoint is set; set CASEWRIGHT_LLM_URL and CASEWRIGHT_LLM_MODEL",
    "no_switch": "journey {journey} has no part `assistant`; add one to its journey.yaml",
    "no_consent": "journey {journey} says `assistant.consent: false`; nothing leaves without it",
    "region": "the endpoint works in {region!r}, which journey {journey} does not name under `assistant.regions`",
}


class MayNotBeAsked(CaseError):
    def __init__(self, why: Off, journey: str, region: str) -> None:
        super().__init__(_MENDS[why].format(journey=journey, region=region))
        self.why = why


@dataclass(frozen=True, slots=True)
class Tried:
    """One kind of help on one message. made: None where there was nothing to ask. right: by what has a label, whether
    the language model and whether the product's own reading was right.
    """

    task: Help
    made: Made | None
    right: Mapping[str, tuple[bool, bool]]

    @property
    def held_back(self) -> bool:
        """By the budget, or because the endpoint failed too often."""
        return self.made is not None and self.made.called is not None and self.made.called.outcome in HELD_BACK


@dataclass(frozen=True, slots=True)
class TaskReport:
    """asked: messages. compared: by what has a label; `facts` is each labelled one of a message, `facts.<name>` one."""

    task: Help
    asked: int
    nothing_to_ask: int
    calls: Calls
    compared: Mapping[str, Paired]

    @property
    def cost(self) -> Decimal:
        """Of so many cases as CASES, in euros, with one such call each."""
        return (self.calls.cost * CASES / self.asked if self.asked else Decimal(0)).quantize(Decimal("0.01"))

    def as_json(self) -> dict[str, Any]:
        tokens = {
            f"{name}_a_message": count / self.asked if self.asked else None
            for name, count in (("tokens_in", self.calls.tokens_in), ("tokens_out", self.calls.tokens_out))
        }
        return {
            "asked": self.asked,
            "nothing_to_ask": self.nothing_to_ask,
            **self.calls.as_json(),
            **tokens,
            "cost_eur_1000_cases": str(self.cost),
            "compared": {name: paired_json(found) for name, found in self.compared.items()},
        }


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """known: messages that are among the journey's examples, on which its own reading was trained, and of which the
    language model is shown some.
    """

    journey: str
    journey_digest: str
    files: tuple[DataFile, ...]
    messages: int
    known: int
    tasks: tuple[TaskReport, ...]
    whole: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "form": FORM,
            "journey": self.journey,
            "journey_digest": self.journey_digest,
            "files": [{"name": one.name, "sha256": one.sha256} for one in self.files],
            "messages": self.messages,
            "known_messages": self.known,
            "whole": self.whole,
            "tasks": {str(one.task): one.as_json() for one in self.tasks},
        }


def evaluate(house: House, journey: str, messages: Sequence[LabelledMessage], tasks: Sequence[Help]) -> Iterator[Tried]:
    """What came of each help on each message, in their order; ends early when the endpoint or the budget gives out.

    A help that the journey has not switched on is tried as well; consent and region hold. Raises MayNotBeAsked.
    """
    provider, folder = house.assistant, switched_on(house.journeys.get(journey), tasks)
    for task in tasks:
        why = why_off(provider, folder, task)
        if why is not None:
            raise MayNotBeAsked(why, journey, house.settings.llm_region)
    assert provider is not None  # else why_off had said so
    import_module("pipelines.llm_chat")  # before clocks run: the first answer would seem to take seconds longer
    with ThreadPoolExecutor(house.settings.llm_at_once, "evaluation") as pool:
        for start in range(0, len(messages), AT_ONCE):
            some = messages[start : start + AT_ONCE]
            asked = [
                pool.submit(_try, house, provider, view, message, task)
                for message, view in zip(some, _views(house, folder, some), strict=True)
                for task in tasks
            ]
            try:
                for one in asked:
                    tried = one.result()
                    yield tried
                    if tried.held_back:
                        return
            finally:
                for one in asked:
                    one.cancel()


def switched_on(folder: JourneyFolder, tasks: Sequence[Help]) -> JourneyFolder:
    """With these helps in shadow, whatever the journey says of them."""
    switch = folder.journey.assistant
    if switch is None:
        return folder
    helps = {**switch.helps, **dict.fromkeys(tasks, "shadow")}
    tried = switch.model_copy(update={"helps": helps})
    return replace(folder, journey=folder.journey.model_copy(update={"assistant": tried}))


def report(
    house: House, journey: str, tried: Sequence[Tried], messages: Sequence[LabelledMessage], files: Sequence[DataFile]
) -> EvaluationReport:
    """Of what was tried so far."""
    tasks = tuple(dict.fromkeys(one.task for one in tried))
    done = sum(one.task is tasks[0] and not one.held_back for one in tried)
    examples = {normalised(one.text) for one in examples_of(house.journeys, journey)}
    return EvaluationReport(
        journey,
        house.journeys.get(journey).digest,
        tuple(files),
        done,
        sum(normalised(one.text) in examples for one in messages[:done]),
        tuple(_of_task(task, [one for one in tried if one.task is task]) for task in tasks),
        whole=done == len(messages) and not any(one.held_back for one in tried),
    )


def _of_task(task: Help, tried: Sequence[Tried]) -> TaskReport:
    tally = Tally()
    for one in tried:
        for event in one.made.events if one.made is not None else ():
            if isinstance(event, e.LlmCalled | e.AssistantSaid):
                tally.add(event)
    names = dict.fromkeys(name for one in tried for name in one.right)
    compared = {name: paired(one.right[name] for one in tried if name in one.right) for name in names}
    asked = sum(one.made is not None for one in tried)
    return TaskReport(task, asked, len(tried) - asked, tally.calls, compared)


# --- one message ------------------------------------------------------------------------------------------------------


def _views(house: House, folder: JourneyFolder, messages: Sequence[LabelledMessage]) -> list[View]:
    """Cases that hold one message each, as the product reads it."""
    opened = [_opened(house, folder, message) for message in messages]
    texts, model = [text_of(fold("case-tried", entries)) for entries in opened], house.texts.of(folder.name)
    read = [text.text for text in texts]
    views = []
    for entries, text, prediction in zip(opened, texts, model.predict(read, house.texts.embed(read)), strict=True):
        case = fold("case-tried", entries)
        event = understood(case, folder, text, prediction, version=version_of(model), routed=None, heard=None)
        all_of_it = [*entries, Entry(len(entries) + 1, house.now(), MACHINE, event)]
        view = view_of(house, fold("case-tried", all_of_it), all_of_it)
        assert view is not None  # the journey was found before
        views.append(replace(view, folder=folder))
    return views


def _opened(house: House, folder: JourneyFolder, message: LabelledMessage) -> list[Entry]:
    language = message.language if message.language in folder.journey.languages else None
    opened = e.CaseOpened("C-0", "m-tried", "webform", "", journey=folder.name, language=language)
    added = e.MessageAdded("m-tried", "webform", "", "", message.text, house.now(), language=language)
    return [Entry(1, house.now(), SYSTEM, opened), Entry(2, house.now(), CUSTOMER, added)]


def _try(house: House, provider: Provider, view: View, message: LabelledMessage, task: Help) -> Tried:
    spec = SPECS[task]
    question = message.question if task is Help.QUESTION else next(iter(spec.by_itself(view)), "")
    made = answer(provider, view, spec, now=house.now(), question=question)
    tried = Tried(task, made, {})
    return tried if made is None or tried.held_back else replace(tried, right=_right(view, message, made, task))


def _right(view: View, message: LabelledMessage, made: Made, task: Help) -> dict[str, tuple[bool, bool]]:
    lines = made.said.lines if made.said is not None else None
    match task:
        case Help.FACTS if message.facts:
            each = {name: _fact_right(view, name, truth, lines) for name, truth in message.facts.items()}
            model, twin = zip(*each.values(), strict=True)
            return {str(task): (all(model), all(twin)), **{f"{task}.{name}": right for name, right in each.items()}}
        case Help.OPINION if message.topic is not None:
            truth = NO_TOPIC if message.topic == OUT_OF_SCOPE else message.topic
            said = lines[0].about if lines else None
            return {str(task): (said == truth, topic_by_twin(view.case) == truth)}
        case _:
            return {}


def _fact_right(view: View, name: str, truth: str, lines: Sequence[e.SaidLine] | None) -> tuple[bool, bool]:
    """Right is who says that value and no other, and nothing where the message states nothing."""
    read, means = best(view.case.facts, name), {truth} - {""}
    said = None if lines is None else {line.text for line in lines if line.about == name}
    return said == means, {read.value for read in (read,) if read is not None} == means
