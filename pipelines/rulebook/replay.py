"""What-if: every recorded decision once more, with another version of the table and all around it as it was.

The guards before the table and the certificate after it stay as they were; what the table says moves. First the version
that decided then is asked again with the same inputs: what it does not answer as recorded is told, never counted as the
new version's doing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import compress, islice

import numpy as np

from cases.case import Case
from cases.contradictions import contradictions
from cases.inputs import read_inputs
from cases.journey_folder import JourneyFolder
from cases.rules import Kind
from cases.steps import next_step
from cases.vocabulary import Step
from pipelines.rulebook.asked import ANSWERED, Answer, Answers, Asked, Columns
from pipelines.rulebook.recorded import Place, Recorded, cell_of
from pipelines.rulebook.tally import Pair, Sample, Tally, draw_of, name_of

AT_ONCE = 20_000  # decisions that are taken together
CASES_AT_ONCE = 500  # whose whole history is in memory
CONTRADICTIONS = ("case.contradictions", Kind.INTEGER)
TOO_LITTLE = "an import does not hold what the table asks for"
#: (case, event) -> the case just before that event.
Cases = Callable[[Iterable[tuple[str, int]]], Mapping[tuple[str, int], Case]]


@dataclass(frozen=True, slots=True)
class Group:
    """Decisions by one version, and what was read for them."""

    digest: str
    decisions: Sequence[Recorded]
    columns: Columns

    @classmethod
    def of(cls, digest: str, decisions: Sequence[Recorded], places: tuple[Place, ...]) -> "Group":
        """places: of the decisions' inputs, in order."""
        read = zip(*(one.inputs for one in decisions), strict=True)
        return cls(digest, decisions, dict(zip(places, read, strict=True)))

    def only(self, kept: Sequence[bool]) -> "Group":
        columns = {place: list(compress(texts, kept)) for place, texts in self.columns.items()}
        return Group(self.digest, list(compress(self.decisions, kept)), columns)


def hold_against_record(group: Group, versions: Mapping[str, Asked], tally: Tally) -> Answers:
    """What the version that decided says again; it must be what it said then."""
    answers = versions[group.digest].ask(group.columns, len(group.decisions))
    said = [(answer.kind, *answer.fired) for answer in answers.different]
    for one, number in zip(group.decisions, answers.numbers.tolist(), strict=True):
        if one.said != said[number]:
            tally.unlike.append(name_of(one))
    return answers


@dataclass(slots=True)
class Replay:
    """Two versions of a table side by side, over decisions as they come. folder: the journey with the new version.

    versions: all that ever decided, by digest. past: places of imported cases' inputs, in order. recent: what was
    decided since then tells the present volume.
    """

    old: Asked
    new: Asked
    folder: JourneyFolder
    versions: Mapping[str, Asked]
    cases: Cases
    past: tuple[Place, ...] = ()
    recent: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    def take_in(self, decisions: Iterable[Recorded]) -> None:
        source = iter(decisions)
        while batch := list(islice(source, AT_ONCE)):
            for digest in dict.fromkeys(one.digest for one in batch):
                places = self.versions[digest].places if digest else self.past
                self._group(Group.of(digest, [one for one in batch if one.digest == digest], places))

    def _group(self, group: Group) -> None:
        if group.digest:
            before = hold_against_record(group, self.versions, self.tally)
        else:
            group, before = self._answerable(group)
        if not group.decisions:
            return
        group = replace(group, columns={**group.columns, **self._anew(group)})
        after = self.new.ask(group.columns, len(group.decisions))
        pairs, moved = self._pairs(group, before, after)
        self._count(group, pairs, before, after)
        for place in moved:
            self._move(place, group, pairs[place])

    def _answerable(self, group: Group) -> tuple[Group, Answers]:
        """Imported cases as the version in force answers them, without those that do not hold enough for an answer."""
        answers = self.old.ask(group.columns, len(group.decisions))
        kept = np.array([answer.kind in ANSWERED for answer in answers.different], np.bool_)[answers.numbers]
        if short := int((~kept).sum()):
            self.tally.skipped[TOO_LITTLE] += short
        return group.only(kept.tolist()), Answers(answers.different, answers.numbers[kept])

    def _anew(self, group: Group) -> Columns:
        """What the new version reads and this one did not, or not as that kind of value: from the cases as they stood.

        Imported cases were read for both versions.
        """
        known = self.versions[group.digest].places if group.digest else self.past
        unread = [place for place in self.new.places if place not in known]
        if not unread:
            return {}
        read: list[dict[Place, str | None]] = []
        for start in range(0, len(group.decisions), CASES_AT_ONCE):
            wanted = [(one.case_id, one.seq) for one in group.decisions[start : start + CASES_AT_ONCE]]
            cases = self.cases(wanted)
            read += [self._read(cases[one]) for one in wanted]
        return {place: [one[place] for one in read] for place in unread}

    def _read(self, case: Case) -> dict[Place, str | None]:
        reads = read_inputs(case, self.new.table, self.folder.journey)[1]
        return {place: read.value for place, read in zip(self.new.places, reads, strict=True)}

    def _count(self, group: Group, pairs: Sequence[Pair], before: Answers, after: Answers) -> None:
        self.tally.count(group.digest, group.decisions, pairs, recent=self.recent)
        held = [one.held for one in group.decisions]
        self.tally.held.update(filter(None, held))
        asked = np.array([not why for why in held])
        for answers, side in ((before, 0), (after, 1)):
            times = np.bincount(answers.numbers[asked], minlength=len(answers.different))
            for answer, n in zip(answers.different, times.tolist(), strict=True):
                self.tally.count_rows(answer.fired, n, side=side)

    def _move(self, place: int, group: Group, pair: Pair) -> None:
        one, draw = group.decisions[place], draw_of(group.decisions[place])
        if self.tally.is_drawn(draw, pair):
            read = {where: text for where, column in group.columns.items() if (text := column[place]) is not None}
            self.tally.draw(Sample(draw, one, read), pair)
        self.tally.cell(pair).cases.append(name_of(one))

    # --- the step that follows ---------------------------------------------------------------------------------------

    def _pairs(self, group: Group, before: Answers, after: Answers) -> tuple[list[Pair], list[int]]:
        """Step before and after of each, and which of them move.

        Where the table says the same, the step is the same, whatever was around.
        """
        cells = [one.cell for one in group.decisions] if group.digest else before.cells
        pairs = list(zip(cells, cells, strict=True))
        against = group.columns.get(CONTRADICTIONS)
        open_: list[int] = []
        others = [place for place in before.unlike(after) if not group.decisions[place].held]
        for place in others:
            one, answer = group.decisions[place], after[place]
            told = against[place] if against is not None else None
            if answer.step is Step.AUTO_CLOSE and (one.contradicted or (not one.closes and told not in (None, "0"))):
                pairs[place] = (cells[place], str(Step.EXPERT))
                continue
            pairs[place] = (cells[place], answer.cell)
            if not one.imported and _asks_the_case(one, answer, known=against is not None):
                open_.append(place)
        for start in range(0, len(open_), CASES_AT_ONCE):
            self._look_into(open_[start : start + CASES_AT_ONCE], group, pairs, after)
        return pairs, [place for place in others if pairs[place][0] != pairs[place][1]]

    def _look_into(self, places: Sequence[int], group: Group, pairs: list[Pair], after: Answers) -> None:
        """The step under the new version, certificates left out of account, where the record does not say enough."""
        cases = self.cases([(group.decisions[place].case_id, group.decisions[place].seq) for place in places])
        for place in places:
            one = group.decisions[place]
            case = cases[one.case_id, one.seq]
            if after[place].step is Step.AUTO_CLOSE:
                now = str(Step.EXPERT) if contradictions(case, self.folder.journey) else after[place].cell
            else:
                step = next_step(case, self.folder, certificate=None, at=one.at)
                now = cell_of(step.step, step.because, step.option, step.department, step.requests)
            pairs[place] = pairs[place][0], now


def _asks_the_case(one: Recorded, answer: Answer, *, known: bool) -> bool:
    """Whether what follows from this answer needs more of the case than was recorded. known: its contradictions."""
    match answer.step:
        case Step.AUTO_CLOSE:
            return not known and not one.closes
        case Step.REQUEST_INFO:
            return True
        case _:
            return False


def replay(
    decisions: Iterable[Recorded], old: Asked, new: Asked, *, folder: JourneyFolder, versions: Mapping[str, Asked],
    cases: Cases, past: tuple[Place, ...] = (), recent: datetime | None = None,
) -> Tally:  # fmt: skip
    """Every decision once more under `new`.

    old: the version in force, which speaks for cases that no table decided. folder: the journey as it is now. versions:
    by digest, all that decided. cases: reads cases as they stood, for what was not recorded with the decision. past:
    places of imported cases' inputs, in order.
    """
    inside = replace(folder, tables={**folder.tables, new.table.id: new.table})
    whole = Replay(old, new, inside, versions, cases, past, recent)
    whole.take_in(decisions)
    return whole.tally
