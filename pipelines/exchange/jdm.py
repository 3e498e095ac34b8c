"""The tables of GoRules decision models (JDM) as rule files of ours."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cases.rules import Problem
from pipelines.exchange.dmn_cells import plain, slug
from pipelines.exchange.feel.values import kind_of
from pipelines.exchange.guessed import KINDS, limits, output_column
from pipelines.exchange.imported import Import, Imported, ImportRefused
from pipelines.exchange.jdm_cells import cell_of_zen, constant_of_zen, values_of_zen

MAX_BYTES: Final = 5_000_000
OURS: Final = "casewright"  # what we say of a table beside the standard; zen passes over it
_SILENT: Final = ("inputNode", "outputNode")


def read_jdm(raw: bytes, *, file: str) -> Import:
    """Every table of the model; other nodes are listed. Raises ImportRefused."""
    nodes, edges = _graph(raw, file)
    tables = [node for node in nodes if node.get("type") == "decisionTableNode"]
    readings = {str(node.get("id")): _Table(node, file) for node in tables}
    left_out = [
        Problem(file, None, str(node.get("name")), f"a {node.get('type')} is not read", "write it as a table by hand")
        for node in nodes
        if node.get("type") not in (*_SILENT, "decisionTableNode")
    ]
    sources: dict[str, list[str]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    found = []
    for id_, reading in readings.items():
        before = [readings[one] for one in _above(id_, sources) if one in readings]
        found.append(reading.imported(before))
        left_out += reading.problems
    return Import(tuple(found), tuple(left_out))


def _graph(raw: bytes, file: str) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    if len(raw) > MAX_BYTES:
        raise ImportRefused([Problem(file, None, "", f"more than {MAX_BYTES // 1_000_000} MB", "split the model")])
    try:
        data = json.loads(raw.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise ImportRefused([Problem(file, None, "", f"not JSON: {error}", "export it again as JSON")]) from error
    nodes = data.get("nodes") if isinstance(data, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise ImportRefused([Problem(file, None, "", "this is no JDM: it has no nodes", "export it from GoRules")])
    edges = list(_dicts(data.get("edges")))
    return nodes, [(str(edge.get("sourceId")), str(edge.get("targetId"))) for edge in edges]


def _above(id_: str, sources: Mapping[str, Sequence[str]]) -> list[str]:
    """Every node from which a way leads to this one."""
    found: dict[str, None] = {}
    waiting = [id_]
    while waiting:
        new = [one for one in sources.get(waiting.pop(), ()) if one not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    return [one for one in found if one != id_]


def _dicts(raw: object) -> Iterator[dict[str, Any]]:
    yield from (one for one in raw if isinstance(one, dict)) if isinstance(raw, list) else ()


class _Table:
    def __init__(self, node: Mapping[str, Any], file: str) -> None:
        content = node.get("content")
        self._content: dict[str, Any] = content if isinstance(content, dict) else {}
        self._label, self._file = str(node.get("name") or node.get("id")), file
        own = self._content.get(OURS)
        self._own: dict[str, Any] = own if isinstance(own, dict) else {}
        self._rules = list(_dicts(self._content.get("rules")))
        self._inputs, self._outputs = (list(_dicts(self._content.get(side))) for side in ("inputs", "outputs"))
        self.problems: list[Problem] = []
        self.name = str(self._own.get("table") or slug(self._label, otherwise="table"))
        self.outputs = {_field(column): _name(column, f"output_{n}") for n, column in enumerate(self._outputs, 1)}

    def imported(self, before: Sequence["_Table"]) -> Imported:
        for key in ("inputField", "outputPath"):
            if self._content.get(key):
                self._note(key, f"the table works on {self._content[key]}", "give it the whole request")
        if self._content.get("executionMode") == "loop":
            self._note("executionMode", "the table runs once for each element of a list", "decide for one at a time")
        inputs = self._columns(self._inputs, "input")
        outputs = self._columns(self._outputs, "output")
        for column, spec in zip(self._inputs, inputs.values(), strict=True):
            source = next((one for one in before if _field(column) in one.outputs), None)
            if source is not None:
                spec["from"] = f"table.{source.name}.{source.outputs[_field(column)]}"
        rows, otherwise = self._rows(list(inputs), outputs)
        document = {
            "table": self.name,
            "description": self._own.get("description") or f"{self._label}, from a GoRules model.",
            "hit": self._hit(),
            "effective_from": self._own.get("effective_from", "2000-01-01"),
            **({"complete": self._own["complete"]} if "complete" in self._own else {}),
            "inputs": inputs,
            "outputs": outputs,
            "rows": rows,
            "else": otherwise,
        }
        return Imported(self.name, document, self._file)

    def _hit(self) -> str:
        said = self._content.get("hitPolicy", "first")
        if said not in ("first", "collect"):
            self._note("hitPolicy", f"{said} is not known", "write first or collect")
        hit = "COLLECT" if said == "collect" else "FIRST"
        own = str(self._own.get("hit", hit))
        return own if (own == "COLLECT") == (hit == "COLLECT") else hit

    def _columns(self, columns: Sequence[Mapping[str, Any]], side: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for number, column in enumerate(columns, 1):
            own = column.get(OURS)
            spec = dict(own) if isinstance(own, dict) else {}
            name = str(spec.pop("name", "") or _name(column, f"{side}_{number}"))
            while name in found:
                name += "_2"
            found[name] = spec or (self._input(column) if side == "input" else self._output(column))
        return found

    def _cells(self, column: Mapping[str, Any]) -> list[str]:
        return [str(rule.get(str(column.get("id")), "") or "").strip() for rule in self._rules]

    def _input(self, column: Mapping[str, Any]) -> dict[str, Any]:
        field = _field(column)
        if not field.replace(".", "").replace("_", "").isalnum():
            self._note(field or str(column.get("name")), "the column calculates", "give the value as a fact of its own")
        named = [value for cell in self._cells(column) for value in values_of_zen(cell)]
        kind = KINDS.get(kind_of(named[0])) if named else None
        if kind is None:
            self._note(field, "its type is not said", "give it a type: text, boolean, integer, decimal, money or date")
            return {}
        spec, still_open = limits(kind, "", named)
        if still_open:
            self._note(field, *still_open)
        return {"type": kind, **spec}

    def _output(self, column: Mapping[str, Any]) -> dict[str, Any]:
        found = [constant_of_zen(cell) for cell in self._cells(column) if cell]
        values = [value for known, value in found if known and value is not None]
        return output_column(values, collects=self._content.get("hitPolicy") == "collect")

    def _rows(
        self, names: Sequence[str], outputs: Mapping[str, Mapping[str, Any]]
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        rules = self._rules
        last = rules[-1] if rules else {}
        if self._hit() != "COLLECT" and rules and not any(last.get(str(one.get("id"))) for one in self._inputs):
            row = self._row(last, len(rules), names, outputs)
            rows = [self._row(rule, number, names, outputs) for number, rule in enumerate(rules[:-1], 1)]
            return rows, {key: row[key] for key in ("id", "description", "then")}
        rows = [self._row(rule, number, names, outputs) for number, rule in enumerate(rules, 1)]
        own = self._own.get("else")
        if isinstance(own, dict):
            return rows, own
        if self._hit() != "COLLECT":
            self._note("else", "where no row fits, zen answers nothing", "write what the else row gives")
        return rows, {"id": "ELSE", "description": "No row fits.", "then": {}}

    def _row(
        self, rule: Mapping[str, Any], number: int, names: Sequence[str], outputs: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        id_ = str(rule.get("_id")) if self._own else f"R-{number:03}"
        when: dict[str, str] = {}
        for name, column in zip(names, self._inputs, strict=True):
            text = str(rule.get(str(column.get("id")), "") or "").strip()
            cell = cell_of_zen(text)
            if cell is None:
                self._note(
                    f"{id_}.{name}", f"the cell {text[:80]} has no word here", "split the row, or add an input for it"
                )
            if cell != "-":
                when[name] = text if cell is None else cell
        then = {
            name: self._given(str(rule.get(str(column.get("id")), "") or "").strip(), spec, id_)
            for (name, spec), column in zip(outputs.items(), self._outputs, strict=True)
        }
        description = str(rule.get("_description") or f"Rule {number} of {self._label}.")
        return {"id": id_, "description": description, "when": when, "then": then}

    def _given(self, text: str, spec: Mapping[str, Any], id_: str) -> Any:
        known, value = constant_of_zen(text) if text else (False, None)
        data = plain(value) if known else None
        if data is None:
            self._note(id_, f"the result {text[:80] or 'null'} is no constant", "write a value")
            return text
        return [data] if spec.get("type") == "list" and not isinstance(data, list) else data

    def _note(self, path: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self._file, None, f"{self._label}, {path}", what, mend))


def _field(column: Mapping[str, Any]) -> str:
    return str(column.get("field") or "")


def _name(column: Mapping[str, Any], otherwise: str) -> str:
    return slug(_field(column) or str(column.get("name") or ""), otherwise=otherwise)
