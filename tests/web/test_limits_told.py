"""What somebody hears who would grant more than they may, from the call and from the page."""

from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report

from api.app import create_app
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture(scope="module")
def costly(house: House) -> str:
    """The reference of a case that is worth more than experts may grant."""
    with TestClient(create_app(house)) as client:
        answer = report(client)
    drain(house)
    return answer["reference"]


def test_the_call_tells_the_amount_the_limit_and_who_may(expert: TestClient, costly: str) -> None:
    expert.post(f"/api/cases/{costly}/facts", json={"name": "amount", "value": "20000"})
    version = expert.get(f"/api/cases/{costly}").json()["version"]

    sent = {"choice": "pay_claim", "reason": "as seen", "version": version}
    refused = expert.post(f"/api/cases/{costly}/decisions", json=sent)

    assert refused.status_code == 409
    told = refused.json()
    assert (Decimal(told["amount"]), told["limit"]) == (Decimal(20_000), "10000")
    assert "noor" in told["may"]
    assert "anouk" not in told["may"]
    assert "choose escalate: noor" in told["detail"]
    assert expert.get(f"/api/cases/{costly}").json()["version"] == version


def test_the_page_tells_the_same_beside_what_was_typed(expert: TestClient, costly: str) -> None:
    expert.post(f"/api/cases/{costly}/facts", json={"name": "amount", "value": "20000"})
    version = str(expert.get(f"/api/cases/{costly}").json()["version"])
    fields = {"choice": "pay_claim", "reason": "typed at length", "reason_code": "other", "version": version}

    page = expert.post(
        f"/cases/{costly}/decide", data={**fields, "csrf": form_token_of(expert.get("/queue").text)}
    )  # fmt: skip

    assert page.status_code == 409
    assert "you may grant up to 10000 euros here" in page.text
    assert "typed at length" in page.text
