import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.vocabulary import Danger
from pipelines.reading.danger import find_danger

with (Path(__file__).parent / "danger_sentences.csv").open(encoding="utf-8") as table:
    ROWS = [(row["danger"], row["language"], row["text"]) for row in csv.DictReader(table)]

JOURNEYS = Path(__file__).parents[2] / "configs" / "journeys"


def dangers(text: str, language: str | None = None) -> set[Danger]:
    return {found.danger for found in find_danger(text, language)}


@pytest.mark.parametrize("told", [True, False])
def test_no_danger_in_the_table_is_missed(*, told: bool) -> None:
    missed = [
        (danger, text)
        for danger, language, text in ROWS
        if danger != "-" and Danger(danger) not in dangers(text, language if told else None)
    ]

    assert missed == []


@pytest.mark.parametrize("told", [True, False])
def test_at_most_two_harmless_sentences_in_the_table_raise_an_alarm(*, told: bool) -> None:
    false_alarms = [
        text for danger, language, text in ROWS if danger == "-" and dangers(text, language if told else None)
    ]

    assert len(false_alarms) <= 2, false_alarms


def test_the_table_is_large_and_covers_every_danger_in_both_languages() -> None:
    covered = {(danger, language) for danger, language, _ in ROWS if danger != "-"}

    assert len(ROWS) >= 120
    assert covered == {(danger.value, language) for danger in Danger for language in ("nl", "en")}


@pytest.mark.parametrize(
    "text", ["GASLUCHT!!", "gas  lucht", "gas-lucht", "gáslúcht", "gaslugt", "gasl\u00aducht", "Gas\nlucht", "gaslcuht"]
)
def test_spelling_spaces_hyphens_and_accents_hide_no_danger(text: str) -> None:
    assert dangers(text) == {Danger.GAS}


def test_both_languages_are_searched_whatever_the_message_is_said_to_be_in() -> None:
    assert dangers("Help, I smell gas, er is brand en mijn moeder is gewond", "en") == {
        Danger.GAS, Danger.FIRE, Danger.INJURY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("geen gewonden", False),
        ("niemand is gewond geraakt", False),
        ("niet ernstig gewond", True),
        ("geen brand meer", True),
        ("geen idee hoe, maar er is brand", True),
        ("er is brand ik ben er niet", True),
        ("No ambulance came", True),
        ("there is no oxygen left", True),
    ],
)
def test_a_denial_counts_only_when_it_denies(text: str, *, seen: bool) -> None:
    assert bool(find_danger(text)) is seen


def test_the_words_of_a_journey_are_added() -> None:
    extra = {Danger.INJURY: ["rode  knop", "Légionella pneu"], Danger.GAS: ["(r32)"]}

    found = find_danger("De RODE-knop is los, R32 niet; (r32) wel", extra=extra)

    assert [(one.danger, one.text) for one in found] == [(Danger.INJURY, "RODE-knop")]


@pytest.mark.parametrize(
    "text",
    [
        "Is my bike insured? I got no bericht, de sleutel is gevonden en het bedrag bedraagt 40 euro",
        "Mijn zwager heeft het geweldig opgelost",
        "de duiven broeden op het balkon, de foto's heb ik gezonden en het is laat geworden",
        "Battery's dead, ik heb de lichten laten branden",
        "A kind man bled the radiator, a tile fell on my car and I can't get it out of the gutter",
        "Van achteren aangereden, marter heeft de koelslang lek gebeten",
        "Er branden allemaal lampjes, ik ben op maandag thuis",
        "kind regards, no passengers hurt",
    ],
)
def test_everyday_words_that_look_like_danger_raise_no_alarm(text: str) -> None:
    assert find_danger(text) == []


def test_few_of_the_journeys_own_messages_raise_an_alarm() -> None:
    texts = [
        (row["text"], path.stem)
        for path in sorted(JOURNEYS.glob("*/examples/*.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["label"] != "danger"
    ]

    alarms = [text for text, language in texts if find_danger(text, language)]

    assert len(texts) > 1_000
    assert len(alarms) <= 0.03 * len(texts), alarms


@given(st.text())
def test_any_text_is_survived_and_spans_hold(text: str) -> None:
    for found in find_danger(text):
        assert text[found.start : found.end] == found.text


@given(
    st.sampled_from([text for danger, _, text in ROWS if danger == "gas"]), st.text(max_size=30), st.text(max_size=30)
)
def test_what_stands_in_other_paragraphs_hides_no_danger(danger: str, before: str, after: str) -> None:
    text = f"{before}.\n\n{danger}.\n\n{after}"

    assert any(found.danger is Danger.GAS for found in find_danger(text))
    for found in find_danger(text):
        assert text[found.start : found.end] == found.text
