"""Decision tables by name or by file, outside the house: for checking, explaining and running them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cases.errors import CaseError
from cases.inputs import always_known
from cases.rules import FORBIDDEN_ELSE, Problem, Table, TableRefused, check_examples, read_table
from cases.rules.examples import untried_rows
from cases.rules.findings import Verification
from cases.rules.problems import instead_of
from cases.rules.verify import verify
from configs.settings import Settings
from pipelines.journeys import find_folders, read_folder
from pipelines.yaml_lines import FileRefused, read_yaml


class TableNotFound(CaseError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no table or file {name!r}; {instead_of(name, known)}")


class TableBroken(CaseError):
    """The file is no table that could be read; every problem is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def read_rule_file(path: Path, *, name: str | None = None) -> Table:
    """The table of one YAML file; raises TableBroken. `name` is how its problems call the file."""
    shown = name or str(path)
    try:
        document = read_yaml(path, name=shown)
        return read_table(document.data, file=shown, lines=document.lines, forbidden_else=FORBIDDEN_ELSE)
    except FileRefused as error:
        raise TableBroken([error.problem]) from error
    except TableRefused as error:
        raise TableBroken(error.problems) from error


def find_table(name: str, settings: Settings) -> Table:
    """A table by file or as `journey/table`; raises TableNotFound, TableBroken."""
    if Path(name).is_file():
        return read_rule_file(Path(name))
    files = {
        f"{folder.name}/{file.stem}": file for folder in find_folders(settings.journeys) for file in _rules(folder)
    }
    if name not in files:
        raise TableNotFound(name, list(files))
    return read_rule_file(files[name], name=f"{name.partition('/')[0]}/rules/{files[name].name}")


@dataclass(frozen=True, slots=True)
class Looked:
    """What was proved of one table that could be read."""

    name: str
    table: Table
    verification: Verification
    untried: tuple[str, ...]  # ids of the rows that no example reaches


@dataclass(frozen=True, slots=True)
class RulesChecked:
    count: int  # of rule files, read or not
    problems: tuple[Problem, ...]
    looked: tuple[Looked, ...]


def check_rules(path: Path) -> RulesChecked:
    """What is wrong with the tables at `path`, and what is proved of those that could be read.

    `path` is a rule file, a journey folder (its tables are also held against journey.yaml), or a folder of either.
    """
    if not path.is_dir():
        return _check_file(path)
    if (path / "journey.yaml").is_file():
        folder, problems = read_folder(path)
        mine = [problem for problem in problems if "/rules" in problem.file or folder is None]
        tables = folder.tables.values() if folder is not None else ()
        return _checked(len(_rules(path)), mine, [(f"{path.name}/{table.id}", table) for table in tables])
    inside = [child for child in sorted(path.iterdir()) if (child / "journey.yaml").is_file()]
    return together([check_rules(one) for one in inside or sorted(path.glob("*.yaml"))])


def together(parts: Sequence[RulesChecked]) -> RulesChecked:
    return RulesChecked(
        sum(part.count for part in parts),
        tuple(problem for part in parts for problem in part.problems),
        tuple(looked for part in parts for looked in part.looked),
    )


def _check_file(path: Path) -> RulesChecked:
    try:
        return _checked(1, [], [(str(path), read_rule_file(path))])
    except TableBroken as broken:
        return RulesChecked(1, broken.problems, ())


def _checked(count: int, problems: Sequence[Problem], tables: Sequence[tuple[str, Table]]) -> RulesChecked:
    looked = tuple(_look(name, table) for name, table in tables)
    found = [problem for one in looked for problem in (*check_examples(one.table), *_refusals(one))]
    return RulesChecked(count, (*problems, *found), looked)


def _look(name: str, table: Table) -> Looked:
    found = verify(table, always=always_known(table))
    answered = found.verdict == "proved" and not found.gaps  # nobody can write an example for the else row then
    untried = [row for row in untried_rows(table) if not (answered and row == table.otherwise.id)]
    return Looked(name, table, found, tuple(untried))


def _refusals(looked: Looked) -> Iterator[Problem]:
    """What would keep the table from being published."""
    file = looked.table.file
    for overlap in looked.verification.overlaps:
        mend = "let one of them ask for what the other excludes, or make them say the same under ANY"
        yield Problem(file, None, f"rows[{overlap.rows[1]}]", overlap.words, mend)
    for gap in looked.verification.gaps:
        if gap.refused:
            yield Problem(file, None, "complete", gap.words, "add a row for these cases, or take the key out")


def _rules(folder: Path) -> list[Path]:
    return sorted((folder / "rules").glob("*.yaml"))
