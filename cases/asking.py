"""What the rules may come to ask a customer for, by what they write about: so that it can be asked at once. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from cases.journey_folder import JourneyFolder
from cases.rules import Hit, Row, Table
from cases.rules.cells import Form
from cases.vocabulary import RequestKind

_TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keys of the journey's requests, in the order of the rules."""

    photos: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def wanted(folder: JourneyFolder, topic: str) -> Wanted:
    """What the rules ask for in a case of this topic, or read where a request asks for it.

    Of the photos what the row asks for that speaks of the fewest topics, and then of the most photos: it words best
    what others word broadly.
    """
    rows = [(table, row) for table in folder.tables.values() for row in _about(table, topic)]
    keys = dict.fromkeys(key for table, row in rows for key in (*_asked(row), *_read(folder, table, row)))
    pictures = [
        (_topics(folder, table, row), -len(photos), photos)
        for table, row in rows
        if (photos := _of(folder, _asked(row), RequestKind.PHOTO))
    ]
    return Wanted(
        photos=min(pictures, key=lambda one: one[:2], default=(0, 0, ()))[-1],
        documents=_of(folder, keys, RequestKind.DOCUMENT),
        answers=_of(folder, keys, RequestKind.FACT, RequestKind.CHOICE),
    )


def _of(folder: JourneyFolder, keys: tuple[str, ...] | dict[str, None], *kinds: RequestKind) -> tuple[str, ...]:
    requests = folder.journey.requests
    return tuple(key for key in keys if key in requests and requests[key].kind in kinds)


def _about(table: Table, topic: str) -> Iterator[Row]:
    """The rows that may fire for a topic: where the first one counts, none after one that asks for nothing else."""
    for row in table.rows:
        by_source = {column.source: cell for column, cell in zip(table.inputs, row.cells, strict=True)}
        cell = by_source.pop(_TOPIC, None)
        if cell is not None and not cell.holds(topic):
            continue
        yield row
        if table.hit is Hit.FIRST and all(other.form is Form.ANY for other in by_source.values()):
            return


def _asked(row: Row) -> tuple[str, ...]:
    asked = row.outputs.get("requests", ())
    return asked if isinstance(asked, tuple) else ()


def _read(folder: JourneyFolder, table: Table, row: Row) -> Iterator[str]:
    """Requests for the facts that a row looks at, and for those by which a register is asked that it looks at."""
    looked_at = {
        fact
        for column, cell in zip(table.inputs, row.cells, strict=True)
        if cell.form is not Form.ANY
        for fact in _facts(folder, column.source)
    }
    yield from (key for key, request in folder.journey.requests.items() if request.fact in looked_at)


def _facts(folder: JourneyFolder, source: str) -> tuple[str, ...]:
    """The facts that an input comes from."""
    root, _, name = source.partition(".")
    if root == "register":
        return tuple(folder.journey.registers[name.partition(".")[0]].keys)
    return (name.removesuffix("_age_days"),) if root in ("fact", "derived") else ()


def _topics(folder: JourneyFolder, table: Table, row: Row) -> int:
    """Of how many topics a row speaks."""
    cell = next((cell for column, cell in zip(table.inputs, row.cells, strict=True) if column.source == _TOPIC), None)
    return sum(cell is None or bool(cell.holds(topic)) for topic in folder.journey.topics)
