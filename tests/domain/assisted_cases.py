"""A case that a language model read along: what it said, and what people made of that."""

from dataclasses import replace
from typing import Any

from cases import events as e
from cases.case import Entry
from cases.facts import Fact, MessageSpan, PhotoRegion, Source
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Assistance
from cases.vocabulary import Help
from tests.builders import ANNA, enriched, entries, opened, photo, said, shipped, step, understood

MESSAGE = "It cost 125.00 euro. No, sorry: it cost 250.00 euro, on 12 November."
LOW, HIGH = MessageSpan("m-1", 8, 14), MessageSpan("m-1", 40, 46)
TWICE = (Fact("amount", "125.00", 0.9, (LOW,)), Fact("amount", "250.00", 0.9, (HIGH,)))
CONTRADICTED = "is stated twice: €125.00 / €250.00"
SHOWN = Assistance(consent=True, regions=("eu",), helps=dict.fromkeys(Help, "show"))


def read_along(switch: Assistance | None = SHOWN) -> JourneyFolder:
    folder = shipped()
    return replace(folder, journey=folder.journey.model_copy(update={"assistant": switch}))


def told(
    task: Help, *lines: e.SaidLine, question: str = "", shadow: bool = False, said_id: str | None = None
) -> e.AssistantSaid:
    return e.AssistantSaid(said_id or task.value, task, "small", f"{task}.1/rules.1", f"asked-{task}-{question}", "en",
                           lines, question=question, shadow=shadow)  # fmt: skip


def line(text: str, *sources: Source, about: str = "") -> e.SaidLine:
    return e.SaidLine(text, sources or (LOW,), about)


def judged(said_id: str, verdict: Any, place: int | None = None) -> tuple[e.Event, Any]:
    return e.AssistantJudged(said_id, verdict, ANNA.name, place), ANNA


def stream(*later: Any, facts: tuple[Fact, ...] = TWICE, shadow: bool = False) -> list[Entry]:
    """A case with a photo that says two amounts, of which the machine leaves the decision to a person."""
    return entries(
        opened(), said(MESSAGE, files=[photo()]), understood(facts=facts), enriched(), step(shadow=shadow), *later
    )


EVERYTHING = (
    told(Help.SUMMARY, line("A stone broke the glass."), line("It cost 125.00 euro.")),
    told(Help.FACTS, line("2026-11-12", about="loss_date"), line("blue", about="colour_of_nothing")),
    told(Help.PHOTOS, line("A crack in glass.", PhotoRegion("m-1.f1"), about="m-1.f1"),
         line("STOP", PhotoRegion("m-1.f1"), about="text in picture"),
         line("Windscreen damage", PhotoRegion("m-1.f1"), about="windscreen"), question="m-1.f1"),
    told(Help.TRANSLATION, line("Het kostte 125,00 euro."), question="m-1"),
    told(Help.OPINION, line("windscreen", about="windscreen"), question="m-1.f1"),
    told(Help.OPINION, line("theft", about="theft"), said_id="o-2"),
)  # fmt: skip
