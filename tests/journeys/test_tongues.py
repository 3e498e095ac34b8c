"""What customers read, in every language that a page or a letter of theirs speaks."""

from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from builders import JOURNEYS, case, entries, opened, said, shipped, understood
from hypothesis import given
from hypothesis import strategies as st

from cases.journey import tracking
from cases.vocabulary import Danger
from cases.wording import day_text
from pipelines.journeys import SHIPPED, load_words, read_folder
from pipelines.page_words import shown_wordings
from pipelines.plain_words import CUSTOMERS, gaps, hard_parts, limits, untranslated, word_problems, wording_problems
from pipelines.reading.danger import find_danger, words_of

LANGUAGES = ("nl", "en", "fr", "de")
WORDS = load_words(LANGUAGES)


def copied(to: Path, journey: str = "complaint") -> Path:
    copytree(SHIPPED / journey, to / journey)
    return to / journey


def told(path: Path) -> list[str]:
    folder, problems = read_folder(path)
    return [str(one) for one in (*problems, *(wording_problems(folder) if folder else ()))]


def change(path: Path, key: str, sentence: str | None) -> None:
    """One sentence of the French pages; None takes it out."""
    file = path / "words" / "fr.yaml"
    words = {**yaml.safe_load(file.read_text(encoding="utf-8")), key: sentence}
    kept = {key: value for key, value in words.items() if value is not None}
    file.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")


def test_every_sentence_of_the_product_that_customers_read_is_there_and_plain_in_four_languages() -> None:
    assert [str(problem) for problem in word_problems(WORDS)] == []
    assert sum(key.startswith(CUSTOMERS) for key in WORDS["fr"]) > 150


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_page_and_letter_of_a_shipped_journey_is_there_and_plain(journey: str) -> None:
    folder = shipped(journey)

    assert folder.journey.page_languages == ("fr", "de")
    assert [str(problem) for problem in wording_problems(folder)] == []
    for wording in shown_wordings(folder.journey.model_dump(mode="json")).values():
        assert set(wording) >= set(LANGUAGES)
        assert not untranslated(wording["en"], wording["nl"])


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_page_is_read_in_french_and_german_and_the_case_stays_in_its_own_language(journey: str) -> None:
    folder, log = shipped(journey), entries(opened(journey=journey), said())
    dutch, french, german = (tracking(folder, case(opened(journey=journey), said()), log, language=one)
                             for one in ("nl", "fr", "de"))  # fmt: skip

    assert (dutch.language, french.language, german.language) == ("nl", "fr", "de")
    assert len({one.status_sentence for one in (dutch, french, german)}) == 3
    assert french.languages == LANGUAGES
    assert french.automatic_checks.startswith("Un ordinateur")
    assert french.milestones[0].label == "Reçu"


def test_without_a_choice_the_page_is_in_the_language_of_the_case() -> None:
    events = (opened(), said(), understood(language="en"))

    view = tracking(shipped(), case(*events), entries(*events), language="pl")

    assert view.language == "en"


def test_a_sentence_left_out_of_a_page_is_named_with_its_source(tmp_path: Path) -> None:
    path = copied(tmp_path)
    change(path, "milestones.done.label", None)

    assert told(path) == [
        "complaint/words/fr.yaml milestones.done.label: no sentence in fr; translate: Klaar"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "sentence", "expected"),
    [
        ("milestones.done.lable", "Terminé", "no page shows such a place"),
        ("options.refund.title", "Rembourser", "no page shows such a place"),
        ("milestones.done.label", " ", "it is not a sentence"),
        ("requests.photo_item.text", "Terminé {when}", "{when} is not known here"),
        ("requests.wish.text", "Choose the solution that suits you best.", "it reads as in another language"),
        ("milestones.done.explain", "Veuillez patienter.", "'Veuillez' is not plain; write 'merci de' instead"),
        ("milestones.done.explain", "Un " + "petit " * 28 + "mot.", "30 words in one sentence"),
        ("milestones.done.explain", "C'est anticonstitutionnellement bon.", "'anticonstitutionnellement' is long"),
    ],
)
def test_what_is_wrong_with_a_sentence_is_told(tmp_path: Path, key: str, sentence: str, expected: str) -> None:
    path = copied(tmp_path)
    change(path, key, sentence)

    problems = told(path)

    assert any(expected in problem and key in problem and "words/fr.yaml" in problem for problem in problems)


def test_a_page_language_needs_its_file(tmp_path: Path) -> None:
    path = copied(tmp_path)
    (path / "words" / "de.yaml").unlink()

    assert any("complaint/words/de.yaml: cannot be read" in problem for problem in told(path))


def test_words_that_are_no_list_of_keys_are_refused(tmp_path: Path) -> None:
    path = copied(tmp_path)
    (path / "words" / "de.yaml").write_text("- Fertig\n", encoding="utf-8")

    assert any("the file is not a list of keys" in problem for problem in told(path))


def test_a_sentence_of_the_product_that_only_one_language_has_or_that_lost_a_gap_is_told() -> None:
    words = {"en": {"track.a": "Step {n}", "track.b": "Go"}, "fr": {"track.a": "Étape", "track.c": "Aller"}}

    problems = [str(problem) for problem in word_problems(words)]

    assert any("track.a" in one and "{n} is not filled in" in one for one in problems)
    assert any("track.b" in one and "no sentence in fr" in one for one in problems)
    assert any("track.c" in one and "no such sentence in English" in one for one in problems)


def test_names_and_addresses_may_be_long_where_a_capital_marks_a_name() -> None:
    assert (
        list(hard_parts("You can go to the Geschillencommissie at klachtenafhandelingen@voorbeeld.example.", "en"))
        == []
    )
    assert list(hard_parts("The geschillencommissie can help.", "en"))


def test_a_day_is_written_as_each_language_writes_it() -> None:
    day = date(2026, 11, 24)

    assert [day_text(day, one) for one in LANGUAGES] == [
        "dinsdag 24 november", "Tuesday 24 November", "mardi 24 novembre", "Dienstag, 24. November",
    ]  # fmt: skip


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=8), max_size=60), st.sampled_from(LANGUAGES))
def test_a_sentence_is_hard_exactly_when_it_has_more_words_than_its_language_bears(words: list[str], of: str) -> None:
    assert bool(list(hard_parts(" ".join(words), of))) == (len(words) > limits()[of].words)


@given(st.lists(st.text(alphabet="abcdefgh_", min_size=1, max_size=8), max_size=6))
def test_every_gap_is_found_however_it_stands_in_a_sentence(names: list[str]) -> None:
    assert gaps(" and ".join(f"{{{name}}}" for name in names)) == {f"{{{name}}}" for name in names}
    assert gaps(" and ".join(f"{{{{ {name} }}}}" for name in names)) == set(names)


@pytest.mark.parametrize(
    ("journey", "words", "danger"),
    [
        ("home_repair", "Bonjour, ça sent le gaz dans la cuisine.", Danger.GAS),
        ("home_repair", "Meine Mutter steckt im Aufzug, bitte schnell.", Danger.SHUT_IN),
        ("motor_claim", "Mon fils est blessé.", Danger.INJURY),
        ("motor_claim", "Das Auto ist ausgebrannt.", Danger.FIRE),
        ("complaint", "Der Akku ist explodiert!", Danger.FIRE),
    ],
)
def test_danger_is_seen_in_every_language_of_the_pages(journey: str, words: str, danger: Danger) -> None:
    found = find_danger(words, "nl", extra=words_of(shipped(journey).journey))

    assert [sign.danger for sign in found] == [danger]
