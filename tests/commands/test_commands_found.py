"""Every command is found by its name, and calling one reads no other."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import COMMANDS, app

HEAVY = ("PIL", "alembic", "celery", "fastapi", "joblib", "kombu", "scipy", "sklearn", "uvicorn")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])

    assert told.exit_code == 0
    assert f"{name} [OPTIONS]" in told.output
    assert "--install-completion" not in told.output


def test_the_first_page_names_every_command_with_what_it_does() -> None:
    told = CliRunner().invoke(app, ["--help"])

    lines = {line.split()[1]: line.split()[2:-1] for line in told.output.splitlines() if len(line.split()) > 3}
    assert all(lines.get(name) for name in COMMANDS)


def test_a_command_that_is_misspelt_is_answered_with_the_one_that_was_meant() -> None:
    told = CliRunner().invoke(app, ["mdels"])

    assert told.exit_code == 2
    assert "models" in told.output


@pytest.mark.parametrize("words", [["cases", "list"], ["users", "list"], ["rules", "check"], ["erase"]])
def test_a_small_command_reads_neither_web_nor_workers_nor_trainers(words: list[str]) -> None:
    code = f"""
import sys
from typer.testing import CliRunner
from api.cli import app
assert CliRunner().invoke(app, {[*words, "--help"]!r}).exit_code == 0
print(*(set({HEAVY!r}) & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == []
