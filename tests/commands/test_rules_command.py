import json
from pathlib import Path

import pytest
from command_line import SHIPPED, lines, run

from api.commands import rules

TABLE = """
table: glass
description: Who pays for glass.
hit: FIRST
effective_from: 2026-01-01
inputs:
  topic: {type: text, domain: [windscreen, theft]}
  amount: {type: money, min: 0, max: 10000}
  found: {type: boolean}
outputs:
  step: {type: text, domain: [auto_close, expert]}
  requests: {type: list, domain: [photo, plate]}
rows:
  - id: R-1
    description: Small glass is paid.
    when: {topic: windscreen, amount: "<= 500", found: true}
    then: {step: auto_close}
  - id: R-2
    description: Unknown amounts are asked for.
    when: {topic: not(theft), amount: missing}
    then: {step: expert, requests: [photo, plate]}
else: {id: R-9, description: The rest is read., then: {step: expert}}
examples:
  - {id: E-1, given: {topic: windscreen, amount: "500.00", found: true}, expect: {row: R-1}}
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "glass.yaml"
    file.write_text(TABLE, encoding="utf-8")
    return file


def given(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "inputs.json"
    file.write_text(text, encoding="utf-8")
    return file


def test_each_object_of_inputs_gets_outputs_fired_rows_trace_and_missing(tmp_path: Path, table: Path) -> None:
    inputs = given(
        tmp_path,
        '[{"topic": "windscreen", "amount": 499.99, "found": true}, {"topic": "windscreen", "amount": 500.01, '
        '"found": true}, {"topic": "windscreen", "amount": 20}]',
    )

    paid, dear, unknown = lines(run(rules.app, "run", table, "--inputs", inputs, home=tmp_path))

    assert (paid["outputs"], paid["fired"], paid["missing"]) == ({"step": "auto_close", "requests": []}, ["R-1"], [])
    assert dear["fired"] == ["R-9"]
    assert dear["trace"][0] == {
        "row": "R-1",
        "matched": False,
        "failing": {"input": "amount", "cell": "<= 500.00", "value": "500.01"},
    }
    assert (unknown["kind"], unknown["outputs"], unknown["missing"]) == ("missing", {}, ["found"])


def test_one_object_gives_one_answer_for_a_table_by_name(tmp_path: Path) -> None:
    inputs = given(tmp_path, '{"topic": "lift_or_intercom", "tenant_found": false, "photos": 0}')

    (answer,) = lines(run(rules.app, "run", "home_repair/next_step", "--inputs", inputs, "--json", home=tmp_path))

    assert answer["outputs"]["department"] == "building_services"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"topic": "windscren"}', 'inputs.json[0] topic: "windscren"'),
        ('[{"topic": "theft"}, {"topik": "theft"}]', "inputs.json[1] topik"),
        ('{"topic": ', "inputs.json, line 1"),
        ("[" * 100_000, "inputs.json nests too deep"),
        (f'{{"amount": {"9" * 6000}}}', "inputs.json: Exceeds the limit"),
        ('{"amount": NaN}', "inputs.json: NaN is no number of JSON"),
        ("[3]", "inputs.json[0] is not an object"),
    ],
)
def test_inputs_that_are_none_are_refused_with_their_place(tmp_path: Path, table: Path, text: str, told: str) -> None:
    refused = run(rules.app, "run", table, "--inputs", given(tmp_path, text), home=tmp_path)

    assert refused.exit_code == 2
    assert told.replace('"windscren"', "'windscren'") in refused.stderr
    assert refused.stdout == ""


def test_rows_are_explained_in_words(tmp_path: Path, table: Path) -> None:
    (told,) = lines(run(rules.app, "explain", table, "--json", home=tmp_path))

    assert [(row["id"], row["when"], row["then"]) for row in told["rows"]] == [
        ("R-1", "topic is windscreen and amount is at most 500.00 and found is true", "step auto_close"),
        ("R-2", "topic is not theft and amount is not known", "step expert, requests photo and plate"),
        ("R-9", "no row above fits", "step expert"),
    ]


def test_every_shipped_table_can_be_explained_to_people(tmp_path: Path) -> None:
    for folder in sorted(path.name for path in SHIPPED.iterdir()):
        told = run(rules.app, "explain", f"{folder}/next_step", home=tmp_path)

        assert told.exit_code == 0
        assert "no row above" in told.stdout


def test_an_unknown_table_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    refused = run(rules.app, "explain", "home_repair/nextstep", home=tmp_path)

    assert refused.exit_code == 2
    assert 'did you mean "home_repair/next_step"?' in refused.stderr


def test_the_check_runs_examples_and_exits_1_on_a_broken_promise(tmp_path: Path, table: Path) -> None:
    kept = run(rules.app, "check", table, home=tmp_path)
    table.write_text(TABLE.replace('"<= 500"', '"< 500"'), encoding="utf-8")

    broken = run(rules.app, "check", tmp_path, "--json", home=tmp_path)

    assert kept.exit_code == 0
    assert broken.exit_code == 1
    (problem,) = json.loads(broken.stdout)["problems"]
    assert problem["key"] == "examples[E-1].expect.rows"
    assert (
        problem["line"]
        == TABLE.splitlines().index(
            '  - {id: E-1, given: {topic: windscreen, amount: "500.00", found: true}, expect: {row: R-1}}'
        )
        + 1
    )


def test_the_check_holds_a_journeys_tables_against_its_journey(tmp_path: Path) -> None:
    checked = run(rules.app, "check", home=tmp_path)

    assert checked.exit_code == 0, checked.stdout
    assert "0 problems" in checked.stdout


def test_the_check_says_what_is_proved_of_a_table_and_which_rows_no_example_reaches(
    tmp_path: Path, table: Path
) -> None:
    said = run(rules.app, "check", table, home=tmp_path)
    (found,) = json.loads(run(rules.app, "check", table, "--json", home=tmp_path).stdout)["verified"]

    assert (
        "glass.yaml: proved for all of the 8 kinds of complete cases that the cells of 3 inputs tell apart"
        in said.stdout
    )
    assert "  warning: no example reaches R-2, R-9" in said.stdout
    assert (found["verdict"], found["untried"]) == ("proved", ["R-2", "R-9"])
    assert found["findings"][0] == {
        "severity": "warning",
        "words": "when topic is theft, no row fits and the else row answers",
    }
    inputs = given(tmp_path, json.dumps([gap["witness"] for gap in found["gaps"]]))
    answers = lines(run(rules.app, "run", table, "--inputs", inputs, home=tmp_path))
    assert {answer["kind"] for answer in answers} == {"else"}


def test_rows_that_contradict_each_other_and_a_gap_in_a_complete_table_fail_the_check(
    tmp_path: Path, table: Path
) -> None:
    clashing = TABLE.replace("hit: FIRST", "hit: UNIQUE\ncomplete: true").replace(
        "not(theft), amount: missing", "windscreen"
    )
    table.write_text(clashing, encoding="utf-8")

    broken = run(rules.app, "check", table, home=tmp_path)
    (found,) = json.loads(run(rules.app, "check", table, "--json", home=tmp_path).stdout)["verified"]

    assert broken.exit_code == 1
    assert found["overlaps"] == [
        {
            "rows": ["R-1", "R-2"],
            "where": "topic is windscreen, amount is at most 500.00 and found is true",
            "witness": {"topic": "windscreen", "amount": "0.00", "found": True},
        }
    ]
    assert (
        f"{table} rows[R-2]: R-1 and R-2 contradict each other when topic is windscreen, amount is at most 500.00 and "
        "found is true; let one of them ask for what the other excludes"
    ) in broken.stdout
    assert (
        f"{table} complete: when topic is theft, no row fits, although the table says it is complete; "
        "add a row for these cases, or take the key out"
    ) in broken.stdout


def test_the_shipped_tables_are_proved_without_a_warning_and_every_row_has_an_example(tmp_path: Path) -> None:
    checked = json.loads(run(rules.app, "check", "--json", home=tmp_path).stdout)

    assert [one["table"] for one in checked["verified"]] == [
        f"{folder.name}/next_step" for folder in sorted(SHIPPED.iterdir())
    ]
    for one in checked["verified"]:
        assert (one["verdict"], one["untried"]) == ("proved", [])
        assert {finding["severity"] for finding in one["findings"]} == {"note"}


def test_a_folder_without_rule_files_is_no_success(tmp_path: Path) -> None:
    refused = run(rules.app, "check", tmp_path, home=tmp_path)

    assert refused.exit_code == 2
    assert "there is no rule file" in refused.stderr
