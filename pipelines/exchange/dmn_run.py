"""Runs a DMN model on given inputs, as the specification says: nulls, not errors, and a note where something is odd."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from cases.rules import Problem
from cases.rules.problems import instead_of
from pipelines.exchange.dmn_logic import Logic, output_names, read_logic
from pipelines.exchange.dmn_model import Model, Node, read_model
from pipelines.exchange.dmn_table import TableTrace
from pipelines.exchange.dmn_types import ANY, WRITTEN, Type, ValueRefused, conform, read_given
from pipelines.exchange.dmn_xml import DmnRefused
from pipelines.exchange.feel import FeelRefused, Run, Scope, Value
from pipelines.exchange.feel.functions import text_of
from pipelines.exchange.feel.tree import deeper
from pipelines.exchange.feel.values import Function, kind_of, plain_number

_DEEPEST = 100  # lists and contexts within each other, in a result


@dataclass(slots=True)
class Runnable:
    """Decisions that were asked for, with all that they need, found whole."""

    model: Model
    asked: Sequence[Node]
    logic: Mapping[str, Logic]  # by id of the node
    inputs: Mapping[str, Type]  # by name, those that the asked decisions look at
    known: Mapping[str, Type]  # by name, those that may be given


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says about one object of inputs."""

    outputs: Mapping[str, Value]
    fired: tuple[str, ...]
    trace: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it: numbers exact, dates and durations as ISO text."""
        plain = {name: as_json(value) for name, value in self.outputs.items()}
        told: dict[str, Any] = {"outputs": plain, "fired": self.fired, "trace": self.trace, "missing": self.missing}
        return {**told, "notes": self.notes} if self.notes else told


def read_dmn(raw: bytes, *, file: str, decision: str | None = None) -> Runnable:
    """The named decision (or service), or those that no other needs, ready to run.

    Raises DmnRefused with everything that stands in the way; what is not asked for may be broken.
    """
    model = read_model(raw, file=file)
    asked = model.asked() if decision is None else [model.called(decision)]
    below = {node.id: node for one in asked for node in model.below(one)}
    logic = {id_: read_logic(model, node) for id_, node in below.items() if node.kind in ("decision", "knowledge")}
    problems = [
        problem for id_ in below for problem in (logic[id_].problems if id_ in logic else model.problems.get(id_, ()))
    ]
    if problems:
        raise DmnRefused([*model.left_out, *problems])
    inputs = {node.name: node.type for one in asked for node in model.looked_at(one)}
    for one in logic.values():
        for clause in one.table.inputs if one.table else ():
            if inputs.get(clause.text) is ANY and clause.type.base in WRITTEN:
                inputs[clause.text] = clause.type  # only the table says that the text is a date
        inputs.update({name: wanted for name, wanted in one.free.items() if name not in inputs})
    for service in (node for node in asked if node.kind == "service"):
        inputs = {one.name: one.type for one in _parameters(model, service)}
    others = [read_logic(model, node).free for node in model.of_kind("decision") if node.id not in logic]
    known = {name: wanted for free in others for name, wanted in free.items()}
    known |= {node.name: node.type for node in model.of_kind("input")} | inputs
    return Runnable(model, asked, logic, inputs, known)


def decide(runnable: Runnable, given: Mapping[str, Any], *, place: str = "") -> Answer:
    """What the asked decisions say; `given` is plain JSON by input name.

    Raises DmnRefused for values that are not of their type or belong to no input, and for models that never end.
    """
    problems, values = [], {}
    for name, raw in given.items():
        if name not in runnable.known:
            mend = instead_of(name, list(runnable.known))
            problems.append(Problem(runnable.model.file, None, f"{place}{name}", "it is no input of the model", mend))
            continue
        try:
            values[name] = read_given(raw, runnable.known[name], name)
        except ValueRefused as refused:
            problems.append(Problem(runnable.model.file, None, f"{place}{refused.place}", refused.what, refused.mend))
    if problems:
        raise DmnRefused(problems)
    running = _Running(runnable, values, Run())
    try:
        outputs = {node.name: running.result(node) for node in runnable.asked}
        _check_depth(outputs)
    except (FeelRefused, RecursionError) as refused:
        what, mend = (
            (refused.what, refused.mend)
            if isinstance(refused, FeelRefused)
            else ("it is nested too deep", "split it over several decisions")
        )
        raise DmnRefused([Problem(runnable.model.file, None, place, what, mend)]) from refused
    return running.answer(outputs)


def _check_depth(value: Value) -> None:
    """Raises FeelRefused for what no JSON reader takes back."""
    waiting: list[tuple[Value, int]] = [(value, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > _DEEPEST:
            raise FeelRefused(f"the result is nested more than {_DEEPEST} deep", "make it flatter")
        if isinstance(here, list | dict):
            waiting += [(part, depth + 1) for part in (here if isinstance(here, list) else here.values())]


def as_json(value: Value) -> Any:
    """A FEEL value as plain data for JSON; numbers keep every digit."""
    match kind_of(value):
        case "null" | "boolean" | "string":
            return value
        case "number":
            return orjson.Fragment(plain_number(value))
        case "list":
            return [as_json(item) for item in value]
        case "context":
            return {name: as_json(item) for name, item in value.items()}
        case _:
            return text_of(value)


def _parameters(model: Model, service: Node) -> list[Node]:
    """What a decision service is given: its inputs, then its input decisions."""
    wanted = [one for name in ("inputData", "inputDecision") for one in service.element.all(name)]
    ids = [one.get("href").rpartition("#")[2] for one in wanted]
    return [model.nodes[id_] for id_ in ids if id_ in model.nodes]


class _Running:
    """One run: each decision is taken once."""

    def __init__(self, runnable: Runnable, given: Mapping[str, Value], run: Run) -> None:
        self._runnable, self._model, self._given, self._run = runnable, runnable.model, given, run
        self._taken: dict[str, Value] = {}

    def result(self, node: Node) -> Value:
        if node.kind == "service":
            return self._served(node, self._given)
        if node.id not in self._taken:
            for one in self._model.below(node):  # what is needed first, so that no chain is too long
                self._of(one)
        return self._of(node)

    def answer(self, outputs: Mapping[str, Value]) -> Answer:
        tables: list[TableTrace] = list(self._run.trace)
        asked = {node.name for node in self._runnable.asked}
        return Answer(
            outputs=outputs,
            fired=tuple(id_ for table in tables if table.decision in asked for id_ in table.fired),
            trace=tuple(row for table in tables for row in table.rows),
            missing=tuple(name for name in self._runnable.inputs if name not in self._given),
            notes=tuple(self._run.notes),
        )

    def _of(self, node: Node) -> Value:
        if node.id not in self._taken:
            self._taken[node.id] = self._value(node)
        return self._taken[node.id]

    def _value(self, node: Node) -> Value:
        match node.kind:
            case "input":
                return self._given.get(node.name)
            case "knowledge":
                return self._function(node)
            case "service":
                return self._service(node)
            case "decision":
                return self._decided(node)

    def _decided(self, node: Node) -> Value:
        logic = self._runnable.logic[node.id]
        if logic.empty:
            self._run.note(f"{node.name} has no logic: null")
        scope = Scope({**self._names(node), **{name: self._given.get(name) for name in logic.free}}, self._run)
        value = logic.expression.value(scope)
        if isinstance(value, list) and logic.table and logic.table.lists and not node.type.collection:
            if node.type.base != "Any":
                self._run.note(f"{node.name} lists what several rows say, and its variable is no collection")
            return conform(value, replace(node.type, collection=True), scope, node.name)
        return conform(value, node.type, scope, node.name)

    def _names(self, node: Node) -> dict[str, Value]:
        names: dict[str, Value] = {}
        for id_ in node.needs:
            if id_ not in self._model.nodes:
                continue
            needed = self._model.nodes[id_]
            value = self._of(needed)
            outputs = output_names(needed.element) if needed.kind == "decision" else ()
            for output in outputs:
                single = len(outputs) == 1
                names.setdefault(output, value if single else value.get(output) if isinstance(value, dict) else None)
            names[needed.name] = value
        return names

    def _function(self, node: Node) -> Function:
        logic = self._runnable.logic[node.id]
        run = self._run

        def call(given: Sequence[Value]) -> Value:
            if len(given) > len(logic.parameters):
                return None
            outer = Scope({**self._functions(node), node.name: function}, run)
            padded = [*given, *[None] * (len(logic.parameters) - len(given))]
            values = {
                name: conform(value, wanted, outer, f"{node.name}({name})")
                for (name, wanted), value in zip(logic.parameters, padded, strict=True)
            }
            return deeper(outer.inner(values), logic.expression)

        function = Function(node.name, call, (tuple(name for name, _ in logic.parameters),))
        return function

    def _functions(self, node: Node) -> dict[str, Value]:
        needed = [self._model.nodes[id_] for id_ in node.needs if id_ in self._model.nodes]
        return {one.name: self._of(one) for one in needed if one.id != node.id}

    def _service(self, node: Node) -> Function:
        parameters = _parameters(self._model, node)
        names = tuple(one.name for one in parameters)

        def call(given: Sequence[Value]) -> Value:
            return self._served(node, dict(zip(names, given, strict=False)))

        return Function(node.name, call, (names,))

    def _served(self, node: Node, given: Mapping[str, Value]) -> Value:
        """The output decisions of a service, taken anew with what it is given instead of its input decisions."""
        inner = _Running(self._runnable, given, self._run)
        for one in _parameters(self._model, node):
            scope = Scope({}, self._run)
            inner._taken[one.id] = conform(given.get(one.name), one.type, scope, one.name)  # its kind
        ids = [one.get("href").rpartition("#")[2] for one in node.element.all("outputDecision")]
        outputs = {self._model.nodes[id_].name: inner.result(self._model.nodes[id_]) for id_ in ids}
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs
