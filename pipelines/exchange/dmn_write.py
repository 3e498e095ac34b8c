"""A table of ours as a DMN 1.5 model with one decision."""

import json
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from cases.rules.cells import Cell, Form, Has, Is, Test, Within
from cases.rules.domains import Domain, Kind
from cases.rules.table import Hit, Input, Output, Row, Table
from pipelines.exchange.dmn_cells import feel_cell, feel_literal
from pipelines.exchange.dmn_import import values_text
from pipelines.exchange.dmn_xml import OURS

DMN: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_TYPES: Final = {
    Kind.TEXT: "string",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "number",
    Kind.MONEY: "number",
    Kind.DATE: "date",
    Kind.DURATION: "dayTimeDuration",
    Kind.PERIOD: "yearMonthDuration",
    Kind.LIST: "tTexts",
    Kind.SET: "tTexts",
}
_AGGREGATES: Final = {Hit.SUM: "SUM", Hit.MIN: "MIN", Hit.MAX: "MAX", Hit.COUNT: "COUNT"}


def dmn_bytes(table: Table) -> bytes:
    """The model as XML. What DMN has no place for (where inputs come from) stands in attributes of our own."""
    register_namespace("", DMN)
    register_namespace("ours", OURS)
    head = {"id": f"model_{table.id}", "name": table.id, "namespace": f"urn:casewright:table:{table.id}"}
    root = Element(_dmn("definitions"), head)
    domains = [column.domain for column in table.inputs] + [column.domain for column in table.outputs]
    if any(domain.kind in (Kind.LIST, Kind.SET) for domain in domains):
        texts = SubElement(root, _dmn("itemDefinition"), {"name": "tTexts", "isCollection": "true"})
        SubElement(texts, _dmn("typeRef")).text = "string"
    for column in table.inputs:
        data = SubElement(root, _dmn("inputData"), {"id": f"input_{column.name}", "name": column.name})
        SubElement(data, _dmn("variable"), {"name": column.name, "typeRef": _TYPES[column.domain.kind]})
    decision = SubElement(root, _dmn("decision"), {"id": f"decision_{table.id}", "name": table.id})
    SubElement(decision, _dmn("description")).text = table.description
    SubElement(decision, _dmn("variable"), {"name": table.id})
    for column in table.inputs:
        need = SubElement(decision, _dmn("informationRequirement"), {"id": f"need_{column.name}"})
        SubElement(need, _dmn("requiredInput"), {"href": f"#input_{column.name}"})
    _write_table(decision, table)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def lost_in_dmn(table: Table) -> tuple[str, ...]:
    """What the model does not hold, in words."""
    lost = []
    if table.examples:
        lost.append(f"{len(table.examples)} examples: DMN has no place for them")
    if table.constants:
        lost.append("the names of constants: their values are written out")
    cells = [(row.id, column, cell) for row in table.rows for column, cell in zip(table.inputs, row.cells, strict=True)]
    nulls = [f"{id_}.{column.name}" for id_, column, cell in cells if _asks_null(cell)]
    if nulls:
        lost.append(f"null apart from missing ({', '.join(nulls)}): DMN knows only null")
    if any(cell.form not in (Form.ANY, Form.MISSING, Form.PRESENT) for _, _, cell in cells):
        lost.append("the verdict missing: where an input is not known DMN goes on to the next row")
    if table.hit is Hit.COLLECT:
        lost.append("lists that are joined: DMN gives a list of lists")
    return tuple(lost)


def _write_table(decision: Element, table: Table) -> None:
    hit = {"hitPolicy": table.hit.value.partition(" ")[0]}
    if table.hit in _AGGREGATES:
        hit["aggregation"] = _AGGREGATES[table.hit]
    document = table.as_dict()
    keys: tuple[str, ...] = ("table", "description", "effective_from", "complete")
    said = {key: document[key] for key in keys if key in document}
    otherwise = {"id": table.otherwise.id, "description": table.otherwise.description}
    own = {f"{{{OURS}}}table": _json(said), f"{{{OURS}}}else": _json(otherwise)}
    element = SubElement(decision, _dmn("decisionTable"), {"id": f"table_{table.id}", **hit, **own})
    for column, spec in zip(table.inputs, document["inputs"], strict=True):
        _write_input(element, column, spec)
    for output, spec in zip(table.outputs, document["outputs"], strict=True):
        _write_output(element, output, spec, table)
    for row in table.rows:
        _write_row(element, row, table)


def _write_input(table: Element, column: Input, spec: dict[str, Any]) -> None:
    attributes = {"id": f"in_{column.name}", f"{{{OURS}}}column": _json(spec)}
    element = SubElement(table, _dmn("input"), attributes)
    kind = {"id": f"looks_{column.name}", "typeRef": _TYPES[column.domain.kind]}
    SubElement(SubElement(element, _dmn("inputExpression"), kind), _dmn("text")).text = column.name
    _write_values(element, "inputValues", spec, column.domain)


def _write_output(table: Element, column: Output, spec: dict[str, Any], whole: Table) -> None:
    attributes = {"id": f"out_{column.name}", f"{{{OURS}}}column": _json(spec)}
    attributes |= {"name": column.name, "typeRef": _TYPES[column.domain.kind]}
    element = SubElement(table, _dmn("output"), attributes)
    _write_values(element, "outputValues", spec, column.domain)
    default = feel_literal(whole.otherwise.outputs[column.name])
    SubElement(SubElement(element, _dmn("defaultOutputEntry")), _dmn("text")).text = default


def _write_values(element: Element, name: str, spec: dict[str, Any], domain: Domain) -> None:
    text = values_text(spec)
    if text and not domain.nullable:
        SubElement(SubElement(element, _dmn(name), {"id": f"{element.get('id')}_values"}), _dmn("text")).text = text


def _write_row(table: Element, row: Row, whole: Table) -> None:
    element = SubElement(table, _dmn("rule"), {"id": f"row_{row.id}"})
    SubElement(element, _dmn("description")).text = row.description
    for place, cell in enumerate(row.cells):
        entry = SubElement(element, _dmn("inputEntry"), {"id": f"row_{row.id}_in_{place + 1}"})
        SubElement(entry, _dmn("text")).text = feel_cell(cell)
    for place, column in enumerate(whole.outputs):
        entry = SubElement(element, _dmn("outputEntry"), {"id": f"row_{row.id}_out_{place + 1}"})
        SubElement(entry, _dmn("text")).text = feel_literal(row.outputs[column.name])


def _asks_null(cell: Cell) -> bool:
    return any(_is_null(test) for test in cell.tests)


def _is_null(test: Test) -> bool:
    match test:
        case Is(value=value):
            return value is None
        case Within() | Has():
            return False


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=False)


def _dmn(name: str) -> str:
    return f"{{{DMN}}}{name}"
