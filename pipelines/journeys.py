"""Journey folders: read as data, checked completely, never executed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from cases.as_of import deciding_day
from cases.case import Case
from cases.events import StepDecided
from cases.journey_folder import ROOT_TABLE, JourneyFolder
from cases.journey_spec import Journey
from cases.rules import FORBIDDEN_ELSE, Problem, Table, TableRefused, read_table
from configs.settings import Settings
from pipelines.journey_check import cross_problems
from pipelines.page_words import with_page_words
from pipelines.rulebook.versions import Shadow
from pipelines.yaml_lines import Document, FileRefused, dotted, read_text, read_yaml

SHIPPED = Path(__file__).parent.parent / "configs" / "journeys"
WORDS = Path(__file__).parent.parent / "configs" / "words"


class JourneyRefused(Exception):
    """A journey folder has problems; all of them are listed, none of it was taken."""

    def __init__(self, folder: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{folder} was refused:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.folder, self.problems = folder, tuple(problems)


class Rulebook(Protocol):
    """Which version of a journey's tables decides when; pipelines.rulebook.in_force."""

    def look(self, now: datetime) -> None:
        """Notice what was published since, and that a day has begun. Cheap; not within a transaction."""

    def look_again(self, now: datetime) -> None:
        """As look, however short ago the last one was."""

    def in_place(self, folder: JourneyFolder, day: date) -> JourneyFolder:
        """The journey with the tables that decide cases of that day."""

    def as_decided(self, folder: JourneyFolder, step: StepDecided) -> JourneyFolder:
        """The journey with the tables that this step was decided by."""

    def offered(self, journey: str) -> Mapping[str, Table]:
        """Tables whose file was changed since cases are decided: people take them up as drafts."""

    def shadows(self, folder: JourneyFolder) -> Sequence[tuple[str, Shadow, JourneyFolder]]:
        """Table, shadow and the journey with that table in place, of every table that answers in shadow."""

    def note(self, folder: JourneyFolder) -> None:
        """Keep the journey as it stands in the log, where it is not yet. Not within a transaction."""


@dataclass(frozen=True)
class Journeys:
    """The journeys in use, by name, with the tables in force today, and where their labelled examples lie.

    rulebook: None outside of a house, where the tables are those of the files.
    """

    folders: Mapping[str, JourneyFolder]
    paths: Mapping[str, Path]
    rulebook: Rulebook | None = None

    def get(self, name: str) -> JourneyFolder:
        return self.folders[name]

    def deciding(self, name: str, case: Case) -> JourneyFolder:
        """The journey with the tables that a new decision on this case goes by, noted in the log."""
        folder = self.folders[name]
        if self.rulebook is None:
            return folder
        day = deciding_day(case, folder.journey)
        if day is not None:
            folder = self.rulebook.in_place(folder, day)
        self.rulebook.note(folder)
        return folder

    def decided(self, name: str, case: Case) -> JourneyFolder:
        """The journey with the tables by which the case was decided last; as it is today where it never was."""
        folder = self.folders[name]
        if self.rulebook is None or case.step is None or case.step.journey != name:
            return folder
        return self.rulebook.as_decided(folder, case.step)

    def packaging(self, name: str, case: Case) -> JourneyFolder:
        """As decided, noted in the log: the file is built again from there."""
        folder = self.decided(name, case)
        if self.rulebook is not None:
            self.rulebook.note(folder)
        return folder

    def shadows(self, folder: JourneyFolder) -> Sequence[tuple[str, Shadow, JourneyFolder]]:
        return self.rulebook.shadows(folder) if self.rulebook is not None else ()

    def offered(self, name: str) -> Mapping[str, Table]:
        """Tables whose file says something that was never published, though cases are decided already."""
        return self.rulebook.offered(name) if self.rulebook is not None else {}

    def look(self, now: datetime) -> None:
        """Notice what was published since; see Rulebook."""
        if self.rulebook is not None:
            self.rulebook.look(now)

    def look_again(self, now: datetime) -> None:
        if self.rulebook is not None:
            self.rulebook.look_again(now)

    def names(self) -> tuple[str, ...]:
        return tuple(self.folders)

    def examples(self, name: str) -> list[Path]:
        return sorted((self.paths[name] / "examples").glob("*.csv"))


def load_journeys(settings: Settings) -> Journeys:
    """All shipped and added journeys; raises JourneyRefused for the first folder with problems."""
    folders: dict[str, JourneyFolder] = {}
    paths: dict[str, Path] = {}
    for path in find_folders(settings.journeys):
        folder, problems = read_folder(path, alpha=settings.auto_close_alpha)
        if folder is None or problems:
            raise JourneyRefused(str(path), problems)
        folders[folder.name], paths[folder.name] = folder, path
    return Journeys(folders, paths)


def find_folders(added: Sequence[Path]) -> list[Path]:
    """Folders with a journey.yaml: each root itself or, failing that, its children. Later ones win by name."""
    found: dict[str, Path] = {}
    for root in (SHIPPED, *added):
        if not root.is_dir():
            raise JourneyRefused(
                str(root), [Problem(str(root), None, "", "there is no such folder", "correct CASEWRIGHT_JOURNEYS")]
            )
        children = [root] if (root / "journey.yaml").exists() else sorted(root.iterdir())
        for child in children:
            if (child / "journey.yaml").is_file():
                found[child.name] = child
    return list(found.values())


def read_folder(path: Path, *, alpha: Decimal | None = None) -> tuple[JourneyFolder | None, list[Problem]]:
    """A folder and everything that is wrong with it; the folder is None when it could not be read at all."""
    problems: list[Problem] = []
    name = path.resolve().name
    try:
        document = read_yaml(path / "journey.yaml", name=f"{name}/journey.yaml")
    except FileRefused as error:
        return None, [error.problem]
    document = with_page_words(path, document, problems)
    journey = _journey(document, name, alpha, problems)
    tables = _tables(path, name, problems)
    if journey is None:
        return None, problems
    letters = _letters(path, name, journey, problems)
    folder = JourneyFolder(journey, tables, letters, load_words(journey.read_in))
    problems += cross_problems(folder, document, path)
    return folder, problems


def load_words(languages: Sequence[str]) -> dict[str, dict[str, str]]:
    """The product's own sentences for these languages and English; a language without a file reads in English."""
    words: dict[str, dict[str, str]] = {}
    for language in {*languages, "en"}:
        for path in sorted(WORDS.glob(f"{language}*.yaml")):
            sentences = read_yaml(path, name=f"words/{path.name}").data
            words.setdefault(language, {}).update({key: str(value) for key, value in sentences.items()})
    return words


def _journey(document: Document, name: str, alpha: Decimal | None, problems: list[Problem]) -> Journey | None:
    file = f"{name}/journey.yaml"
    if not isinstance(document.data, dict):
        problems.append(Problem(file, 1, "", "the file is not a list of keys", "begin with name: and title:"))
        return None
    data: dict[str, Any] = document.data
    if alpha is not None:
        data = {**data, "auto_close": {**(data.get("auto_close") or {}), "alpha": str(alpha)}}
    try:
        journey = Journey.model_validate(data)
    except ValidationError as error:
        problems.extend(_explained(error, document, file))
        return None
    if journey.name != name:
        problems.append(
            Problem(file, document.lines.get(("name",)), "name", f"{journey.name!r} is not the folder's name {name!r}",
                    "give both the same name")
        )  # fmt: skip
    return journey


def _explained(error: ValidationError, document: Document, file: str) -> Iterator[Problem]:
    mends = {
        "missing": "add the key",
        "extra_forbidden": "take it out or correct its spelling",
        "string_pattern_mismatch": "use lower-case letters, digits and _, beginning with a letter",
    }
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"] if part != "[key]")
        line = next((document.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in document.lines), None)
        yield Problem(file, line, dotted(path), found["msg"], mends.get(found["type"], "correct the value"))


def _tables(path: Path, name: str, problems: list[Problem]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for file in sorted((path / "rules").glob("*.yaml")):
        shown = f"{name}/rules/{file.name}"
        try:
            document = read_yaml(file, name=shown)
            table = read_table(document.data, file=shown, lines=document.lines, forbidden_else=FORBIDDEN_ELSE)
        except FileRefused as error:
            problems.append(error.problem)
        except TableRefused as error:
            problems.extend(error.problems)
        else:
            if table.id in tables:
                what, mend = f"{tables[table.id].file} holds a table {table.id!r} already", "give one another name"
                problems.append(Problem(shown, document.lines.get(("table",)), "table", what, mend))
            tables[table.id] = table
    if ROOT_TABLE not in tables and not problems:
        problems.append(Problem(f"{name}/rules", None, "", f"no table {ROOT_TABLE!r}", f"add rules/{ROOT_TABLE}.yaml"))
    return tables


def _letters(path: Path, name: str, journey: Journey, problems: list[Problem]) -> dict[str, dict[str, str]]:
    letters: dict[str, dict[str, str]] = {}
    for language in journey.languages:
        letters[language] = {}
        for letter in journey.letters:
            file = path / "letters" / language / f"{letter}.txt"
            try:
                letters[language][letter] = read_text(file, name=f"{name}/letters/{language}/{letter}.txt")
            except FileRefused as error:
                problems.append(error.problem)
    return letters
