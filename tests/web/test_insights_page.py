"""Insights: the backlog counted and led to, what is in danger, and cases moved from one colleague to another."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from queue_house import add_case, clock, house, one_house, signed_in
from sqlalchemy import Engine, event
from web_house import Clock, form_token_of

from cases import events as e
from cases.vocabulary import MACHINE, SYSTEM, Actor, Role, Step, Why
from pipelines.house import House
from pipelines.insights import QUIET, insight
from pipelines.shares import audits_of

__all__ = ["clock", "house", "one_house"]

BRAM = Actor("person", "bram")
LINES = ("motor", "general")


def test_the_backlog_is_counted_by_topic_age_and_danger_and_of_ones_own_lines_only(house: House, clock: Clock) -> None:
    add_case(house, 1, due=None)
    clock.ahead = timedelta(days=2)
    add_case(house, 2, due=timedelta(minutes=1))
    add_case(house, 3, (e.WorkParked("send", "no post"), MACHINE), topic="bodywork")
    add_case(house, 4, line_of_business="housing")
    add_case(house, 5, due=-timedelta(hours=1))

    found = insight(house, lines=LINES)

    by_topic = {pile.topic: pile for pile in found.piles}
    assert sum(pile.open for pile in found.piles) == 4
    assert by_topic["windscreen"].ages == (2, 1, 0, 0, 0)
    assert (by_topic["bodywork"].parked, [line.reference for line in found.parked]) == (1, ["C-2026-000003"])
    assert by_topic["windscreen"].late + by_topic["windscreen"].soon >= 2
    assert sum(pile.open for pile in insight(house, lines=None).piles) == 5
    assert insight(house, lines=LINES, journey="home_repair").piles == ()


def test_a_case_in_which_nothing_happened_for_days_is_stuck(one_house: House, clock: Clock) -> None:
    add_case(one_house, 1)
    add_case(one_house, 2)
    clock.ahead = QUIET + timedelta(minutes=1)
    with one_house.database.writing() as store:
        store.append("case-000002", [(e.NoteAdded("called", "bram"), BRAM)], at=one_house.now())

    found = insight(one_house, lines=LINES)

    assert [line.reference for line in found.stuck] == ["C-2026-000001"]
    assert found.piles[0].quiet == 1


def test_what_went_by_itself_is_told_with_what_blind_checks_found_wrong(house: House) -> None:
    closing = e.StepDecided(
        Step.AUTO_CLOSE, (Why.ROW,), "motor_claim", "d" * 64, "windscreen", "pay_glass", certificate="x"
    )
    add_case(house, 1, (closing, MACHINE), (e.CaseClosed("pay_glass"), MACHINE), step=Step.REQUEST_INFO)
    add_case(house, 2)
    seen = [
        (
            e.AuditObserved(
                "motor_claim", "windscreen", "motor_claim.windscreen.1", "case-000001", wrong, False, 1, 0, 1, 0
            ),
            SYSTEM,
        )
        for wrong in (True, False, False)
    ]
    with house.database.writing() as store:
        store.append(audits_of("motor_claim.windscreen.1"), seen, at=house.now())

    found = insight(house, lines=LINES)

    assert (found.flow.received, found.flow.understood, found.flow.steps[Step.EXPERT]) == (2, 2, 1)
    assert (found.audited, found.wrong) == (3, 1)
    assert (insight(house, lines=("housing",)).audited, insight(house, lines=("housing",)).flow.received) == (0, 0)
    assert (found.flow.alone, found.kept.n, found.kept.kept) == (1, 1, 1)


def test_the_page_asks_as_many_questions_for_many_cases_as_for_few(one_house: House) -> None:
    with signed_in(one_house, "noor") as client:
        add_case(one_house, 1)
        few = queries(client)
        for number in range(2, 40):
            add_case(one_house, number)
        one_house.journeys.look(one_house.now())  # done once in a few seconds, by whichever request comes first
        many = queries(client)

    assert few == many
    assert len(many) < 20


def test_the_page_leads_to_the_cases_and_says_as_of_when(one_house: House) -> None:
    add_case(one_house, 1)

    with signed_in(one_house, "noor") as client:
        page = client.get("/insights?journey=motor_claim").text

        assert "/queue?view=us&amp;journey=motor_claim&amp;topic=windscreen" in page
        assert "As of" in page or "Stand van" in page
        for href in re.findall(r'href="(/queue[^"]*)"', page):
            assert client.get(href.replace("&amp;", "&")).status_code == 200
        rows = list(csv.DictReader(io.StringIO(client.get("/insights.csv").text)))
        assert [(row["open"], row["late"]) for row in rows] == [("1", "0")]
        assert client.get("/insights?journey=home_repair").status_code == 404


def test_a_lead_moves_cases_after_seeing_which_and_takes_it_back(one_house: House) -> None:
    for number in range(1, 5):
        add_case(one_house, number, (e.CaseAssigned("bram", "noor"), Actor("person", "noor")))
    with signed_in(one_house, "noor") as client:
        asked = post(client, "/insights/move", n="3", of="bram", to="anouk")
        assert held_by(one_house) == {"bram": 4}

        cases = re.search(r'name="cases" value="([^"]*)"', asked)
        assert cases is not None
        done = post(client, "/insights/move/do", to="anouk", cases=cases[1])
        assert held_by(one_house) == {"anouk": 3, "bram": 1}

        act = re.search(r'name="act" value="([^"]*)"', done)
        assert act is not None
        post(client, "/queue/undo", act=act[1], **{"in": "view=all"})

    assert held_by(one_house) == {"bram": 4}


def test_what_stands_against_moving_a_case_is_said_of_that_case(one_house: House) -> None:
    add_case(one_house, 1, line_of_business="general")
    with one_house.database.writing() as store:
        store.people.add_user("mila", (Role.HANDLER,), "", at=one_house.now(), lines=("motor",))
    with signed_in(one_house, "noor") as client:
        report = post(client, "/insights/move", n="5", of="-", to="mila")

        assert "C-2026-000001" in report
        assert 'name="cases"' not in report
        assert client.post("/insights/move", data={"csrf": token(client), "n": "0", "to": "mila"}).status_code == 422
        assert client.post("/insights/move", data={"csrf": token(client), "n": "2", "to": "nobody"}).status_code == 409


def queries(client: TestClient) -> list[str]:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2].split(" FROM ")[0])

    event.listen(Engine, "before_cursor_execute", count)
    assert client.get("/insights").status_code == 200
    event.remove(Engine, "before_cursor_execute", count)
    return asked


def token(client: TestClient) -> str:
    return form_token_of(client.get("/insights").text)


def post(client: TestClient, path: str, **fields: str) -> str:
    answer = client.post(path, data={"csrf": token(client), **fields})
    assert answer.status_code in (200, 303), answer.text
    return answer.text


def held_by(house: House) -> dict[str, int]:
    return {load.person: load.open for load in insight(house, lines=LINES).loads}
