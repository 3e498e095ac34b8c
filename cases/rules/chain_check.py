"""Whether tables can rest on one another as they say: nothing unknown, nothing that does not fit, no circle."""

from collections.abc import Iterator, Sequence
from typing import Final

from cases.rules.chain import Tables, rests_on
from cases.rules.domains import ORDERED, Domain, Kind
from cases.rules.problems import Problem, instead_of
from cases.rules.table import Input, Table

LONGEST: Final = 50  # tables that one may rest on in a line


def chain_problems(tables: Tables) -> tuple[Problem, ...]:
    """Inputs that rest on nothing, on something that does not fit, or in the end on themselves."""
    links = [
        (table, column, from_) for table in tables.values() for column in table.inputs if (from_ := rests_on(column))
    ]
    problems = [problem for table, column, from_ in links for problem in _link(tables, table, column, *from_)]
    return tuple(problems) or tuple(_circles(tables))


def _link(tables: Tables, table: Table, column: Input, other: str, output: str) -> Iterator[Problem]:
    def problem(what: str, mend: str) -> Problem:
        return Problem(table.file, None, f"inputs.{column.name}.from", what, mend)

    if other not in tables:
        yield problem(f'there is no table "{other}"', instead_of(other, list(tables)))
        return
    outputs = {column.name: column for column in tables[other].outputs}
    if output not in outputs:
        yield problem(f'the table {other} has no output "{output}"', instead_of(output, list(outputs)))
    elif not _fits(outputs[output].domain, column.domain):
        yield problem(
            f"{other}.{output} gives {outputs[output].domain}, and the input takes {column.domain}",
            "give the input the type of the output, and a domain that holds all it can give",
        )


def _fits(given: Domain, taken: Domain) -> bool:
    """Whether the input takes every value that the output can give."""
    if (given.kind, taken.kind) != (Kind.LIST, Kind.SET) and given.kind is not taken.kind:
        return False
    if taken.kind in ORDERED:
        return bool(taken.low <= given.low and given.high <= taken.high)
    return set(given.values) <= set(taken.values)


def _circles(tables: Tables) -> Iterator[Problem]:
    """One problem for each table that rests on itself in the end, or on too many others."""
    told: set[str] = set()
    for table in tables.values():
        path = _path_back(tables, table.id)
        if path and not told & {*path}:
            told |= {*path}
            yield Problem(
                table.file, None, "inputs", f"the tables rest on each other: {' → '.join((*path, path[0]))}",
                "take one of these links out",
            )  # fmt: skip
    deepest = _depths(tables) if not told else {}
    for name, depth in deepest.items():
        if depth > LONGEST:
            yield Problem(
                tables[name].file, None, "inputs", f"the table rests on a chain of more than {LONGEST} others",
                "put some of them together",
            )  # fmt: skip
            return


def _path_back(tables: Tables, start: str) -> tuple[str, ...]:
    """The shortest way from a table over those that it rests on back to itself; () when there is none."""
    came_from: dict[str, str] = {}
    wave = [start]
    for name in wave:
        for other in _below(tables[name]):
            if other == start:
                path = [name]
                while path[0] != start:
                    path.insert(0, came_from[path[0]])
                return tuple(path)
            if other not in came_from:
                came_from[other] = name
                wave.append(other)
    return ()


def _depths(tables: Tables) -> dict[str, int]:
    """How many tables each rests on in a line; without recursion, which a long line would exhaust."""
    depths: dict[str, int] = {}
    waiting = list(tables)
    while waiting:
        name = waiting[-1]
        below = _below(tables[name])
        if open_ := [other for other in below if other not in depths]:
            waiting += open_
            continue
        depths[name] = 1 + max((depths[other] for other in below), default=-1)
        waiting.pop()
    return depths


def _below(table: Table) -> Sequence[str]:
    return [from_[0] for column in table.inputs if (from_ := rests_on(column))]
