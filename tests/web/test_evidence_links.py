import json

import orjson
from hypothesis import given
from hypothesis import strategies as st
from web_house import signed_in

from api.pages.case_view import pieces_of, span_id, without_advice
from api.pseudonyms import pseudonymised
from cases.case import Case
from cases.events import CaseOpened, StepDecided
from cases.vocabulary import CUSTOMER, MACHINE, Step, Why
from pipelines.house import House

SPANS = st.lists(st.tuples(st.integers(-2, 40), st.integers(-2, 40)), max_size=8)


@given(st.text(max_size=30), SPANS)
def test_cutting_at_citations_loses_nothing_and_names_each_once(text: str, places: list[tuple[int, int]]) -> None:
    spans = [{"type": "message", "message_id": "m", "start": start, "end": end} for start, end in places]

    pieces = pieces_of(text, spans)

    assert "".join(piece.text for piece in pieces) == text
    named = [name for piece in pieces for name in piece.ids]
    inside = {span_id(span) for span in spans if 0 <= span["start"] < span["end"] <= len(text)}
    assert sorted(named) == sorted(inside)


def test_a_citation_leads_to_words_that_are_marked_on_the_page(house: House, opened: dict[str, str]) -> None:
    client = signed_in(house, "anouk")
    page = client.get(f"/cases/{opened['reference']}").text
    spans = [part.split('"', 1)[0] for part in page.split('href="#m-')[1:]]

    assert spans
    for span in spans:
        assert f'id="m-{span}"' in page


def test_a_person_who_decides_without_advice_finds_none_in_the_file(house: House, opened: dict[str, str]) -> None:
    client = signed_in(house, "anouk")
    file = client.get(f"/api/cases/{opened['reference']}/decision-file").json()
    told = {**file, "topic": {**file["topic"], "confidence": 0.4711}}
    told["recommendation"] = {**file["recommendation"], "title": "SECRET ADVICE"}
    told["options"] = [{**option, "recommended": True} for option in file["options"]]

    kept = json.dumps(without_advice(told))

    assert "SECRET ADVICE" not in kept
    assert "0.4711" not in kept
    assert '"recommended": true' not in kept


def test_a_shadow_case_is_decided_blind_on_page_list_and_call(house: House, opened: dict[str, str]) -> None:
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    reference = _shadow_copy(house, old)
    client = signed_in(house, "anouk")

    page = client.get(f"/cases/{reference}").text
    file = client.get(f"/api/cases/{reference}/decision-file").json()
    line = client.get(f"/api/cases/{reference}").json()

    assert "You decide without advice" in page
    assert "Recommended" not in page
    assert 'value="as_advised"' not in page
    assert (file["recommendation"], file["topic"]["confidence"], line["step"], line["confidence"]) == (None,) * 4
    assert client.get(f"/api/cases/{reference}/timeline").json() == []


def _shadow_copy(house: House, old: Case) -> str:
    """The same case once more, in which a closing row fired without a certificate."""

    assert old.understood is not None
    now = house.now()
    shadow = StepDecided(
        Step.AUTO_CLOSE, (Why.ROW, Why.NOT_CERTIFIED), str(old.journey), old.understood.journey_digest, str(old.topic),
        option=next(iter(house.journeys.get(str(old.journey)).journey.options)), shadow=True,
    )  # fmt: skip
    with house.database.writing() as store:
        reference = store.open_reference(now.year)
        opening = CaseOpened(reference, "message-x", "webform", "a@b.nl", journey=old.journey, language="nl")
        events = [(opening, CUSTOMER), (old.messages[0], CUSTOMER), (old.understood, MACHINE), (shadow, MACHINE)]
        store.append(f"case-{reference.lower()}", events, at=now)
    return reference


def test_names_and_numbers_are_blotted_out_and_structure_is_kept() -> None:
    told = {
        "reference": "C-2026-000001",
        "text": "Ik ben Fatima El Amrani, 06-12345678, fatima@example.org, NL91ABNA0417164300, GX-482-B, 3511 AB 12",
        "list": ["EL AMRANI", 1, None],
    }

    read = pseudonymised(told, names=("Fatima El Amrani", "fatima@example.org"), code="#1")

    assert read["reference"] == "C-2026-000001"
    assert read["list"] == ["EL #1", 1, None]
    for gone in ("Fatima", "Amrani", "06-1", "example.org", "ABNA", "GX-482", "3511"):
        assert gone not in orjson.dumps(read).decode()
