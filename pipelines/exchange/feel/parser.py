"""Reads FEEL: full expressions and the tests of a cell. Names with blanks are found among the names that are known."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from pipelines.exchange.feel.operands import Known, Operands
from pipelines.exchange.feel.reading import SIGNS
from pipelines.exchange.feel.scope import Expression
from pipelines.exchange.feel.tree import (
    Always,
    AnyTest,
    Between,
    Both,
    Comparison,
    Either,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Literal,
    Negated,
    NotTest,
    Quantified,
    RangeOf,
    SignTest,
    Sum,
    Turn,
    ValueTest,
)
from pipelines.exchange.feel.values import FeelRefused

__all__ = ["Known", "parse_expression", "parse_source", "parse_tests"]
_DEEPEST = 40  # brackets within each other


def parse_expression(text: str, known: Known) -> Expression:
    """A whole expression. Raises FeelRefused; names that are not known are added to `known.unknown`."""
    parser = _Parser(text, known)
    found = parser.expression()
    parser.end()
    return found


def parse_tests(text: str, known: Known) -> Expression:
    """The tests of a cell, to be asked with `?` in scope. An empty cell asks nothing. Raises FeelRefused."""
    parser = _Parser(text, known)
    if parser.at_end() or (parser.sees("-") and parser.ahead(1).kind == "end"):
        return Always()
    found = parser.cell()
    parser.end()
    return found


def parse_source(text: str, known: Known) -> Expression:
    """What a loop goes through: a list, or numbers as `1..10`. Raises FeelRefused."""
    parser = _Parser(text, known)
    found = parser.expression()
    if parser.takes(".."):
        found = RangeOf(found, parser.expression(), low_closed=True, high_closed=True)
    parser.end()
    return found


class _Parser(Operands):
    """The operators, and above them the tests of a cell."""

    # --- tests

    def cell(self) -> Expression:
        if self.sees("not") and self.ahead(1).text == "(":
            start = self.place
            self.skip(2)
            inner = self.tests()
            if self.takes(")") and self.at_end():
                return NotTest(inner)
            self.place = start
        return self.tests()

    def tests(self) -> Expression:
        found = [self.test()]
        while self.takes(","):
            found.append(self.test())
        return found[0] if len(found) == 1 else AnyTest(found)

    def test(self) -> Expression:
        if self.here.kind == "sign" and self.here.text in SIGNS:
            return SignTest(self.take().text, self.sum())
        before, self.asked = self.asked, False
        found = self.expression()
        asks, self.asked = self.asked, before or self.asked
        return ValueTest(found, asks)

    # --- expressions, the loosest binding first

    def expression(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FeelRefused("the expression is nested too deep", "split it over several decisions")
        try:
            return self._expression()
        finally:
            self.depth -= 1

    def _expression(self) -> Expression:
        if self.here.kind != "name" or self.named():
            return self._or()
        match self.here.text:
            case "if":
                return self._if()
            case "for":
                return self._for()
            case "some" | "every":
                return self._quantified()
            case "function":
                return self._function()
            case _:
                return self._or()

    def _if(self) -> Expression:
        self.take()
        condition = self.expression()
        self.must("then")
        then = self.expression()
        self.must("else")
        return If(condition, then, self.expression())

    def _for(self) -> Expression:
        self.take()
        with self._turns() as turns, self.also(["partial"]):
            self.must("return")
            start = self.place
            body = self.expression()
            return For(turns, body, any(token.text == "partial" for token in self.tokens[start : self.place]))

    def _quantified(self) -> Expression:
        which = self.take().text
        with self._turns() as turns:
            self.must("satisfies")
            return Quantified("some" if which == "some" else "every", turns, self.expression())

    @contextmanager
    def _turns(self) -> Iterator[list[Turn]]:
        turns: list[Turn] = []
        frames = self.book.frames
        while True:
            name = self.new_name("in")
            source = self._or()
            until = self._or() if self.takes("..") else None
            turns.append(Turn(name, source, until))
            self.declare([name])
            if not self.takes(","):
                break
        try:
            yield turns
        finally:
            self.book.drop_to(frames)

    def _function(self) -> Expression:
        self.take()
        self.must("(")
        parameters: list[str] = []
        while not self.takes(")"):
            parameters.append(self.new_name(":", ",", ")"))
            if self.tokens[self.place - 1].text == ":":
                self.type_name()
                self.takes(",")
            elif self.tokens[self.place - 1].text == ")":
                break
        if self.sees("external"):
            raise FeelRefused("external functions are not run", "write the function in FEEL")
        with self.also(parameters):
            return FunctionOf(tuple(parameters), self.expression())

    def _or(self) -> Expression:
        found = self._and()
        while self.takes("or"):
            found = Either(found, self._and())
        return found

    def _and(self) -> Expression:
        found = self._comparison()
        while self.takes("and"):
            found = Both(found, self._comparison())
        return found

    def _comparison(self) -> Expression:
        found = self.sum()
        while True:
            if self.here.kind == "sign" and self.here.text in SIGNS:
                found = Comparison(found, self.take().text, self.sum())
            elif self.takes("between"):
                low = self.sum()
                self.must("and")
                found = Between(found, low, self.sum())
            elif self.takes("in"):
                found = In(found, self._in())
            else:
                return found

    def _in(self) -> Expression:
        before = self.asked
        start = self.place
        if self.takes("("):
            tests = self.tests()
            if self.takes(")"):
                self.asked = before
                return tests
            self.place = start  # a range with an open lower end
        found = self._one_in()
        self.asked = before
        return found

    def _one_in(self) -> Expression:
        if self.here.kind == "sign" and self.here.text in SIGNS:
            return SignTest(self.take().text, self.sum())
        return ValueTest(self.sum(), asks=False)

    def sum(self) -> Expression:
        found = self._product()
        while self.here.kind == "sign" and self.here.text in ("+", "-"):
            found = Sum(found, self.take().text, self._product())
        return found

    def _product(self) -> Expression:
        found = self._power()
        while self.here.kind == "sign" and self.here.text in ("*", "/"):
            found = Sum(found, self.take().text, self._power())
        return found

    def _power(self) -> Expression:
        found = self._negated()
        while self.takes("**"):
            found = Sum(found, "**", self._negated())
        return found

    def _negated(self) -> Expression:
        count = 0
        while self.takes("-"):
            count += 1
        found = self._instance()
        if count and isinstance(found, Literal) and isinstance(found.known, Decimal):
            return Literal(-found.known if count % 2 else found.known)
        for _ in range(count % 2 or min(count, 2)):
            found = Negated(found)
        return found

    def _instance(self) -> Expression:
        found = self.postfix()
        if self.sees("instance") and self.ahead(1).text == "of":
            self.skip(2)
            kind = self.type_name()
            if self.tokens[self.place - 1].text == ">":
                raise FeelRefused(f"what a {kind} holds is not asked for", f"write: instance of {kind}")
            return InstanceOf(found, kind)
        return found
