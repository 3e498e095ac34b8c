import csv
import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import typer
import yaml
from command_line import SHIPPED, lines, run

from api.commands import journeys
from api.commands.ingest import ingest
from cases.journey_spec import Attention
from cases.keeping import REMINDER, STILL_BUSY
from cases.rules import Hit, Kind
from pipelines.journeys import read_folder

SPARED_OR_NOT = {"received": "spare", "granted": "seize"}
JOURNEYS = [path for path in sorted(SHIPPED.iterdir()) if (path / "journey.yaml").exists()]
LABELS = {"Refund_not_showing_up": "refund", "reverted_card_payment?": "reverted payment", "Lost card": "lost card"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Messages with labels that are no topic keys, in two languages, some out of scope."""
    file = tmp_path / "data.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label", "language", "group"])
        for label, words in LABELS.items():
            writer.writerows([f"My {words} again, number {n}", label, "en-GB", f"c{n}"] for n in range(6))
            writer.writerow([f"Nog eens: {words}", label, "NL", ""])
        writer.writerow(["A poem about spring, with a comma", "oos", "en", ""])
    return file


def test_a_new_journey_passes_its_check_and_takes_messages_to_decided_cases(tmp_path: Path) -> None:
    made = run(journeys.app, "new", "fresh", "--out", tmp_path / "mine", home=tmp_path)
    messages = tmp_path / "messages.jsonl"
    texts = ("Please note my new address, we moved to Elm Street 4", "Mag ik een kopie van mijn contract?")
    rows = [{"id": str(n), "journey": "fresh", "sender": "a@example.org", "text": one} for n, one in enumerate(texts)]
    messages.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    app = typer.Typer()
    app.command()(ingest)

    checked = run(journeys.app, "check", tmp_path / "mine", home=tmp_path)
    cases = lines(run(app, messages, "--json", home=tmp_path / "home", journeys=tmp_path / "mine"))

    assert made.exit_code == 0, made.output
    assert (checked.exit_code, checked.stdout.strip()) == (0, "1 journey checked, 0 problems.")
    assert [case["topic"] for case in cases] == ["change_of_address", "copy_of_document"]
    assert {case["status"] for case in cases} == {"with_expert"}
    assert {case["step"] for case in cases} <= {"route", "expert"}


def test_a_new_journey_keeps_its_promises_in_every_language_and_its_check_has_nothing_to_say(tmp_path: Path) -> None:
    run(journeys.app, "new", "fresh", "--out", tmp_path, "--languages", "nl,en", home=tmp_path)

    checked = run(journeys.app, "check", tmp_path / "fresh", home=tmp_path)

    letters = yaml.safe_load((tmp_path / "fresh" / "journey.yaml").read_text(encoding="utf-8"))["letters"]
    assert {key: letters[key]["effect"] for key in (STILL_BUSY, REMINDER)} == {STILL_BUSY: "inform", REMINDER: "inform"}
    for language in ("nl", "en"):
        written = tmp_path / "fresh" / "letters" / language
        assert "{{ by }}" in (written / f"{STILL_BUSY}.txt").read_text(encoding="utf-8")
        assert "items" in (written / f"{REMINDER}.txt").read_text(encoding="utf-8")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert checked.stdout.strip() == "1 journey checked, 0 problems."


def test_a_new_journey_owns_up_to_missed_calls_spares_its_customer_and_asks_nobody_how_it_went(tmp_path: Path) -> None:
    run(journeys.app, "new", "fresh", "--out", tmp_path, "--languages", "nl,en", home=tmp_path)

    folder, _ = read_folder(tmp_path / "fresh")

    assert folder is not None
    assert all("call_missed" in folder.letters[language] for language in ("nl", "en"))
    moments = {key: folder.journey.touchpoints[str(folder.journey.letters[key].touchpoint)] for key in SPARED_OR_NOT}
    assert {key: moment.attention for key, moment in moments.items()} == SPARED_OR_NOT
    assert folder.journey.attention == Attention()
    assert folder.journey.survey is None


@pytest.mark.parametrize("languages", ["nl,en", "en", "de,fr,no"])
def test_a_new_journey_speaks_every_language_asked_for(tmp_path: Path, languages: str) -> None:
    made = run(journeys.app, "new", "fresh", "--out", tmp_path, "--languages", languages, home=tmp_path)

    folder = tmp_path / "fresh"
    assert made.exit_code == 0, made.output
    assert run(journeys.app, "check", folder, home=tmp_path).exit_code == 0
    assert {path.name for path in (folder / "letters").iterdir()} == set(languages.split(","))
    assert ("it reads in English" in (folder / "README.md").read_text(encoding="utf-8")) == ("de" in languages)


def test_topics_of_a_new_journey_are_the_labels_of_the_data(tmp_path: Path, data: Path) -> None:
    made = run(journeys.app, "new", "bank", "--out", tmp_path, "--data", data, "--json", home=tmp_path)

    folder = tmp_path / "bank"
    topics = yaml.safe_load((folder / "journey.yaml").read_text(encoding="utf-8"))["topics"]
    examples = {
        path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in (folder / "examples").iterdir()
    }
    assert lines(made)[0]["topics"] == 3
    assert {key: topic["title"]["en"] for key, topic in topics.items()} == {
        "refund_not_showing_up": "Refund not showing up",
        "reverted_card_payment": "Reverted card payment?",
        "lost_card": "Lost card",
    }
    assert {language: len(rows) for language, rows in examples.items()} == {"en": 19, "nl": 3}
    assert {row["label"] for row in examples["en"]} == {*topics, "oos"}
    assert examples["en"][0]["group"] == "c0"
    assert run(journeys.app, "check", folder, home=tmp_path).exit_code == 0


def test_labels_that_yaml_or_a_cell_would_misread_become_topics_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    rows = [f"{label} message {n},{label}" for label in ("no", "missing", "null", "-") for n in range(5)]
    file.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")

    made = run(journeys.app, "new", "odd", "--out", tmp_path, "--data", file, home=tmp_path)

    assert made.exit_code == 0, made.output
    assert run(journeys.app, "check", tmp_path / "odd", home=tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["Not a key"], "for example 'not_a_key'"),
        (["fresh", "--languages", "dutch"], "two-letter codes"),
        (["fresh", "--languages", "nl,nl"], "different two-letter codes"),
        (["taken"], "exists already; choose another NAME"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_mend(tmp_path: Path, args: list[str], told: str) -> None:
    (tmp_path / "taken").mkdir()

    refused = run(journeys.app, "new", *args, "--out", tmp_path, home=tmp_path)

    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_data_that_cannot_be_learned_from_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("text,label\nonly one,label\nand again,label\n", encoding="utf-8")

    refused = run(journeys.app, "new", "single", "--out", tmp_path / "out", "--data", file, home=tmp_path)

    assert refused.exit_code == 2
    assert "give at least 4 of each of two labels" in refused.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bad_language_in_the_data_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("text,label,language\nhello,a,en\nhallo,a,dutch\n", encoding="utf-8")

    refused = run(journeys.app, "new", "x", "--out", tmp_path, "--data", file, home=tmp_path)

    assert "data.csv, line 3: language is 'dutch'; write a two-letter code such as nl" in refused.stderr


def test_the_check_names_every_problem_with_file_line_and_mend(tmp_path: Path) -> None:
    run(journeys.app, "new", "fresh", "--out", tmp_path, home=tmp_path)
    folder = tmp_path / "fresh"
    with (folder / "examples" / "en.csv").open("a", encoding="utf-8") as examples:
        examples.write("I moved,change_of_adress,en,\n")
    (folder / "examples" / "nl.csv").write_text("text,label\nhallo,a,b\n", encoding="utf-8")
    rules = folder / "rules" / "next_step.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("expect: {row: R-0010}", "expect: {row: R-0020}"))
    (folder / "letters" / "nl" / "ask.txt").unlink()

    checked = run(journeys.app, "check", folder, home=tmp_path)

    last = len((folder / "examples" / "en.csv").read_text(encoding="utf-8").splitlines())
    assert checked.exit_code == 1
    assert f"fresh/examples/en.csv:{last} label: 'change_of_adress' is no topic of the journey" in checked.stdout
    assert 'did you mean "change_of_address"?' in checked.stdout
    assert "fresh/examples/nl.csv:2: 3 cells under a header of 2" in checked.stdout
    assert "expected R-0020, but the table gives fired R-0010" in checked.stdout
    assert "fresh/letters/nl/ask.txt: cannot be read" in checked.stdout
    assert "4 problems" in checked.stdout


def test_a_folder_without_a_journey_is_a_problem_and_none_is_an_error(tmp_path: Path) -> None:
    empty = run(journeys.app, "check", tmp_path, "--json", home=tmp_path)
    absent = run(journeys.app, "check", tmp_path / "absent", home=tmp_path)

    assert empty.exit_code == 1
    assert json.loads(empty.stdout)["problems"][0]["file"].endswith("/journey.yaml")
    assert absent.exit_code == 2
    assert "there is no folder" in absent.stderr


def test_the_check_writes_nothing_at_all(tmp_path: Path) -> None:
    copy = tmp_path / "journeys" / "home_repair"
    shutil.copytree(SHIPPED / "home_repair", copy)
    before = sorted(path for path in tmp_path.rglob("*"))

    run(journeys.app, "check", copy.parent, home=tmp_path / "home")

    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_all_journeys_in_use_are_listed_with_the_added_ones(tmp_path: Path) -> None:
    run(journeys.app, "new", "fresh", "--out", tmp_path / "mine", home=tmp_path)

    listed = lines(run(journeys.app, "list", "--json", home=tmp_path, journeys=tmp_path / "mine"))

    assert [row["name"] for row in listed] == [*(path.name for path in JOURNEYS), "fresh"]
    assert listed[-1]["topics"] == ["change_of_address", "copy_of_document"]


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.name)
def test_the_printed_schemas_hold_for_the_shipped_journeys(tmp_path: Path, path: Path) -> None:
    schemas = lines(run(journeys.app, "schema", "--json", home=tmp_path))[0]
    documents = [("journey", path / "journey.yaml"), *(("rules", file) for file in (path / "rules").glob("*.yaml"))]

    for kind, file in documents:
        plain = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))
        jsonschema.Draft202012Validator(schemas[kind]).validate(plain)


def test_the_schema_of_rules_refuses_what_the_reader_refuses(tmp_path: Path) -> None:
    schema = lines(run(journeys.app, "schema", "--json", home=tmp_path))[0]["rules"]
    table = yaml.safe_load((SHIPPED / "home_repair" / "rules" / "next_step.yaml").read_text(encoding="utf-8"))
    table["inputs"]["topic"].pop("domain")
    table["rows"][0]["wen"] = table["rows"][0].pop("when")

    plain = json.loads(json.dumps(table, default=str))
    found = [error.json_path for error in jsonschema.Draft202012Validator(schema).iter_errors(plain)]

    assert any("rows[0]" in path for path in found)
    assert any("inputs" in path for path in found)


def test_the_schema_of_rules_knows_every_hit_policy_and_type_that_the_reader_knows(tmp_path: Path) -> None:
    schema = lines(run(journeys.app, "schema", "--json", home=tmp_path))[0]["rules"]
    parts = schema["$defs"]

    assert set(schema["properties"]["hit"]["enum"]) == set(Hit)
    assert set(parts["input"]["properties"]["type"]["enum"]) == set(Kind) - {Kind.LIST}
    assert set(parts["output"]["properties"]["type"]["enum"]) == set(Kind) - {Kind.SET}
    assert set(parts["constant"]["properties"]["type"]["enum"]) == set(Kind) - {Kind.SET}
