"""Reads what a decision or a function says: literal expressions, tables, contexts, invocations and the other boxes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cases.rules import Problem
from cases.rules.problems import instead_of
from pipelines.exchange.dmn_model import Model, Node
from pipelines.exchange.dmn_table import DecisionTable, read_table
from pipelines.exchange.dmn_types import ANY, Type
from pipelines.exchange.dmn_xml import Element
from pipelines.exchange.feel import Expression, FeelRefused, Known, parse_expression, parse_source, parse_tests
from pipelines.exchange.feel.functions import FUNCTIONS
from pipelines.exchange.feel.tree import (
    Call,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    ListOf,
    Literal,
    Quantified,
    Turn,
)

NULL: Final = Literal(None)
Names = tuple[str, ...]


@dataclass(slots=True)
class Logic:
    """What a node says, or why that cannot be run."""

    expression: Expression = NULL
    table: DecisionTable | None = None  # where it is a table and nothing else
    empty: bool = False  # nothing is written
    parameters: tuple[tuple[str, Type], ...] = ()
    free: dict[str, Type] = field(default_factory=dict)  # names used without a requirement, taken as inputs
    problems: list[Problem] = field(default_factory=list)


def read_logic(model: Model, node: Node) -> Logic:
    """The logic of a decision or of business knowledge. Problems are noted in it, never raised."""
    logic = Logic(problems=list(model.problems.get(node.id, ())))
    needed = [model.nodes[id_] for id_ in node.needs if id_ in model.nodes]
    reader = LogicReader(model, node, logic)
    if node.kind == "knowledge":
        body = node.element.first("encapsulatedLogic")
        if body is None:
            reader.note(node.element, "it has no logic", "write what it calculates")
            return logic
        logic.parameters = reader.parameters(body)
        names = (*(name for name, _ in logic.parameters), *(one.name for one in needed), node.name)
        logic.expression = reader.body(body, names)
        return logic
    names = tuple(name for one in needed for name in (one.name, *output_names(one.element)))
    found = node.element.first(*BOXES)
    if found is None:  # taken by a person, or not written yet: null, as DMN says
        logic.empty = True
        return logic
    logic.expression = reader.box(found, names)
    logic.table = logic.expression if isinstance(logic.expression, DecisionTable) else None
    return logic


def output_names(element: Element) -> tuple[str, ...]:
    """What some tools call the outcome of a table: the names of its outputs."""
    table = element.first("decisionTable")
    return () if table is None else tuple(one.get("name") for one in table.all("output") if one.get("name"))


class LogicReader:
    """Turns boxes into expressions of FEEL. A part that cannot be read is null and noted."""

    def __init__(self, model: Model, node: Node, logic: Logic) -> None:
        self.model, self.node, self._logic = model, node, logic
        needed = [model.nodes[id_] for id_ in node.needs if id_ in model.nodes]
        self._callable = frozenset(one.name for one in [*needed, node] if one.kind in ("knowledge", "service"))
        self._loose = node.kind == "decision" and (model.lenient or not any(one.kind == "input" for one in needed))
        self._properties = model.entries

    @property
    def label(self) -> str:
        return self.node.name

    def note(self, element: Element, what: str, mend: str) -> None:
        place = f'{self.node.element.name} "{self.node.name}", {element.name}'
        place += f' "{element.get("id")}"' if element.get("id") else ""
        self._logic.problems.append(Problem(self.model.file, element.line, place, what, mend))

    def declared(self, element: Element) -> Type:
        try:
            return self.model.types.named(element.get("typeRef"))
        except FeelRefused as refused:
            self.note(element, refused.what, refused.mend)
            return ANY

    def expression(self, element: Element, names: Names, *, wanted: Type = ANY) -> Expression:
        """The FEEL text of an element; null for an empty one."""
        text = element.text_of("text") or ""
        return self._read(element, text, names, parse_expression, wanted) if text else NULL

    def source(self, element: Element, names: Names) -> Expression:
        """What a loop goes through."""
        found = element.first("in")
        literal = None if found is None else found.first("literalExpression")
        if literal is None:
            return _part(self, element, "in", names)
        return self._read(literal, literal.text_of("text") or "", names, parse_source, ANY)

    def tests(self, element: Element, names: Names) -> Expression:
        """The tests of a cell."""
        return self._read(element, element.text_of("text") or "", names, parse_tests, ANY)

    def box(self, element: Element, names: Names) -> Expression:
        """One boxed expression."""
        return _BOXED[element.name](self, element, names)

    def body(self, element: Element, names: Names) -> Expression:
        """The box inside an element; null and a note when there is none."""
        found = element.first(*BOXES)
        if found is None:
            self.note(element, "there is no expression in it", "write one")
            return NULL
        if element.get("kind") not in ("", "FEEL"):
            self.note(element, f"functions of kind {element.get('kind')} are not run", "write the function in FEEL")
            return NULL
        return self.box(found, names)

    def parameters(self, element: Element) -> tuple[tuple[str, Type], ...]:
        return tuple((" ".join(one.get("name").split()), self.declared(one)) for one in element.all("formalParameter"))

    def _read(
        self,
        element: Element,
        text: str,
        names: Names,
        parse: Callable[[str, Known], Expression],
        wanted: Type,
    ) -> Expression:
        language = element.get("expressionLanguage")
        if language and not language.lower().rstrip("/").endswith("feel") and "/FEEL/" not in language:
            self.note(element, f"the expression language {language} is not run", "write the expression in FEEL")
            return NULL
        known = Known((*names, *self._logic.free), self._properties, self._callable)
        try:
            found = parse(text, known)
        except FeelRefused as refused:
            self.note(element, f"{refused.what} in {text[:80]!r}", refused.mend)
            return NULL
        for name in known.unknown:
            self._unknown(element, name, names, wanted if name == text else ANY)
        return found

    def _unknown(self, element: Element, name: str, names: Names, wanted: Type) -> None:
        elsewhere = [node for node in self.model.nodes.values() if node.name == name]
        if self._loose and (not elsewhere or (self.model.lenient and elsewhere[0].kind == "input")):
            wanted = elsewhere[0].type if elsewhere else wanted
            if self._logic.free.get(name, ANY) is ANY:
                self._logic.free[name] = wanted
            return
        if elsewhere:
            mend = f'draw a requirement from "{name}" to "{self.node.name}"'
        else:
            mend = instead_of(name, [*names, *(known for known in FUNCTIONS if name.lower() in known)])
        self.note(element, f'"{name}" is not known here', mend)


def _literal(reader: LogicReader, element: Element, names: Names) -> Expression:
    if element.first("importedValues"):
        reader.note(element, "imported values are not read", "put the values in the model")
    return reader.expression(element, names)


def _table(reader: LogicReader, element: Element, names: Names) -> Expression:
    return read_table(reader, element, names)


def _context(reader: LogicReader, element: Element, names: Names) -> Expression:
    entries: list[tuple[str, Expression]] = []
    result: Expression | None = None
    for entry in element.all("contextEntry"):
        variable = entry.first("variable")
        found = reader.body(entry, names)
        if variable is None:
            result = found
            continue
        name = " ".join(variable.get("name").split())
        entries.append((name, found))
        names = (*names, name)
    return ContextOf(entries, result)


def _invocation(reader: LogicReader, element: Element, names: Names) -> Expression:
    target = element.first("literalExpression")
    called = NULL if target is None else reader.expression(target, names)
    given: dict[str, Expression] = {}
    for binding in element.all("binding"):
        parameter = binding.first("parameter")
        name = "" if parameter is None else " ".join(parameter.get("name").split())
        given[name] = reader.body(binding, names)
    return Call(called, given)


def _list(reader: LogicReader, element: Element, names: Names) -> Expression:
    return ListOf([reader.box(one, names) for one in element.all(*BOXES)])


def _relation(reader: LogicReader, element: Element, names: Names) -> Expression:
    columns = [one.get("name") for one in element.all("column")]
    rows = [[reader.box(one, names) for one in row.all(*BOXES)] for row in element.all("row")]
    return ListOf([ContextOf(list(zip(columns, row, strict=False))) for row in rows])


def _function(reader: LogicReader, element: Element, names: Names) -> Expression:
    parameters = tuple(name for name, _ in reader.parameters(element))
    return FunctionOf(parameters, reader.body(element, (*names, *parameters)))


def _part(reader: LogicReader, element: Element, name: str, names: Names) -> Expression:
    found = element.first(name)
    if found is None:
        reader.note(element, f'"{name}" is not there', "add it")
        return NULL
    return reader.body(found, names)


def _conditional(reader: LogicReader, element: Element, names: Names) -> Expression:
    return If(*(_part(reader, element, name, names) for name in ("if", "then", "else")))


def _filter(reader: LogicReader, element: Element, names: Names) -> Expression:
    inner = (*names, "item", *reader.model.types.properties)
    return Filter(_part(reader, element, "in", names), _part(reader, element, "match", inner))


def _loop(reader: LogicReader, element: Element, names: Names) -> Expression:
    name = element.get("iteratorVariable")
    turns = [Turn(name, reader.source(element, names))]
    if element.name == "for":
        return For(turns, _part(reader, element, "return", (*names, name, "partial")))
    condition = _part(reader, element, "satisfies", (*names, name))
    return Quantified("some" if element.name == "some" else "every", turns, condition)


_BOXED: Final[Mapping[str, Callable[[LogicReader, Element, Names], Expression]]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _loop,
    "every": _loop,
    "some": _loop,
}
BOXES: Final = tuple(_BOXED)
