"""Agree, change, need more: each with a reason code, and none easier than another."""

import re
from typing import Any

from fastapi.testclient import TestClient
from web_house import form_token_of, report

from cases.reasons import USUAL
from pipelines.house import House
from pipelines.runner import drain

CHOICE = re.compile(r'name="choice" data-verdict="(\w+)" value="\w+"')
REASON = re.compile(r'<fieldset class="reasons" data-for="(\w+)">(.*?)</fieldset>', re.DOTALL)


def fresh(house: House, stranger: TestClient) -> str:
    reference: str = report(stranger, name="Piet")["reference"]
    drain(house)
    return reference


def typed(page: str, **more: str) -> dict[str, str]:
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    return {"csrf": form_token_of(page), "version": version, "reason": "", **more}


def decided(house: House, reference: str) -> Any:
    with house.database.reading() as store:
        held = store.case(store.case_id(reference)).held_decision
    return held.decision if held else None


def test_every_choice_has_a_list_of_reasons_that_goes_with_it(expert: TestClient, opened: dict[str, str]) -> None:
    page = expert.get(f"/cases/{opened['reference']}").text
    lists = {verdict: re.findall(r'value="(\w+)"', inside) for verdict, inside in REASON.findall(page)}

    assert set(CHOICE.findall(page)) == set(lists)
    assert all(tuple(reasons) == USUAL[verdict] for verdict, reasons in lists.items())


def test_the_code_is_kept_beside_the_words(house: House, stranger: TestClient, expert: TestClient) -> None:
    reference = fresh(house, stranger)
    page = expert.get(f"/cases/{reference}").text

    answer = expert.post(
        f"/cases/{reference}/decide", data=typed(page, choice="escalate", reason_code="above_me", reason="twee auto's")
    )

    assert answer.status_code == 303
    assert decided(house, reference).reason_code == "above_me"
    assert decided(house, reference).reason == "Not mine to decide: twee auto's"


def test_a_reason_of_another_list_is_refused_and_the_right_ones_are_named(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    reference = fresh(house, stranger)
    page = expert.get(f"/cases/{reference}").text

    answer = expert.post(
        f"/cases/{reference}/decide", data=typed(page, choice="escalate", reason_code="goodwill", reason="x")
    )

    assert answer.status_code == 409
    assert "more_needed, contradictory, above_me, other" in answer.text
    assert decided(house, reference) is None


def test_programs_may_name_a_code_or_leave_it_out(house: House, stranger: TestClient, expert: TestClient) -> None:
    coded, plain = fresh(house, stranger), fresh(house, stranger)

    def post(reference: str, **more: str) -> int:
        url = f"/api/cases/{reference}"
        version = expert.get(url).json()["version"]
        body = {"choice": "escalate", "reason": "too much", "version": version, **more}
        return expert.post(f"{url}/decisions", json=body).status_code

    assert post(coded, reason_code="no_such_reason") == 409
    assert post(coded, reason_code="more_needed") == 200
    assert post(plain) == 200
    assert (decided(house, coded).reason_code, decided(house, plain).reason_code) == ("more_needed", "")
