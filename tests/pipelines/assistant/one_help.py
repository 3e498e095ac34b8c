"""What the tests of single helps begin with: a case in memory, what is asked about it, and what a model answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

import orjson

from cases.assisting import assisted
from cases.case import Case, Entry, fold
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Assistance, FactSpec
from cases.vocabulary import Help
from pipelines.assistant.calling import Made, answer
from pipelines.assistant.evidence import View
from pipelines.assistant.examples import Example
from pipelines.assistant.spec import HelpSpec
from pipelines.house import House
from tests.builders import CASE_ID, NOW, shipped
from tests.llm_server import Asked, Says


def answers(told: Any) -> Says:
    return Says(orjson.dumps(told).decode())


def line(text: str, *cites: tuple[str, str]) -> dict[str, Any]:
    """A sentence of an answer; cites: each a source and a quote."""
    return {"text": text, "cites": [{"source": source, "quote": quote} for source, quote in cites]}


def sources_of(asked: Asked) -> dict[str, str]:
    """What left, by the id of its source."""
    return {one["id"]: one["text"] for one in orjson.loads(asked.given)["sources"]}


def folder_that(
    task: Help, how: Literal["show", "shadow"] = "show", *, name: str = "motor_claim",
    facts: Mapping[str, FactSpec] | None = None,
) -> JourneyFolder:  # fmt: skip
    """A shipped journey that asks for this help; facts: more of them."""
    folder = shipped(name)
    switch = Assistance(consent=True, regions=("house",), helps={task: how})
    known = {**folder.journey.facts, **(facts or {})}
    return replace(folder, journey=folder.journey.model_copy(update={"assistant": switch, "facts": known}))


def view_of(
    entries: Sequence[Entry], folder: JourneyFolder, *, language: str = "en", examples: Sequence[Example] = ()
) -> View:
    return View(fold(CASE_ID, entries), entries, folder, language, lambda _: b"", examples=lambda: examples)


def ask(house: House, view: View, spec: HelpSpec, *, now: datetime = NOW) -> Made:
    assert house.assistant is not None
    made = answer(house.assistant, view, spec, now=now)
    assert made is not None
    return made


def after(case: Case, made: Made) -> Case:
    """As the log has it once what came of a call is kept."""
    for event in made.events:
        case = replace(case, assisted=assisted(case.assisted, event))
    return case
