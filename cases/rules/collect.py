"""What the rows that match give together, under the hit policies that collect."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce
from typing import Any, cast

from cases.rules.domains import Kind, OutValue, literal_text
from cases.rules.problems import Notes, Place
from cases.rules.table import Hit, Output, Row

_EXACT = Context(prec=80)  # literals have at most 30 digits, and tables fewer than a million rows


def collected(hit: Hit, outputs: Sequence[Output], rows: Sequence[Row]) -> Mapping[str, OutValue]:
    """One value an output: lists joined in the order of the domain, or the sum, least, greatest or number of rows.

    At least one row. Nothing is rounded.
    """
    join = _JOINS[hit]
    return {column.name: join(column, [row.outputs[column.name] for row in rows]) for column in outputs}


def _joined(column: Output, values: Sequence[Any]) -> OutValue:
    named = {item for value in values for item in value}
    return tuple(item for item in column.domain.values if item in named)


def _sum(column: Output, values: Sequence[Any]) -> OutValue:
    if column.domain.kind is Kind.INTEGER:
        return cast("int", sum(values))
    return reduce(_EXACT.add, values, Decimal(0))


_JOINS: Mapping[Hit, Callable[[Output, Sequence[Any]], OutValue]] = {
    Hit.COLLECT: _joined,
    Hit.SUM: _sum,
    Hit.MIN: lambda _, values: cast("OutValue", min(values)),
    Hit.MAX: lambda _, values: cast("OutValue", max(values)),
    Hit.COUNT: lambda _, values: len(values),
}
COLLECTS = frozenset(_JOINS)


def check_collected(hit: Hit, outputs: Sequence[Output], rows: Sequence[Row], notes: Notes) -> None:
    """Notes where the rows together could give a value that lies outside the output."""
    if hit not in (Hit.SUM, Hit.COUNT) or not rows:
        return
    for column in outputs:
        values: list[Any] = [row.outputs[column.name] for row in rows]
        if hit is Hit.COUNT and set(values) != {1}:
            notes.add(
                Place().key("rows"), "COLLECT count counts rows, and a row gives a number", f"leave {column.name} out"
            )
        gains, losses = ([value for value in values if value > 0], [value for value in values if value < 0])
        ends = [_sum(column, gains or [max(values)]), _sum(column, losses or [min(values)])]
        for end in ends:
            if not column.domain.low <= end <= column.domain.high:
                notes.add(
                    Place().key("outputs").key(column.name),
                    f"the rows together can give {literal_text(end)}, which is not {column.domain}",
                    "widen min and max",
                )
