"""Statements with their evidence, and what every part of a decision file reads. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from cases import events as e
from cases import facts as f
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Option
from cases.rules import Input, literal_text
from cases.rules.cells import Cell, Form, Has, Is, Test, Within
from cases.rules.domains import MISSING, Kind, Value
from cases.wording import shown_value

Json = dict[str, Any]


class Unsourced(ValueError):
    """A statement without evidence: the file is not built."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the statement {text!r} names no source; give it one or leave it out")


def statement(text: str, *sources: f.Source, **more: Any) -> Json:
    """A sentence and its evidence; raises Unsourced when there is none."""
    return {"text": text, "sources": cited(sources, text), **more}


def cited(sources: Iterable[f.Source], what: str) -> list[Json]:
    """Sources as plain data; raises Unsourced when there are none."""
    if not (found := [plain(source) for source in sources]):
        raise Unsourced(what)
    return found


def plain(source: f.Source) -> Json:
    """As dataclasses.asdict, which copies deeply and costs more than the rest of a file together."""
    return {name: getattr(source, name) for name in source.__slots__}


class Basis:
    """One case with its events and its journey, in the language of the file."""

    def __init__(self, folder: JourneyFolder, case: Case, entries: Sequence[Entry], language: str) -> None:
        self.folder, self.journey, self.case, self.entries, self.language = (
            folder, folder.journey, case, entries, language,
        )  # fmt: skip
        self.at = entries[-1].at
        self.step = case.step
        self.read = case.step.read if case.step else None
        in_shadow = self.step is not None and self.step.shadow and not case.human_ever
        self.blind = in_shadow or case.awaits_audit

    def say(self, key: str, /, **parts: object) -> str:
        return self.folder.say(self.language, key, **parts)

    def word(self, wording: Mapping[str, str]) -> str:
        return self.folder.worded(wording, self.language)

    def told(self, path: str) -> f.JourneyText:
        return f.JourneyText(self.folder.digest, path)

    def happened(self, *kinds: type[Any]) -> tuple[f.EventAt, ...]:
        """The newest event of these kinds, else the newest event of all."""
        seqs = [entry.seq for entry in self.entries if isinstance(entry.event, kinds)]
        return (f.EventAt(seqs[-1] if seqs else self.entries[-1].seq),)

    def newest(self, *kinds: type[Any]) -> e.Event | None:
        return next((entry.event for entry in reversed(self.entries) if isinstance(entry.event, kinds)), None)

    def topic_title(self, key: str | None) -> str:
        topic = self.journey.topics.get(key or "")
        return self.word(topic.title) if topic else self.say("file.no_topic")

    def label_title(self, label: str) -> str:
        """What the photo model saw, in words; a label that the journey does not name reads as its topic or as it is."""
        spec = self.journey.photo_labels.get(label)
        if spec is not None:
            return self.word(spec.title)
        return self.topic_title(label) if label in self.journey.topics else label

    def advised(self) -> Option | None:
        return self.journey.options.get(self.step.option) if self.step else None

    def fact_label(self, name: str) -> str:
        return self.word(self.journey.facts[name].label)

    def shown_fact(self, fact: f.Fact) -> str:
        spec = self.journey.facts.get(fact.name)
        return shown_value(fact.value, spec.type if spec else "text", self.language)

    # --- inputs of the table in words -------------------------------------------------------------------------------

    def column(self, name: str | None) -> Input | None:
        """An input of the table; None when the table has changed since the step was decided."""
        return next((column for column in self.folder.root.inputs if column.name == name), None)

    def asked(self, row_id: str, name: str | None) -> tuple[Input, Cell] | None:
        """An input of the table and what a row asks of it; None as above, and where a row asks nothing."""
        row = self.folder.root_rows.get(row_id)
        cells = zip(self.folder.root.inputs, row.cells if row else (), strict=False)
        return next(((column, cell) for column, cell in cells if column.name == name), None)

    def input_label(self, name: str | None) -> str:
        column = self.column(name)
        return (name or "") if column is None else self.column_label(column)

    def column_label(self, column: Input) -> str:
        """What an input is called: by the journey, and of what another table answers by the table that asks."""
        root, _, rest = column.source.partition(".")
        match root:
            case "fact":
                return self.fact_label(rest)
            case "derived":
                return self.say("input.age", fact=self.fact_label(rest.removesuffix("_age_days")))
            case "register":
                register, _, field = rest.partition(".")
                spec = self.journey.registers[register]
                if field == "found":
                    return self.say("input.found", register=self.word(spec.label))
                return self.word(spec.labels[field]) if field in spec.labels else field
            case "table":
                return column.description or column.name.replace("_", " ")
            case _:
                return self.say(f"input.{column.source}")

    def input_text(self, column: Input, value: Value) -> str:
        if value is MISSING or value is None:
            return self.say("file.unknown")
        if column.source == "topic":
            return self.topic_title(str(value))
        match column.domain.kind:
            case Kind.BOOLEAN:
                return self.say("file.yes" if value else "file.no")
            case Kind.MONEY | Kind.DATE as kind:
                return shown_value(str(value), kind.value, self.language)
            case _:
                return literal_text(value)

    def cell_text(self, column: Input, cell: Cell) -> str:
        """What a cell asks for: "at least 1", "yes", "Theft or Windscreen damage"."""
        match cell.form:
            case Form.MISSING:
                return self.say("file.unknown")
            case Form.PRESENT | Form.ANY:
                return self.say("cell.known")
            case Form.IN | Form.NOT_IN as form:
                asked = self.say("cell.or").join(self.test_text(column, test) for test in cell.tests)
                return asked if form is Form.IN else self.say("cell.not", asked=asked)
            case _:  # pragma: no cover  # the type check proves it
                assert_never(cell.form)

    def test_text(self, column: Input, test: Test) -> str:
        match test:
            case Is(value=value):
                return self.input_text(column, value)
            case Within(low=None, high=high):
                return self.say("cell.under" if test.high_open else "cell.at_most", n=self.input_text(column, high))
            case Within(low=low, high=None):
                return self.say("cell.over" if test.low_open else "cell.at_least", n=self.input_text(column, low))
            case Within(low=low, high=high):
                return self.say("cell.between", low=self.input_text(column, low), high=self.input_text(column, high))
            case Has(how=how, values=values):
                return self.say(f"cell.has_{how.value}", asked=", ".join(values))
            case _:  # pragma: no cover  # the type check proves it
                assert_never(test)
