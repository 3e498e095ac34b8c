"""The operands of FEEL: constants, names, calls, filters, lists, ranges and contexts."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from cases.rules.problems import instead_of
from pipelines.exchange.feel.functions import FUNCTIONS, REFUSED
from pipelines.exchange.feel.names import NameBook
from pipelines.exchange.feel.properties import PROPERTIES
from pipelines.exchange.feel.reading import SIGNS, Reading
from pipelines.exchange.feel.scope import Expression
from pipelines.exchange.feel.temporal import read_moment
from pipelines.exchange.feel.tokens import KEYWORDS
from pipelines.exchange.feel.tree import Call, ContextOf, Filter, ListOf, Literal, Name, Path, RangeOf
from pipelines.exchange.feel.values import FeelRefused

_BUILT_IN = NameBook([*FUNCTIONS, *REFUSED])
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(slots=True)
class Known:
    """The names that an expression may use, and the entries that contexts have. `unknown` is filled while reading."""

    names: Iterable[str] = ()
    properties: Iterable[str] = ()
    functions: frozenset[str] = frozenset()  # names that are called, and so stand before a built-in function
    unknown: list[str] = field(default_factory=list)


class Operands(Reading, ABC):
    """Reads what stands between the operators; what reads the operators reads these."""

    def __init__(self, text: str, known: Known) -> None:
        super().__init__(text)
        self._known = known
        self.book = NameBook(["?", *known.names])
        self._properties = NameBook(PROPERTIES)
        self._properties.push(known.properties)
        self.depth = self._filters = 0
        self._bounds = False  # inside the upper end of a range, where [ closes it
        self.asked = False
        self._local: set[str] = set()  # declared in the expression itself

    @abstractmethod
    def expression(self) -> Expression:
        """A whole expression."""

    @abstractmethod
    def sum(self) -> Expression:
        """The loosest binding that may stand at an end of a range."""

    def postfix(self) -> Expression:
        found = self._primary()
        while True:
            if self.takes("."):
                found = self._path(found)
            elif self.sees("[") and not self._bounds:
                self.take()
                found = Filter(found, self._where())
            elif self.takes("("):
                found = self._call(found)
            else:
                return found

    def _where(self) -> Expression:
        self._filters += 1
        with self._unbound(), self._within_item():
            found = self.expression()
        self._filters -= 1
        self.must("]")
        return found

    def _path(self, of: Expression) -> Expression:
        length, name = self._properties.longest(self.tokens, self.place)
        if length:
            self.skip(length)
            return Path(of, name)
        if self.here.kind != "name":
            raise self.wrong("a name after the point")
        return Path(of, self.take().text, declared=False)

    def _call(self, target: Expression) -> Expression:
        with self._unbound():
            named: dict[str, Expression] = {}
            given: list[Expression] = []
            while not self.takes(")"):
                if (name := self._label()) is not None:
                    named[name] = self.expression()
                else:
                    given.append(self.expression())
                if not self.takes(",") and not self.sees(")"):
                    raise self.wrong('"," or ")"')
        if named and given:
            raise FeelRefused("a call gives some of its values by name and some not", "name all of them, or none")
        return Call(target, named or given)

    def _label(self) -> str | None:
        """`start position:` before a value that is given by name."""
        length = 0
        while self.ahead(length).kind == "name":
            length += 1
        if not length or self.ahead(length).text != ":":
            return None
        words = [self.take().text for _ in range(length)]
        self.take()
        return " ".join(words)

    def _primary(self) -> Expression:
        token = self.here
        match token.kind:
            case "number":
                return Literal(Decimal(self.take().text))
            case "string":
                return Literal(self.take().text)
            case "moment":
                return Literal(self._moment())
            case "end":
                raise self.wrong("a value")
            case _:
                return self._named_or_bracket()

    def _named_or_bracket(self) -> Expression:
        if self.named():
            return self._name()
        if self.here.kind == "name":
            return self._word()
        with self._unbound():
            match self.here.text:
                case "(":
                    return self._bracketed()
                case "[" | "]":
                    return self._listed()
                case "{":
                    return self._context()
                case _:
                    raise self.wrong("a value")

    def _moment(self) -> object:
        found = read_moment(self.take().text)
        if found is None:
            raise FeelRefused(
                f'@"{self.tokens[self.place - 1].text}" is no date, time or duration', 'write for example @"2026-01-31"'
            )
        return found

    def _word(self) -> Expression:
        """A constant, a function, or a name that nobody knows."""
        if self.here.text in _CONSTANTS:
            return Literal(_CONSTANTS[self.take().text])
        length, name = _BUILT_IN.longest(self.tokens, self.place)
        if length and self.ahead(length).text == "(":
            self.skip(length)
            if name in REFUSED:
                raise FeelRefused(f"the function {name}() is not run", REFUSED[name])
            return Literal(FUNCTIONS[name])
        if self.here.text in KEYWORDS:
            raise self.wrong("a value")
        words = [self.take().text]
        while self.here.kind == "name" and self.here.text not in KEYWORDS:
            words.append(self.take().text)
        name = " ".join(words)
        if self.sees("("):
            raise FeelRefused(f'there is no function "{name}"', instead_of(name, [*FUNCTIONS, *self._known.functions]))
        if not self._filters:
            self._known.unknown.append(name)
        return Name(name)

    def named(self) -> bool:
        length, name = self.book.longest(self.tokens, self.place)
        function, _ = _BUILT_IN.longest(self.tokens, self.place)
        if length and function >= length and self.ahead(function).text == "(":
            return name in self._known.functions or name in self._local
        return length > 0

    def _name(self) -> Expression:
        length, name = self.book.longest(self.tokens, self.place)
        self.skip(length)
        self.asked = self.asked or name == "?"
        return Name(name)

    def _bracketed(self) -> Expression:
        self.take()
        if self.here.kind == "sign" and self.here.text in SIGNS[2:]:
            found = self._half_range()
        else:
            first = self.expression()
            if self.takes(".."):
                return self._range(first, closed=False)
            found = first
        self.must(")")
        return found

    def _half_range(self) -> Expression:
        sign, bound = self.take().text, self.sum()
        closed = sign.endswith("=")
        if sign.startswith("<"):
            return RangeOf(None, bound, low_closed=False, high_closed=closed)
        return RangeOf(bound, None, low_closed=closed, high_closed=False)

    def _listed(self) -> Expression:
        opening = self.take().text
        if opening == "[" and self.takes("]"):
            return ListOf([])
        first = self.expression()
        if self.takes(".."):
            return self._range(first, closed=opening == "[")
        if opening == "]":
            raise self.wrong('".."')
        items = [first]
        while self.takes(","):
            items.append(self.expression())
        self.must("]")
        return ListOf(items)

    def _range(self, low: Expression, *, closed: bool) -> Expression:
        self._bounds = True
        high = self.sum()
        self._bounds = False
        for bracket in ("]", ")", "["):
            if self.takes(bracket):
                return RangeOf(low, high, closed, bracket == "]")
        raise self.wrong('"]", ")" or "[" after the range')

    def _context(self) -> Expression:
        self.take()
        entries: list[tuple[str, Expression]] = []
        frames = self.book.frames
        while not self.takes("}"):
            name = self.take().text if self.here.kind == "string" and self.ahead(1).text == ":" else None
            name = self.new_name(":") if name is None else name
            if self.tokens[self.place - 1].text != ":":
                self.must(":")
            entries.append((name, self.expression()))
            self.declare([name])
            self._properties.push([name])
            if not self.takes(",") and not self.sees("}"):
                raise self.wrong('"," or "}"')
        self.book.drop_to(frames)
        return ContextOf(entries)

    def declare(self, names: Sequence[str]) -> None:
        self._local |= set(names)
        self.book.push(names)

    @contextmanager
    def also(self, names: Sequence[str]) -> Iterator[None]:
        frames = self.book.frames
        self.declare(names)
        try:
            yield
        finally:
            self.book.drop_to(frames)

    @contextmanager
    def _within_item(self) -> Iterator[None]:
        """Inside a filter an element's own entries are names too."""
        frames = self.book.frames
        self.book.push(self._known.properties)
        self.book.push(["item"])
        try:
            yield
        finally:
            self.book.drop_to(frames)

    @contextmanager
    def _unbound(self) -> Iterator[None]:
        before, self._bounds = self._bounds, False
        try:
            yield
        finally:
            self._bounds = before
