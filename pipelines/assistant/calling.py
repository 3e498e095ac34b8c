"""One question to a language model about one case: may it be asked, what leaves, and what is kept of the answer.

An answer that is late, cut, refused or not of the shape that was asked for counts as none: the twin stands, and the
page says what is missing. The same is not asked twice: by the hash of all that would be sent, the log has the answer.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import uuid4

import orjson
from pydantic import BaseModel, ValidationError

from cases import events as e
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.evidence import Evidence, View, known_of
from pipelines.assistant.examples import examples_of
from pipelines.assistant.prompts import prompt_of
from pipelines.assistant.provider import Provider
from pipelines.assistant.spec import HelpSpec
from pipelines.assistant.unseen import only_seen
from pipelines.house import House
from pipelines.ports import Question

Off = Literal["no_provider", "no_switch", "no_consent", "region", "off"]
Heard = Callable[[Sequence[e.SaidLine]], object]


@dataclass(frozen=True, slots=True)
class Made:
    """called: None where the same was asked before. said: None where nothing came of it."""

    called: e.LlmCalled | None
    said: e.AssistantSaid | None

    @property
    def events(self) -> tuple[e.Written, ...]:
        return tuple(one for one in (self.called, self.said if self.called else None) if one is not None)


def why_off(provider: Provider | None, folder: JourneyFolder, task: Help) -> Off | None:
    """Why this help is not to be had in this journey; None where it is."""
    switch = folder.journey.assistant
    if provider is None:
        return "no_provider"
    if switch is None:
        return "no_switch"
    if not switch.consent:
        return "no_consent"
    if provider.region not in switch.regions:
        return "region"
    return None if task in switch.helps else "off"


def why_not_shown(provider: Provider | None, folder: JourneyFolder, task: Help) -> Off | None:
    """Why people are not shown this help: it is not to be had, or it is measured only."""
    return why_off(provider, folder, task) or ("off" if in_shadow(folder, task) else None)


def answer(
    provider: Provider, view: View, spec: HelpSpec, *, now: datetime, question: str = "", heard: Heard | None = None
) -> Made | None:
    """Ask, unless there is nothing to ask or it may not be. Never within a transaction: it may take its time.

    heard: gets the statements that hold so far, each time that one more does; again from the first one when a try
    broke off.
    """
    if why_off(provider, view.folder, spec.task) is not None:
        return None
    view = replace(view, question=question)
    asks = spec.asks(view, question)
    whole = [said.text for said in view.case.messages]
    evidence = Evidence(spec.sources(view), known_of(view.case, view.folder), whole)
    pictures = spec.pictures(view, question) if asks is not None else ()
    if asks is None or not (evidence or pictures):
        return None
    shape, prompt = spec.shape(view), prompt_of(spec.task)
    given = orjson.dumps({**_masked(asks, evidence), "sources": evidence.given()}).decode()
    model, schema = provider.model_of(spec.task), shape.model_json_schema()
    asked = _hash(model, prompt.told, given, schema, pictures)
    known = view.case.assisted.answered(asked)
    if known is not None:
        return Made(None, known)

    became = provider.ask(
        Question(model, prompt.told, given, schema, prompt.most_tokens, asked, tuple(pictures)),
        spent_on_case=view.case.assisted.tokens, now=now,
        heard=_whole_ones(heard, spec, shape, evidence, view) if heard is not None else None,
    )  # fmt: skip
    parsed = _read(became.text, shape) if became.outcome is LlmOutcome.ANSWERED else None
    if parsed is None and became.outcome is LlmOutcome.ANSWERED:
        became = replace(became, outcome=LlmOutcome.INVALID)
    called = e.LlmCalled(
        spec.task, became.outcome, model, prompt.name, asked, became.tries, became.tokens_in, became.tokens_out,
        str(provider.price(became.tokens_in, became.tokens_out)), became.milliseconds,
    )  # fmt: skip
    if parsed is None:
        return Made(called, None)
    lines = _kept(spec, parsed, evidence, view)
    said = e.AssistantSaid(
        uuid4().hex, spec.task, model, prompt.name, asked, view.language, tuple(lines),
        dropped=spec.offered(parsed) - len(lines), question=question, shadow=in_shadow(view.folder, spec.task),
        twin=spec.twin(view),
    )  # fmt: skip
    return Made(called, said)


def _whole_ones(
    heard: Heard, spec: HelpSpec, shape: type[BaseModel], evidence: Evidence, view: View
) -> Callable[[str], None]:
    """Tells of an answer that still comes what of it holds, where something was added: most words end no statement."""
    before: BaseModel | None = None

    def told(text: str) -> None:
        nonlocal before
        if (partial := _partly(text, shape)) is not None and partial != before:
            before = partial
            heard(_kept(spec, partial, evidence, view))

    return told


def _kept(spec: HelpSpec, answer: BaseModel, evidence: Evidence, view: View) -> list[e.SaidLine]:
    """What holds of it, in characters that people see: one that turns the direction of writing shows other words."""
    lines = [replace(line, text=only_seen(line.text).text.strip()) for line in spec.keep(answer, evidence, view)]
    return [line for line in lines if line.text]


def in_shadow(folder: JourneyFolder, task: Help) -> bool:
    switch = folder.journey.assistant
    return switch is not None and switch.helps.get(task) == "shadow"


def view_of(house: House, case: Case, entries: Sequence[Entry]) -> View | None:
    """None for a case of no journey that there is."""
    if case.erased or case.journey not in house.journeys.folders:
        return None
    folder = house.journeys.decided(str(case.journey), case)
    return View(
        case, entries, folder, house.settings.desk_language, lambda file: house.blobs.get(case.id, file.sha256),
        house.decoder.derive, examples=partial(examples_of, house.journeys, folder.name),
    )  # fmt: skip


def _masked(asks: Any, evidence: Evidence) -> Any:
    """What a person typed, as a question, may hold personal data as well."""
    match asks:
        case str():
            return evidence.mask.hide(asks).text
        case dict():
            return {key: _masked(value, evidence) for key, value in asks.items()}
        case list() | tuple():
            return [_masked(value, evidence) for value in asks]
        case _:
            return asks


def _hash(model: str, told: str, given: str, schema: Any, pictures: Sequence[bytes]) -> str:
    told_schema = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    parts = [model.encode(), told.encode(), given.encode(), told_schema, *pictures]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _read(text: str, shape: type[BaseModel]) -> BaseModel | None:
    try:
        return shape.model_validate_json(text)
    except ValidationError:
        return None


def _partly(text: str, shape: type[BaseModel]) -> BaseModel | None:
    """What of an answer that still comes is whole: all but the last part of its one list."""
    from langchain_core.utils.json import parse_partial_json  # noqa: PLC0415  # only where a model is asked; 0.5 s

    try:
        said = parse_partial_json(text)
        whole = {name: part[:-1] if isinstance(part, list) else part for name, part in said.items()}
        told = orjson.dumps(whole).decode()
    except (ValueError, TypeError, AttributeError, RecursionError):  # no object, halves of signs, nested without end
        return None
    return _read(told, shape)
