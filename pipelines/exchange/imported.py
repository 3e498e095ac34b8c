"""What an importer brings back: tables as documents, and everything that it left out or could not understand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from cases.rules import Lines, Problem, TableRefused, read_table
from cases.rules.table import Table

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_LONGEST = 80  # characters of a file's name


class ImportRefused(ValueError):
    """Nothing of the file can be taken; every reason is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class ExportRefused(ValueError):
    """The other format cannot say what the table says; each place is listed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join((*reasons, "take another format, or say it with other cells")))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Imported:
    """One table as it would be written in a rule file."""

    name: str
    document: Mapping[str, Any]
    file: str
    lines: Lines = field(default_factory=dict)  # of the source

    @property
    def file_name(self) -> str:
        """What the rule file is called: never a way out of a folder, whatever the table calls itself."""
        safe = "".join(char if char in _SAFE else "_" for char in self.name[:_LONGEST])
        return f"{safe or 'table'}.yaml"

    def problems(self) -> tuple[Problem, ...]:
        """What still stands between this document and a table."""
        try:
            read_table(self.document, file=self.file, lines=self.lines)
        except TableRefused as refused:
            return refused.problems
        return ()

    def as_yaml(self) -> str:
        """The text of a rule file."""
        return yaml_text(self.document)


@dataclass(frozen=True, slots=True)
class Import:
    """All tables of a file, and what was left out of them."""

    tables: tuple[Imported, ...]
    left_out: tuple[Problem, ...] = ()


def table_document(table: Table) -> dict[str, Any]:
    """A table as its owner writes it: columns and constants by name."""
    document = table.as_dict()
    for part in ("inputs", "outputs", "constants"):
        if part in document:
            document[part] = {
                column["name"]: {key: value for key, value in column.items() if key != "name"}
                for column in document[part]
            }
    return document


def yaml_text(document: Mapping[str, Any]) -> str:
    """YAML without anchors; small mappings stand on one line."""
    return yaml.dump(
        dict(document), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=118, default_flow_style=None
    )


class _Plain(yaml.SafeDumper):
    """Writes every value out, however often it occurs: rule files have no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the name and what it is given are PyYAML's
        return True
