"""A decision table that was read and found whole. Built by `read_table` only; never changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from cases.rules.cells import Cell, Form
from cases.rules.constants import Constant
from cases.rules.domains import MISSING, Domain, Kind, Missing, OutValue, Value, plain
from cases.rules.plan import Plan
from cases.rules.problems import instead_of


class Hit(StrEnum):
    """Which of the rows that match gives the answer."""

    FIRST = "FIRST"  # the highest in the table
    UNIQUE = "UNIQUE"  # the only one; two are a conflict
    PRIORITY = "PRIORITY"  # the one whose text outputs come first in their domains; then the highest in the table
    COLLECT = "COLLECT"  # all of them: their lists joined, in the order of the domain
    SUM = "COLLECT sum"  # all of them: their numbers added up
    MIN = "COLLECT min"  # all of them: the least of each output
    MAX = "COLLECT max"  # all of them: the greatest of each output
    COUNT = "COLLECT count"  # all of them: how many they are
    ANY = "ANY"  # any of them; rows that say different things are a conflict


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    domain: Domain
    source: str  # where the value comes from, `register.policy.glass_cover`; the caller knows the roots
    description: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    domain: Domain
    default: OutValue | Missing = MISSING  # MISSING: every row has to say it
    description: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    description: str
    cells: tuple[Cell, ...]  # one per input, in order; the else row has none
    outputs: Mapping[str, OutValue] = field(hash=False)  # one per output, in order
    named: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)  # output -> constant written


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example promises; None promises nothing about that part."""

    kind: str | None = None
    rows: tuple[str, ...] | None = None
    outputs: Mapping[str, OutValue] | None = field(default=None, hash=False)  # a part of the outputs is enough
    missing: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    id: str
    given: Mapping[str, Value] = field(hash=False)
    expect: Expectation
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    description: str
    hit: Hit
    effective_from: date
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    otherwise: Row
    examples: tuple[Example, ...]
    file: str = field(compare=False)
    plan: Plan = field(compare=False, repr=False)
    complete: bool | None = None  # True: no case may reach the else row; False: it is meant to; None: not said
    constants: tuple[Constant, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain data that `read_table` takes back, safe to store as JSON.

        Columns stand in lists, because their order has a meaning (the first failing cell, PRIORITY) that a
        JSON object loses when its keys are sorted.
        """
        return {
            "table": self.id,
            "description": self.description,
            "hit": self.hit.value,
            "effective_from": self.effective_from.isoformat(),
            "inputs": [_input_dict(column) for column in self.inputs],
            "outputs": [_output_dict(column) for column in self.outputs],
            "rows": [self._row_dict(row) for row in self.rows],
            "else": _else_dict(self.otherwise),
            "examples": [_example_dict(example) for example in self.examples],
            **({} if self.complete is None else {"complete": self.complete}),
            **({"constants": [_constant_dict(one) for one in self.constants]} if self.constants else {}),
        }

    def _row_dict(self, row: Row) -> dict[str, Any]:
        when = {
            column.name: cell.written
            for column, cell in zip(self.inputs, row.cells, strict=True)
            if cell.form is not Form.ANY
        }
        return {**_else_dict(row), "when": when}


def table_digest(table: Table) -> str:
    """sha256 in hex over all the table says, descriptions and examples too: they are the promise in writing.

    Layout, comments and the spelling of a cell ("<=500") do not count; the order of rows and columns does.
    """
    text = json.dumps(table.as_dict(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def input_sources(table: Table) -> Mapping[str, str]:
    """Input name -> where its value comes from, in the order of the table."""
    return {column.name: column.source for column in table.inputs}


def reachable(table: Table, output: str, value: str) -> tuple[str, ...]:
    """Ids of the rows that give this value, the else row last; for a list output, that have it in the list.

    Raises LookupError when the table has no such output.
    """
    return tuple(row.id for row in (*table.rows, table.otherwise) if gives(table, row.outputs, output, value))


def gives(table: Table, outputs: Mapping[str, OutValue], output: str, value: str) -> bool:
    """Whether these outputs have the value. Raises LookupError when the table has no such output."""
    names = [column.name for column in table.outputs]
    if output not in names:
        raise LookupError(f'table {table.id} has no output "{output}"; {instead_of(output, names)}')
    if output not in outputs:
        return False
    said = outputs[output]
    return value in said if isinstance(said, tuple) else said == value


def _domain_dict(domain: Domain) -> dict[str, Any]:
    match domain.kind:
        case Kind.TEXT | Kind.LIST | Kind.SET:
            limits: dict[str, Any] = {"domain": list(domain.values)}
        case Kind.BOOLEAN:
            limits = {}
        case _:
            limits = {"min": plain(domain.low), "max": plain(domain.high)}
    return {"type": domain.kind.value, **limits, **({"nullable": True} if domain.nullable else {})}


def _input_dict(column: Input) -> dict[str, Any]:
    words = {"description": column.description} if column.description else {}
    return {"name": column.name, **_domain_dict(column.domain), "from": column.source, **words}


def _output_dict(column: Output) -> dict[str, Any]:
    words = {"description": column.description} if column.description else {}
    default = {} if isinstance(column.default, Missing) else {"default": plain(column.default)}
    return {"name": column.name, **_domain_dict(column.domain), **default, **words}


def _else_dict(row: Row) -> dict[str, Any]:
    then = {name: row.named.get(name, plain(value)) for name, value in row.outputs.items()}
    return {"id": row.id, "description": row.description, "then": then}


def _constant_dict(constant: Constant) -> dict[str, Any]:
    words = {"description": constant.description} if constant.description else {}
    return {"name": constant.name, "type": constant.kind.value, "value": plain(constant.value), **words}


def _example_dict(example: Example) -> dict[str, Any]:
    expect = example.expect
    promised: dict[str, Any] = {
        "kind": expect.kind,
        "rows": None if expect.rows is None else list(expect.rows),
        "outputs": None if expect.outputs is None else {name: plain(value) for name, value in expect.outputs.items()},
        "missing": None if expect.missing is None else list(expect.missing),
    }
    return {
        "id": example.id,
        "given": {name: plain(value) for name, value in example.given.items()},
        "expect": {key: value for key, value in promised.items() if value is not None},
    }
