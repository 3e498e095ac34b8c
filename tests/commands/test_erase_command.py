from pathlib import Path

import pytest

from api.cli import app
from pipelines.wiring import opened
from tests.commands.command_line import run
from tests.homes import settings
from tests.pipelines.given import by_form


@pytest.fixture
def reference(tmp_path: Path) -> str:
    """Of a case that nobody has worked on yet."""
    with opened(settings(tmp_path)) as house:
        return str(by_form(house).reference)


def test_erasing_a_case_again_says_that_it_was_erased_before(tmp_path: Path, reference: str) -> None:
    first, again = (run(app, "erase", reference, home=tmp_path) for _ in range(2))

    assert (first.exit_code, first.stdout) == (0, f"{reference} erased.\n")
    assert again.exit_code == 2
    assert again.stderr == f"{reference} was erased before; what that had to leave is removed now\n"


@pytest.mark.parametrize("chosen", [(), ("C-2026-000001", "--customer", "bas@example.org")])
def test_one_case_or_one_customer_is_erased(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    refused = run(app, "erase", *chosen, home=tmp_path)

    assert refused.exit_code == 2
    assert "name one case, or give --customer" in refused.stderr
