"""Decision tables by name or by file, outside the house: for checking, explaining and running them."""

from collections.abc import Sequence
from pathlib import Path

from cases.errors import CaseError
from cases.rules import FORBIDDEN_ELSE, Problem, Table, TableRefused, check_examples, read_table
from cases.rules.problems import instead_of
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


def rule_problems(path: Path) -> tuple[int, list[Problem]]:
    """How many tables lie at `path`, and what is wrong with them.

    `path` is a rule file, a journey folder (its tables are also held against journey.yaml), or a folder of either.
    """
    if path.is_file():
        return 1, _file_problems(path)
    if (path / "journey.yaml").is_file():
        folder, problems = read_folder(path)
        mine = [problem for problem in problems if "/rules" in problem.file or folder is None]
        tables = folder.tables.values() if folder is not None else ()
        return len(_rules(path)), [*mine, *(problem for table in tables for problem in check_examples(table))]
    inside = [child for child in sorted(path.iterdir()) if (child / "journey.yaml").is_file()]
    found = [rule_problems(one) for one in inside or sorted(path.glob("*.yaml"))]
    return sum(count for count, _ in found), [problem for _, problems in found for problem in problems]


def _file_problems(path: Path) -> list[Problem]:
    try:
        return list(check_examples(read_rule_file(path)))
    except TableBroken as broken:
        return list(broken.problems)


def _rules(folder: Path) -> list[Path]:
    return sorted((folder / "rules").glob("*.yaml"))
