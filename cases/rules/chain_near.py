"""What would have changed the answer of a chain of tables: one thing at a time, proven by asking all of it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cases.rules.cells import Form
from cases.rules.chain import Inputs, Tables, evaluate_chain, rests_on
from cases.rules.counterfactual import NearMiss, distance
from cases.rules.domains import MISSING, Value
from cases.rules.table import Table, gives


@dataclass(frozen=True, slots=True)
class ChainMiss:
    """A near miss in one table of the chain that would have changed the answer of the root."""

    table: str
    miss: NearMiss


def chain_misses(tables: Tables, root: str, inputs: Inputs, *, output: str, value: str) -> tuple[ChainMiss, ...]:
    """What would have made the root give `value`, one thing at a time, each proven by asking the whole chain again.

    One source feeds every input that comes from it, in whatever table. For each source at most one is told, of the
    root where it can be: the nearest value with which a row fires that asks for it. () when it is given already.
    Raises LookupError when the root has no such output.
    """
    before = evaluate_chain(tables, root, inputs)
    if gives(tables[root], before.root.outputs, output, value):
        return ()
    places: dict[str, list[tuple[Table, int]]] = {}
    for consulted in reversed(before.tables):
        for number, column in enumerate(consulted.table.inputs):
            if rests_on(column) is None:
                places.setdefault(column.source, []).append((consulted.table, number))
    tried = (_try_source(tables, root, inputs, where, (output, value)) for where in places.values())
    return tuple(miss for miss in tried if miss is not None)


def _try_source(
    tables: Tables, root: str, inputs: Inputs, where: Sequence[tuple[Table, int]], wanted: tuple[str, str]
) -> ChainMiss | None:
    for table, number in where:
        column = table.plan.columns[number]
        was = inputs.get(table.id, {}).get(column.name, MISSING)
        for instead in (*sorted(column.samples, key=lambda sample: distance(was, sample)), MISSING):
            if not all(instead is MISSING or at.plan.columns[place].takes(instead) for at, place in where):
                continue
            again = evaluate_chain(tables, root, _with(inputs, where, instead))
            if not gives(tables[root], again.root.outputs, *wanted):
                continue
            said = next(one.verdict for one in again.tables if one.table is table)
            for row in table.rows:
                cell = row.cells[number]
                if row.id in said.fired and cell.form is not Form.ANY and cell.holds(was) is not True:
                    return ChainMiss(table.id, NearMiss(row.id, column.name, str(cell), was, instead))
    return None


def _with(inputs: Inputs, where: Sequence[tuple[Table, int]], instead: Value) -> Inputs:
    changed: dict[str, dict[str, Any]] = {name: dict(values) for name, values in inputs.items()}
    for table, number in where:
        changed.setdefault(table.id, {})[table.inputs[number].name] = instead
    return changed
