"""Tables that rest on one another: an input `from: table.<other>.<output>` takes what another table answers. Pure.

Each table is evaluated once, after those that it rests on. A table that gives no answer leaves the inputs that
rest on it missing, with the reason kept: nothing falls through, and nothing is made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.rules.domains import Domain, Value
from cases.rules.evaluate import Verdict, evaluate
from cases.rules.table import Input, Table

Tables = Mapping[str, Table]
Inputs = Mapping[str, Mapping[str, Value]]
"""Table id -> its own inputs; what comes from another table is not among them."""

_ROOT: Final = "table"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why an input that rests on another table is missing."""

    input: str
    table: str
    because: str


@dataclass(frozen=True, slots=True)
class Consulted:
    """One table of the chain, with everything it was asked and what it said."""

    table: Table
    inputs: Mapping[str, Value]
    verdict: Verdict
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What each table said, in the order in which they were asked; the root is the last."""

    tables: tuple[Consulted, ...]

    @property
    def root(self) -> Verdict:
        return self.tables[-1].verdict

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """(table, input) that would have to be known: in place of an unanswered table what that table misses."""
        by_table = {one.table.id: one for one in self.tables}
        found: dict[tuple[str, str], None] = {}
        wanted = [self.tables[-1]]
        for one in wanted:
            rests_on = {gap.input: gap.table for gap in one.unanswered}
            for name in one.verdict.missing:
                if name not in rests_on:
                    found[one.table.id, name] = None
                elif (upstream := by_table[rests_on[name]]) not in wanted:
                    wanted.append(upstream)
        return tuple(found)


def rests_on(column: Input) -> tuple[str, str] | None:
    """(table, output) that the input comes from; None when it comes from elsewhere. Either may be "" or unknown."""
    root, _, rest = column.source.partition(".")
    table, _, output = rest.partition(".")
    return (table, output) if root == _ROOT else None


def in_order(tables: Tables, root: str) -> tuple[Table, ...]:
    """The table and all that it rests on, each after those that it rests on itself.

    Of a chain that `chain_problems` has nothing against.
    """
    ordered: dict[str, Table] = {}

    def add(table: Table) -> None:
        for column in table.inputs:
            if (from_ := rests_on(column)) is not None and from_[0] not in ordered:
                add(tables[from_[0]])
        ordered[table.id] = table

    add(tables[root])
    return tuple(ordered.values())


def evaluate_chain(tables: Tables, root: str, inputs: Inputs) -> ChainVerdict:
    """What the root says, and every table that it rests on before it; of a chain without problems."""
    said: dict[str, Consulted] = {}
    for table in in_order(tables, root):
        said[table.id] = _consulted(table, inputs.get(table.id, {}), said)
    return ChainVerdict(tuple(said.values()))


def _consulted(table: Table, own: Mapping[str, Value], said: Mapping[str, Consulted]) -> Consulted:
    given, unanswered = dict(own), []
    for column in table.inputs:
        if (from_ := rests_on(column)) is None:
            continue
        before = said[from_[0]].verdict
        if before.outputs:
            given[column.name] = _as_input(before.outputs[from_[1]], column.domain)
        else:
            given.pop(column.name, None)
            unanswered.append(Unanswered(column.name, from_[0], because(before)))
    return Consulted(table, given, evaluate(table, given), tuple(unanswered))


def _as_input(value: Value, domain: Domain) -> Value:
    """A list becomes the set that the input takes; the order of its values is lost on purpose."""
    return tuple(one for one in domain.values if one in value) if isinstance(value, tuple) else value


def because(verdict: Verdict) -> str:
    """Why a table gave no answer, in a few words."""
    match verdict.kind:
        case "missing":
            return f"{', '.join(verdict.missing)} is missing"
        case "conflict":
            return f"the rows {', '.join(verdict.fired)} contradict each other"
        case _:
            return f"{', '.join(problem.input for problem in verdict.invalid)} has a value that does not belong to it"
