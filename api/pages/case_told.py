"""What a customer told by phone or at the desk, as a form: a note, and the answers to what was asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.queue_view import Choice
from api.pages.templating import Pages
from cases.case import Case
from cases.journey_folder import JourneyFolder
from pipelines.channels.phone.telling import Told

FACT, ANSWERED, TEXT, CALLER = "told_fact_", "told_", "told_text", "told_caller"


@dataclass(frozen=True, slots=True)
class ToldForm:
    """Open requests by the names of their fields. facts: a value is typed; others: they are ticked as answered."""

    facts: tuple[Choice, ...]
    others: tuple[Choice, ...]
    is_open: bool
    caller: str  # who mostly tells it


def told_form(pages: Pages, case: Case, folder: JourneyFolder, *, typed: Mapping[str, str]) -> ToldForm:
    specs, language = folder.journey.requests, pages.desk_language
    facts: dict[str, str] = {}
    others: dict[str, str] = {}
    for item in (request.item for request in case.open_requests):
        title = folder.worded(specs[item.key].title, language) if item.key in specs else item.text
        if item.fact in folder.journey.facts:
            facts[f"{FACT}{item.fact}"] = title
        else:
            others[f"{ANSWERED}{item.key}"] = title
    is_open = any(name.startswith(ANSWERED) and value for name, value in typed.items())
    return ToldForm(
        tuple(Choice(name, title) for name, title in facts.items()),
        tuple(Choice(name, title) for name, title in others.items()),
        is_open,
        case.sender_name,
    )


def told_of(fields: Mapping[str, str]) -> Told:
    """What the form says. A field left blank says nothing."""
    facts = {name.removeprefix(FACT): value for name, value in fields.items() if name.startswith(FACT) and value}
    answered = tuple(
        name.removeprefix(ANSWERED)
        for name, value in fields.items()
        if name.startswith(ANSWERED) and not name.startswith(FACT) and name not in (TEXT, CALLER) and value
    )
    return Told(fields.get(TEXT, fields.get("text", "")), facts, answered, fields.get(CALLER, ""))
