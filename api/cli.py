"""`casewright …`: every way in from the command line. A command's file is read when that command is asked for."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from pipelines.watching.logs import configure_logs

#: By name, in the order in which they are shown: the file in `api.commands`, and what of it is the command.
COMMANDS = {
    "demo": ("demo", "demo"),
    "serve": ("serve", "serve"),
    "worker": ("worker", "worker"),
    "timers": ("timers", "timers"),
    "mail": ("mail", "mail"),
    "post": ("post", "app"),
    "ingest": ("ingest", "ingest"),
    "verify": ("verify", "verify"),
    "doctor": ("doctor", "doctor"),
    "migrate": ("doctor", "migrate"),
    "erase": ("cases", "erase"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore_"),
    "cases": ("cases", "app"),
    "history": ("history", "app"),
    "journeys": ("journeys", "app"),
    "llm": ("llm", "app"),
    "models": ("models", "app"),
    "rules": ("rules", "app"),
    "users": ("users", "app"),
    "work": ("work", "app"),
}


class Read(Mapping[str, Any]):
    """Knows all names, and reads only what is called: `cases list` loads no web server, no trainer and no worker."""

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __getitem__(self, name: str) -> Any:
        file, what = COMMANDS[name]
        with _uncollected():
            found = getattr(import_module(f"api.commands.{file}"), what)
        if isinstance(found, typer.Typer):
            return get_group(found)
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        return get_command(alone)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What modules are made of stays until the end: looking through it again and again is a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Commands(TyperGroup):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Read()  # type: ignore[assignment]  # nobody adds to it

    def invoke(self, ctx: Any) -> Any:
        """Settings out of their range end every command with a line for each, and exit code 2; never their values."""
        try:
            return super().invoke(ctx)
        except ValueError as error:
            from configs.settings import out_of_range  # noqa: PLC0415  # read by then, by whoever raised it

            wrong = out_of_range(error)
            if not wrong:
                raise
            for name, says in wrong.items():
                typer.echo(f"{name}: {says}; correct its value", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    name="casewright", cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip


@app.callback()
def casewright() -> None:
    """Case management that decides what it can prove and prepares what it cannot."""


def main() -> None:
    configure_logs("warning")
    app()
