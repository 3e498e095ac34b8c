"""A version of a table, asked for many recorded decisions at once: column by column, each different text read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cases.inputs import typed
from cases.rules import MISSING, Table, Verdict, evaluate
from cases.rules.batch import Answer as Said
from cases.rules.batch import evaluate_many
from cases.vocabulary import Step
from pipelines.rulebook.coding import Coder, Numbers, Texts, Words
from pipelines.rulebook.recorded import Place, cell_of, places_of

ANSWERED = ("fired", "else")


Columns = Mapping[Place, Texts]  # what each of some decisions read, by place; None where there was nothing


class Answer(NamedTuple):
    """What a table says. cell: the step with what goes with it; `expert` where there is no answer."""

    kind: str
    fired: tuple[str, ...]
    cell: str
    step: Step
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What a version says of decisions: each different answer once, and for each decision the number of its own."""

    different: Sequence[Answer]
    numbers: Numbers

    def __getitem__(self, decision: int) -> Answer:
        return self.different[int(self.numbers[decision])]

    @property
    def cells(self) -> list[str]:
        return [self.different[number].cell for number in self.numbers.tolist()]

    def unlike(self, other: "Answers") -> list[int]:
        """The decisions for which the other says another step, or other things with it."""
        code = {cell: place for place, cell in enumerate({one.cell for one in (*self.different, *other.different)})}
        mine, theirs = (
            np.array([code[one.cell] for one in answers.different], np.int32)[answers.numbers]
            for answers in (self, other)
        )
        found: list[int] = np.flatnonzero(mine != theirs).tolist()
        return found


class Asked:
    """One version of a table, asked for many decisions at once. What a text means to a column is found out once."""

    def __init__(self, table: Table, words: dict[Place, Words] | None = None) -> None:
        """words: shared by all versions that are asked about the same decisions."""
        shared = {} if words is None else words
        self.table = table
        self.places = places_of(table)
        self._coders = [
            Coder(table, number, shared.setdefault(place, Words())) for number, place in enumerate(self.places)
        ]

    def ask(self, columns: Columns, count: int) -> Answers:
        """For so many decisions. A place that is not among the columns gave nothing."""
        nothing = (None,) * count
        coded = {
            coder.column.name: coder.codes(columns.get(place, nothing))
            for coder, place in zip(self._coders, self.places, strict=True)
        }
        found = evaluate_many(self.table, coded)
        return Answers([answer_of(said) for said in found.answers], found.place)

    def verdict(self, inputs: Mapping[Place, str]) -> Verdict:
        """With its trace, for one decision."""
        read = {
            column.name: typed(inputs[place], place[1])
            for column, place in zip(self.table.inputs, self.places, strict=True)
            if place in inputs
        }
        return evaluate(self.table, {name: value for name, value in read.items() if value is not MISSING})


def answer_of(said: Said | Verdict) -> Answer:
    if said.kind not in ANSWERED:
        return Answer(said.kind, said.fired, str(Step.EXPERT), Step.EXPERT, said.missing)
    outputs = said.outputs
    step, requests = Step(str(outputs["step"])), outputs.get("requests")
    named = requests if isinstance(requests, tuple) and step is Step.REQUEST_INFO else ()
    cell = cell_of(step, (), str(outputs.get("option") or ""), str(outputs.get("department") or ""), named)
    return Answer(said.kind, said.fired, cell, step)
