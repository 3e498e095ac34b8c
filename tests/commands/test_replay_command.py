"""casewright rules replay, as a shell calls it."""

from pathlib import Path

import pytest
import yaml
from command_line import SHIPPED, lines, run

from api.commands import rules


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A file of its own: R-150 sends again up to 40 euros."""
    text = (SHIPPED / "complaint" / "rules" / "next_step.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    [row] = [row for row in document["rows"] if row["id"] == "R-150"]
    row["when"]["order_amount"] = "<= 40"
    file = tmp_path / "draft.yaml"
    file.write_text(yaml.safe_dump({**document, "examples": []}, sort_keys=False), encoding="utf-8")
    return file


def test_a_file_outside_of_journeys_needs_its_journey_named(tmp_path: Path, draft: Path) -> None:
    result = run(rules.app, "replay", draft, home=tmp_path / "home")

    assert result.exit_code == 2
    assert "--journey" in result.stderr


def test_a_replay_prints_its_matrix_within_eighty_columns_and_the_name_of_its_report(
    tmp_path: Path, draft: Path
) -> None:
    home = tmp_path / "home"

    result = run(rules.app, "replay", draft, "--journey", "complaint", home=home)

    assert result.exit_code == 0, result.output
    said = result.stdout.splitlines()
    assert max(map(len, said)) <= 80
    assert (home / "reports" / f"{said[-1].removeprefix('Report ')}.json").is_file()


def test_as_json_it_is_the_report_with_its_name(tmp_path: Path, draft: Path) -> None:
    home = tmp_path / "home"

    [report] = lines(run(rules.app, "replay", draft, "--journey", "complaint", "--json", home=home))

    assert (home / "reports" / f"{report['report']}.json").is_file()
    assert (report["journey"], report["table"], report["decisions"]) == ("complaint", "next_step", 0)


def test_a_shipped_table_knows_its_journey_by_its_folder(tmp_path: Path) -> None:
    file = SHIPPED / "motor_claim" / "rules" / "next_step.yaml"

    [report] = lines(run(rules.app, "replay", file, "--since", "2026-01-31", "--json", home=tmp_path / "home"))

    assert (report["journey"], report["since"]) == ("motor_claim", "2026-01-31T00:00:00+00:00")


@pytest.mark.parametrize(
    ("draft_name", "says"),
    [
        ("motor_claim/next_step", "has no draft"),
        ("motor_claim/fees", "next_step"),
        ("motor", "there is no journey 'motor'"),
        ("nowhere.yaml", "there is no journey"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(tmp_path: Path, draft_name: str, says: str) -> None:
    result = run(rules.app, "replay", draft_name, home=tmp_path / "home")

    assert result.exit_code == 2
    assert says in result.stderr


def test_a_file_that_is_no_table_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("table: next_step\nrows: 3\n", encoding="utf-8")

    result = run(rules.app, "replay", file, "--journey", "complaint", home=tmp_path / "home")

    assert result.exit_code == 2
    assert "broken.yaml" in result.stderr
