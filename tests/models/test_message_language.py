import pytest

from models.language import UnknownLanguage, detect

DUTCH = ["Mijn kraan lekt", "geen warm water", "de deur klemt sinds gisteren", "scheur in de muur", "nee dank u wel"]
ENGLISH = [
    "my tap leaks",
    "there is no hot water",
    "the door is stuck",
    "a crack in the wall",
    "no thank you very much",
]


def test_short_dutch_and_english_messages_are_told_apart() -> None:
    found = [language for language, _ in detect([*DUTCH, *ENGLISH], ["nl", "en"])]

    assert found == ["nl"] * 5 + ["en"] * 5


def test_only_the_given_languages_are_answered_with_a_probability() -> None:
    found = detect(["Der Wasserhahn tropft seit gestern", "Mijn kraan lekt"], ["en", "nl"])

    assert {language for language, _ in found} <= {"nl", "en"}
    assert all(0.5 <= chance <= 1 for _, chance in found)
    assert detect(["Der Wasserhahn tropft seit gestern"], ["en", "nl", "de"])[0][0] == "de"


@pytest.mark.parametrize("text", ["", "  ", "12-34", "!?", "📷"])
def test_without_a_letter_the_first_language_is_taken_at_equal_odds(text: str) -> None:
    assert detect([text], ["nl", "en"]) == [("nl", 0.5)]


def test_one_language_is_certain_and_no_text_gives_nothing() -> None:
    assert detect(["hello"], ["nl"]) == [("nl", 1.0)]
    assert detect([], ["nl"]) == []


def test_a_language_that_does_not_exist_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownLanguage, match="no language is called dutch; use two-letter codes out of"):
        detect(["hallo"], ["dutch"])
    with pytest.raises(ValueError, match="give at least one"):
        detect(["hallo"], [])
