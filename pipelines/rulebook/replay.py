"""What-if: every recorded decision once more, with another version of the table and all around it as it was.

The guards before the table and the certificate after it stay as they were; what the table says moves. First the version
that decided then is asked again with the same inputs: what it does not answer as recorded is told, never counted as the
new version's doing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from cases.case import Case
from cases.contradictions import contradictions
from cases.inputs import read_inputs, typed
from cases.journey_folder import JourneyFolder
from cases.rules import MISSING, Table, Value, Verdict, evaluate
from cases.rules.batch import Answer as Said
from cases.rules.batch import encode, evaluate_many
from cases.rules.domains import Kind
from cases.steps import next_step
from cases.vocabulary import Step
from pipelines.rulebook.recorded import Place, Recorded, cell_of, places_of
from pipelines.rulebook.tally import Pair, Sample, Tally, draw_of, name_of

AT_ONCE = 20_000  # decisions that are taken together
CONTRADICTIONS = ("case.contradictions", Kind.INTEGER)
TOO_LITTLE = "an import does not hold what the table asks for"
ANSWERED = ("fired", "else")
#: (case, event) -> the case just before that event.
Cases = Callable[[Iterable[tuple[str, int]]], Mapping[tuple[str, int], Case]]
Columns = Mapping[Place, Sequence[str | None]]  # what each of some decisions read there


class Answer(NamedTuple):
    """What a table says. cell: the step with what goes with it; `expert` where there is no answer."""

    kind: str
    fired: tuple[str, ...]
    cell: str
    step: Step
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One version of a table, asked for many decisions at once."""

    table: Table

    @property
    def places(self) -> tuple[Place, ...]:
        return places_of(self.table)

    def ask(self, columns: Columns, count: int) -> list[Answer]:
        """One answer a decision, in order. A place that is not among the columns gave nothing."""
        nothing = [None] * count
        coded = {
            plan.name: encode(plan, columns.get(place, nothing), _reader(place[1]))
            for plan, place in zip(self.table.plan.columns, self.places, strict=True)
        }
        found = evaluate_many(self.table, coded)
        answers = [answer_of(said) for said in found.answers]
        return [answers[place] for place in found.place.tolist()]

    def verdict(self, inputs: Mapping[Place, str]) -> Verdict:
        """With its trace, for one decision."""
        read = {
            column.name: typed(inputs[place], place[1])
            for column, place in zip(self.table.inputs, self.places, strict=True)
            if place in inputs
        }
        return evaluate(self.table, {name: value for name, value in read.items() if value is not MISSING})


def _reader(kind: Kind) -> Callable[[str | None], Value]:
    return lambda text: MISSING if text is None else typed(text, kind)


def answer_of(said: Said | Verdict) -> Answer:
    if said.kind not in ANSWERED:
        return Answer(said.kind, said.fired, str(Step.EXPERT), Step.EXPERT, said.missing)
    outputs = said.outputs
    step, requests = Step(str(outputs["step"])), outputs.get("requests")
    named = requests if isinstance(requests, tuple) and step is Step.REQUEST_INFO else ()
    cell = cell_of(step, (), str(outputs.get("option") or ""), str(outputs.get("department") or ""), named)
    return Answer(said.kind, said.fired, cell, step)


@dataclass(frozen=True, slots=True)
class Group:
    """Decisions by one version, with what was read for them. places: of the decisions' inputs, in order."""

    decisions: Sequence[Recorded]
    places: tuple[Place, ...]

    @property
    def columns(self) -> Columns:
        return dict(zip(self.places, zip(*(one.inputs for one in self.decisions), strict=True), strict=True))

    def only(self, kept: Sequence[bool]) -> "Group":
        return Group([one for one, keep in zip(self.decisions, kept, strict=True) if keep], self.places)


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
                self._group(digest, Group([one for one in batch if one.digest == digest], places))

    def _group(self, digest: str, group: Group) -> None:
        asked = self.versions[digest] if digest else self.old
        before = asked.ask(group.columns, len(group.decisions))
        if digest:
            self._hold_against_record(group, before)
        else:
            group, before = self._answerable(group, before)
            if not group.decisions:
                return
        columns = {**group.columns, **self._anew(digest, group)}
        after = self.new.ask(columns, len(group.decisions))
        pairs = self._pairs(group, columns, before, after)
        self._count(group, pairs, before, after)
        for place, (was, now) in enumerate(pairs):
            if was != now:
                self._move(place, group, (was, now), columns)

    def _hold_against_record(self, group: Group, before: Sequence[Answer]) -> None:
        """What the version that decided says again must be what it said then."""
        for one, answer in zip(group.decisions, before, strict=True):
            if answer.kind != one.verdict or answer.fired != one.fired:
                self.tally.unlike.append(name_of(one))

    def _answerable(self, group: Group, before: Sequence[Answer]) -> tuple[Group, list[Answer]]:
        """Without the imported cases that do not hold enough for an answer."""
        kept = [answer.kind in ANSWERED for answer in before]
        if short := kept.count(False):
            self.tally.skipped[TOO_LITTLE] += short
        return group.only(kept), [answer for answer, keep in zip(before, kept, strict=True) if keep]

    def _anew(self, digest: str, group: Group) -> Columns:
        """What the new version reads and this one did not, or not as that kind of value: from the cases as they stood.

        Imported cases were read for both versions.
        """
        known = self.versions[digest].places if digest else self.past
        unread = [place for place in self.new.places if place not in known]
        if not unread:
            return {}
        cases = self.cases([(one.case_id, one.seq) for one in group.decisions])
        read = [self._read(cases[one.case_id, one.seq]) for one in group.decisions]
        return {place: [one[place] for one in read] for place in unread}

    def _read(self, case: Case) -> dict[Place, str | None]:
        reads = read_inputs(case, self.new.table, self.folder.journey)[1]
        return {place: read.value for place, read in zip(self.new.places, reads, strict=True)}

    def _count(self, group: Group, pairs: Sequence[Pair], before: Sequence[Answer], after: Sequence[Answer]) -> None:
        self.tally.count(group.decisions, pairs, recent=self.recent)
        held = [one.held for one in group.decisions]
        self.tally.held.update(why for why in held if why)
        self.tally.count_rows((b.fired for b, why in zip(before, held, strict=True) if not why), after=False)
        self.tally.count_rows((a.fired for a, why in zip(after, held, strict=True) if not why), after=True)

    def _move(self, place: int, group: Group, pair: Pair, columns: Columns) -> None:
        one, draw = group.decisions[place], draw_of(group.decisions[place])
        if self.tally.is_drawn(draw, pair):
            read = {where: text for where, column in columns.items() if (text := column[place]) is not None}
            self.tally.draw(Sample(draw, one, read), pair)
        self.tally.cell(pair).cases.append(name_of(one))

    # --- the step that follows ---------------------------------------------------------------------------------------

    def _pairs(self, group: Group, columns: Columns, before: Sequence[Answer], after: Sequence[Answer]) -> list[Pair]:
        """Step before and after of each. Where the table says the same, the step is the same, whatever was around."""
        against = columns.get(CONTRADICTIONS)
        pairs: list[Pair] = []
        open_: list[int] = []
        for place, (one, b, a) in enumerate(zip(group.decisions, before, after, strict=True)):
            was = one.cell or b.cell
            if a.cell == b.cell or one.held:
                pairs.append((was, was))
                continue
            pairs.append((was, a.cell))
            if a.step is Step.AUTO_CLOSE and (one.contradicted or (against and _speaks(against[place], one))):
                pairs[-1] = (was, str(Step.EXPERT))
            elif not one.imported and _asks_the_case(one, a, known=against is not None):
                open_.append(place)
        if open_:
            self._look_into(open_, group, pairs, after)
        return pairs

    def _look_into(self, places: Sequence[int], group: Group, pairs: list[Pair], after: Sequence[Answer]) -> None:
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


def _speaks(count: str | None, one: Recorded) -> bool:
    """Whether the case contradicted itself, by what was read with the decision."""
    return not one.closes and count not in (None, "0")


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
    decisions: Iterable[Recorded], old: Table, new: Table, *, folder: JourneyFolder, versions: Mapping[str, Table],
    cases: Cases, past: tuple[Place, ...] = (), recent: datetime | None = None,
) -> Tally:  # fmt: skip
    """Every decision once more under `new`.

    old: the version in force, which speaks for cases that no table decided. folder: the journey as it is now. versions:
    by digest, all that decided. cases: reads cases as they stood, for what was not recorded with the decision. past:
    places of imported cases' inputs, in order.
    """
    inside = replace(folder, tables={**folder.tables, new.id: new})
    asked = {digest: Asked(version) for digest, version in versions.items()}
    whole = Replay(Asked(old), Asked(new), inside, asked, cases, past, recent)
    whole.take_in(decisions)
    return whole.tally
