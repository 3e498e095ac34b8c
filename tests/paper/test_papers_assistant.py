"""The section of a document that language models wrote: marked as such, with its evidence, or not there."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from papers import AT, printed, text_of

from cases import events as e
from cases.vocabulary import Help, LlmOutcome
from pipelines.paper.assistant import MOST_STATEMENTS
from pipelines.paper.sheet import Frame, sheet
from pipelines.paper.spoken import Spoken
from tests.domain.assisted_cases import CONTRADICTED, EVERYTHING, judged, read_along, stream
from tests.domain.dossiers import LIVES, file

HEADING = {
    "en": "Written by a language model, checked by nobody yet",
    "nl": "Geschreven door een taalmodel, nog door niemand gecontroleerd",
}
LATE = e.LlmCalled(Help.OPINION, LlmOutcome.LATE, "small", "p", "a")


def read(language: str = "en") -> dict[str, Any]:
    """A file with all kinds of help, of which a person kept one sentence."""
    return file(stream(*EVERYTHING, judged("summary", "kept", 0), LATE), folder=read_along(), language=language)


def sections(document: dict[str, Any]) -> dict[str, Any]:
    frame = Frame("Voorbeeld", AT, "0" * 64, "Sealed by nobody")
    laid = sheet(document, frame, Spoken(str(document["language"]), ZoneInfo("Europe/Amsterdam")))
    return {section["title"]: section["parts"] for section in laid["sections"]}


def words(parts: Any) -> str:
    match parts:
        case dict():
            return " ".join(words(part) for part in parts.values())
        case list():
            return " ".join(words(part) for part in parts)
        case _:
            return str(parts)


def test_it_stands_under_its_own_heading_with_the_numbers_of_its_evidence() -> None:
    said = text_of(printed(read()))

    assert HEADING["en"] in said
    assert "A stone broke the glass. (kept by anna) [" in said
    assert f"{CONTRADICTED} (found by the product, not by the language model) [" in said
    assert "12 November 2026 [" in said
    assert "Photo 1, written in the picture: STOP [" in said
    assert "Het kostte 125,00 euro. [" in said
    assert "Second opinion on the topic: it took too long" in said
    assert "Summary: small, summary.1/rules.1, 23 Nov 2026, 11:05" in said


@pytest.mark.parametrize("language", HEADING)
def test_all_of_it_is_said_in_the_language_of_the_file(language: str) -> None:
    parts = sections(read(language))[HEADING[language]]

    assert "paper." not in words(parts)


@pytest.mark.parametrize("language", HEADING)
def test_no_heading_of_the_document_reads_as_its_key(language: str) -> None:
    found = sections(read(language)) | sections(file(LIVES["something missing"], language=language))

    heads = [head for parts in found.values() for part in parts for head in part.get("head", ())]
    assert len(heads) > 4
    assert not [title for title in (*found, *heads) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", title)]


def test_a_file_that_no_language_model_read_has_no_such_section() -> None:
    found = sections(file(LIVES["facts, photo, neighbours"]))

    assert HEADING["en"] not in found
    assert len(found) > 5


def test_of_very_many_statements_the_document_shows_the_first_and_counts_the_rest() -> None:
    many = read()
    many["assistant"]["translations"] *= MOST_STATEMENTS + 3
    many["assistant"]["facts"] *= MOST_STATEMENTS + 2

    said = words(sections(many)[HEADING["en"]])

    assert said.count("Het kostte") == MOST_STATEMENTS
    assert "3 more are not shown here" in said
    assert "2 more are not shown here" in said
