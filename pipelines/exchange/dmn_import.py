"""Decision tables of a DMN model as rule files of ours. What is not understood is listed and kept as written."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cases.rules import Problem
from pipelines.exchange.dmn_cells import cell_of, cell_values, constant, plain, slug
from pipelines.exchange.dmn_logic import output_names, read_logic
from pipelines.exchange.dmn_model import Model, Node, read_model
from pipelines.exchange.dmn_table import DecisionTable, InputClause, OutputClause, Rule
from pipelines.exchange.dmn_types import ANY, Type
from pipelines.exchange.dmn_xml import DmnRefused, Element
from pipelines.exchange.feel import Value
from pipelines.exchange.feel.values import kind_of
from pipelines.exchange.guessed import KINDS, limits, output_column
from pipelines.exchange.imported import Import, Imported, ImportRefused

_HITS: Final = {"OUTPUT ORDER": "COLLECT", "RULE ORDER": "COLLECT"}
_NEVER: Final = "2000-01-01"  # DMN does not say since when a table holds


def read_dmn_tables(raw: bytes, *, file: str) -> Import:
    """Every decision table that stands alone as a decision. Raises ImportRefused when the file is no model."""
    try:
        model = read_model(raw, file=file)
    except DmnRefused as refused:
        raise ImportRefused(refused.problems) from refused
    tables: list[Imported] = []
    left_out = list(model.left_out)
    for node in model.nodes.values():
        if node.kind == "input":
            continue
        logic = read_logic(model, node) if node.kind == "decision" else None
        if logic is None or logic.table is None:
            what = f'the {node.element.name} "{node.name}" is no decision table'
            left_out.append(Problem(file, node.element.line, node.name, what, "write a table for it by hand"))
            left_out += logic.problems if logic else ()
            continue
        reading = _Table(model, node, logic.table)
        tables.append(reading.imported())
        left_out += [*logic.problems, *reading.problems]
    return Import(tuple(tables), tuple(left_out))


class _Table:
    def __init__(self, model: Model, node: Node, table: DecisionTable) -> None:
        self._model, self._node, self._table = model, node, table
        self._element = node.element.first("decisionTable")
        self._own = _ours(self._element, "table")
        self.problems: list[Problem] = []

    def imported(self) -> Imported:
        name = str(self._own.get("table") or slug(self._node.name, otherwise="table"))
        inputs = self._columns("input", self._table.inputs)
        outputs = self._columns("output", self._table.outputs)
        rows, otherwise = self._rows(list(inputs), outputs)
        document = {
            "table": name,
            "description": self._own.get("description") or f"{self._node.name}, from the model {self._model.name}.",
            "hit": self._hit(),
            "effective_from": self._own.get("effective_from", _NEVER),
            **({"complete": self._own["complete"]} if "complete" in self._own else {}),
            "inputs": inputs,
            "outputs": outputs,
            "rows": rows,
            "else": otherwise,
        }
        return Imported(name, document, self._model.file, self._lines())

    def _lines(self) -> dict[tuple[str | int, ...], int]:
        lines: dict[tuple[str | int, ...], int] = {("rows", n): rule.line for n, rule in enumerate(self._table.rules)}
        return lines | {(): self._node.element.line}

    def _hit(self) -> str:
        hit, aggregate = self._table.hit, self._table.aggregate
        if hit == "RULE ORDER":
            self._note(
                "hit", "RULE ORDER keeps the order of the rows, and COLLECT joins in the order of the domain", "check"
            )
        return f"COLLECT {aggregate}" if aggregate else _HITS.get(hit, hit)

    def _columns(self, side: str, clauses: Sequence[Any]) -> dict[str, dict[str, Any]]:
        elements = [] if self._element is None else self._element.all(side)
        columns: dict[str, dict[str, Any]] = {}
        for number, (clause, element) in enumerate(zip(clauses, elements, strict=True)):
            spec = dict(_ours(element, "column"))
            said = _values(element)
            name = str(spec.pop("name", "") or self._name(side, clause, number))
            if not spec or (said and said != values_text(spec)):
                if spec:
                    self._note(name, f"its values were changed to {said}", "check the type and the limits")
                spec = self._input(clause, number) if side == "input" else self._output(clause, number)
            while name in columns:
                name += "_2"
            columns[name] = spec
        return columns

    def _name(self, side: str, clause: InputClause | OutputClause, number: int) -> str:
        text = clause.text if isinstance(clause, InputClause) else clause.name or self._node.name
        return slug(text, otherwise=f"{side}_{number + 1}")

    def _input(self, clause: InputClause, number: int) -> dict[str, Any]:
        wanted, source = self._known(clause)
        text = clause.allowed_text or wanted.allowed_text
        named = [value for rule in self._table.rules for value in cell_values(rule.texts[number]) if value is not None]
        kind = KINDS.get(wanted.base) if not wanted.collection else None
        kind = kind or (KINDS.get(kind_of(named[0])) if named and wanted.base == "Any" else None)
        if kind is None:
            what = f"a {wanted.name} is no type of a column here" if wanted is not ANY else "its type is not said"
            self._note(
                clause.label, what, "give it a type: text, boolean, integer, decimal, money, date, duration, period"
            )
            return {**source}
        return {"type": kind, **self._limits(clause.label, kind, text, named), **source}

    def _known(self, clause: InputClause) -> tuple[Type, dict[str, str]]:
        """The type of what the column looks at, and where that comes from."""
        head, *path = clause.text.split(".")
        found = next((self._model.nodes[id_] for id_ in self._node.needs if self._named(id_, head)), None)
        wanted: Type | None = None if found is None else found.type
        for part in path:
            wanted = wanted.components.get(part) if wanted else None
        source: dict[str, str] = {}
        if found is not None and found.kind == "decision":
            table = found.element.first("decisionTable")
            if path or table is None or len(table.all("output")) > 1:
                what = f"it looks at {clause.text}, which is no table with one output"
            else:
                (output,) = output_names(found.element) or (found.name,)
                source = {"from": f"table.{slug(found.name, otherwise='table')}.{slug(output, otherwise='output')}"}
                what = ""
        elif wanted is None and not _plain_name(clause.text):
            what = f"the column calculates {clause.text}"
        else:
            what = ""
        if what:
            self._note(clause.label, what, "give the value as a fact of its own, and name it under from")
        return (clause.type if clause.type.base != "Any" else wanted or ANY), source

    def _named(self, id_: str, name: str) -> bool:
        return id_ in self._model.nodes and self._model.nodes[id_].name == name

    def _limits(self, label: str, kind: str, text: str, named: Sequence[Value]) -> dict[str, Any]:
        """The closed domain of an input, as far as the model says it; what it leaves open is noted."""
        found, still_open = limits(kind, text, named)
        if still_open:
            self._note(label, *still_open)
        return found

    def _output(self, clause: OutputClause, number: int) -> dict[str, Any]:
        """Type and domain from what is listed and from what the rows give: an output gives nothing else."""
        texts = [rule.output_texts[number] for rule in self._table.rules]
        found = [constant(text) for text in [*texts, clause.default_text] if text]
        values = [value for known, value in found if known and value is not None]
        if len(values) < len(found):
            self._note(
                clause.name or self._node.name, "some rows calculate it, or give null", "write a value in each row"
            )
        given = [*clause.values, *values]
        collects = self._table.hit in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and not self._table.aggregate
        return output_column(given, collects=collects)

    def _rows(
        self, names: Sequence[str], outputs: Mapping[str, Mapping[str, Any]]
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        rules = list(self._table.rules)
        default = {name: one.default_text for name, one in zip(outputs, self._table.outputs, strict=True)}
        ours = _ours(self._element, "else")
        otherwise: dict[str, Any] = {
            "id": ours.get("id", "ELSE"),
            "description": ours.get("description", "No row fits."),
        }
        if not any(default.values()) and self._table.hit == "FIRST" and rules and set(rules[-1].texts) <= {"-"}:
            last = self._row(rules.pop(), len(rules), names, outputs)
            return self._all(rules, names, outputs), {key: last[key] for key in ("id", "description", "then")}
        otherwise["then"] = {name: self._given(text, outputs[name], "ELSE") for name, text in default.items() if text}
        if not otherwise["then"] and any(spec.get("type") != "list" for spec in outputs.values()):
            self._note("else", "where no row fits, DMN answers null", "write what the else row gives")
        return self._all(rules, names, outputs), otherwise

    def _all(
        self, rules: Sequence[Rule], names: Sequence[str], outputs: Mapping[str, Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        return [self._row(rule, number, names, outputs) for number, rule in enumerate(rules)]

    def _row(
        self, rule: Rule, number: int, names: Sequence[str], outputs: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        id_ = rule.id.removeprefix("row_") if self._own else f"R-{number + 1:03}"
        when: dict[str, str] = {}
        for name, text in zip(names, rule.texts, strict=True):
            cell = cell_of(text)
            if cell is None:
                self._note(
                    f"{id_}.{name}",
                    f"the cell {text} has no word here",
                    "split the row, or add an input for it",
                    rule.line,
                )
            if cell != "-":
                when[name] = text if cell is None else cell
        then = {
            name: self._given(text, spec, id_)
            for (name, spec), text in zip(outputs.items(), rule.output_texts, strict=True)
        }
        description = rule.description or f"Rule {number + 1} of {self._node.name}."
        return {"id": id_, "description": description, "when": when, "then": then}

    def _given(self, text: str, spec: Mapping[str, Any], id_: str) -> Any:
        known, value = constant(text)
        data = plain(value) if known else None
        if data is None:
            self._note(id_, f"the result {text or 'null'} is no constant", "write a value")
            return text
        return [data] if spec.get("type") == "list" and not isinstance(data, list) else data

    def _note(self, path: str, what: str, mend: str, line: int | None = None) -> None:
        place = f"{self._node.name}, {path}"
        self.problems.append(Problem(self._model.file, line or self._node.element.line, place, what, mend))


def values_text(spec: Mapping[str, Any]) -> str:
    """The allowed values of a column in FEEL, "" where there are none to list."""
    kind, domain = spec.get("type"), spec.get("domain")
    if kind == "text" and isinstance(domain, list):
        return ", ".join(json.dumps(value, ensure_ascii=False) for value in domain)
    if kind in ("integer", "decimal", "money") and "min" in spec:
        return f"[{spec['min']}..{spec.get('max')}]"
    return ""


def _values(element: Element) -> str:
    found = element.first("inputValues", "outputValues")
    return "" if found is None else found.text_of("text") or ""


def _ours(element: Element | None, name: str) -> dict[str, Any]:
    """What an export of ours said beside the standard; {} when it is not there or no longer JSON."""
    try:
        found = json.loads(element.get(f"ours:{name}")) if element else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain_name(text: str) -> bool:
    return text.replace("_", "").replace(" ", "").replace(".", "").isalnum()
