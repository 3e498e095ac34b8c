"""casewright rules draft, publish, rollback, shadow and history, as a shell calls them."""

from pathlib import Path

import pytest
import yaml
from command_line import SHIPPED, lines, run

from api.commands import rules, users
from cases.rules import read_table, table_digest
from tests.builders import shipped

#: Each with a table that only one of the tests changes, since they share one home.
NAME, OTHER, SHADOWED = "complaint/next_step", "motor_claim/next_step", "home_repair/next_step"
FILE = SHIPPED / "complaint" / "rules" / "next_step.yaml"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With two journey owners."""
    home = tmp_path_factory.mktemp("rulebook") / "home"
    for name in ("ada", "ben"):
        assert run(users.app, "add", name, "--role", "journey_owner", "--generate", home=home).exit_code == 0
    return home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """R-150 sends again up to 40 euros."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    [row] = [row for row in document["rows"] if row["id"] == "R-150"]
    row["when"]["order_amount"] = "<= 40"
    file = tmp_path / "draft.yaml"
    file.write_text(yaml.safe_dump({**document, "examples": []}, sort_keys=False), encoding="utf-8")
    return file


def test_a_draft_is_replayed_published_by_another_and_rolled_back(home: Path, file: Path) -> None:
    [saved] = lines(run(rules.app, "draft", NAME, file, "--by", "ada", "--note", "cheaper", "--json", home=home))
    [report] = lines(run(rules.app, "replay", NAME, "--json", home=home))
    words = ("publish", NAME, "--report", report["report"], "--by")
    alone = run(rules.app, *words, "ada", "--from", "2026-01-01", home=home)
    done = lines(run(rules.app, *words, "ben", "--json", home=home))
    [book] = lines(run(rules.app, "history", NAME, "--json", home=home))
    first = book["versions"][1]["digest"]
    now, before = run(rules.app, "show", NAME, home=home), run(rules.app, "show", NAME, first[:8], home=home)
    back = run(rules.app, "rollback", NAME, first[:12], "--by", "ada", "--why", "too cheap", home=home)
    [after] = lines(run(rules.app, "history", NAME, "--json", home=home))

    assert alone.exit_code == 2
    assert "another journey owner has to publish it" in alone.stderr
    assert "decisions made are not rewritten" in alone.stderr
    assert [(one["digest"], one["by"], one["drafted_by"]) for one in done] == [(saved["digest"], "ben", "ada")]
    assert book["versions"][0]["decides_today"]
    assert any("R-150" in words and "40" in words for words in book["versions"][0]["changes"])
    assert (book["draft"], book["file_differs"]) == (None, False)
    assert read_table(yaml.safe_load(before.stdout), file="", lines={}) == shipped("complaint").root
    assert table_digest(read_table(yaml.safe_load(now.stdout), file="", lines={})) == saved["digest"]
    assert back.exit_code == 0, back.output
    assert after["versions"][0]["note"] == "rolled back: too cheap"
    assert after["versions"][0]["digest"] == first


def test_a_draft_is_shown_with_its_problems_kept_from_others_and_dropped(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("table: next_step\nhit: SOMETIMES\n", encoding="utf-8")

    saved = run(rules.app, "draft", OTHER, file, "--by", "ada", home=home)
    shown = run(rules.app, "draft", OTHER, home=home)
    typed = run(rules.app, "show", OTHER, "--draft", home=home)
    unread = run(rules.app, "draft", OTHER, file, "--by", "ben", home=home)
    [book] = lines(run(rules.app, "history", OTHER, "--json", home=home))
    read = run(rules.app, "draft", OTHER, file, "--by", "ben", "--base", book["draft"]["digest"], home=home)
    dropped = run(rules.app, "draft", OTHER, "--drop", "--by", "ben", home=home)
    none = run(rules.app, "draft", OTHER, home=home)

    assert saved.output == shown.output
    assert yaml.safe_load(typed.stdout) == {"table": "next_step", "hit": "SOMETIMES"}
    assert "'SOMETIMES' is no hit policy" in shown.stdout
    assert (unread.exit_code, "saved by ada meanwhile" in unread.stderr) == (2, True)
    assert book["draft"]["problems"] > 1
    assert (read.exit_code, dropped.exit_code) == (0, 0)
    assert (none.exit_code, "has no draft" in none.stderr) == (2, True)


def test_a_draft_runs_in_shadow_until_it_is_ended(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    text = (SHIPPED / "home_repair" / "rules" / "next_step.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("description: ", "description: Now, ", 1), encoding="utf-8")
    none = run(rules.app, "shadow", SHADOWED, home=home)

    [saved] = lines(run(rules.app, "draft", SHADOWED, file, "--by", "ada", "--json", home=home))
    begun = run(rules.app, "shadow", SHADOWED, "--by", "ada", home=home)
    [book] = lines(run(rules.app, "history", SHADOWED, "--json", home=home))
    ended = run(rules.app, "shadow", SHADOWED, "--end", "--by", "ben", home=home)

    assert (none.exit_code, "has no shadow" in none.stderr) == (2, True)
    assert "the same answer in 0 of 0 cases" in begun.stdout
    assert (book["shadow"]["digest"], book["shadow"]["by"]) == (saved["digest"], "ada")
    assert ended.exit_code == 0


def test_all_tables_are_listed_with_what_decides(home: Path) -> None:
    books = lines(run(rules.app, "history", "--json", home=home))
    shown = run(rules.app, "history", home=home)

    assert {book["table"] for book in books} == {f"{path.parent.name}/next_step" for path in SHIPPED.glob("*/rules")}
    assert all(name in shown.stdout for name in (NAME, "folder", "from the journey's folder"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["draft", "complaint/next_stop"], "did you mean"),
        (["draft", "complaint"], "there is no table"),
        (["draft", NAME, "--from-folder", "--by", "ada"], "says nothing new"),
        (["draft", NAME, FILE], "is no user"),
        (["show", NAME, "ffffffff"], "names no version"),
        (["show", NAME, "--draft"], "has no draft"),
        (["rollback", NAME, "ffffffff", "--by", "ben", "--why", "x"], "names no version"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_mend(home: Path, words: list[object], says: str) -> None:
    result = run(rules.app, *words, home=home)

    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(("text", "says"), [("- a\n- b\n", "is not a list of keys"), ("a: [", "not YAML")])
def test_a_file_that_is_no_document_is_not_kept(home: Path, tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(text, encoding="utf-8")

    result = run(rules.app, "draft", NAME, file, "--by", "ada", home=home)

    assert result.exit_code == 2
    assert says in result.stderr
