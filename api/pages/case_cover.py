"""The terms of the policy in the decision file: met, not met or not known, each with what was found and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from api.pages.case_view import Citation, FileReader, Json
from cases.case import Case
from cases.cover import Held, checks_of, held, kind_of
from cases.journey_folder import JourneyFolder
from cases.journey_spec import CoverCheck


@dataclass(frozen=True, slots=True)
class Cover:
    """found: what was read, in words."""

    label: str
    held: Held
    found: str
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the file tells of a place; value None where two things are told."""

    value: str | None
    shown: str
    sources: Sequence[Json] = field(default=())


def cover_of(reader: FileReader, case: Case, folder: JourneyFolder | None) -> tuple[Cover, ...]:
    """As the file tells it, so that who reads without names learns none here; () where the journey names no terms."""
    if folder is None:
        return ()
    told = dict(_places(reader))
    checks = checks_of(folder.journey, case.topic)
    return tuple(_cover(reader, folder, check, told) for check in checks)


def _cover(reader: FileReader, folder: JourneyFolder, check: CoverCheck, told: dict[str, _Told]) -> Cover:
    def known(place: str) -> str | None:
        return told[place].value if place in told else None

    places = [told[place] for place in (check.reads, check.at_least) if place in told]
    return Cover(
        label=folder.worded(check.label, reader.pages.desk_language),
        held=held(check, folder.journey, known),
        found=_found(reader, folder, check, told),
        citations=reader.cite(source for place in places for source in place.sources),
    )


def _found(reader: FileReader, folder: JourneyFolder, check: CoverCheck, told: dict[str, _Told]) -> str:
    found = told[check.reads].shown if check.reads in told else reader.say("case.unknown")
    if check.at_least is None or check.at_least not in told:
        return found
    kind = kind_of(check.at_least, folder.journey)
    return reader.say(f"case.cover_least.{kind}", found=found, least=told[check.at_least].shown)


def _places(reader: FileReader) -> Iterator[tuple[str, _Told]]:
    for fact in reader.file["facts"]:
        settled = not fact["contradicts"]
        shown = fact["shown"] if settled else " / ".join([fact["shown"], *fact["contradicts"]])
        yield f"fact.{fact['name']}", _Told(fact["value"] if settled else None, shown, fact["sources"])
    for register in reader.file["registers"]:
        root, found = f"register.{register['register']}", bool(register["found"])
        shown = reader.say("case.yes" if found else "case.no")
        yield f"{root}.found", _Told("true" if found else "false", shown, register["sources"])
        for one in register["fields"]:
            yield f"{root}.{one['name']}", _Told(one["value"] or None, one["shown"], one["sources"])
