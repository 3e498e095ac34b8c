from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.facts import READERS, FactReader, read_facts

NOW = date(2026, 11, 22)


def read(text: str, **readers: FactReader) -> dict[str, list[tuple[str, str]]]:
    facts = read_facts(text, language="nl", now=NOW, readers=readers)
    return {name: [(found.value, found.text) for found in candidates] for name, candidates in facts.items()}


def test_each_fact_is_read_with_its_own_reader_and_named_after_the_fact() -> None:
    facts = read_facts(
        "Polisnummer 12-3456, schade € 250,- op 3 november met 16-RSL-9",
        language="nl",
        now=NOW,
        readers={
            "policy": FactReader("pattern", pattern=r"\d\d-\d{4}"),
            "damage": FactReader("amount"),
            "day": FactReader("date"),
            "plate": FactReader("licence_plate"),
            "account": FactReader("iban"),
        },
    )

    assert {name: [(one.kind, one.value) for one in found] for name, found in facts.items()} == {
        "policy": [("policy", "12-3456")],
        "damage": [("damage", "250.00")],
        "day": [("day", "2026-11-03")],
        "plate": [("plate", "16RSL9")],
        "account": [],
    }


def test_a_candidate_near_a_named_word_comes_first() -> None:
    text = "Ik betaal 20 euro premie in de maand aan u en dat al jaren achtereen; het schadebedrag is 300 euro"

    assert read(text, damage=FactReader("amount", near=("schade",)))["damage"][0][0] == "300.00"
    assert read(text, damage=FactReader("amount"))["damage"][0][0] == "20.00"


def test_words_that_must_stand_before_or_after_exclude_the_rest() -> None:
    text = "3 kamers in het huis en verder niets bijzonders; de meterstand is 12345 kubieke meter"

    assert read(text, stand=FactReader("number", after=("méterstand",)))["stand"] == [("12345", "12345")]
    assert read(text, rooms=FactReader("number", before=("kamer",)))["rooms"] == [("3", "3")]


def test_a_mistyped_account_number_stays_marked_as_such() -> None:
    facts = read_facts(
        "NL91ABNA0417164301", language="nl", now=NOW, readers={"account": FactReader("iban", near=("nl",))}
    )

    assert [(one.kind, one.certainty) for one in facts["account"]] == [("iban_invalid", 0.0)]


@pytest.mark.parametrize(("reader", "pattern"), [("pattern", None), ("date", "x")])
def test_a_pattern_goes_with_the_pattern_reader_only(reader: str, pattern: str | None) -> None:
    with pytest.raises(ValueError, match="give a pattern for the reader 'pattern'"):
        FactReader(reader, pattern=pattern)  # type: ignore[arg-type]  # the parametrised literal


@given(st.text())
def test_every_reader_survives_any_text_and_keeps_its_spans(text: str) -> None:
    readers: dict[str, FactReader] = {
        name: FactReader(name, pattern=r"\w+" if name == "pattern" else None, near=("a",)) for name in READERS
    }

    for candidates in read_facts(text, language="en", now=NOW, readers=readers).values():
        assert [one.certainty for one in candidates] == sorted((one.certainty for one in candidates), reverse=True)
        for one in candidates:
            assert text[one.start : one.end] == one.text
