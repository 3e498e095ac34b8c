"""What a new operator sees who set something wrongly: a sentence and exit code 2, from every command."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app


def run(home: Path, *args: str, **chosen: str) -> Result:
    env = {"CASEWRIGHT_HOME": str(home)} | {f"CASEWRIGHT_{name}": value for name, value in chosen.items()}
    return CliRunner().invoke(app, args, env=env)


@pytest.mark.parametrize("command", [("cases", "list"), ("serve",), ("timers",), ("worker",), ("models", "list")])
def test_values_out_of_range_end_every_command_with_a_line_each(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = run(tmp_path, *command, ATTEMPTS="0", LEASE_SECONDS="long")

    assert ended.exit_code == 2, ended.output
    first, second = ended.stderr.splitlines()
    assert first.startswith("CASEWRIGHT_LEASE_SECONDS: ")
    assert second == "CASEWRIGHT_ATTEMPTS: Input should be greater than or equal to 1; correct its value"


@pytest.mark.parametrize(
    "command", [("cases", "list"), ("serve",), ("timers",), ("worker",), ("migrate",), ("restore", "from")]
)
def test_an_address_that_is_none_ends_every_command_with_a_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = run(tmp_path, *command, BROKER_URL="kafka://me:hidden@host")

    assert ended.exit_code == 2, ended.output
    assert "CASEWRIGHT_BROKER_URL: it is no address of a broker that is known here; write amqps://" in ended.stderr
    assert "hidden" not in ended.output
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_a_file_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    ended = run(tmp_path / "home", "cases", "list")

    assert ended.exit_code == 2, ended.output
    assert "CASEWRIGHT_HOME: " in ended.stderr
