"""What a new version of a table changes, one plain sentence for each row, column and example. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal, TypeVar

from cases.rules.cells import ANY, Cell, Form, Test, Within
from cases.rules.constants import Constant
from cases.rules.domains import Domain, Kind, Missing, OutValue, Value, literal_text
from cases.rules.table import Example, Expectation, Hit, Input, Output, Row, Table
from cases.rules.words import then_words, when_words

Part = Literal["table", "constant", "input", "output", "row", "else", "example"]
WithId = TypeVar("WithId", Row, Example)
WithName = TypeVar("WithName", Input, Output, Constant)
_IN_ORDER: Final = frozenset({Hit.FIRST, Hit.PRIORITY})


@dataclass(frozen=True, slots=True)
class Change:
    part: Part
    name: str  # the id of the row or example, the name of the column or constant; of a table the key that changed
    words: str
    decides: bool  # False: no case gets another answer by it


def differences(old: Table, new: Table) -> tuple[Change, ...]:
    """Everything that differs, in the order of the file: () exactly when both have the same digest."""
    return (
        *_table(old, new),
        *_constants(old, new),
        *_columns("input", old.inputs, new.inputs),
        *_columns("output", old.outputs, new.outputs),
        *_rows(old, new),
        *_otherwise(old, new),
        *_examples(old, new),
    )


def _table(old: Table, new: Table) -> Iterator[Change]:
    parts: list[tuple[str, object, object, bool]] = [
        ("table", old.id, new.id, False),
        ("description", old.description, new.description, False),
        ("hit", old.hit.value, new.hit.value, True),
        ("effective_from", old.effective_from, new.effective_from, False),
        ("complete", _said(old.complete), _said(new.complete), False),
    ]
    for name, was, now, decides in parts:
        if was != now:
            yield Change("table", name, f"{name} was {was}, is {now}", decides)


def _said(complete: bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    return "not said" if complete is None else literal_text(complete)


def _constants(old: Table, new: Table) -> Iterator[Change]:
    """Where a constant is used, the rows tell what changes."""
    before, after = _by_name(old.constants), _by_name(new.constants)
    yield from _gone_and_new("constant", before, after, lambda one: literal_text(one.value))
    for name in _both(before, after):
        was, now = before[name], after[name]
        clauses = list(_clauses({"its value": literal_text(was.value)}, {"its value": literal_text(now.value)}))
        clauses += _clauses({"its type": was.kind.value}, {"its type": now.kind.value})
        yield from _told("constant", name, [*clauses, *_described(was, now)], decides=False)
    yield from _reordered("constant", before, after, decides=False)


def _columns(part: Literal["input", "output"], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    yield from _gone_and_new(part, before, after, lambda one: str(one.domain))
    for name in _both(before, after):
        was, now = before[name], after[name]
        clauses = [*_domains(was.domain, now.domain), *_clauses(_side(was), _side(now))]
        words = list(_described(was, now))
        yield from _told(part, name, [*clauses, *words], decides=bool(clauses))
    yield from _reordered(part, before, after, decides=part == "output")


def _side(column: Input | Output) -> dict[str, str]:
    if isinstance(column, Input):
        return {"its source": column.source}
    return {"its default": "nothing" if isinstance(column.default, Missing) else literal_text(column.default)}


def _domains(old: Domain, new: Domain) -> Iterator[str]:
    if old.kind is not new.kind or old.kind not in (Kind.TEXT, Kind.LIST, Kind.SET):
        yield from _clauses({"it": str(old)}, {"it": str(new)})
        return
    added = [literal_text(value) for value in new.values if value not in old.values]
    dropped = [literal_text(value) for value in old.values if value not in new.values]
    if added:
        yield f"it may also be {', '.join(added)}"
    if dropped:
        yield f"it may no longer be {', '.join(dropped)}"
    if [value for value in old.values if value in new.values] != [value for value in new.values if value in old.values]:
        yield f"the order of its values is {', '.join(map(literal_text, new.values))} now"
    if old.nullable != new.nullable:
        yield "it may also be null" if new.nullable else "it may no longer be null"


def _rows(old: Table, new: Table) -> Iterator[Change]:
    before, after = _by_id(old.rows), _by_id(new.rows)
    called = dict(_renamed(old, new))
    for name, row in before.items():
        if name in called:
            yield Change("row", name, f"{name} is called {called[name]} now", decides=False)
        elif name not in after:
            yield Change("row", name, f"{name} is gone: {_sentence(old, row)}", decides=True)
    places = list(after)
    for place, (name, row) in enumerate(after.items()):
        if name in before:
            yield from _row(old, before[name], new, row)
        elif name not in called.values():
            where = f"after {places[place - 1]}" if place else "at the top"
            yield Change("row", name, f"{name} is new, {where}: {_sentence(new, row)}", decides=True)
    yield from _moved([called.get(name, name) for name in before], places, new.hit)


def _sentence(table: Table, row: Row) -> str:
    return f"when {when_words(table, row)}, {then_words(row) or 'nothing is given'}"


def _renamed(old: Table, new: Table) -> Iterator[tuple[str, str]]:
    """Rows that only have another id."""
    ids = {row.id for row in old.rows}, {row.id for row in new.rows}
    coming = {_content(new, row): row.id for row in new.rows if row.id not in ids[0]}
    for row in old.rows:
        if row.id not in ids[1] and (name := coming.pop(_content(old, row), None)):
            yield row.id, name


def _content(table: Table, row: Row) -> tuple[object, ...]:
    return row.description, tuple(_cells(table, row).items()), tuple(row.outputs.items()), tuple(row.named.items())


def _cells(table: Table, row: Row) -> dict[str, Cell]:
    """What the row asks of each input that it asks something of."""
    cells = zip(table.inputs, row.cells, strict=True)
    return {column.name: cell for column, cell in cells if cell.form is not Form.ANY}


def _row(old: Table, was: Row, new: Table, now: Row) -> Iterator[Change]:
    asked, asks = _cells(old, was), _cells(new, now)
    names = [*(column.name for column in new.inputs), *(column.name for column in old.inputs)]
    pairs = [(name, asked.get(name, ANY), asks.get(name, ANY)) for name in dict.fromkeys(names)]
    cells = [
        f"{name} was {_cell(one)}, is {_cell(two)}"
        for name, one, two in pairs
        if (one, _cell(one)) != (two, _cell(two))
    ]
    clauses = [*cells, *_clauses(_outputs(was), _outputs(now))]
    yield from _told("row", now.id, [*clauses, *_described(was, now)], decides=bool(clauses))


def _outputs(row: Row) -> dict[str, str]:
    """By output as written: the name of a constant with its value behind it."""
    return {
        name: f"{row.named[name]} ({literal_text(value)})" if name in row.named else _given(value)
        for name, value in row.outputs.items()
    }


def _given(value: OutValue) -> str:
    return "nothing" if value in ("", ()) else literal_text(value)


def _cell(cell: Cell) -> str:
    """As written, with the values of constants behind their names."""
    tests = ", ".join(map(_test, cell.tests))
    words = {Form.ANY: "anything", Form.MISSING: "not known", Form.PRESENT: "known", Form.NOT_IN: f"not {tests}"}
    return words.get(cell.form, tests)


def _test(test: Test) -> str:
    written = test.written if test.written == str(test) else f"{test.written} ({test})"
    return written.replace("<=", "≤").replace(">=", "≥") if isinstance(test, Within) else written


def _moved(before: Sequence[str], after: Sequence[str], hit: Hit) -> Iterator[Change]:
    """The fewest rows whose moving makes the one order of the other; rows that came or went aside."""
    old, new = [name for name in before if name in after], [name for name in after if name in before]
    kept = _longest_common(old, new)
    note = "" if hit in _IN_ORDER else f"; under {hit} the order of rows decides nothing"
    for place, name in enumerate(new):
        if name not in kept:
            where = f"stands after {new[place - 1]}" if place else "stands at the top"
            was = old.index(name)
            before_that = f"was after {old[was - 1]}" if was else "was at the top"
            yield Change("row", name, f"{name} {where}, {before_that}{note}", decides=hit in _IN_ORDER)


def _longest_common(old: Sequence[str], new: Sequence[str]) -> set[str]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {name for block in blocks for name in old[block.a : block.a + block.size]}


def _otherwise(old: Table, new: Table) -> Iterator[Change]:
    was, now = old.otherwise, new.otherwise
    clauses = list(_clauses(_outputs(was), _outputs(now)))
    named = [*_clauses({"its id": was.id}, {"its id": now.id}), *_described(was, now)]
    yield from _told("else", now.id, [*clauses, *named], decides=bool(clauses))


def _examples(old: Table, new: Table) -> Iterator[Change]:
    before, after = _by_id(old.examples), _by_id(new.examples)
    yield from _gone_and_new("example", before, after, lambda one: f"{_inputs(one.given)} gives {_promise(one.expect)}")
    for name in _both(before, after):
        was, now = before[name], after[name]
        clauses = list(_clauses({"it gives": _promise(was.expect)}, {"it gives": _promise(now.expect)}))
        given = {one: literal_text(value) for one, value in was.given.items()}
        gives = {one: literal_text(value) for one, value in now.given.items()}
        absent = dict.fromkeys([*given, *gives], "missing")
        clauses += _clauses(absent | given, absent | gives)
        yield from _told("example", name, clauses, decides=False)
    yield from _reordered("example", before, after, decides=False)


def _inputs(given: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {literal_text(value)}" for name, value in given.items()) or "nothing known"


def _promise(expect: Expectation) -> str:
    parts = [
        expect.kind,
        None if expect.rows is None else " and ".join(expect.rows) or "no row",
        None if expect.outputs is None else ", ".join(f"{k} {literal_text(v)}" for k, v in expect.outputs.items()),
        None if expect.missing is None else f"missing {', '.join(expect.missing) or 'nothing'}",
    ]
    return ", ".join(part for part in parts if part) or "nothing in particular"


def _by_id(items: Sequence[WithId]) -> dict[str, WithId]:
    return {item.id: item for item in items}


def _by_name(items: Sequence[WithName]) -> dict[str, WithName]:
    return {item.name: item for item in items}


def _both(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [name for name in after if name in before]


def _gone_and_new(part: Part, before: Mapping[str, Any], after: Mapping[str, Any], told: Any) -> Iterator[Change]:
    decides = part in ("input", "output")
    for name, one in before.items():
        if name not in after:
            yield Change(part, name, f"{part} {name} is gone: {told(one)}", decides)
    for name, one in after.items():
        if name not in before:
            yield Change(part, name, f"{part} {name} is new: {told(one)}", decides)


def _reordered(part: Part, before: Mapping[str, Any], after: Mapping[str, Any], *, decides: bool) -> Iterator[Change]:
    old, new = [name for name in before if name in after], _both(before, after)
    if old != new:
        yield Change(part, "", f"the {part}s stand in another order: {', '.join(new)}", decides)


def _clauses(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name, "not there"), new.get(name, "not there")
        if was != now:
            yield f"{name} was {was}, is {now}"


def _described(old: Any, new: Any) -> Iterator[str]:
    if old.description != new.description:
        yield f'its description was "{old.description}", is "{new.description}"'


def _told(part: Part, name: str, clauses: Sequence[str], *, decides: bool) -> Iterator[Change]:
    if clauses:
        titles = {"row": "", "else": "else row "}
        yield Change(part, name, f"{titles.get(part, f'{part} ')}{name}: {'; '.join(clauses)}", decides)
