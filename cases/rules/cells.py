"""What one cell of a row demands of one input: its meaning in three-valued logic, and its text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Any, TypeAlias, assert_never

from cases.rules.domains import Known, Missing, Value, literal_text


class Form(Enum):
    ANY = auto()
    MISSING = auto()
    PRESENT = auto()
    IN = auto()
    NOT_IN = auto()


@dataclass(frozen=True, slots=True)
class Is:
    """Equal to one value; null is a value here."""

    value: Known | None
    name: str = field(default="", compare=False)  # of the constant that was written for the value

    def holds(self, value: Any) -> bool:
        return bool(value == self.value)

    def __str__(self) -> str:
        return literal_text(self.value)

    @property
    def written(self) -> str:
        return self.name or str(self)


@dataclass(frozen=True, slots=True)
class Within:
    """Between two bounds; a bound of None is no bound, and `open` leaves the bound itself out. Null is never within."""

    low: Any  # int, Decimal, date, timedelta or Period, as the column is; None: no lower bound
    high: Any
    low_open: bool = False
    high_open: bool = False
    low_name: str = field(default="", compare=False)  # of the constant that was written for the bound
    high_name: str = field(default="", compare=False)

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        if self.low is not None and (value <= self.low if self.low_open else value < self.low):
            return False
        return self.high is None or (value < self.high if self.high_open else value <= self.high)

    def __str__(self) -> str:
        return self._text(literal_text(self.low), literal_text(self.high))

    @property
    def written(self) -> str:
        return self._text(self.low_name or literal_text(self.low), self.high_name or literal_text(self.high))

    def _text(self, low: str, high: str) -> str:
        if self.low is None:
            return f"< {high}" if self.high_open else f"<= {high}"
        if self.high is None:
            return f"> {low}" if self.low_open else f">= {low}"
        return f"{'(' if self.low_open else '['}{low}..{high}{')' if self.high_open else ']'}"


class How(StrEnum):
    """How a set has to stand to the values that a test names."""

    ANY = auto()  # at least one of them is in it
    ALL = auto()  # each of them is in it
    NONE = auto()  # not one of them is in it
    EMPTY = auto()  # nothing at all is in it; the test names no values


@dataclass(frozen=True, slots=True)
class Has:
    """What a set contains. Null is no set, and contains neither something nor nothing."""

    how: How
    values: tuple[str, ...] = ()

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        match self.how:
            case How.ANY:
                return any(one in value for one in self.values)
            case How.ALL:
                return all(one in value for one in self.values)
            case How.NONE:
                return not any(one in value for one in self.values)
            case How.EMPTY:
                return not value
            case _:  # pragma: no cover  # the type check proves it
                assert_never(self.how)

    def __str__(self) -> str:
        named = ", ".join(literal_text(value) for value in self.values)
        match self.how:
            case How.EMPTY:
                return "empty"
            case How.ANY | How.ALL if len(self.values) == 1:
                return f"contains {named}"
            case _:
                return f"contains {self.how.value}({named})"

    @property
    def written(self) -> str:
        return str(self)


Test: TypeAlias = Is | Within | Has


@dataclass(frozen=True, slots=True)
class Cell:
    form: Form
    tests: tuple[Test, ...] = ()  # IN and NOT_IN: at least one; any of them, none of them

    def holds(self, value: Value) -> bool | None:
        """True, false, or None for unknown: a test on a missing value. `missing` and `present` always know."""
        match self.form:
            case Form.ANY:
                return True
            case Form.MISSING:
                return isinstance(value, Missing)
            case Form.PRESENT:
                return not isinstance(value, Missing)
            case Form.IN | Form.NOT_IN if isinstance(value, Missing):
                return None
            case Form.IN:
                return self._any(value)
            case Form.NOT_IN:
                return not self._any(value)
            case _:  # pragma: no cover  # the type check proves it
                assert_never(self.form)

    def _any(self, value: Any) -> bool:
        return any(test.holds(value) for test in self.tests)

    def __str__(self) -> str:
        return self._text(str(test) for test in self.tests)

    @property
    def written(self) -> str:
        """The text with the names of constants, as the author has it; `str` has their values."""
        return self._text(test.written for test in self.tests)

    def _text(self, parts: Iterable[str]) -> str:
        tests = ", ".join(parts)
        match self.form:
            case Form.ANY:
                return "-"
            case Form.MISSING | Form.PRESENT:
                return self.form.name.lower()
            case Form.IN:
                return tests
            case Form.NOT_IN:
                return f"not({tests})"
            case _:  # pragma: no cover  # the type check proves it
                assert_never(self.form)


ANY = Cell(Form.ANY)
