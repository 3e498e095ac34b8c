"""What is wrong in a rule file: where it stands, what it is, and how to mend it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from itertools import islice
from typing import Final

Key = str | int
Lines = Mapping[tuple[Key, ...], int]
"""Key path -> line number, 1 based; `("rows", 0, "when", "amount")`. May be empty."""

MOST_TOLD: Final = 100  # problems; whoever has more mends these first
_LONGEST_SHOWN = 60  # characters of a value repeated in a message
_MOST_NAMED = 20  # names listed in a mend
_MOST_COMPARED = 1_000  # names among which a near one is looked for
_MOST_BITS = 64  # str() of a huge int raises
_IN_WORDS: dict[type[object], str] = {dict: "a mapping", list: "a list", tuple: "a list"}


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    line: int | None
    path: str
    what: str
    mend: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where} {self.path}: {self.what}; {self.mend}" if self.path else f"{where}: {self.what}; {self.mend}"


class TableRefused(ValueError):  # errors are named after the fact
    """The table has problems; all of them are listed, none of it was taken."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class InputRefused(ValueError):
    """Inputs written as plain data could not be read as values of the table's columns."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Unreadable(ValueError):
    """One literal, cell or value could not be read. Whoever knows where it stands makes a Problem of it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the file, in words for people (`rows[R-010].when`) and as keys for the line lookup."""

    shown: str = ""
    keys: tuple[Key, ...] = ()

    def key(self, name: str) -> "Place":
        return Place(f"{self.shown}.{name}" if self.shown else name, (*self.keys, name))

    def item(self, position: int, label: str | None = None) -> "Place":
        """The list item at this position; shown by its label (a row id) when it has one."""
        return Place(f"{self.shown}[{position if label is None else label}]", (*self.keys, position))


class Notes:
    """Collects problems while a table is read, so that an author sees all of them at once."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._lines = lines

    def add(self, place: Place, what: str, mend: str) -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(Problem(self.file, self.line(place), place.shown, what, mend))
        elif len(self.problems) == MOST_TOLD:
            self.problems.append(
                Problem(self.file, None, "", f"there are more than {MOST_TOLD} problems", "mend these first")
            )

    def line(self, place: Place) -> int | None:
        """The line of the place, or of the nearest thing around it whose line is known."""
        for length in range(len(place.keys), -1, -1):
            if (line := self._lines.get(place.keys[:length])) is not None:
                return line
        return None


def shown(value: object) -> str:
    """A value of a file as it can stand in a message: short, and never failing on odd input."""
    match value:
        case str():
            return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > _MOST_BITS:
            return "a very large number"
        case int() | float() | date() | Decimal():
            return str(value)[:_LONGEST_SHOWN]
        case None:
            return "null"
        case _:
            return _IN_WORDS.get(type(value), f"a {type(value).__name__}")


def instead_of(name: object, known: Collection[str]) -> str:
    """Mend for an unknown name: the nearest known one, or the list of them."""
    few = len(known) <= _MOST_COMPARED
    near = get_close_matches(name[:_LONGEST_SHOWN], known, n=1) if few and isinstance(name, str) else []
    if near:
        return f'did you mean "{near[0]}"?'
    names = ", ".join(one or '""' for one in islice(known, _MOST_NAMED))
    more = f", and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"write one of: {names}{more}" if known else "leave it out"
