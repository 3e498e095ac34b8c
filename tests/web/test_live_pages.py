"""The page of a case that several people have open, as it works without a script."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report, signed_in

from api.app import create_app
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture
def case(house: House) -> Iterator[str]:
    """A case of motor of this test alone."""
    with TestClient(create_app(house)) as client:
        reference = report(client, name="Shared Case")["reference"]
    drain(house)
    yield reference
    with house.database.writing() as store:
        case_id = store.case_id(reference)
        for one in store.desk.present(house.now(), [reference]):
            store.desk.leave(case_id, one.person)


@pytest.fixture(scope="module")
def noor(house: House) -> TestClient:
    return signed_in(house, "noor")


@pytest.fixture(scope="module")
def anouk(house: House) -> TestClient:
    return signed_in(house, "anouk")


def shown(client: TestClient, case: str, **query: str) -> str:
    return client.get(f"/cases/{case}", params=query).text


def send(client: TestClient, case: str, to: str, **fields: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    token = form_token_of(shown(client, case))
    answer = client.post(f"/cases/{case}/{to}", data={"csrf": token, **fields})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def decision(page: str) -> dict[str, str]:
    return {"version": version_of(page), "choice": "escalate", "reason_code": "other", "reason": "A lead should look."}


def work_on(house: House, case: str, person: str) -> None:
    with house.database.writing() as store:
        assert store.desk.hold(store.case_id(case), person, now=house.now())


def test_opening_a_case_shows_one_to_others_and_not_to_oneself(noor: TestClient, anouk: TestClient, case: str) -> None:
    assert "noor has this case open" not in shown(noor, case)

    assert "noor has this case open" in shown(anouk, case)


def test_deciding_what_a_colleague_works_on_is_refused_with_the_words_kept(
    house: House, noor: TestClient, anouk: TestClient, case: str
) -> None:
    seen = decision(shown(anouk, case))
    work_on(house, case, "noor")

    status, _, page = send(anouk, case, "decide", **{**seen, "reason": "My own words."})

    assert status == 409
    assert "noor has been working on this case" in page
    assert "take it over" in page
    assert "My own words." in page


def test_taking_over_lets_one_decide_and_is_noted(house: House, noor: TestClient, anouk: TestClient, case: str) -> None:
    work_on(house, case, "noor")
    seen = decision(shown(anouk, case))

    assert send(anouk, case, "take-over")[:2] == (303, f"/cases/{case}?done=taken_over")

    assert "anouk has been working on this case" in shown(noor, case)
    with house.database.reading() as store:
        noted = [entry.event for entry in store.history("access")][-40:]
    assert any(
        getattr(one, "what", "") == "case_taken_over_from noor" and (one.who, one.subject) == ("anouk", case)  # type: ignore[union-attr]
        for one in noted
    )
    assert send(anouk, case, "decide", **seen)[:2] == (303, f"/cases/{case}?done=decided")
    with house.database.reading() as store:
        assert store.desk.holds(house.now(), [case]) == []


def test_a_decision_on_a_case_to_which_only_a_note_was_added_is_taken_and_said(
    house: House, noor: TestClient, anouk: TestClient, case: str
) -> None:
    seen = decision(shown(anouk, case))
    hand.add_note(house, case, "Called the garage.", person="noor")
    hand.assign(house, case, "noor", person="noor")

    status, place, _ = send(anouk, case, "decide", **seen)

    assert (status, place) == (303, f"/cases/{case}?done=merged")
    assert "only notes were added" in shown(anouk, case, done="merged")


def test_a_decision_on_a_case_whose_facts_changed_is_refused_with_both_versions_and_the_words_kept(
    house: House, anouk: TestClient, case: str
) -> None:
    seen = decision(shown(anouk, case))
    hand.add_note(house, case, "Called the garage.", person="noor")
    fact = next(iter(house.journeys.get("motor_claim").journey.facts))
    hand.state_fact(house, case, fact, "GX-482-B", person="noor")
    drain(house)

    status, _, page = send(anouk, case, "decide", **{**seen, "reason": "My own words."})

    assert status == 409
    assert "My own words." in page
    assert f"version {seen['version']}" in page.lower()
    assert 'action="/cases/' in page


def test_a_draft_is_kept_by_a_button_stands_in_the_form_again_and_goes_when_sent(
    house: House, noor: TestClient, anouk: TestClient, case: str
) -> None:
    assert send(anouk, case, "drafts/note", text="Half a <thought>", draft="note")[1].endswith("done=kept")

    page = shown(anouk, case, done="kept")
    assert "Your draft is kept." in page
    assert "Half a &lt;thought&gt;</textarea>" in page
    assert "and did not send stands here again" in page
    assert "Half a" not in shown(noor, case)
    assert send(anouk, case, "notes", text="Half a thought, whole now", draft="note")[0] == 303
    with house.database.reading() as store:
        assert store.drafts.of(store.case_id(case), "anouk") == []


def test_a_kept_decision_stands_in_its_form_again_and_can_be_dropped(anouk: TestClient, case: str) -> None:
    seen = {**decision(shown(anouk, case)), "reason": "Because of the crack."}
    send(anouk, case, "drafts/decide", draft="decide", **seen)

    page = shown(anouk, case)
    assert 'value="Because of the crack."' in page
    assert re.search(r'value="escalate" required checked', page)
    assert send(anouk, case, "drafts/decide/drop")[0] == 303
    assert "Because of the crack." not in shown(anouk, case)


def test_drafts_and_taking_over_need_the_form_token_a_right_and_a_case_of_ones_own(house: House, case: str) -> None:
    for name, expected in (("sam", 404), ("olga", 403)):
        client = signed_in(house, name)
        token = form_token_of(client.get("/queue").text)
        for to in ("take-over", "drafts/note", "drafts/note/drop"):
            assert client.post(f"/cases/{case}/{to}", data={"csrf": token}).status_code == expected, (name, to)
            assert client.post(f"/cases/{case}/{to}", data={"csrf": "x"}).status_code == 403
