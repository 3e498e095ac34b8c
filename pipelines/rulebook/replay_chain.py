"""What-if where tables rest on each other: each case is taken back to where it stood and decided by both chains.

What the deciding table reads of another table was recorded as that one answered then. When the other one changes, or
the draft reads one that was not read before, only the case tells what follows: about a millisecond each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from cases import events as e
from cases.case import Case
from cases.journey_folder import JourneyFolder
from cases.rules import Table
from cases.steps import next_step
from pipelines.rulebook.asked import Asked
from pipelines.rulebook.recorded import Recorded, cell_of
from pipelines.rulebook.replay import CASES_AT_ONCE, Cases, Group, hold_against_record
from pipelines.rulebook.tally import Pair, Sample, Tally, draw_of, name_of

IMPORTED = "it was imported, and tables that rest on each other are tried on cases of our own only"
FROM_TABLES = "table."


def needs_cases(new: Table, root: Table) -> bool:
    """Whether what follows from a version cannot be told from the recorded inputs of the deciding table."""
    read = {column.source for column in root.inputs}
    return new.id != root.id or any(
        column.source.startswith(FROM_TABLES) and column.source not in read for column in new.inputs
    )


@dataclass(slots=True)
class ChainReplay:
    """before, after: the journey with the version in force of one table, and with another; table: its name.

    versions: of the deciding table, all that ever decided, by digest.
    """

    before: JourneyFolder
    after: JourneyFolder
    table: str
    versions: Mapping[str, Asked]
    cases: Cases
    recent: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    def take_in(self, decisions: Iterable[Recorded]) -> None:
        source = iter(decisions)
        while batch := list(islice(source, CASES_AT_ONCE)):
            self.tally.skipped.update(IMPORTED for one in batch if one.imported)
            for digest in dict.fromkeys(one.digest for one in batch if not one.imported):
                self._group(digest, [one for one in batch if one.digest == digest])

    def _group(self, digest: str, decisions: Sequence[Recorded]) -> None:
        hold_against_record(Group.of(digest, decisions, self.versions[digest].places), self.versions, self.tally)
        cases = self.cases((one.case_id, one.seq) for one in decisions)
        pairs: list[Pair] = []
        for one in decisions:
            if one.held:
                self.tally.held[one.held] += 1
                pairs.append((one.cell, one.cell))
            else:
                pairs.append(self._decide(one, cases[one.case_id, one.seq]))
        self.tally.count(digest, decisions, pairs, recent=self.recent)

    def _decide(self, one: Recorded, case: Case) -> Pair:
        """The step before and after. Where both chains say the same of a case, what was decided stands."""
        then, now = (next_step(case, folder, certificate=None, at=one.at) for folder in (self.before, self.after))
        for side, step in enumerate((then, now)):
            self.tally.count_rows(_fired(step, self.table), 1, side=side)
        cells = [cell_of(step.step, step.because, step.option, step.department, step.requests) for step in (then, now)]
        if cells[0] == cells[1] and one.digest == self.before.root_digest:
            return one.cell, one.cell
        pair = one.cell, cells[1]
        if pair[0] != pair[1]:
            if self.tally.is_drawn(draw_of(one), pair):
                self.tally.draw(Sample(draw_of(one), one, {}, why=_why(then, now)), pair)
            self.tally.cell(pair).cases.append(name_of(one))
        return pair


def _answers(step: e.StepDecided) -> dict[str, e.TableAnswer]:
    """What each table of the chain answered, the deciding one last."""
    return {answer.table: answer for answer in (*step.read.upstream, step.read)} if step.read is not None else {}


def _fired(step: e.StepDecided, table: str) -> tuple[str, ...]:
    answer = _answers(step).get(table)
    return answer.fired if answer is not None else ()


def _why(then: e.StepDecided, now: e.StepDecided) -> str:
    """One line: each table that is answered by other rows."""
    before, after = _answers(then), _answers(now)
    told = [
        f"{table}: {_rows(before.get(table))} -> {_rows(after.get(table))}"
        for table in {**before, **after}
        if _rows(before.get(table)) != _rows(after.get(table))
    ]
    return "; ".join(told) or "the same rows say something else"


def _rows(answer: e.TableAnswer | None) -> str:
    if answer is None:
        return "not asked"
    return ", ".join(answer.fired) or f"{answer.verdict} {', '.join(answer.missing)}".strip()
