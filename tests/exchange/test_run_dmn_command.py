"""casewright rules run FILE.dmn: a model of another tool, run as it is."""

import json
from pathlib import Path

from dmn_written import decision, given, model, table, text
from typer.testing import CliRunner, Result

from api.commands.rules import app


def run_file(folder: Path, raw: bytes, inputs: str, *more: str) -> Result:
    file, values = folder / "fees.dmn", folder / "inputs.json"
    file.write_bytes(raw)
    values.write_text(inputs, encoding="utf-8")
    return CliRunner().invoke(app, ["run", str(file), "--inputs", str(values), *more])


def fees() -> bytes:
    logic = table(["Amount"], ["fee"], [["< 100", "0"], [">= 100", "Amount * 0.1"]])
    return model(
        given("Amount", "number"),
        decision("Fee", logic, needs=["Amount"], type_="number"),
        decision("Total", text("Amount + Fee"), needs=["Amount", ">Fee"], type_="number"),
    )


def test_each_object_gets_one_line_with_exact_numbers(tmp_path: Path) -> None:
    told = run_file(tmp_path, fees(), '[{"Amount": 100.1}, {"Amount": "50"}, {}]', "--json")

    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert [json.loads(line)["outputs"] for line in lines] == [{"Total": 110.11}, {"Total": 50}, {"Total": None}]
    assert '"Total":110.11' in lines[0]
    assert json.loads(lines[2])["missing"] == ["Amount"]


def test_a_decision_by_name_says_which_rows_fired(tmp_path: Path) -> None:
    told = run_file(tmp_path, fees(), '{"Amount": 50}', "--decision", "Fee")

    assert json.loads(told.output) == {
        "outputs": {"Fee": 0},
        "fired": ["r1"],
        "trace": [
            {"decision": "Fee", "row": "r1", "matched": True},
            {
                "decision": "Fee",
                "row": "r2",
                "matched": False,
                "failing": {"input": "Amount", "cell": ">= 100", "value": "50"},
            },
        ],
        "missing": [],
    }


def test_nothing_is_printed_when_one_object_is_wrong(tmp_path: Path) -> None:
    told = run_file(tmp_path, fees(), '[{"Amount": 1}, {"Amount": "much"}]')

    assert told.exit_code == 2
    assert told.stdout == ""
    assert "inputs.json[1] Amount: 'much' is not number; give a number, for example 12.50" in told.stderr


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    assert "correct the JSON" in run_file(tmp_path, fees(), "{").stderr
    assert "NaN is no number of JSON" in run_file(tmp_path, fees(), '{"Amount": NaN}').stderr
    assert "is not an object" in run_file(tmp_path, fees(), "[1]").stderr
    assert "this is no DMN model" in run_file(tmp_path, b"<a/>", "{}").stderr
    missing = CliRunner().invoke(app, ["run", "gone.dmn", "--inputs", str(tmp_path / "inputs.json")])
    assert (missing.exit_code, "there is no file gone.dmn" in missing.stderr) == (2, True)


def test_a_decision_is_asked_of_dmn_files_only(tmp_path: Path) -> None:
    (tmp_path / "inputs.json").write_text("{}")

    told = CliRunner().invoke(app, ["run", "next_step", "--inputs", str(tmp_path / "inputs.json"), "--decision", "x"])

    assert told.exit_code == 2
    assert "--decision is for .dmn files" in told.stderr
