"""What every command shares: settings, the open house, output for people and for programs, errors as sentences."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table

from cases.errors import CaseError
from cases.rules import Problem
from cases.store.away import DatabaseAway
from configs.settings import Settings
from models.errors import ModelError
from pipelines.channels.parsed import Refused
from pipelines.history import LineRefused
from pipelines.house import House
from pipelines.journeys import JourneyRefused
from pipelines.text_models import NoExamples
from pipelines.wiring import opened

PATIENCE = 60.0  # seconds that a server waits for its database when both have just been started
WIDE = 170  # columns of a table that goes into a file or a pipe
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
EXPECTED = (CaseError, DatabaseAway, ModelError, JourneyRefused, LineRefused, NoExamples, Refused, FileNotFoundError)


@contextmanager
def the_house() -> Iterator[House]:
    with opened(Settings()) as house:
        yield house


@contextmanager
def told() -> Iterator[None]:
    """Expected errors as one sentence on standard error and exit code 2."""
    try:
        yield
    except EXPECTED as error:
        fail(str(error))


def fail(what: str, *, code: int = 2) -> NoReturn:
    err.print(what, style="red", markup=False)
    raise typer.Exit(code)


@contextmanager
def writing(place: Path, option: str = "--out") -> Iterator[None]:
    """A place that cannot be written to, as one sentence and exit code 2."""
    try:
        yield
    except OSError as error:
        fail(f"{place} cannot be written ({error.strerror}); name another place with {option}")


def read_json(path: Path, *, fraction: Callable[[str], Any]) -> Any:
    """The JSON of a file; `fraction` makes exact what would be a binary fraction: 0.10 is exactly that."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_float=fraction, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        fail(f"{path.name} is not UTF-8 at byte {error.start}; save it as UTF-8")
    except json.JSONDecodeError as error:
        fail(f"{path.name}, line {error.lineno}: {error.msg}; correct the JSON")
    except RecursionError:
        fail(f"{path.name} nests too deep to be read; close brackets, or nest less")
    except ValueError as error:
        fail(f"{path.name}: {error}; correct the JSON")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def emit(value: Any) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode() + "\n")


def show(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    table = Table(title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    out.print(table)


def figure(value: object) -> str:
    """A value as a cell of a table: yes or nothing, floats to three places."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def show_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        out.print(str(problem), markup=False)


def plain_problems(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Problems as JSON has them."""
    return [{"file": p.file, "line": p.line, "key": p.path, "what": p.what, "mend": p.mend} for p in problems]
