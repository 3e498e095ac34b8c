"""casewright doctor about orders and restores: it tells, where every other command refuses to begin."""

import json
from pathlib import Path

import pytest

from api.cli import app
from tests.commands.command_line import lines, run


@pytest.mark.parametrize(
    ("secret", "mend"),
    [(None, "set CASEWRIGHT_HANDOVER_SECRET"), ("hunter2", "CASEWRIGHT_HANDOVER_SECRET must be whsec_")],
)
def test_orders_that_cannot_be_signed_are_named_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str | None, mend: str
) -> None:
    monkeypatch.setenv("CASEWRIGHT_HANDOVER_URL", "https://orders.example.org/in")
    if secret is not None:
        monkeypatch.setenv("CASEWRIGHT_HANDOVER_SECRET", secret)

    done = run(app, "doctor", "--json", home=tmp_path)

    [found] = [one for one in json.loads(done.stdout)["findings"] if one["about"] == "handover_url"]
    assert (done.exit_code, found["level"]) == (1, "wrong")
    assert mend in found["mend"]
    assert "hunter2" not in done.stdout


def test_a_restore_that_was_cut_off_is_named_and_every_other_command_refuses(tmp_path: Path) -> None:
    (tmp_path / "restoring").write_text("seal")

    done = run(app, "doctor", "--json", home=tmp_path)
    other = run(app, "cases", "list", home=tmp_path)

    [found] = [one for one in json.loads(done.stdout)["findings"] if one["about"] == "restore"]
    assert found["mend"] == "run the same casewright restore again to its end"
    assert (done.exit_code, other.exit_code) == (1, 2)
    assert "was not finished" in other.stderr
    (tmp_path / "restoring").unlink()
    assert lines(run(app, "cases", "list", "--json", home=tmp_path)) == []
