"""A decision table of DMN: seven hit policies, several outputs, default outputs, and a trace of every row."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol

from pipelines.exchange.dmn_types import ANY, Type, is_allowed, listed_values
from pipelines.exchange.dmn_xml import Element
from pipelines.exchange.feel import Expression, FeelRefused, Known, Scope, Value, parse_tests
from pipelines.exchange.feel.functions import FUNCTIONS, text_of
from pipelines.exchange.feel.values import equal

HITS: Final = {
    name: name for name in ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
} | {"U": "UNIQUE", "F": "FIRST", "P": "PRIORITY", "A": "ANY", "C": "COLLECT", "R": "RULE ORDER", "O": "OUTPUT ORDER"}
AGGREGATES: Final = {"": "", "LIST": "", "SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}
_RANKED = ("PRIORITY", "OUTPUT ORDER")
_SEVERAL = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


@dataclass(frozen=True, slots=True)
class InputClause:
    label: str
    expression: Expression
    text: str
    type: Type
    allowed: Expression | None
    allowed_text: str


@dataclass(frozen=True, slots=True)
class OutputClause:
    name: str  # "" where there is only one and it has none
    type: Type
    values: tuple[Value, ...]  # first wins; () when none are listed
    default: Expression | None
    default_text: str


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    description: str
    tests: tuple[Expression, ...]
    texts: tuple[str, ...]
    outputs: tuple[Expression, ...]
    output_texts: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class TableTrace:
    """What one table saw: every row with its first failing cell, and those that gave the answer."""

    decision: str
    rows: tuple[dict[str, Any], ...]
    fired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    decision: str  # whose logic it is
    hit: str
    aggregate: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]

    @property
    def lists(self) -> bool:
        """Whether its answer is a list, of one element a row."""
        return self.hit in _SEVERAL and not self.aggregate

    def value(self, scope: Scope, /) -> Value:
        """What the table says here; null for no answer, with a note where the table contradicts itself."""
        seen = [clause.expression.value(scope) for clause in self.inputs]
        for clause, found in zip(self.inputs, seen, strict=True):
            if not _all_allowed(found, clause, scope):
                scope.run.note(
                    f"{self.decision}: {clause.label} is {text_of(found)}, which is not among {clause.allowed_text}"
                )
                scope.run.trace.append(TableTrace(self.decision, (), ()))
                return None
        rows = [self._row(rule, seen, scope) for rule in self.rules]
        matched = [rule for rule, row in zip(self.rules, rows, strict=True) if row["matched"]]
        fired, answer = self._answer(matched, scope)
        scope.run.trace.append(TableTrace(self.decision, tuple(rows), tuple(rule.id for rule in fired)))
        return answer

    def _row(self, rule: Rule, seen: Sequence[Value], scope: Scope) -> dict[str, Any]:
        scope.run.step()
        for clause, test, text, found in zip(self.inputs, rule.tests, rule.texts, seen, strict=True):
            if test.value(scope.inner({"?": found})) is not True:
                failing = {"input": clause.label, "cell": text, "value": text_of(found)}
                return {"decision": self.decision, "row": rule.id, "matched": False, "failing": failing}
        return {"decision": self.decision, "row": rule.id, "matched": True}

    def _answer(self, matched: list[Rule], scope: Scope) -> tuple[Sequence[Rule], Value]:
        if not matched:
            return (), self._default(scope)
        results = [tuple(one.value(scope) for one in rule.outputs) for rule in matched]
        match self.hit:
            case "FIRST":
                return matched[:1], self._said(results[0])
            case "UNIQUE" if len(matched) > 1:
                scope.run.note(f"{self.decision}: {_ids(matched)} match together, and only one may (UNIQUE): null")
                return (), None
            case "ANY" if any(equal(list(results[0]), list(one)) is not True for one in results[1:]):
                scope.run.note(f"{self.decision}: {_ids(matched)} say different things (ANY): null")
                return (), None
            case "UNIQUE" | "ANY":
                return matched, self._said(results[0])
            case "PRIORITY":
                best = min(range(len(matched)), key=lambda place: self._rank(results[place]))
                return [matched[best]], self._said(results[best])
            case "OUTPUT ORDER":
                order = sorted(range(len(matched)), key=lambda place: self._rank(results[place]))
                return matched, [self._said(results[place]) for place in order]
            case _:
                return matched, self._collected(results)

    def _collected(self, results: list[tuple[Value, ...]]) -> Value:
        if not self.aggregate:
            return [self._said(result) for result in results]
        columns = zip(*results, strict=True)
        return self._said([FUNCTIONS[self.aggregate].call([list(column)]) for column in columns])

    def _default(self, scope: Scope) -> Value:
        if any(output.default for output in self.outputs):
            return self._said([None if one.default is None else one.default.value(scope) for one in self.outputs])
        if self.aggregate:
            return Decimal(0) if self.aggregate == "count" else None
        return [] if self.lists else None

    def _said(self, values: Sequence[Value]) -> Value:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _rank(self, result: Sequence[Value]) -> list[int]:
        return [
            next((place for place, one in enumerate(output.values) if equal(one, value) is True), len(output.values))
            for output, value in zip(self.outputs, result, strict=True)
            if output.values
        ]


class Reader(Protocol):
    """What reading a table needs of the reader around it."""

    @property
    def label(self) -> str: ...
    def note(self, element: Element, what: str, mend: str, /) -> None: ...
    def declared(self, element: Element, /) -> Type: ...
    def tests(self, element: Element, names: tuple[str, ...], /) -> Expression: ...
    def expression(self, element: Element, names: tuple[str, ...], /, *, wanted: Type = ANY) -> Expression: ...


def read_table(reader: Reader, element: Element, names: tuple[str, ...]) -> DecisionTable:
    """The table of an element; what is wrong with it is noted."""
    hit = HITS.get(element.get("hitPolicy") or "UNIQUE", "")
    if not hit:
        reader.note(element, f'"{element.get("hitPolicy")}" is no hit policy', f"write one of {', '.join(HITS)}")
    aggregate = AGGREGATES.get(element.get("aggregation"))
    if aggregate is None or (aggregate and hit != "COLLECT"):
        reader.note(element, f"the aggregation {element.get('aggregation')} is not known here", "use it with COLLECT")
    inputs = tuple(_input(reader, one, names) for one in element.all("input"))
    outputs = _outputs(reader, element, names)
    if hit in _RANKED and not any(output.values for output in outputs):
        reader.note(
            element, f"{hit} ranks by output values, and none are listed", "list them on the output, best first"
        )
    rules = _rules(reader, element, names, wide=(len(inputs), len(outputs)))
    if element.first("crosstab"):
        reader.note(element, "cross tables are not read", "save the table with rules as rows")
    return DecisionTable(reader.label, hit, aggregate or "", inputs, outputs, rules)


def _input(reader: Reader, element: Element, names: tuple[str, ...]) -> InputClause:
    expression = element.first("inputExpression")
    if expression is None or not expression.text_of("text"):
        reader.note(element, "the input has no expression", "write which value the column looks at")
        return InputClause(element.get("label"), parse_tests("", Known()), "", ANY, None, "")
    text = expression.text_of("text") or ""
    wanted = reader.declared(expression)
    values = element.first("inputValues")
    allowed_text = "" if values is None else values.text_of("text") or ""
    allowed = None if values is None or allowed_text in ("", "-") else reader.tests(values, names)
    return InputClause(text, reader.expression(expression, names, wanted=wanted), text, wanted, allowed, allowed_text)


def _outputs(reader: Reader, table: Element, names: tuple[str, ...]) -> tuple[OutputClause, ...]:
    found = table.all("output")
    if not found:
        reader.note(table, "the table has no output", "add one")
    outputs = tuple(_output(reader, one, names) for one in found)
    if len(outputs) > 1 and len({output.name for output in outputs} - {""}) < len(outputs):
        reader.note(table, "several outputs need names of their own", "name each of them")
    return outputs


def _output(reader: Reader, element: Element, names: tuple[str, ...]) -> OutputClause:
    wanted = reader.declared(element)
    values = element.first("outputValues")
    text = (values.text_of("text") if values else "") or wanted.allowed_text
    default = element.first("defaultOutputEntry")
    default_text = default.text_of("text") if default else None
    try:
        listed = tuple(listed_values(text)) if text and text != "-" else ()
    except FeelRefused as refused:
        listed = ()
        if values is not None and not _is_constraint(text):
            reader.note(values, refused.what, refused.mend)
    return OutputClause(
        " ".join(element.get("name").split()),
        wanted,
        listed,
        reader.expression(default, names) if default and default_text else None,
        default_text or "",
    )


def _is_constraint(text: str) -> bool:
    """`[0..100]` or `> 0`: values that are bounded but not listed."""
    try:
        parse_tests(text, Known())
    except FeelRefused:
        return False
    return True


def _rules(reader: Reader, table: Element, names: tuple[str, ...], *, wide: tuple[int, int]) -> tuple[Rule, ...]:
    """The rows; `wide` says how many inputs and outputs each has to have."""
    rules = []
    for number, element in enumerate(table.all("rule"), 1):
        entries, results = element.all("inputEntry"), element.all("outputEntry")
        if (len(entries), len(results)) != wide:
            what = f"rule {number} has {len(entries)} input and {len(results)} output entries"
            reader.note(element, what, f"give it {wide[0]} and {wide[1]}, one a column")
            continue
        rules.append(
            Rule(
                element.get("id") or str(number),
                element.text_of("description") or "",
                tuple(reader.tests(one, names) for one in entries),
                tuple(one.text_of("text") or "-" for one in entries),
                tuple(reader.expression(one, names) for one in results),
                tuple(one.text_of("text") or "" for one in results),
                element.line,
            )
        )
    return tuple(rules)


def _all_allowed(value: Value, clause: InputClause, scope: Scope) -> bool:
    items = value if isinstance(value, list) else [value]
    return is_allowed(value, clause.allowed, scope) or all(is_allowed(one, clause.allowed, scope) for one in items)


def _ids(rules: Sequence[Rule]) -> str:
    return ", ".join(rule.id for rule in rules)
