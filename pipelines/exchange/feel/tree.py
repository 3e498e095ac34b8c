"""What an expression is made of. Each part knows its value in a scope."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf

from pipelines.exchange.feel.arithmetic import calculate, negated
from pipelines.exchange.feel.properties import property_of
from pipelines.exchange.feel.scope import DEEPEST, Expression, Scope
from pipelines.exchange.feel.values import FeelRefused, Function, Range, Value, both, compare, either, kind_of, within


@dataclass(frozen=True, slots=True)
class Literal:
    known: Value

    def value(self, _: Scope, /) -> Value:
        return self.known


@dataclass(frozen=True, slots=True)
class Name:
    name: str

    def value(self, scope: Scope, /) -> Value:
        if not scope.knows(self.name):
            scope.run.note(f'"{self.name}" is nothing here: null')
        return scope.find(self.name)


@dataclass(frozen=True, slots=True)
class Path:
    """`Applicant.Age`; of a list, that of each of its elements."""

    of: Expression
    name: str
    declared: bool = True  # some type or context of the model has such an entry

    def value(self, scope: Scope, /) -> Value:
        found = self.of.value(scope)
        if not self.declared and isinstance(found, dict) and self.name not in found:
            scope.run.note(f'there is no entry "{self.name}": null')
        return property_of(found, self.name)


@dataclass(frozen=True, slots=True)
class Filter:
    """`list[2]`, `list[price > 10]`."""

    of: Expression
    where: Expression

    def value(self, scope: Scope, /) -> Value:
        found = self.of.value(scope)
        items = found if isinstance(found, list) else [] if found is None else [found]
        if not items:
            return None if kind_of(self.where.value(scope)) == "number" else []
        kept = []
        for item in items:
            scope.run.step()
            names = {"item": item, **(item if isinstance(item, dict) else {})}
            verdict = self.where.value(scope.inner(names))
            if kind_of(verdict) == "number":
                return _at(items, verdict)
            if verdict is True:
                kept.append(item)
        return kept


def _at(items: list[Value], place: Decimal) -> Value:
    if place != place.to_integral_value() or not 1 <= abs(place) <= len(items):
        return None
    return items[int(place) - 1 if place > 0 else int(place)]


@dataclass(frozen=True, slots=True)
class Sum:
    """`left sign right` with one of + - * / **."""

    left: Expression
    sign: str
    right: Expression

    def value(self, scope: Scope, /) -> Value:
        scope.run.step()
        found = calculate(self.left.value(scope), self.sign, self.right.value(scope))
        return scope.run.weigh(found) if isinstance(found, str) else found


@dataclass(frozen=True, slots=True)
class Negated:
    of: Expression

    def value(self, scope: Scope, /) -> Value:
        return negated(self.of.value(scope))


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Expression
    sign: str
    right: Expression

    def value(self, scope: Scope, /) -> Value:
        return compare(self.left.value(scope), self.sign, self.right.value(scope))


@dataclass(frozen=True, slots=True)
class Both:
    left: Expression
    right: Expression

    def value(self, scope: Scope, /) -> Value:
        left = self.left.value(scope)
        return False if left is False else both(left, self.right.value(scope))


@dataclass(frozen=True, slots=True)
class Either:
    left: Expression
    right: Expression

    def value(self, scope: Scope, /) -> Value:
        left = self.left.value(scope)
        return True if left is True else either(left, self.right.value(scope))


@dataclass(frozen=True, slots=True)
class Between:
    of: Expression
    low: Expression
    high: Expression

    def value(self, scope: Scope, /) -> Value:
        found = self.of.value(scope)
        return both(compare(found, ">=", self.low.value(scope)), compare(found, "<=", self.high.value(scope)))


@dataclass(frozen=True, slots=True)
class In:
    """`value in tests`: the tests are asked of the value as if it stood in a cell."""

    of: Expression
    tests: Expression

    def value(self, scope: Scope, /) -> Value:
        return self.tests.value(scope.inner({"?": self.of.value(scope)}))


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression
    then: Expression
    otherwise: Expression

    def value(self, scope: Scope, /) -> Value:
        return (self.then if self.condition.value(scope) is True else self.otherwise).value(scope)


@dataclass(frozen=True, slots=True)
class Turn:
    """`name in source`, or `name in source .. until`."""

    name: str
    source: Expression
    until: Expression | None = None

    def values(self, scope: Scope) -> Iterator[Value]:
        found = self.source.value(scope)
        if self.until is None and not isinstance(found, Range):
            yield from found if isinstance(found, list) else [] if found is None else [found]
            return
        low, high = (
            (found.low, found.high) if isinstance(found, Range) else (found, self.until and self.until.value(scope))
        )
        if kind_of(low) != "number" or kind_of(high) != "number":
            raise FeelRefused("a loop over something that is no list and no range of numbers", "give it a list")
        step = Decimal(1 if low <= high else -1)
        while low <= high if step > 0 else low >= high:
            yield low
            low += step


@dataclass(frozen=True, slots=True)
class For:
    turns: Sequence[Turn]
    body: Expression
    partial: bool = True  # whether the body looks at the results so far

    def value(self, scope: Scope, /) -> Value:
        results: list[Value] = []
        for inner in _turned(self.turns, scope):
            sofar = {"partial": list(results)} if self.partial else {}
            scope.run.step(len(results) // 50 if self.partial else 0)
            results.append(self.body.value(inner.inner(sofar)))
        return scope.run.weigh(results)


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some` or `every` … `satisfies` …."""

    which: OneOf["some", "every"]
    turns: Sequence[Turn]
    condition: Expression

    def value(self, scope: Scope, /) -> Value:
        answers = [self.condition.value(inner) for inner in _turned(self.turns, scope)]
        stop = self.which == "some"
        if any(answer is stop for answer in answers):
            return stop
        return None if any(not isinstance(answer, bool) for answer in answers) else not stop


def _turned(turns: Sequence[Turn], scope: Scope) -> Iterator[Scope]:
    if not turns:
        yield scope
        return
    for value in turns[0].values(scope):
        scope.run.step()
        yield from _turned(turns[1:], scope.inner({turns[0].name: value}))


@dataclass(frozen=True, slots=True)
class ListOf:
    items: Sequence[Expression]

    def value(self, scope: Scope, /) -> Value:
        return scope.run.weigh([item.value(scope) for item in self.items])


@dataclass(frozen=True, slots=True)
class ContextOf:
    """Names with values; each entry sees those before it. `result` stands for the whole where there is one."""

    entries: Sequence[tuple[str, Expression]]
    result: Expression | None = None

    def value(self, scope: Scope, /) -> Value:
        values: dict[str, Value] = {}
        inner = scope.inner(values)
        for name, entry in self.entries:
            values[name] = entry.value(inner)
        return scope.run.weigh(values) if self.result is None else self.result.value(inner)


@dataclass(frozen=True, slots=True)
class RangeOf:
    low: Expression | None
    high: Expression | None
    low_closed: bool
    high_closed: bool

    def value(self, scope: Scope, /) -> Value:
        low, high = (None if end is None else end.value(scope) for end in (self.low, self.high))
        if (self.low and low is None) or (self.high and high is None):
            return None  # an end that is not known is no open end
        return Range(low, high, self.low_closed, self.high_closed)


@dataclass(frozen=True, slots=True)
class InstanceOf:
    of: Expression
    type_name: str

    def value(self, scope: Scope, /) -> Value:
        kind = kind_of(self.of.value(scope))
        return kind == self.type_name or (self.type_name == "Any" and kind != "null")


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """`function(a, b) a + b`; it sees the names around its definition."""

    parameters: tuple[str, ...]
    body: Expression

    def value(self, scope: Scope, /) -> Value:
        def call(given: Sequence[Value]) -> Value:
            if len(given) != len(self.parameters):
                return None
            return deeper(scope.inner(dict(zip(self.parameters, given, strict=True))), self.body)

        return Function("function", call, (self.parameters,))


def deeper(scope: Scope, body: Expression) -> Value:
    """The body's value one call further down. Raises FeelRefused when calls go on and on."""
    run = scope.run
    if run.depth >= DEEPEST:
        raise FeelRefused(f"functions call each other more than {DEEPEST} deep", "end the recursion earlier")
    run.depth += 1
    run.step()
    try:
        return body.value(scope)
    finally:
        run.depth -= 1


@dataclass(frozen=True, slots=True)
class Call:
    target: Expression
    given: Sequence[Expression] | Mapping[str, Expression]

    def value(self, scope: Scope, /) -> Value:
        scope.run.step()
        function = self.target.value(scope)
        if not isinstance(function, Function):
            return None
        if isinstance(self.given, Mapping):
            values = in_order(function, {name: one.value(scope) for name, one in self.given.items()})
            return None if values is None else _called(function, values, scope)
        return _called(function, [one.value(scope) for one in self.given], scope)


def _called(function: Function, given: Sequence[Value], scope: Scope) -> Value:
    """The result, paid for by what goes in and what comes out."""
    scope.run.step(sum(len(value) // 20 for value in given if isinstance(value, str | list)))
    return scope.run.weigh(function.call(given))


def in_order(function: Function, named: Mapping[str, Value]) -> list[Value] | None:
    """Named values in the order of the parameters, null for those left out; None when a name is unknown."""
    for way in function.ways:
        if set(named) <= set(way):
            values = [named.get(parameter) for parameter in way]
            while values and way[len(values) - 1] not in named:
                values.pop()
            return values
    return None


@dataclass(frozen=True, slots=True)
class Always:
    """The cell `-`."""

    def value(self, _: Scope, /) -> Value:
        return True


@dataclass(frozen=True, slots=True)
class SignTest:
    """`< 10` in a cell."""

    sign: str
    bound: Expression

    def value(self, scope: Scope, /) -> Value:
        return compare(scope.find("?"), self.sign, self.bound.value(scope))


@dataclass(frozen=True, slots=True)
class ValueTest:
    """An expression in a cell: a value to be met, a list or range to lie in, or with `?` a condition."""

    of: Expression
    asks: bool  # it speaks of `?`

    def value(self, scope: Scope, /) -> Value:
        found, asked = self.of.value(scope), scope.find("?")
        if self.asks and (found is None or isinstance(found, bool)):
            return found
        if isinstance(found, Range) or isinstance(self.of, RangeOf):
            return None if asked is None or found is None else within(asked, found)
        same = compare(asked, "=", found)
        if isinstance(found, list):
            scope.run.step(len(found) // 20)
        if isinstance(found, list) and same is not True:
            return any(within(asked, one) if isinstance(one, Range) else compare(asked, "=", one) for one in found)
        if isinstance(asked, list) and same is None:
            return any(compare(one, "=", found) for one in asked)
        if isinstance(found, bool) and not isinstance(asked, bool) and asked is not None:
            return found  # a condition on other inputs
        return same


@dataclass(frozen=True, slots=True)
class AnyTest:
    tests: Sequence[Expression]

    def value(self, scope: Scope, /) -> Value:
        answers = [test.value(scope) for test in self.tests]
        return True if True in answers else None if None in answers else False


@dataclass(frozen=True, slots=True)
class NotTest:
    """`not(…)` in a cell."""

    tests: Expression

    def value(self, scope: Scope, /) -> Value:
        answer = self.tests.value(scope)
        return (not answer) if isinstance(answer, bool) else None
