"""What a replay counts. Tallies of parts of history add up to the tally of all of it, in whatever order they come."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cases.vocabulary import Step
from pipelines.rulebook.recorded import NOTHING_KNOWN, Known, Place, Recorded

TO_READ = 10  # decisions drawn of each cell whose answer moves
GROUPS = ("language", "channel", "topic")
Pair = tuple[str, str]  # step before and after, each with what goes with it


@dataclass(frozen=True, slots=True)
class Sample:
    """A decision that moves, to be read by a person. inputs: what was read, by its place; why: if they do not tell."""

    draw: str
    decision: Recorded
    inputs: dict[Place, str]
    why: str = ""


@dataclass(slots=True)
class Cell:
    """The decisions with one answer before and one after.

    amount: sum of the amounts named in those with_amount. labelled: people chose something that one can hold the new
    step against; wrong_after: they chose otherwise; wrong_before: otherwise than the old step, of labelled_before.
    cases, draw: only of cells that move.
    """

    decisions: int = 0
    imported: int = 0
    amount: Decimal = Decimal()
    with_amount: int = 0
    labelled: int = 0
    blind: int = 0
    wrong_after: int = 0
    labelled_before: int = 0
    wrong_before: int = 0
    reopened: int = 0
    groups: dict[str, Counter[str]] = field(default_factory=lambda: {group: Counter() for group in GROUPS})
    cases: list[str] = field(default_factory=list)
    draw: list[Sample] = field(default_factory=list)

    def add(self, other: "Cell") -> None:
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for group in GROUPS:
            self.groups[group].update(other.groups[group])
        self.cases += other.cases
        self.draw = sorted([*self.draw, *other.draw], key=lambda sample: sample.draw)[:TO_READ]


_NUMBERS = ("decisions", "imported", "amount", "with_amount", "labelled", "blind", "wrong_after", "labelled_before",
            "wrong_before", "reopened")  # fmt: skip


@dataclass(slots=True)
class Labels:
    """Blind verdicts of one topic that may certify, on cases that the new version would close. recent: of late."""

    n: int = 0
    wrong: int = 0
    recent: int = 0


@dataclass(slots=True)
class Tally:
    """What a replay found in some part of history.

    held: guard -> decisions it made whatever a table says. versions: digest -> [decisions, moved]; "" for imports.
    unlike: decisions whose recorded answer their own version does not give again. rows: id -> [before, after] where
    a table decided.
    """

    cells: dict[Pair, Cell] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)
    versions: dict[str, list[int]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Labels] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def decisions(self) -> int:
        return sum(cell.decisions for cell in self.cells.values())

    @property
    def moved(self) -> int:
        return sum(cell.decisions for (before, after), cell in self.cells.items() if before != after)

    def cell(self, pair: Pair) -> Cell:
        if pair not in self.cells:
            self.cells[pair] = Cell()
        return self.cells[pair]

    def count(
        self, digest: str, decisions: Sequence[Recorded], pairs: Sequence[Pair], *, recent: datetime | None
    ) -> None:
        """Take in decisions by one version with their steps before and after, all at once: it is a loop over all."""
        version = self.versions.setdefault(digest, [0, 0])
        for pair, n in Counter(pairs).items():
            cell = self.cell(pair)
            cell.decisions += n
            cell.imported += 0 if digest else n
            version[0] += n
            version[1] += n if pair[0] != pair[1] else 0
        for group, names in (
            ("language", [one.language for one in decisions]),
            ("channel", [one.channel for one in decisions]),
            ("topic", [one.topic for one in decisions]),
        ):
            for (pair, name), n in Counter(zip(pairs, names, strict=True)).items():
                self.cell(pair).groups[group][name] += n
        for one, pair in zip(decisions, pairs, strict=True):
            if one.amount is not None:
                cell = self.cell(pair)
                cell.amount += one.amount
                cell.with_amount += 1
            if one.known is not NOTHING_KNOWN:
                self._count_known(one, pair, recent=recent)
        self._span([one.at for one in decisions])

    def _count_known(self, one: Recorded, pair: Pair, *, recent: datetime | None) -> None:
        cell, known = self.cell(pair), one.known
        before, after = is_wrong(pair[0], known), is_wrong(pair[1], known)
        cell.reopened += known.reopened
        if before is not None:
            cell.labelled_before += 1
            cell.wrong_before += before
        if after is None:
            return
        cell.labelled += 1
        cell.blind += known.blind
        cell.wrong_after += after
        if known.counts and pair[1].startswith(Step.AUTO_CLOSE):
            labels = self.labels.setdefault(one.topic, Labels())
            labels.n += 1
            labels.wrong += after
            labels.recent += recent is not None and one.at >= recent

    def count_rows(self, fired: Iterable[str], times: int, *, side: int) -> None:
        """side: 0 before, 1 after."""
        for row in fired:
            self.rows.setdefault(row, [0, 0])[side] += times

    def is_drawn(self, draw: str, pair: Pair) -> bool:
        """Whether a decision that moves is among those to be read, as far as its cell is known."""
        drawn = self.cell(pair).draw
        return len(drawn) < TO_READ or draw < drawn[-1].draw

    def draw(self, sample: Sample, pair: Pair) -> None:
        cell = self.cell(pair)
        cell.draw = sorted([*cell.draw, sample], key=lambda one: one.draw)[:TO_READ]

    def _span(self, moments: Sequence[datetime]) -> None:
        ends = [moment for moment in (self.first, self.last) if moment is not None]
        if moments or ends:
            self.first, self.last = min([*moments, *ends]), max([*moments, *ends])

    def add(self, other: "Tally") -> None:
        for pair, cell in other.cells.items():
            self.cell(pair).add(cell)
        self.held.update(other.held)
        self.skipped.update(other.skipped)
        self.unlike += other.unlike
        for mine, theirs in ((self.versions, other.versions), (self.rows, other.rows)):
            for name, (one, two) in theirs.items():
                there = mine.setdefault(name, [0, 0])
                there[0], there[1] = there[0] + one, there[1] + two
        for topic, labels in other.labels.items():
            mine_ = self.labels.setdefault(topic, Labels())
            mine_.n, mine_.wrong = mine_.n + labels.n, mine_.wrong + labels.wrong
            mine_.recent += labels.recent
        self._span([moment for moment in (other.first, other.last) if moment is not None])


def merge(parts: Iterable[Tally]) -> Tally:
    """The tally of all parts together; the same for every way of parting history, and for every order of parts."""
    whole = Tally()
    for part in parts:
        whole.add(part)
    return whole


def name_of(decision: Recorded) -> str:
    """A decision as people look it up: the case's reference and the number of the event in it."""
    return f"{decision.reference}#{decision.seq}"


def draw_of(decision: Recorded) -> str:
    """Where a decision stands in the draw of those to be read: the same in every replay."""
    return hashlib.sha256(f"{decision.case_id}\x1f{decision.seq}".encode()).hexdigest()


def is_wrong(cell: str, known: Known) -> bool | None:
    """Whether people chose otherwise than this step; None when what they did says nothing of it.

    A step that leads to a person is not wrong by what that person chooses.
    """
    step, _, rest = cell.partition(" ")
    match step:
        case Step.AUTO_CLOSE | Step.APPOINT:
            return known.option != rest.partition(" ")[0] if known.option else None
        case Step.REQUEST_INFO:
            return False if known.asked else True if known.option else None
        case _:
            return None
