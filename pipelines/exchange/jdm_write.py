"""A table of ours as a GoRules decision model (JDM)."""

import json
from collections.abc import Sequence
from typing import Final

from cases.rules import Kind
from cases.rules.table import Hit, Row, Table
from pipelines.exchange.imported import ExportRefused
from pipelines.exchange.jdm import OURS
from pipelines.exchange.jdm_cells import zen_cell, zen_literal

_OWN: Final = ("table", "description", "effective_from", "complete")
_AGGREGATES: Final = (Hit.SUM, Hit.MIN, Hit.MAX, Hit.COUNT)


def jdm_bytes(table: Table) -> bytes:
    """A model with one table. Raises ExportRefused: zen passes over what it does not understand in silence."""
    refused: list[str] = []
    document = table.as_dict()
    inputs = [
        {"id": f"in_{spec['name']}", "name": spec["name"], "field": spec["name"], OURS: spec}
        for spec in document["inputs"]
    ]
    outputs = [
        {"id": f"out_{spec['name']}", "name": spec["name"], "field": spec["name"], OURS: spec}
        for spec in document["outputs"]
    ]
    rules = [_rule(row, table, refused) for row in _in_order(table)]
    if table.hit is not Hit.COLLECT:
        rules.append(_rule(table.otherwise, table, refused))
    if table.hit in _AGGREGATES:
        refused.append(f"the hit policy {table.hit.value}")
    if refused:
        raise ExportRefused([f"JDM has no word for {what}" for what in dict.fromkeys(refused)])
    own = {key: document[key] for key in _OWN if key in document} | {"hit": table.hit.value, "else": document["else"]}
    content = {
        "hitPolicy": "collect" if table.hit is Hit.COLLECT else "first",
        "inputs": inputs,
        "outputs": outputs,
        "rules": rules,
        OURS: own,
    }
    nodes = [
        {"id": "request", "type": "inputNode", "name": "request", "position": {"x": 0, "y": 0}},
        {
            "id": "table",
            "type": "decisionTableNode",
            "name": table.id,
            "position": {"x": 300, "y": 0},
            "content": content,
        },
        {"id": "response", "type": "outputNode", "name": "response", "position": {"x": 600, "y": 0}},
    ]
    edges = [
        {"id": "edge_1", "type": "edge", "sourceId": "request", "targetId": "table"},
        {"id": "edge_2", "type": "edge", "sourceId": "table", "targetId": "response"},
    ]
    return (json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False, indent=1) + "\n").encode()


def lost_in_jdm(table: Table) -> tuple[str, ...]:
    """What the model does not hold, in words."""
    lost = [f"{len(table.examples)} examples: JDM has no place for them"] if table.examples else []
    if table.constants:
        lost.append("the names of constants: their values are written out")
    match table.hit:
        case Hit.COLLECT:
            lost.append("the else row and lists that are joined: zen gives one object a row, and none for no row")
        case Hit.UNIQUE | Hit.ANY:
            lost.append(f"{table.hit.value}: zen takes the first row, and does not see that rows contradict each other")
        case _:
            pass
    return (*lost, "the verdict missing: where an input is not known zen goes on to the next row")


def _in_order(table: Table) -> Sequence[Row]:
    """The rows as `first` has to ask them."""
    if table.hit is not Hit.PRIORITY:
        return table.rows
    ranked = [column for column in table.outputs if column.domain.kind is Kind.TEXT]
    return sorted(table.rows, key=lambda row: [one.domain.values.index(str(row.outputs[one.name])) for one in ranked])


def _rule(row: Row, table: Table, refused: list[str]) -> dict[str, str]:
    rule = {"_id": row.id, "_description": row.description}
    for column, cell in zip(table.inputs, row.cells, strict=row.cells != ()):
        text = zen_cell(cell)
        if text is None:
            refused.append(f"{row.id}.{column.name}: {cell}")
        rule[f"in_{column.name}"] = text or ""
    for output in table.outputs:
        literal = zen_literal(row.outputs[output.name])
        if literal is None:
            refused.append(f"{row.id}.{output.name}: {row.outputs[output.name]}")
        rule[f"out_{output.name}"] = literal or ""
    return rule
