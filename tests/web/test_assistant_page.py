"""The assistant on a case's page: asked, shown with its evidence, taken and discarded; with and without a model."""

import json
import re
import threading

import pytest
from assistant_house import QUOTE, answer, asking, reference, source_with
from fastapi.testclient import TestClient
from httpx2 import Response
from web_house import form_token_of, report, signed_in

from cases import events as e
from cases.case import Case
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant import on_demand
from pipelines.house import House
from pipelines.joining import merge
from pipelines.runner import drain
from tests.llm_server import Asked, Says

__all__ = ["reference"]
STREAM = {"Accept": "text/event-stream"}


def case_of(house: House, reference: str) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(reference))


def post(client: TestClient, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> Response:
    token = form_token_of(client.get("/journeys").text)
    return client.post(path, data={**fields, "csrf": token}, headers=headers or {})


def told(text: str) -> list[dict[str, object]]:
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n") if part]


def card(client: TestClient, reference: str) -> str:
    page = client.get(f"/cases/{reference}").text
    found = re.search(r'<section class="card assistant".*?</section>', page, re.DOTALL)
    assert found is not None, page
    return found[0]


def test_without_a_language_model_the_card_holds_the_products_own_summary_and_a_search(
    house: House, expert: TestClient, reference: str
) -> None:
    shown = card(expert, reference)

    assert "Put together from this file" in shown
    assert "Written by a language model" not in shown
    assert "No language model is set up here." in shown
    assert "rror" not in shown


def test_a_search_finds_sentences_of_the_case_without_a_language_model(
    house: House, expert: TestClient, reference: str
) -> None:
    page = expert.get(f"/cases/{reference}/assistant?q=hoe lang is de barst").text
    place = re.search(r'<q>Er zit nu een barst in van 20 cm\.</q> <a class="small" href="([^"#]+)#([^"]+)"', page)

    assert place is not None
    assert f'id="{place[2]}"' in expert.get(place[1]).text
    assert "No sentence of this case" in expert.get(f"/cases/{reference}/assistant?q=olifant").text


def test_an_answer_is_shown_with_its_evidence_and_what_has_none_is_dropped(house: House, reference: str) -> None:
    with asking(house) as (asked, server):
        client = signed_in(asked, "anouk")
        done = post(client, f"/cases/{reference}/assistant/question", question="Hoe groot is de barst?")
        page = client.get(f"/cases/{reference}").text

    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{reference}#assistant")
    assert len(server.asked) == 1
    assert "Fatima El Amrani" not in server.asked[0].given
    found = re.search(rf'Er zit een {QUOTE} in de ruit\. <span class="cites">\s*<a href="#([^"]+)"', page)
    assert found is not None
    assert f'id="{found[1]}"' in page
    assert "Written by a language model; check it" in page
    assert "Alles is al betaald" not in page


def test_an_answer_comes_in_as_it_is_checked(house: House, reference: str) -> None:
    with asking(house) as (asked, _):
        client = signed_in(asked, "anouk")
        answered = post(client, f"/cases/{reference}/assistant/question", headers=STREAM, question="Hoe groot?")

    lines = told(answered.text)
    assert answered.headers["content-type"].startswith("text/event-stream")
    assert int(str(lines[-1]["to"])) - int(str(lines[-1]["from"])) == 2
    assert lines[-1]["done"] == "Done. Statements with evidence: 1."
    assert lines[-1]["lines"][0]["text"] == f"Er zit een {QUOTE} in de ruit."  # type: ignore[index]
    assert "betaald" not in answered.text


def test_what_the_case_does_not_say_is_said_so(house: House, reference: str) -> None:
    with asking(house, lambda _: Says('{"lines": []}')) as (asked, _):
        client = signed_in(asked, "anouk")
        post(client, f"/cases/{reference}/assistant/question", question="Wat kost het?")

        assert "The case does not say." in card(client, reference)


def test_words_of_a_model_are_text_and_never_a_part_of_the_page(house: House, reference: str) -> None:
    def hostile(asked: Asked) -> Says:
        id_ = source_with(asked, QUOTE)
        text = "<img src=x onerror=alert()> [klik](https://kwaad.example)"
        return Says(json.dumps({"lines": [{"text": text, "cites": [{"source": id_, "quote": QUOTE}]}]}))

    with asking(house, hostile) as (asked, _):
        client = signed_in(asked, "anouk")
        post(client, f"/cases/{reference}/assistant/question", question="Wat is er?")
        shown = card(client, reference)

    assert "&lt;img src=x onerror=alert" in shown
    assert "<img" not in shown
    assert 'href="https://kwaad.example' not in shown


def test_an_answer_is_taken_as_a_note_once(house: House, reference: str) -> None:
    with asking(house) as (asked, _):
        client = signed_in(asked, "anouk")
        post(client, f"/cases/{reference}/assistant/question", question="Hoe groot?")
        said = case_of(house, reference).assisted.said[-1].said_id
        taken = post(client, f"/cases/{reference}/assistant/judge", said=said, do="take")
        again = post(client, f"/cases/{reference}/assistant/judge", said=said, do="take")

    with house.database.reading() as store:
        notes = [one.event for one in store.history(store.case_id(reference)) if isinstance(one.event, e.NoteAdded)]
    assert (taken.status_code, again.status_code) == (303, 409)
    assert [one.text for one in notes] == [
        f"Written by a language model, taken over:\nEr zit een {QUOTE} in de ruit."
    ]  # fmt: skip
    assert case_of(house, reference).assisted.judged[-1].verdict == "kept"


def test_an_edited_answer_is_kept_as_edited_and_a_discarded_one_is_shown_no_more(house: House, reference: str) -> None:
    with asking(house) as (asked, _):
        client = signed_in(asked, "anouk")
        for question, do, text in (("Hoe groot?", "edit", "Barst: 20 cm"), ("Waar?", "discard", "")):
            post(client, f"/cases/{reference}/assistant/question", question=question)
            said = case_of(house, reference).assisted.said[-1].said_id
            post(client, f"/cases/{reference}/assistant/judge", said=said, do=do, text=text)
        shown = card(client, reference)

        again = post(client, f"/cases/{reference}/assistant/question", headers=STREAM, question="Waar?")

    assert "anouk discarded that one" in str(told(again.text)[-1]["problem"])
    assert [one.verdict for one in case_of(house, reference).assisted.judged] == ["edited", "discarded"]
    assert "Hoe groot?" in shown
    assert "Waar?" not in shown


def test_a_value_that_was_found_is_offered_and_taken_as_a_fact(house: House, reference: str) -> None:
    with asking(house) as (asked, _):
        client = signed_in(asked, "anouk")
        post(client, f"/cases/{reference}/assistant/facts")
        offered = card(client, reference)
        said = case_of(house, reference).assisted.said[-1].said_id
        post(client, f"/cases/{reference}/assistant/judge", said=said, line="0", do="take")
        after = card(client, reference)

    [fact] = [one for one in case_of(house, reference).facts if one.name == "can_drive"]
    assert "<b>Can the car still be driven: mijn voorruit</b>" in offered
    assert "Can the car still be driven: mijn voorruit</b>" not in after
    assert fact.value == "mijn voorruit"
    assert {type(source).__name__ for source in fact.sources} == {"Person", "MessageSpan"}


def test_a_second_question_waits_for_the_answer_to_the_first(house: House, reference: str) -> None:
    asked_once, may_go = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Says:
        asked_once.set()
        may_go.wait(5)
        return answer(asked)

    with asking(house, slow) as (asked, _):
        first, second = signed_in(asked, "anouk"), signed_in(asked, "anouk")
        path = f"/cases/{reference}/assistant/question"
        thread = threading.Thread(target=post, args=(first, path), kwargs={"question": "Hoe groot?"})
        thread.start()
        asked_once.wait(5)
        refused = post(second, path, question="Waar?")
        streamed = post(second, path, headers=STREAM, question="Waar?")
        may_go.set()
        thread.join()

    assert refused.status_code == streamed.status_code == 429
    assert refused.headers["retry-after"] == "10"
    assert "still answering your last question" in refused.text
    assert "still answering your last question" in streamed.json()["problem"]


@pytest.mark.parametrize("failing", [Says("no JSON"), Says(None, refusal="I will not"), Says("{", finish="length")])
def test_an_answer_that_fails_is_told_in_plain_words_and_the_twin_stands(
    house: House, reference: str, failing: Says
) -> None:
    with asking(house, lambda _: failing) as (asked, _):
        client = signed_in(asked, "anouk")
        post(client, f"/cases/{reference}/assistant/summary")
        shown = card(client, reference)

    assert "Put together from this file" in shown
    assert re.search(r"Summary: the (answer|language model) .*?Try again", shown, re.DOTALL)
    assert "rror" not in shown


def test_nothing_is_kept_of_a_case_that_was_merged_meanwhile(
    house: House, stranger: TestClient, reference: str
) -> None:
    other = report(stranger)["reference"]
    drain(house)

    def merging(asked: Asked) -> Says:
        merge(house, reference, other, person="anouk")
        return answer(asked)

    with asking(house, merging) as (asked, _), pytest.raises(on_demand.GoneMeanwhile):
        on_demand.ask(asked, reference, Help.QUESTION, person="anouk", question="Hoe groot?")

    assert case_of(house, reference).assisted.said == ()


def test_when_nobody_listens_any_more_no_more_is_asked_and_the_call_counts_as_cut(house: House, reference: str) -> None:
    def gone(_: object) -> None:
        raise on_demand.NobodyListens

    with asking(house) as (asked, _):
        made = on_demand.ask(asked, reference, Help.QUESTION, person="anouk", question="Hoe groot?", heard=gone)

    assert made.said is None
    assert case_of(house, reference).assisted.calls[-1].outcome is LlmOutcome.CUT
