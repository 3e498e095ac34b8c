"""Page sentences go out to translators as PO and come back whole, or not at all."""

from pathlib import Path
from shutil import copytree

import pytest
import yaml
from command_line import SHIPPED, run

from api.commands import journeys


def exported(tmp_path: Path) -> tuple[Path, Path]:
    """A journey of one's own, and its French as a catalogue."""
    folder, file = tmp_path / "complaint", tmp_path / "fr.po"
    copytree(SHIPPED / "complaint", folder)
    made = run(journeys.app, "words", "export", folder, "fr", "--out", file, home=tmp_path)
    assert made.exit_code == 0, made.output
    return folder, file


def test_what_goes_out_comes_back_the_same(tmp_path: Path) -> None:
    folder, file = exported(tmp_path)
    before = yaml.safe_load((folder / "words" / "fr.yaml").read_text(encoding="utf-8"))

    taken = run(journeys.app, "words", "import", folder, "fr", file, home=tmp_path)

    assert taken.exit_code == 0, taken.output
    assert yaml.safe_load((folder / "words" / "fr.yaml").read_text(encoding="utf-8")) == before
    assert run(journeys.app, "check", folder, home=tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('msgctxt "title"', '#, fuzzy\nmsgctxt "title"', "title: it is marked fuzzy; check it"),
        ('msgstr "Plainte ou compliment"', 'msgstr ""', "title: it is not translated; translate: Klacht"),
        ('msgid "Klacht of compliment"', 'msgid "Klacht"', "title: its source has changed since"),
        ('msgctxt "title"', 'msgctxt "titel"', "titel: no page shows such a place"),
        ('msgstr "Plainte ou compliment"', 'msgstr "Plainte {n}"', "title: it fills in something else"),
        ('msgctxt "title"', "nonsense", "not a catalogue"),
    ],
)
def test_a_catalogue_with_a_doubtful_sentence_changes_nothing(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder, file = exported(tmp_path)
    before = (folder / "words" / "fr.yaml").read_bytes()
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    refused = run(journeys.app, "words", "import", folder, "fr", file, home=tmp_path)

    assert refused.exit_code == 1
    assert told in " ".join(refused.output.split())
    assert (folder / "words" / "fr.yaml").read_bytes() == before


def test_a_language_of_the_journey_itself_is_not_a_page_language(tmp_path: Path) -> None:
    folder, file = exported(tmp_path)

    refused = run(journeys.app, "words", "export", folder, "nl", "--out", file, home=tmp_path)

    assert refused.exit_code == 2
    assert "stands in journey.yaml itself" in " ".join(refused.output.split())


def test_a_new_language_is_written_and_its_place_in_the_journey_told(tmp_path: Path) -> None:
    folder, file = exported(tmp_path)

    taken = run(journeys.app, "words", "import", folder, "es", file, home=tmp_path)

    assert taken.exit_code == 0, taken.output
    assert (folder / "words" / "es.yaml").is_file()
    assert "Add es to page_languages" in " ".join(taken.output.split())
