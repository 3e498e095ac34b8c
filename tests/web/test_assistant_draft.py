"""Who writes to a customer may have a language model draft it; they take it, change it and send it, or discard it."""

import dataclasses
import html
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest
from assistant_house import asking
from fastapi.testclient import TestClient
from web_house import Clock, form_token_of, report, signed_in

from cases.case import Case, Entry
from cases.events import AssistantJudged, LetterHeld, LlmCalled
from cases.vocabulary import MACHINE, Actor
from pipelines.assistant.helps.draft import newest_draft
from pipelines.house import House
from pipelines.reading_room import read_case
from pipelines.runner import drain
from tests.llm_server import Asked, LlmServer, Says, Sends

QUOTE = "een steen tegen mijn voorruit"
FIRST = "U schrijft dat er een steen tegen uw voorruit is gekomen."
SECOND = "Er zit nu een barst van 20 cm in."
TEXT = f"{FIRST} {SECOND}"


def line(text: str, quote: str = QUOTE) -> Mapping[str, Any]:
    return {"text": text, "cites": [{"source": "m1", "quote": quote}]}


def drafting(*lines: Mapping[str, Any]) -> Any:
    """A model that drafts this, and of all else says nothing that can be used."""

    def answering(asked: Asked) -> Says:
        return Says(orjson.dumps({"lines": lines}).decode() if '"write_in"' in asked.given else "{}")

    return answering


TWO = drafting(line(FIRST), line(SECOND, "een barst in van 20 cm"))


@pytest.fixture(scope="module")
def asked_house(house: House) -> Iterator[tuple[House, LlmServer]]:
    with asking(house, TWO) as both:
        yield both


@pytest.fixture
def endpoint(asked_house: tuple[House, LlmServer]) -> LlmServer:
    """As new for each test."""
    _, server = asked_house
    server.asked.clear()
    server.answering = TWO
    return server


@pytest.fixture
def drafts(asked_house: tuple[House, LlmServer], endpoint: LlmServer) -> House:
    """The house with a language model."""
    return asked_house[0]


@pytest.fixture
def expert(drafts: House) -> TestClient:
    return signed_in(drafts, "anouk")


@pytest.fixture
def reference(house: House, stranger: TestClient) -> str:
    answer = report(stranger, name="Piet", language="nl")
    drain(house)
    return answer["reference"]


def post(expert: TestClient, reference: str, path: str, **fields: str) -> Any:
    token = form_token_of(expert.get(f"/cases/{reference}").text)
    return expert.post(f"/cases/{reference}/{path}", data={"csrf": token, **fields})


def composer(page: str) -> str:
    return html.unescape(page.split('id="write"', 1)[1].split("</section>", 1)[0])


def field(page: str) -> str:
    """What stands in the letter's field."""
    return composer(page).split('name="text"', 1)[1].split(">", 1)[1].split("</textarea>", 1)[0]


def case_of(house: House, reference: str) -> Case:
    return read_case(house, reference)[0]


def entries_of(house: House, reference: str) -> list[Entry]:
    return list(read_case(house, reference)[1])


def said_id(house: House, reference: str) -> str:
    said = newest_draft(case_of(house, reference))
    assert said is not None
    return said.said_id


def judged(house: House, reference: str) -> list[AssistantJudged]:
    return [one.event for one in entries_of(house, reference) if isinstance(one.event, AssistantJudged)]


def test_a_draft_is_shown_with_its_evidence_and_as_the_words_of_a_machine(
    house: House, expert: TestClient, reference: str
) -> None:
    answer = post(expert, reference, "draft", text="Dag Piet,")

    assert answer.headers["location"] == f"/cases/{reference}#draft"
    page = expert.get(f"/cases/{reference}").text
    shown = composer(page)
    assert FIRST in shown
    assert "Written by a language model; check it" in shown
    (place,) = set(re.findall(rf'{re.escape(FIRST)} <span class="cites">\s*<a href="#(m-[^"]+)"', shown))
    assert f'id="{place}"' in page
    assert field(page) == "Dag Piet,"


def test_it_lands_in_the_field_only_when_the_person_takes_it_and_nothing_is_sent(
    house: House, expert: TestClient, reference: str
) -> None:
    letters = len(case_of(house, reference).letters)
    post(expert, reference, "draft")
    before = field(expert.get(f"/cases/{reference}").text)

    taken = post(expert, reference, "preview", text="Dag Piet,", take=said_id(house, reference)).text

    assert before == ""
    assert field(taken) == f"Dag Piet,\n\n{TEXT}"
    assert f'name="assistant_draft" value="{said_id(house, reference)}"' in taken
    drain(house)
    assert len(case_of(house, reference).letters) == letters
    assert judged(house, reference) == []


@pytest.mark.parametrize(
    ("sent", "verdict", "distance"),
    [(TEXT, "kept", 0), (TEXT.replace("20 cm", "twintig cm"), "edited", 7)],
)
def test_what_the_person_made_of_it_is_kept_with_the_letter_which_waits_and_leaves_as_any_other(
    house: House, expert: TestClient, clock: Clock, reference: str, *, sent: str, verdict: str, distance: int
) -> None:
    post(expert, reference, "draft")
    id_, letters = said_id(house, reference), case_of(house, reference).letters

    answer = post(expert, reference, "messages", text=sent, letter="", assistant_draft=id_)

    assert answer.headers["location"].endswith("?done=written")
    *_, before, held = entries_of(house, reference)
    assert before.event == AssistantJudged(id_, verdict, "anouk", distance=distance, length=len(TEXT))  # type: ignore[arg-type]
    assert isinstance(held.event, LetterHeld)
    assert (held.actor, held.seq, held.at) == (Actor("person", "anouk"), before.seq + 1, before.at)
    assert case_of(house, reference).letters == letters
    clock.ahead += timedelta(seconds=11)
    drain(house)
    letter = case_of(house, reference).letters[-1]
    assert (sent in letter.body, letter.approved_by, letter.language) == (True, "anouk", "nl")


def test_a_letter_from_a_draft_is_taken_back_as_any_other(house: House, expert: TestClient, reference: str) -> None:
    post(expert, reference, "draft")
    post(expert, reference, "messages", text=TEXT, letter="", assistant_draft=said_id(house, reference))
    held = re.search(r'name="held" value="(\d+)"', expert.get(f"/cases/{reference}").text)
    assert held is not None

    post(expert, reference, "undo", held=held.group(1))

    assert not case_of(house, reference).held
    assert field(expert.get(f"/cases/{reference}").text) == TEXT


def test_a_discarded_draft_is_gone_and_the_same_is_not_drafted_again(
    house: House, expert: TestClient, endpoint: LlmServer, reference: str
) -> None:
    post(expert, reference, "draft")
    id_ = said_id(house, reference)

    post(expert, reference, "draft/discard", said=id_)
    asked = len(endpoint.asked)
    again = post(expert, reference, "draft")

    assert [(one.verdict, one.by) for one in judged(house, reference)] == [("discarded", "anouk")]
    assert again.status_code == 200
    assert "nothing has changed in this case since the last draft" in composer(again.text)
    assert FIRST not in composer(again.text)
    assert len(endpoint.asked) == asked


def test_a_draft_says_that_it_does_not_answer_the_newest_message(
    house: House, expert: TestClient, stranger: TestClient, reference: str
) -> None:
    post(expert, reference, "draft")
    assert "does not answer their newest message" not in composer(expert.get(f"/cases/{reference}").text)

    case = case_of(house, reference)
    later = dataclasses.replace(case.messages[0], message_id=f"{case.messages[0].message_id}-later", text="Nog iets.")
    with house.database.writing() as store:
        store.append(case.id, [(later, Actor("customer"))], at=house.now())

    shown = composer(expert.get(f"/cases/{reference}").text)
    assert "does not answer their newest message" in shown
    assert f'formaction="/cases/{reference}/draft"' in shown


@pytest.mark.parametrize(
    ("answering", "told"),
    [
        (lambda _: Sends(b"{}", status=500), "the language model cannot be reached"),
        (lambda _: Says('{"lines": 5}'), "the answer could not be used"),
        (drafting(line("Wij betalen u 5000 euro.")), "nothing of what it wrote could be backed up"),
    ],
)
def test_without_a_draft_the_page_says_why_and_keeps_what_was_typed(
    house: House, expert: TestClient, endpoint: LlmServer, reference: str, *, answering: Any, told: str
) -> None:
    endpoint.answering = answering

    answer = post(expert, reference, "draft", text="Dag Piet,")

    assert answer.status_code == 200
    assert told in composer(answer.text)
    assert field(answer.text) == "Dag Piet,"
    calls = [one for one in entries_of(house, reference) if isinstance(one.event, LlmCalled)]
    assert calls[-1].actor == Actor("person", "anouk")


def test_who_decides_without_advice_is_offered_no_draft_and_gets_none(
    house: House, expert: TestClient, endpoint: LlmServer, reference: str
) -> None:
    post(expert, reference, "draft")
    case = case_of(house, reference)
    assert case.step is not None
    with house.database.writing() as store:
        store.append(case.id, [(dataclasses.replace(case.step, shadow=True), MACHINE)], at=house.now())
    asked = len(endpoint.asked)

    shown, answer = expert.get(f"/cases/{reference}").text, post(expert, reference, "draft")

    assert FIRST not in shown
    assert f'formaction="/cases/{reference}/draft"' not in shown
    assert answer.status_code == 409
    assert len(endpoint.asked) == asked


def test_another_persons_id_of_no_draft_is_not_kept_with_a_letter(
    house: House, expert: TestClient, reference: str
) -> None:
    post(expert, reference, "messages", text="Dag Piet.", letter="", assistant_draft="x" * 32)

    assert judged(house, reference) == []
    assert isinstance(entries_of(house, reference)[-1].event, LetterHeld)


def test_what_a_model_writes_is_shown_as_text(
    house: House, expert: TestClient, endpoint: LlmServer, reference: str
) -> None:
    endpoint.answering = drafting(line("U schrijft: &lt;b&gt;steen&amp; <img src=x onerror=alert(1)>"), line(FIRST))

    post(expert, reference, "draft")

    page = expert.get(f"/cases/{reference}").text
    assert "<img src=x" not in page
    assert FIRST in page
