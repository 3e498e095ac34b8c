"""The inputs of the decision tables, read from a case by the names a table gives as `from:`. Pure."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import assert_never
from zoneinfo import ZoneInfo

from cases import facts as f
from cases.case import Case
from cases.contradictions import contradictions
from cases.events import InputRead, RegisterAnswer
from cases.journey_spec import Journey
from cases.rules.domains import MISSING, Kind, Missing, Value, literal_text
from cases.rules.durations import read_duration, read_period
from cases.rules.problems import instead_of
from cases.rules.table import Table
from cases.vocabulary import FileKind, FileStatus

_PLAIN = ("topic", "scope", "confidence", "language", "channel")
_COUNTS = ("photos.usable", "photos.unusable", "photos.reused", "photos.total", "documents.total",
           "case.requests_made", "case.messages", "case.contradictions")  # fmt: skip


def source_problem(source: str, journey: Journey) -> tuple[str, str] | None:
    """What is wrong with a table input's `from:` and the mend; None when the journey can provide it."""
    match source.partition(".")[0]:
        case "fact":
            known = [f"fact.{name}" for name in journey.facts]
        case "register":
            known = [
                f"register.{name}.{field}"
                for name, register in journey.registers.items()
                for field in ("found", *register.fields)
            ]
        case "derived":
            known = [f"derived.{name}_age_days" for name, fact in journey.facts.items() if fact.type == "date"]
        case _:
            known = [*_PLAIN, *_COUNTS]
    if source in known:
        return None
    return f"nothing provides {source!r}", instead_of(source, known)


def always_known(table: Table) -> tuple[str, ...]:
    """The inputs of a table that are never missing: what is counted, and whether a register knows somebody."""
    return tuple(
        column.name
        for column in table.inputs
        if column.source in _COUNTS or (column.source.startswith("register.") and column.source.endswith(".found"))
    )


def read_inputs(case: Case, table: Table, journey: Journey) -> tuple[dict[str, Value], tuple[InputRead, ...]]:
    """Typed values for the evaluation, and the same as text with their sources for the record.

    What comes from another table is not in the case, and is missing here.
    """
    values: dict[str, Value] = {}
    reads: list[InputRead] = []
    for column in table.inputs:
        text, sources = _read(column.source, case, journey)
        value = MISSING if text is None else typed(text, column.domain.kind)
        values[column.name] = value
        shown = text if value is not MISSING else None
        reads.append(InputRead(column.name, present=value is not MISSING, value=shown, sources=sources))
    return {name: value for name, value in values.items() if value is not MISSING}, tuple(reads)


def inputs_again(reads: tuple[InputRead, ...], table: Table) -> dict[str, Value]:
    """The typed values of a stored reading, for replay and for the decision file."""
    kinds = {column.name: column.domain.kind for column in table.inputs}
    return {
        read.name: typed(read.value, kinds[read.name])
        for read in reads
        if read.present and read.value is not None and read.name in kinds
    }


def typed(text: str, kind: Kind) -> Value:
    """Text as a value of a column; MISSING when it cannot be one, which sends the case to a person."""
    try:
        match kind:
            case Kind.TEXT:
                return text
            case Kind.BOOLEAN:
                return {"true": True, "false": False}.get(text.casefold(), MISSING)
            case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY:
                return _number(text, kind)
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.LIST | Kind.SET:
                return tuple(part for part in text.split(",") if part)
            case Kind.DURATION | Kind.PERIOD:
                length = read_duration(text) if kind is Kind.DURATION else read_period(text)
                return MISSING if length is None else length
            case _:  # pragma: no cover  # the type check proves it
                assert_never(kind)
    except (ValueError, InvalidOperation):
        return MISSING


def recorded(value: Value) -> str | None:
    """A value as a decision records it, which `typed` reads back; None for null and for what is not known."""
    match value:
        case str():
            return value
        case tuple():
            return ",".join(value)
        case None | Missing():
            return None
        case _:
            return literal_text(value)


def _number(text: str, kind: Kind) -> Value:
    if kind is Kind.INTEGER:
        return int(text)
    number = Decimal(text)
    if not number.is_finite():
        return MISSING
    return number.quantize(Decimal("0.01")) if kind is Kind.MONEY else number


def _read(source: str, case: Case, journey: Journey) -> tuple[str | None, tuple[f.Source, ...]]:
    root, _, rest = source.partition(".")
    match root:
        case "fact":
            fact = f.best(case.facts, rest)
            return (fact.value, fact.sources) if fact else (None, ())
        case "register":
            return _register(case, rest)
        case "derived":
            return _age(case, rest.removesuffix("_age_days"), journey)
        case "table":
            return None, ()
        case "photos" | "documents" | "case":
            return str(_count(case, source, journey)), _file_sources(case) if root == "photos" else ()
        case _:
            return _plain(case, source)


def _plain(case: Case, source: str) -> tuple[str | None, tuple[f.Source, ...]]:
    read = case.understood
    if read is None:
        return None, ()
    model = (f.ModelScore(read.model, read.model_version, read.confidence),)
    match source:
        case "topic":
            return case.topic, model
        case "scope":
            return read.scope.value, (f.ModelScore(read.model, read.model_version, read.scope_score),)
        case "confidence":
            return f"{read.confidence:.6f}", model
        case "language":
            return read.language, ()
        case _:
            return case.channel, ()


def _register(case: Case, rest: str) -> tuple[str | None, tuple[f.Source, ...]]:
    name, _, field = rest.partition(".")
    answer = next((a for a in _answers(case) if a.register == name), None)
    if answer is None:
        return ("false", ()) if field == "found" else (None, ())
    source = (f.RegisterEntry(name, answer.key, field),)
    if field == "found":
        return ("true" if answer.found else "false"), source
    value = dict(answer.fields).get(field)
    return value, source if value is not None else ()


def _answers(case: Case) -> tuple[RegisterAnswer, ...]:
    return case.enriched.answers if case.enriched else ()


def _age(case: Case, name: str, journey: Journey) -> tuple[str | None, tuple[f.Source, ...]]:
    """Whole days from the fact's date to the day of receipt in the organisation's time zone."""
    fact = f.best(case.facts, name)
    received = case.messages[0].received_at if case.messages else None
    if fact is None or received is None:
        return None, ()
    try:
        days = (local_day(received, journey) - date.fromisoformat(fact.value)).days
    except ValueError:
        return None, ()
    return str(days), fact.sources


def local_day(moment: datetime, journey: Journey) -> date:
    return moment.astimezone(ZoneInfo(journey.calendar.time_zone)).date()


def _count(case: Case, source: str, journey: Journey) -> int:
    photos = [file for file in case.files if file.kind is FileKind.PHOTO]
    counts = {
        "photos.usable": sum(photo.status is FileStatus.RECEIVED for photo in photos),
        "photos.unusable": sum(photo.status is FileStatus.UNUSABLE for photo in photos),
        "photos.reused": sum(bool(photo.findings and photo.findings.reused_from) for photo in photos),
        "photos.total": len(photos),
        "documents.total": sum(
            file.kind is FileKind.DOCUMENT and file.status is FileStatus.RECEIVED for file in case.files
        ),
        "case.requests_made": len(case.requests),
        "case.messages": len(case.messages),
        "case.contradictions": len(contradictions(case, journey)),
    }
    return counts[source]


def _file_sources(case: Case) -> tuple[f.Source, ...]:
    return tuple(f.PhotoRegion(file.id) for file in case.files if file.kind is FileKind.PHOTO)
