"""What a verification found, each with one plain sentence for the owner of the table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cases.rules.domains import Value, literal_text

Severity = Literal["refused", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Cases that no row answers, so that only the else row does."""

    where: str  # "" when it is every case
    witness: Mapping[str, Value] = field(hash=False)  # one such case, as inputs; what is missing is left out
    declared: bool | None  # the table's `complete`

    @property
    def refused(self) -> bool:
        return self.declared is True

    @property
    def words(self) -> str:
        told = f"when {self.where}, no row fits" if self.where else "no row fits any case"
        return f"{told}, although the table says it is complete" if self.refused else f"{told} and the else row answers"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that answer the same case and may not: UNIQUE, or ANY with different outputs."""

    rows: tuple[str, str]
    where: str
    witness: Mapping[str, Value] = field(hash=False)

    @property
    def words(self) -> str:
        when = f"when {self.where}" if self.where else "in every case"
        return f"{self.rows[0]} and {self.rows[1]} contradict each other {when}"


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A row that never answers, because others take every case that it asks for."""

    row: str
    by: tuple[str, ...]  # together they take all; none can be left out, unless the steps ran out on finding that
    clash: bool  # the others do not stand before it: they contradict it (UNIQUE, ANY)

    @property
    def words(self) -> str:
        names = " and ".join([", ".join(self.by[:-1]), self.by[-1]] if len(self.by) > 1 else self.by)
        if self.clash:
            return f"{self.row} never answers: wherever it fits, {names} may fit too and says otherwise"
        takes = "take" if len(self.by) > 1 else "takes"
        return f"{self.row} never answers: {names} before it {takes} every case that it asks for"


class Unreachable(NamedTuple):
    output: str
    value: str | bool

    @property
    def words(self) -> str:
        return f"no row gives {self.output} {literal_text(self.value)}"


@dataclass(frozen=True, slots=True)
class Stop:
    """An input without which the table cannot answer some case that is complete otherwise: a person decides."""

    inputs: tuple[str, ...]  # one, or all that read the same source
    row: str
    witness: Mapping[str, Value] = field(hash=False)

    @property
    def words(self) -> str:
        return f"without {' and '.join(self.inputs)} the table may stop at {self.row}, and a person decides"


class Finding(NamedTuple):
    severity: Severity  # refused: the table is not published with it
    words: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What is listed was found; what is not listed is not there when the verdict is "proved".

    Of gaps and overlaps the first few are listed. With the verdict "unknown" the steps ran out, and `covered` says
    what was looked at until then. Stops are notes: where the steps did not suffice for them only `covered` says so.
    """

    verdict: Literal["proved", "unknown"]
    covered: str
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    shadowed: tuple[Shadowed, ...]
    dead: tuple[str, ...]  # ids of rows that no value at all can meet
    unreachable: tuple[Unreachable, ...]
    stops: tuple[Stop, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, what keeps the table from being published first."""
        gaps = {True: "refused", None: "warning", False: "note"}
        found: list[tuple[Severity, str]] = [("refused", overlap.words) for overlap in self.overlaps]
        found += [(gaps[gap.declared], gap.words) for gap in self.gaps]  # type: ignore[misc]  # the three above
        found += [("warning", shadowed.words) for shadowed in self.shadowed]
        found += [("warning", f"{row} fits no case: its cells contradict each other") for row in self.dead]
        found += [("note", value.words) for value in self.unreachable]
        if self.stops:
            asked = ", ".join(f"{' and '.join(stop.inputs)} ({stop.row})" for stop in self.stops)
            found.append(("note", f"a person decides where one of these is missing and asked for: {asked}"))
        order = ("refused", "warning", "note")
        return tuple(Finding(*one) for one in sorted(found, key=lambda one: order.index(one[0])))

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the table may not be published, in words; () when nothing stands in the way."""
        return tuple(finding.words for finding in self.findings if finding.severity == "refused")
