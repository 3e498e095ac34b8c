"""Runs a command group as a shell would, in a home of its own."""

import json
from pathlib import Path
from typing import Any

import typer
from click.testing import Result
from typer.testing import CliRunner

from tests.homes import settings

SHIPPED = Path(__file__).parents[2] / "configs" / "journeys"


def run(app: typer.Typer, *args: object, home: Path, journeys: Path | None = None) -> Result:
    env = {
        "CASEWRIGHT_HOME": str(home),
        "CASEWRIGHT_JOURNEYS": str(journeys) if journeys else None,
        "CASEWRIGHT_MODELS": None,
        "CASEWRIGHT_SECRET": None,
        "CASEWRIGHT_DATABASE_URL": settings(home).database_url,
    }
    return CliRunner().invoke(app, [str(arg) for arg in args], env=env)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]
