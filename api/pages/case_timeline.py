"""Whose part of a case's history is shown: the customer's, ours, the machine's, or what is about money or notes."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum, auto

from api.pages.case_view import Json
from cases import events as e
from cases.case import Case, Entry
from cases.file_evidence import history
from cases.granting import grants
from cases.journey_spec import Journey
from cases.statements import Basis
from pipelines.house import House


class Part(StrEnum):
    ALL = auto()
    CUSTOMER = auto()
    US = auto()
    MACHINE = auto()  # the clock and what came from outside programs with it
    MONEY = auto()
    NOTES = auto()


def seqs_of(part: Part, entries: Sequence[Entry], journey: Journey) -> frozenset[int]:
    """The events of a part, by their place in the case."""
    belongs = _BELONGS[part]
    return frozenset(entry.seq for entry in entries if belongs(entry, journey))


def _about_money(entry: Entry, journey: Journey) -> bool:
    """An order and its answer, a decision that grants, an ending so, or what a person wrote of amount and account."""
    match entry.event:
        case e.HandoverAsked() | e.HandedOver() | e.HandoverRefused():
            return True
        case e.HumanDecided(choice=choice) | e.CaseClosed(outcome=choice):
            return grants(journey, choice)
        case e.DecisionHeld(decision=decision):
            return grants(journey, decision.choice)
        case e.StepDecided(option=option, shadow=shadow):
            return not shadow and grants(journey, option)
        case e.FactStated(fact=fact):
            spec = journey.facts.get(fact.name)
            return spec is not None and (spec.type == "money" or spec.reader == "iban")
        case _:
            return False


def up_to_date(house: House, file: Json | None, case: Case, entries: Sequence[Entry]) -> Json | None:
    """The file with all that happened, also since it was packaged: a case that was closed is packaged no more."""
    folder = house.journeys.folders.get(case.journey or "")
    if file is None or folder is None or file["built_on"] == entries[-1].seq:
        return file
    return {**file, "history": history(Basis(folder, case, entries, file["language"]))}


_BELONGS: Mapping[Part, Callable[[Entry, Journey], bool]] = {
    Part.ALL: lambda _, __: True,
    Part.CUSTOMER: lambda entry, _: entry.actor.type == "customer",
    Part.US: lambda entry, _: entry.actor.type == "person",
    Part.MACHINE: lambda entry, _: entry.actor.type in ("machine", "system"),
    Part.MONEY: _about_money,
    Part.NOTES: lambda entry, _: isinstance(entry.event, e.NoteAdded),
}
