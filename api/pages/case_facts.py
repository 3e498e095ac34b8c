"""Facts of a case as a person reads and corrects them: a page of them at a time, one form, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.case_view import Citation, FileReader
from cases import events as e
from cases.case import Entry
from cases.facts import Fact
from cases.journey_folder import JourneyFolder
from cases.statements import plain
from cases.wording import shown_value

AT_ONCE = 40  # facts on a page


@dataclass(frozen=True, slots=True)
class Looking:
    """What a visitor of the page asked to see more of. fact: the one whose form is open, with what was typed in it."""

    fact: str = ""
    page: int = 1
    typed: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FactValue:
    shown: str
    at: str
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class FactLine:
    """citations: none and certainty None for a fact that nobody has said. opens: where its form is."""

    name: str
    label: str
    shown: str
    certainty: float | None
    citations: Sequence[Citation]
    contradicts: Sequence[str]
    opens: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class FactForm:
    """kind: of the fact. history: every value it had, newest first."""

    name: str
    label: str
    kind: str
    value: str
    problem: str
    history: tuple[FactValue, ...]


@dataclass(frozen=True, slots=True)
class FactTable:
    """pages: addresses of the other pages with the numbers of their facts; empty where all are shown."""

    lines: tuple[FactLine, ...]
    form: FactForm | None
    unknown: tuple[FactLine, ...]
    total: int
    pages: tuple[tuple[str, str], ...]


def facts_of(
    reader: FileReader, entries: Sequence[Entry], folder: JourneyFolder | None, *, may_correct: bool, looking: Looking
) -> FactTable:
    """What contradicts itself first, then in the journey's order; facts that nobody said are last."""
    path = f"/cases/{reader.file['reference']}"
    known = sorted(reader.file["facts"], key=lambda fact: not fact["contradicts"])
    names = [fact["name"] for fact in known]
    page = looking.page
    if looking.fact in names:
        page = names.index(looking.fact) // AT_ONCE + 1
    pages = range(1, (len(known) - 1) // AT_ONCE + 2)
    page = page if page in pages else 1

    def line(fact: dict[str, Any]) -> FactLine:
        return FactLine(
            fact["name"],
            fact["label"],
            fact["shown"],
            fact["certainty"],
            reader.cite(fact["sources"]),
            fact["contradicts"],
            f"{path}?fact={fact['name']}" if may_correct and folder else "",
            is_open=may_correct and fact["name"] == looking.fact,
        )

    first = (page - 1) * AT_ONCE
    return FactTable(
        lines=tuple(line(fact) for fact in known[first : first + AT_ONCE]),
        form=_form(reader, entries, folder, looking) if may_correct and folder else None,
        unknown=_unknown(reader, folder, path, names, looking) if may_correct and folder else (),
        total=len(known),
        pages=tuple(
            (
                "" if n == page else f"{path}?facts={n}#facts",
                f"{(n - 1) * AT_ONCE + 1} - {min(n * AT_ONCE, len(known))}",
            )
            for n in pages
        )
        if len(pages) > 1
        else (),
    )


def _unknown(
    reader: FileReader, folder: JourneyFolder, path: str, known: Sequence[str], looking: Looking
) -> tuple[FactLine, ...]:
    lines = [
        FactLine(name, folder.worded(spec.label, reader.pages.desk_language), "", None, (), (),
                 f"{path}?fact={name}", is_open=name == looking.fact)
        for name, spec in folder.journey.facts.items()
        if name not in known
    ]  # fmt: skip
    shown = lines[:AT_ONCE]
    return (*shown, *(one for one in lines[AT_ONCE:] if one.is_open))


def _form(reader: FileReader, entries: Sequence[Entry], folder: JourneyFolder, looking: Looking) -> FactForm | None:
    spec = folder.journey.facts.get(looking.fact)
    if spec is None:
        return None
    current = next((fact["value"] for fact in reader.file["facts"] if fact["name"] == looking.fact), "")
    language = reader.pages.desk_language
    history = [
        FactValue(
            shown_value(fact.value, spec.type, language),
            reader.moment(entry.at.isoformat()),
            reader.cite(plain(source) for source in fact.sources),
        )
        for entry, fact in values_of(entries, looking.fact)
    ]
    return FactForm(
        looking.fact,
        folder.worded(spec.label, language),
        spec.type,
        current if looking.typed is None else looking.typed,
        looking.problem,
        tuple(reversed(history)),
    )


def values_of(entries: Sequence[Entry], name: str) -> list[tuple[Entry, Fact]]:
    """Every value the fact had, when it was first read or said so, oldest first; one that is read again is one."""
    found: list[tuple[Entry, Fact]] = []
    for entry in entries:
        match entry.event:
            case e.Understood(facts=facts):
                found += [(entry, fact) for fact in facts if fact.name == name and not _same_as_read(found, fact)]
            case e.FactStated(fact=fact) if fact.name == name:
                found.append((entry, fact))
            case _:
                continue
    return found


def _same_as_read(found: Sequence[tuple[Entry, Fact]], fact: Fact) -> bool:
    return any((one.value, one.sources) == (fact.value, fact.sources) for _, one in found)
