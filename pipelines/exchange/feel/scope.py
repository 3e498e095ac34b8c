"""What an expression sees while it runs: names with their values, and a budget that ends every loop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipelines.exchange.feel.values import FeelRefused, Value

STEPS = 1_000_000
DEEPEST = 60  # calls of models within each other


@dataclass(slots=True)
class Run:
    """One run of a model: what it may still cost, and what there is to say about it."""

    steps: int = STEPS
    depth: int = 0
    notes: list[str] = field(default_factory=list)
    trace: list[Any] = field(default_factory=list)
    _weights: dict[int, tuple[Value, int]] = field(default_factory=dict)

    def step(self, count: int = 1) -> None:
        """Pay for work; raises FeelRefused when nothing is left."""
        self.steps -= count
        if self.steps < 0:
            raise FeelRefused(f"the model takes more than {STEPS} steps", "look for a loop that is too long")

    def weigh(self, value: Value) -> Value:
        """Pay for all that a value holds, shared parts each time, so that nothing grows without end. Gives it back."""
        self.step(self._weight(value))
        return value

    def _weight(self, value: Value) -> int:
        match value:
            case str():
                return len(value) // 10
            case list() | dict():
                known = self._weights.get(id(value))
                if known is None:
                    parts = value if isinstance(value, list) else value.values()
                    known = (value, 1 + sum(self._weight(part) for part in parts))
                    self._weights[id(value)] = known  # with the value, so that its id stays its own
                return known[1]
            case _:
                return 1

    def note(self, what: str) -> None:
        if what not in self.notes:
            self.notes.append(what)


class Scope:
    """Names with their values, the nearest first."""

    __slots__ = ("_names", "_outer", "run")

    def __init__(self, names: Mapping[str, Value], run: Run, outer: "Scope | None" = None) -> None:
        self._names, self.run, self._outer = names, run, outer

    def inner(self, names: Mapping[str, Value]) -> "Scope":
        return Scope(names, self.run, self)

    def knows(self, name: str) -> bool:
        """Whether the name is in force, be it with null."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope._names:  # noqa: SLF001  # its own class
                return True
            scope = scope._outer  # noqa: SLF001
        return False

    def find(self, name: str) -> Value:
        """The value, null for a name that nobody gave."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope._names:  # noqa: SLF001  # its own class
                return scope._names[name]  # noqa: SLF001
            scope = scope._outer  # noqa: SLF001
        return None


class Expression(Protocol):
    """Something that has a value in a scope."""

    def value(self, scope: Scope, /) -> Value: ...
