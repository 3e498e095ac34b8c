"""casewright rules import and export."""

import json
from pathlib import Path

import pytest
import yaml
from dmn_written import decision, given, model
from dmn_written import table as written
from typer.testing import CliRunner, Result
from written_tables import REPAIR, whole

from api.commands.rules import app
from cases.rules import table_digest
from pipelines.exchange.imported import table_document, yaml_text
from pipelines.rule_files import read_rule_file


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    path = tmp_path / "repair.yaml"
    path.write_text(yaml_text(table_document(whole(REPAIR))), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_goes_out_and_comes_back(tmp_path: Path, rule_file: Path, form: str) -> None:
    sheet = tmp_path / f"sheet.{form}"

    assert call("export", rule_file, "--format", form, "--out", sheet).exit_code == 0
    told = call("import", sheet, "--out", tmp_path / "back")

    assert told.exit_code == 0
    assert "1 tables read, 0 things to mend or left out." in told.stderr
    assert table_digest(read_rule_file(tmp_path / "back" / "next_step.yaml")) == table_digest(whole(REPAIR))


@pytest.mark.parametrize(("form", "ending"), [("dmn", "dmn"), ("jdm", "json")])
def test_a_table_goes_out_as_a_model_and_comes_back_but_for_its_examples(
    tmp_path: Path, form: str, ending: str
) -> None:
    table = Path("configs/journeys/home_repair/rules/next_step.yaml")
    file = tmp_path / f"model.{ending}"

    sent = call("export", table, "--format", form, "--out", file)
    told = call("import", file, "--out", tmp_path / "back")

    assert (sent.exit_code, told.exit_code) == (0, 0)
    assert "examples: " in sent.stderr
    back = read_rule_file(tmp_path / "back" / "next_step.yaml")
    assert back.rows == read_rule_file(table).rows


def test_a_model_that_leaves_something_open_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "fee.dmn"
    file.write_bytes(model(given("n", "number"), decision("Fee", written(["n"], ["fee"], [["> 1", "n"]]), needs=["n"])))

    told = call("import", file)

    assert told.exit_code == 2
    assert "table: fee" in told.stdout
    assert "the result n is no constant; write a value" in told.stderr


def test_what_a_format_has_no_word_for_does_not_go_out(rule_file: Path) -> None:
    told = call("export", rule_file, "--format", "jdm")

    assert (told.exit_code, told.stdout) == (2, "")
    assert "JDM has no word for R-010.tags" in told.stderr


@pytest.mark.parametrize("way", ["export", "import"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, rule_file: Path, way: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(call("export", rule_file, "--format", "csv").stdout_bytes)
    place = sheet / "within_a_file"
    asked = ["export", rule_file, "--format", "csv"] if way == "export" else ["import", sheet]

    told = call(*asked, "--out", place)

    assert told.exit_code == 2
    assert f"{place} cannot be written (Not a directory)" in told.stderr


def test_without_a_folder_the_rule_file_is_printed(tmp_path: Path, rule_file: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(call("export", rule_file, "--format", "csv").stdout_bytes)

    told = call("import", sheet)

    assert told.exit_code == 0
    assert table_digest(whole(yaml.safe_load(told.stdout))) == table_digest(whole(REPAIR))


def test_what_is_left_out_is_told_and_exits_2(tmp_path: Path, rule_file: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(call("export", rule_file, "--format", "csv").stdout.replace("hit,FIRST", "hit,BEST"))

    told = call("import", sheet, "--json")

    assert told.exit_code == 2
    (problem,) = json.loads(told.stdout)["left_out"]
    assert (problem["key"], problem["line"]) == ("hit", 3)


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path, rule_file: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    call("export", rule_file, "--format", "csv", "--out", sheet)
    call("import", sheet, "--out", tmp_path)

    told = call("import", sheet, "--out", tmp_path)

    assert told.exit_code == 2
    assert "already has next_step.yaml" in told.stderr


@pytest.mark.parametrize("name", ["../../outside", "/etc/table", "a/b", "..", "C:\\x"])
def test_no_name_of_a_table_leads_out_of_the_folder(tmp_path: Path, rule_file: Path, name: str) -> None:
    sheet, folder = tmp_path / "sheet.csv", tmp_path / "deep" / "er"
    sheet.write_text(call("export", rule_file, "--format", "csv").stdout.replace("table,next_step", f"table,{name}", 1))
    before = set(tmp_path.rglob("*.yaml"))

    assert call("import", sheet, "--out", folder).exit_code == 2
    assert [path.parent for path in set(tmp_path.rglob("*.yaml")) - before] == [folder]


def test_two_tables_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    logic = written(["found"], [{"name": "o", "default": "0"}], [["true", "1"]])
    file = tmp_path / "fee.dmn"
    file.write_bytes(
        model(given("found", "boolean"), *(decision(name, logic, needs=["found"]) for name in ("Fee", "fee")))
    )

    told = call("import", file, "--out", tmp_path / "out")

    assert told.exit_code == 2
    assert "two tables would be called fee.yaml" in told.stderr
    assert not (tmp_path / "out").exists()


def test_an_ending_that_is_not_known_is_told(tmp_path: Path) -> None:
    (tmp_path / "table.ods").write_text("x")

    told = call("import", tmp_path / "table.ods")

    assert told.exit_code == 2
    assert ".ods is not read" in told.stderr
