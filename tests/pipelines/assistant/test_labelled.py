"""Labelled messages are read from JSON lines and CSV, and what cannot be used is refused by file, line and mend."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UnreadableRow
from pipelines.assistant.labelled import LabelledMessage, NothingLabelled, read_labelled
from tests.builders import shipped

pytestmark = pytest.mark.once  # keeps nothing
FOLDER = shipped("motor_claim")
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=60).filter(str.strip)


def read(place: Path) -> list[LabelledMessage]:
    return read_labelled(place, FOLDER)[0]


def written(folder: Path, text: str, name: str = "set.jsonl") -> Path:
    place = folder / name
    place.write_text(text, encoding="utf-8", newline="")
    return place


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    lines: list[dict[str, str | None]] = [
        {"text": "A crack, plate H-214-KS", "topic": "windscreen", "fact.licence_plate": "H 214 ks", "language": "en"},
        {"text": "Two lines\nof text", "topic": "oos", "fact.licence_plate": None, "language": "en"},
    ]
    written(tmp_path, "\n".join(map(json.dumps, lines)), "a.jsonl")
    table = io.StringIO(newline="")
    rows = csv.DictWriter(table, list(lines[0]))
    rows.writeheader()
    rows.writerows(lines)
    written(tmp_path, table.getvalue(), "b.csv")

    found, files = read_labelled(tmp_path, FOLDER)

    assert (
        found[:2]
        == found[2:]
        == [
            LabelledMessage("A crack, plate H-214-KS", "windscreen", {"licence_plate": "H214KS"}, "en"),
            LabelledMessage("Two lines\nof text", "oos", {"licence_plate": ""}, "en"),
        ]
    )
    assert [one.name for one in files] == ["a.jsonl", "b.csv"]


def test_the_examples_of_a_journey_can_be_read_as_they_are() -> None:
    place = Path(__file__).parents[3] / "configs" / "journeys" / "motor_claim" / "examples"

    found = read(place)

    assert len(found) > 100
    assert all(one.topic and not one.facts for one in found)


def test_what_has_no_label_has_none(tmp_path: Path) -> None:
    assert read(written(tmp_path, '{"text": "hello"}')) == [LabelledMessage("hello", None, {})]


@pytest.mark.parametrize(
    ("cell", "kept"), [("1.250,50", "1250.50"), ("€ 12", "12.00"), ("", "")], ids=["as_the_dutch", "with_sign", "none"]
)
def test_a_label_has_the_spelling_in_which_facts_are_kept(tmp_path: Path, cell: str, kept: str) -> None:
    assert read(written(tmp_path, json.dumps({"text": "x", "fact.amount": cell})))[0].facts == {"amount": kept}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": "a"}\n{"topic": "theft"}', "set.jsonl, line 2: there is no text"),
        ('{"text": "a", "topic": "teft"}', "line 1: 'teft' is no topic of motor_claim; .*theft"),
        ('{"text": "a", "fact.plate": "x"}', "line 1: 'plate' is no fact of motor_claim; "),
        ('{"text": "a", "fact.loss_date": "last week"}', "'last week' cannot be loss_date; write a day"),
        ('{"text": "a", "facts": {"plate": "x"}}', "it is no object of plain values"),
        ("[1]", "it is no object of plain values"),
        ("{", "it is no JSON; write one object a line"),
        ("[" * 100_000, "it is no JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_with_line_and_mend(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UnreadableRow, match=told):
        read(written(tmp_path, line))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("text,topic\na,b,c\n", "line 2: 3 cells under a header of 2"),
        ('text,topic\n"a,theft\n', "close the quotes"),
        ("topic\ntheft\n", "there is no text"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_too(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(UnreadableRow, match=told):
        read(written(tmp_path, table, "set.csv"))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(b'{"text": "a"}\n{"text": "\xff"}')

    with pytest.raises(UnreadableRow, match=r"line 2: byte 0xff is not UTF-8; save the file as UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["notes.txt", "set.jsonl"])
def test_a_folder_without_messages_says_what_it_should_hold(tmp_path: Path, name: str) -> None:
    written(tmp_path, "\n", name)

    with pytest.raises(NothingLabelled, match=r"name a \.csv or \.jsonl file with a column text"):
        read(tmp_path)


@given(words)
def test_every_text_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    place = tmp_path_factory.mktemp("labelled")
    written(place, json.dumps({"text": text}))

    assert [one.text for one in read(place)] == [text.strip()]


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_anything_at_all_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    place = tmp_path_factory.mktemp("anything")
    for name in ("set.jsonl", "set.csv"):
        try:
            found = read(written(place, body, name))
        except (UnreadableRow, NothingLabelled):
            continue
        assert all(one.text for one in found)
