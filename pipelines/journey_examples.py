"""Labelled messages held against the topics of a journey, before anything is trained on them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cases.journey_folder import JourneyFolder
from cases.rules import Problem
from cases.rules.problems import instead_of
from models.errors import ModelError, TooFewExamples, UnreadableRow
from models.examples import OUT_OF_SCOPE, Labelled, read_rows
from models.fitting import check_labels
from models.heads import joined_groups
from models.labels import topic_key

FEWEST = 4  # different messages of a label that training needs


class ForeignLabels(ModelError):
    """A data file names labels that are no topics of the journey it is meant for; nothing was trained."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def example_problems(path: Path, folder: JourneyFolder) -> list[Problem]:
    """What is wrong with the examples of the journey folder at `path`, by file and line."""
    rows: list[Labelled] = []
    problems: list[Problem] = []
    for file in sorted((path / "examples").glob("*.csv")):
        shown = f"{folder.name}/examples/{file.name}"
        found, wrong = _rows(file, shown)
        rows += found
        problems += wrong or _foreign(found, shown, folder)
    if not problems:
        problems += _too_few(rows, f"{folder.name}/examples")
    return problems


def check_labels_of(file: Path, folder: JourneyFolder) -> None:
    """Raise ForeignLabels unless every label of a data file is a topic of the journey, in whatever spelling."""
    topics = set(folder.journey.topics)
    foreign = [row for row in read_rows(file) if topic_key(row.label) not in topics | {OUT_OF_SCOPE}]
    if foreign:
        raise ForeignLabels(list(_foreign(foreign, file.name, folder)))


def _rows(file: Path, shown: str) -> tuple[list[Labelled], list[Problem]]:
    if file.is_symlink():
        return [], [Problem(shown, None, "", "it is a symbolic link", "put the file itself in the folder")]
    try:
        return read_rows(file), []
    except UnreadableRow as error:
        return [], [Problem(shown, error.line, "", error.problem, error.mend)]


def _foreign(rows: list[Labelled], shown: str, folder: JourneyFolder) -> Iterator[Problem]:
    """One problem for each label that is no topic, at the first line that names it."""
    topics = folder.journey.topics
    foreign = [row for row in rows if row.label not in topics and row.label != OUT_OF_SCOPE]
    often = Counter(row.label for row in foreign)
    for row in {row.label: row for row in reversed(foreign)}.values():
        more = f" ({often[row.label]} rows)" if often[row.label] > 1 else ""
        mend = f"{instead_of(row.label, list(topics))}; what belongs to no topic is labelled {OUT_OF_SCOPE}"
        yield Problem(shown, row.line, "label", f"{row.label!r} is no topic of the journey{more}", mend)


def _too_few(rows: list[Labelled], shown: str) -> Iterator[Problem]:
    inside = [row for row in rows if row.label != OUT_OF_SCOPE]
    groups = joined_groups([row.text for row in inside], [row.group for row in inside])
    try:
        check_labels([row.label for row in inside], groups, fewest=FEWEST)
    except TooFewExamples as error:
        what, _, mend = str(error).partition("; ")
        yield Problem(shown, None, "", what, mend)
