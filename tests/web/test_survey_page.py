"""How it went: asked by one letter and the page, answered once, counted without names, told only of enough people."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, report, signed_in, token_in

from cases import events as e
from cases.case import Case
from cases.vocabulary import MACHINE
from pipelines import hand
from pipelines.erasing import erase_case
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain
from pipelines.surveys import STREAMS, ask_how_it_went, months

COMMENT = "Alles <b>snel</b> geregeld, dank!"


def folded(house: House, case: dict[str, str]) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(case["reference"]))


def decide(house: House, case: dict[str, str], choice: str = "tell_status") -> None:
    hand.decide_by_hand(house, case["reference"], Decision(choice, "gelezen", folded(house, case).version,
                                                           "De reden."), person="anouk")  # fmt: skip
    drain(house)


def ask(house: House, case: dict[str, str]) -> None:
    """As the clock does some days later; the house's own clock stands."""
    known = folded(house, case)
    with house.database.writing() as store:
        store.append(known.id, [(e.SurveyAsked("l-1"), MACHINE)], at=house.now(), expected=known.version)


@pytest.fixture
def case(house: House, stranger: TestClient) -> dict[str, str]:
    opened = report(stranger)
    drain(house)
    decide(house, opened)
    return opened


def test_the_page_asks_once_it_was_asked_and_keeps_the_answer_as_text(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    address = f"/t/{token_in(case)}"
    before = stranger.get(f"{address}/survey?lang=en").text
    ask(house, case)

    shown = stranger.get(f"{address}?page=1").text
    page = stranger.get(f"{address}/survey?lang=en").text
    half = stranger.post(f"{address}/survey?lang=en", data={"service": "4", "comment": COMMENT})
    answered = stranger.post(
        f"{address}/survey?lang=en", data={"service": "4", "communication": "5", "comment": COMMENT}
    )
    again = stranger.post(f"{address}/survey", data={"service": "1", "communication": "1"})

    assert "nothing to answer" in before
    assert page.count('type="radio"') == 10
    assert "How well did we help you?" in page
    assert f"{address}/survey" in shown
    assert half.status_code == 400
    assert "both questions" in half.text
    assert "&lt;b&gt;snel" in half.text
    assert (answered.status_code, again.status_code) == (303, 303)
    assert "Thank you" in stranger.get(answered.headers["location"]).text
    assert "done" not in again.headers["location"]
    assert folded(house, case).survey == e.SurveyAnswered(4, 5, COMMENT)
    counted = months(house, ["motor_claim"], since=house.now() - timedelta(days=1))
    assert [(one.journey, one.service.n, one.service.value) for one in counted] == [("motor_claim", 1, None)]


def test_who_wants_no_such_questions_is_asked_no_more(house: House, stranger: TestClient, case: dict[str, str]) -> None:
    ask(house, case)

    stranger.post(f"/t/{token_in(case)}/survey", data={"do": "decline"})

    assert folded(house, case).survey_declined
    assert "/survey" not in stranger.get(f"/t/{token_in(case)}?page=1").text


def test_a_stranger_finds_no_questions(stranger: TestClient) -> None:
    assert "radio" not in stranger.get("/t/survey").text
    assert stranger.post("/t/no-such-token/survey", data={"do": "decline"}).status_code != 303


def test_the_comment_goes_with_the_case_and_the_scores_stay(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    ask(house, case)
    stranger.post(f"/t/{token_in(case)}/survey", data={"service": "2", "communication": "3", "comment": COMMENT})
    since = house.now() - timedelta(days=1)
    before = months(house, ["motor_claim"], since=since)

    erase_case(house, case["reference"], by="anouk", why="asked for it")

    with house.database.reading() as store:
        kept = [entry.event for entry in store.history(f"{STREAMS}motor_claim")]
    assert months(house, ["motor_claim"], since=since) == before
    assert kept[-1] == e.SurveyCounted(2, 3)
    assert COMMENT not in repr(kept)
    assert folded(house, case).survey is None


def test_the_clock_asks_once_when_nothing_else_of_the_customer_is_open(
    house: House, stranger: TestClient, clock: Clock
) -> None:
    noon = (house.now() + timedelta(days=4)).replace(hour=11, minute=0)
    other = report(stranger, sender="noor.visser@example.org")
    mine = report(stranger, sender="noor.visser@example.org")
    drain(house)
    decide(house, mine)
    clock.ahead = noon - house.now()

    while_open = ask_how_it_went(house)
    decide(house, other)
    asked = [ask_how_it_went(house), ask_how_it_went(house)]

    assert (while_open, asked) == (0, [1, 0])
    assert folded(house, mine).letters[-1].letter == "survey"
    assert not folded(house, other).survey_asked


def test_who_said_no_in_one_case_is_not_asked_in_the_next(
    house: House, stranger: TestClient, clock: Clock, case: dict[str, str]
) -> None:
    ask(house, case)
    stranger.post(f"/t/{token_in(case)}/survey", data={"do": "decline"})
    other = report(stranger)
    drain(house)
    decide(house, other)
    clock.ahead = (house.now() + timedelta(days=4)).replace(hour=11, minute=0) - house.now()

    assert ask_how_it_went(house) == 0


def test_insights_tell_a_month_by_journey_and_hide_what_few_answered_and_what_others_see(house: House) -> None:
    counted = [(e.SurveyCounted(score, 5), MACHINE) for score in (2, 3, 3, 3, 4)]
    now = house.now()
    with house.database.writing() as store:
        store.append(f"{STREAMS}motor_claim", counted, at=now - timedelta(days=150))
        store.append(f"{STREAMS}motor_claim", counted[:4], at=now - timedelta(days=100))
        store.append(f"{STREAMS}home_repair", counted, at=now - timedelta(days=150))

    page = signed_in(house, "noor").get("/insights/survey").text

    assert page.count("(2.1 to 3.9)") == 1
    assert page.count("too few") >= 2
    assert "Repair in your home" not in page[page.index("<tbody>") :]
