from pathlib import Path

import pytest

from api.cli import app
from api.signing_in import Scope
from tests.commands.command_line import run


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_is_printed_once_for_every_scope(tmp_path: Path, scope: Scope) -> None:
    made = run(app, "users", "token", "mailgate", "--scope", scope, home=tmp_path)

    assert made.exit_code == 0, made.output
    assert len(made.stdout.split()) == 1


def test_a_scope_that_nothing_asks_for_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    refused = run(app, "users", "token", "mailgate", "--scope", "message:write", home=tmp_path)

    assert refused.exit_code == 2
    assert all(scope in refused.stderr for scope in Scope)
