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
from cases.rules.domains import Kind
from cases.steps import next_step
from cases.vocabulary import Step
from pipelines.rulebook.recorded import Recorded, cell_of
from pipelines.rulebook.tally import Pair, Sample, Tally, draw_of, name_of

AT_ONCE = 5_000  # decisions that are taken together
REMEMBERED = 200_000  # different readings whose answer is kept
CONTRADICTIONS = "case.contradictions"
TOO_LITTLE = "an import does not hold what the table asks for"
#: (case, event) -> the case just before that event.
Cases = Callable[[Iterable[tuple[str, int]]], Mapping[tuple[str, int], Case]]


class Answer(NamedTuple):
    """What a table says. cell: the step with what goes with it; `expert` where there is no answer."""

    kind: str
    fired: tuple[str, ...]
    cell: str
    step: Step
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class Asked:
    """One version of a table, asked again and again: the same inputs are answered once."""

    table: Table
    answers: dict[tuple[str | None, ...], Answer] = field(default_factory=dict)
    values: dict[tuple[Kind, str], Value] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, Kind]:
        """Where it reads, and what kind of value."""
        return {column.source: column.domain.kind for column in self.table.inputs}

    def ask(self, readings: Sequence[Mapping[str, str]]) -> list[Answer]:
        """One answer a reading (source -> text), in order."""
        columns = [[reading.get(column.source) for reading in readings] for column in self.table.inputs]
        keys: list[tuple[str | None, ...]] = list(zip(*columns, strict=True)) if columns else [()] * len(readings)
        if len(self.answers) > REMEMBERED:
            self.answers.clear()
        for key in set(keys) - self.answers.keys():
            self.answers[key] = answer_of(evaluate(self.table, self._inputs(key)))
        return [self.answers[key] for key in keys]

    def verdict(self, reading: Mapping[str, str]) -> Verdict:
        return evaluate(self.table, self._inputs(tuple(reading.get(column.source) for column in self.table.inputs)))

    def _inputs(self, key: Sequence[str | None]) -> dict[str, Value]:
        inputs: dict[str, Value] = {}
        for column, text in zip(self.table.inputs, key, strict=True):
            if text is not None and (value := self._value(text, column.domain.kind)) is not MISSING:
                inputs[column.name] = value
        return inputs

    def _value(self, text: str, kind: Kind) -> Value:
        if (kind, text) not in self.values:
            if len(self.values) > REMEMBERED:
                self.values.clear()
            self.values[kind, text] = typed(text, kind)
        return self.values[kind, text]


def answer_of(verdict: Verdict) -> Answer:
    if verdict.kind not in ("fired", "else"):
        return Answer(verdict.kind, verdict.fired, str(Step.EXPERT), Step.EXPERT, verdict.missing)
    said = verdict.outputs
    step, requests = Step(str(said["step"])), said.get("requests")
    named = requests if isinstance(requests, tuple) and step is Step.REQUEST_INFO else ()
    cell = cell_of(step, (), str(said.get("option") or ""), str(said.get("department") or ""), named)
    return Answer(verdict.kind, verdict.fired, cell, step)


@dataclass(slots=True)
class Replay:
    """Two versions of a table side by side, over decisions as they come. folder: the journey with the new version.

    versions: all that ever decided, by digest. recent: what was decided since then tells the present volume.
    """

    old: Asked
    new: Asked
    folder: JourneyFolder
    versions: Mapping[str, Asked]
    cases: Cases
    recent: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    def take_in(self, decisions: Iterable[Recorded]) -> None:
        source = iter(decisions)
        while batch := list(islice(source, AT_ONCE)):
            self._batch(batch)

    def _batch(self, batch: list[Recorded]) -> None:
        before = self._as_then(batch)
        batch, before = self._answerable(batch, before)
        readings = self._readings(batch)
        after = self.new.ask(readings)
        pairs = self._pairs(batch, before, after)
        table = [not one.held for one in batch]
        self.tally.count(batch, pairs, recent=self.recent)
        self.tally.count_rows((b.fired for b, mine in zip(before, table, strict=True) if mine), after=False)
        self.tally.count_rows((a.fired for a, mine in zip(after, table, strict=True) if mine), after=True)
        for one, pair, b, a, reading in zip(batch, pairs, before, after, readings, strict=True):
            if one.held:
                self.tally.held[one.held] += 1
            if pair[0] != pair[1]:
                fired, now = b.fired or b.missing, a.fired or a.missing
                self.tally.move(Sample(draw_of(one), one, fired, now, dict(reading)), pair)

    def _as_then(self, batch: Sequence[Recorded]) -> list[Answer]:
        """What the version that decided says again; of an imported case what the version in force says."""
        answers: dict[int, Answer] = {}
        for digest in dict.fromkeys(one.digest for one in batch):
            mine = [n for n, one in enumerate(batch) if one.digest == digest]
            asked = self.versions[digest] if digest else self.old
            answers |= dict(zip(mine, asked.ask([batch[n].inputs for n in mine]), strict=True))
        ordered = [answers[n] for n in range(len(batch))]
        for one, answer in zip(batch, ordered, strict=True):
            if not one.imported and (answer.kind, answer.fired) != (one.verdict, one.fired):
                self.tally.unlike.append(name_of(one))
        return ordered

    def _answerable(self, batch: list[Recorded], before: list[Answer]) -> tuple[list[Recorded], list[Answer]]:
        """Without the imported cases that do not hold enough for an answer."""
        kept = [not one.imported or b.kind in ("fired", "else") for one, b in zip(batch, before, strict=True)]
        if short := kept.count(False):
            self.tally.skipped[TOO_LITTLE] += short
        return (
            [one for one, keep in zip(batch, kept, strict=True) if keep],
            [b for b, keep in zip(before, kept, strict=True) if keep],
        )

    def _readings(self, batch: Sequence[Recorded]) -> list[Mapping[str, str]]:
        """What the new version reads: as recorded, and what was not recorded from the case as it stood."""
        unread = {digest: self._unread(digest) for digest in {one.digest for one in batch}}
        wanted = [(one.case_id, one.seq) for one in batch if unread[one.digest]]
        if not wanted:
            return [one.inputs for one in batch]
        cases = self.cases(wanted)
        return [
            {**one.inputs, **self._read(cases[one.case_id, one.seq], unread[one.digest])}
            if unread[one.digest]
            else one.inputs
            for one in batch
        ]

    def _unread(self, digest: str) -> frozenset[str]:
        """Sources of the new version that this one did not read, or not as that kind of value."""
        if not digest:
            return frozenset()  # an import was read for both
        known = self.versions[digest].sources
        return frozenset(source for source, kind in self.new.sources.items() if known.get(source) is not kind)

    def _read(self, case: Case, sources: frozenset[str]) -> dict[str, str]:
        of = {column.name: column.source for column in self.new.table.inputs}
        reads = read_inputs(case, self.new.table, self.folder.journey)[1]
        return {of[read.name]: read.value for read in reads if read.value is not None and of[read.name] in sources}

    # --- the step that follows ---------------------------------------------------------------------------------------

    def _pairs(self, batch: Sequence[Recorded], before: Sequence[Answer], after: Sequence[Answer]) -> list[Pair]:
        """Step before and after of each. Where the table says the same, the step is the same, whatever was around."""
        open_ = [
            (one.case_id, one.seq)
            for one, b, a in zip(batch, before, after, strict=True)
            if a.cell != b.cell and not one.held and _asks_the_case(one, a)
        ]
        cases = self.cases(open_) if open_ else {}
        pairs = []
        for one, b, a in zip(batch, before, after, strict=True):
            was = one.cell or b.cell
            same = a.cell == b.cell or bool(one.held)
            pairs.append((was, was if same else self._step(one, a, cases.get((one.case_id, one.seq)))))
        return pairs

    def _step(self, one: Recorded, answer: Answer, case: Case | None) -> str:
        """The step under the new version, certificates left out of account."""
        if answer.step is Step.AUTO_CLOSE:
            against = bool(contradictions(case, self.folder.journey)) if case is not None else _speaks_against(one)
            return str(Step.EXPERT) if against else answer.cell
        if case is None:
            return answer.cell
        step = next_step(case, self.folder, certificate=None, at=one.at)
        return cell_of(step.step, step.because, step.option, step.department, step.requests)


def _asks_the_case(one: Recorded, answer: Answer) -> bool:
    """Whether what follows from this answer needs more of the case than was recorded with the decision."""
    match answer.step:
        case Step.AUTO_CLOSE:
            return not one.imported and not one.contradicted and not one.closes and CONTRADICTIONS not in one.inputs
        case Step.REQUEST_INFO:
            return not one.imported
        case _:
            return False


def _speaks_against(one: Recorded) -> bool:
    """Whether the case contradicted itself, as far as the record of the decision tells."""
    return one.contradicted or (not one.closes and one.inputs.get(CONTRADICTIONS, "0") != "0")


def replay(
    decisions: Iterable[Recorded], old: Table, new: Table, *, folder: JourneyFolder, versions: Mapping[str, Table],
    cases: Cases, recent: datetime | None = None,
) -> Tally:  # fmt: skip
    """Every decision once more under `new`.

    old: the version in force, which speaks for cases that no table decided. folder: the journey as it is now. versions:
    by digest, all that decided. cases: reads cases as they stood, for what was not recorded with the decision.
    """
    inside = replace(folder, tables={**folder.tables, new.id: new})
    asked = {digest: Asked(version) for digest, version in versions.items()}
    whole = Replay(Asked(old), Asked(new), inside, asked, cases, recent)
    whole.take_in(decisions)
    return whole.tally
