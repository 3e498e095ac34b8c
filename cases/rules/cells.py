"""What one cell of a row demands of one input: its meaning in three-valued logic, and its text."""

from dataclasses import dataclass
from enum import Enum, auto
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

    def holds(self, value: Known | None) -> bool:
        return value == self.value

    def __str__(self) -> str:
        return literal_text(self.value)


@dataclass(frozen=True, slots=True)
class Within:
    """Between two bounds; a bound of None is no bound, and `open` leaves the bound itself out. Null is never within."""

    low: Any  # int, Decimal or date, as the column is; None: no lower bound
    high: Any
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        if self.low is not None and (value <= self.low if self.low_open else value < self.low):
            return False
        return self.high is None or (value < self.high if self.high_open else value <= self.high)

    def __str__(self) -> str:
        low, high = literal_text(self.low), literal_text(self.high)
        if self.low is None:
            return f"< {high}" if self.high_open else f"<= {high}"
        if self.high is None:
            return f"> {low}" if self.low_open else f">= {low}"
        return f"{'(' if self.low_open else '['}{low}..{high}{')' if self.high_open else ']'}"


Test: TypeAlias = Is | Within


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
        tests = ", ".join(str(test) for test in self.tests)
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
