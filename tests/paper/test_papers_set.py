"""The document of a decision file: what stands in it, how it is tagged, and that strangers' words stay words."""

import hashlib
import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papers import AT, attached_to, catalogue, metadata, printed, text_of

from api.pages.case_view import without_advice
from pipelines.paper.errors import PaperNotMade
from pipelines.paper.press import set_document
from pipelines.paper.signs import BOX, all_printable, printable, ranges
from tests.domain.dossiers import LIVES, file

LIFE = "facts, photo, neighbours"
HOSTILE = (
    '#panic("x") #read("/etc/passwd") $x^2$ *bold* _it_ `raw` @evidence-1 <evidence-1> \\u{41} #import "@preview/a:1" '
    "= Heading\n- item\n/* comment */ // line\n#sys.inputs ]] )) {{ %s ${x} \u202edetsrever\u202c 日本 😀 \x07 end"
)


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    return file(LIVES[LIFE])


@pytest.fixture(scope="module")
def document(known: dict[str, Any]) -> bytes:
    return printed(known, pictures={known["files"][0]["id"]: "photo-1.jpg"})


def statements(value: Any) -> list[str]:
    """Every sentence of a decision file that names its sources."""
    match value:
        case dict():
            own = [value["text"]] if {"text", "sources"} <= value.keys() and "findings" not in value else []
            return [*own, *(said for inner in value.values() for said in statements(inner))]
        case list():
            return [said for inner in value for said in statements(inner)]
        case _:
            return []


def test_every_statement_stands_in_the_document_with_the_number_of_its_evidence(
    known: dict[str, Any], document: bytes
) -> None:
    said = text_of(document)

    found = statements(known)
    assert len(found) >= 10
    for sentence in found:
        assert " ".join(sentence.split()) in said
    question = " ".join(known["headline"]["question"]["text"].split())
    assert f"{question} [1]" in said
    assert "[1] History" in said


def test_the_same_version_of_a_case_gives_the_same_bytes(known: dict[str, Any], document: bytes) -> None:
    again = printed(known, pictures={known["files"][0]["id"]: "photo-1.jpg"})

    assert hashlib.sha256(again).digest() == hashlib.sha256(document).digest()


def test_it_is_tagged_and_says_its_title_and_language(known: dict[str, Any], document: bytes) -> None:
    root = catalogue(document)

    assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"])
    assert root["/StructTreeRoot"]["/Type"] == "/StructTreeRoot"
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert f"Decision file {known['reference']}: {known['topic']['title']}" in metadata(document)


def test_it_claims_pdf_a_3a_and_pdf_ua_1(document: bytes) -> None:
    said = metadata(document)

    assert "<pdfaid:part>3</pdfaid:part>" in said
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in said
    assert "<pdfuaid:part>1</pdfuaid:part>" in said


def test_the_file_for_programs_is_attached_as_its_source(known: dict[str, Any], document: bytes) -> None:
    attached = attached_to(document)

    assert attached == {"decision-file.json": orjson.dumps(known, option=orjson.OPT_SORT_KEYS)}
    assert catalogue(document)["/AF"][0]["/AFRelationship"] == "/Source"
    assert hashlib.sha256(attached["decision-file.json"]).hexdigest() in text_of(document).replace(" ", "")


def test_a_person_who_decides_first_reads_no_advice_in_it() -> None:
    blind = file(LIVES["blind"])
    assert blind["recommendation"]["because"]

    said = text_of(printed(without_advice(blind)))

    assert "You decide without advice" in said
    assert blind["recommendation"]["because"][0]["text"] not in said


@pytest.mark.parametrize("life", ["just opened", "danger", "closed", "erased events", "blind"])
def test_each_life_of_a_case_can_be_set_in_dutch_too(life: str) -> None:
    told = file(LIVES[life], language="nl")

    said = text_of(printed(told))

    assert "Bewijs" in said
    assert told["reference"] in said


def hostile(value: Any) -> Any:
    """Every text that strangers can write is hostile; what the house itself writes stays."""
    changed = json.loads(json.dumps(value))
    changed["customer"] |= {"name": HOSTILE, "sender": HOSTILE}
    for said in changed["messages"]:
        said |= {"subject": HOSTILE, "name": HOSTILE}
    for found in changed["files"]:
        found["name"] = HOSTILE
    for fact in changed["facts"]:
        fact["shown"] = HOSTILE
    changed["headline"]["story"]["text"] = HOSTILE
    return changed


def test_hostile_words_are_set_as_words(known: dict[str, Any]) -> None:
    said = text_of(printed(hostile(known), pictures={known["files"][0]["id"]: "photo-1.jpg"}))

    for words in ('#panic("x") #read("/etc/passwd") $x^2$ *bold*', '#import "@preview/a:1"', "= Heading"):
        assert words in said
    assert "root:" not in said
    assert f"{{{{ %s ${{x}} detsrever {BOX}{BOX} {BOX} end" in said


@given(st.text())
def test_what_is_printable_has_a_glyph_or_is_a_line_end(text: str) -> None:
    begins, ends = ranges()

    for sign in printable(text):
        at = ord(sign)
        assert sign == "\n" or any(first <= at <= last for first, last in zip(begins, ends, strict=True))
    assert printable(printable(text)) == printable(text)


def test_every_sign_that_counts_as_printable_is_set() -> None:
    begins, ends = ranges()
    signs = "".join(chr(at) for first, last in zip(begins, ends, strict=True) for at in range(first, last + 1))
    table = [" ".join(signs[at : at + 40]) for at in range(0, len(signs), 40)]
    upright = {"shows": "text", "style": "", "text": "\n".join(table), "cites": []}
    bold = {"shows": "heading", "text": " ".join(table)}

    said = text_of(set_document(bare([upright, bold]), attached=b"{}", pictures={}, at=AT, seconds=60))

    assert all_printable(table) == table
    assert "é ê ë" in said  # and not the boxes of a second try
    assert said.count(BOX) == 2 * signs.count(BOX)


def test_signs_that_fonts_may_not_have_together_are_boxes_and_never_stop_the_document() -> None:
    chosen = random.Random(7)
    words = ["".join(chr(chosen.choice(KINDS)(chosen)) for _ in range(40)) for _ in range(150)]
    parts = [part for word in words for part in (said_as("text", word), said_as("heading", f"é {word}"))]

    said = text_of(set_document(bare(parts), attached=b"{}", pictures={}, at=AT, seconds=60))

    assert "é" in said


KINDS = (
    lambda chosen: chosen.randrange(0x20, 0x250),
    lambda chosen: chosen.randrange(0x300, 0x370),  # marks that combine
    lambda chosen: chosen.randrange(0x370, 0x700),  # Greek, Cyrillic, Hebrew, Arabic
    lambda chosen: chosen.randrange(0x2000, 0x2C00),
    lambda chosen: chosen.randrange(0x1F000, 0x20000),
)


def said_as(shows: str, words: str) -> dict[str, Any]:
    return {"shows": shows, "style": "", "text": words, "cites": []}


def test_what_takes_too_long_is_ended_and_told() -> None:
    parts = [{"shows": "text", "style": "", "text": f"{n} " * 200, "cites": []} for n in range(20_000)]

    with pytest.raises(PaperNotMade, match="took more than 2 seconds or 1024 MB; the decision file can be read"):
        set_document(bare(parts), attached=b"{}", pictures={}, at=AT, seconds=2)


def test_a_very_long_thread_is_shortened_and_says_so(known: dict[str, Any]) -> None:
    long = json.loads(json.dumps(known))
    long["messages"] = [{**long["messages"][0], "text": "Er lekt water. " * 4000} for _ in range(600)]

    said = text_of(printed(long))

    assert "shortened here; the attached file has all of it" in said
    assert "200 more are not shown here" in said


def bare(parts: list[Any]) -> dict[str, Any]:
    """A sheet with these parts and nothing else."""
    units = ("year", "month", "day", "hour", "minute", "second")
    return {
        "title": "T", "heading": "T", "kicker": "", "footer": "", "author": "A", "language": "en", "attached": "JSON",
        "date": {unit: getattr(AT, unit) for unit in units}, "head": [], "sections": [{"title": "S", "parts": parts}],
    }  # fmt: skip
