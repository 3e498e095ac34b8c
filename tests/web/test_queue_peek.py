"""What the queue shows of a case beside its list."""

import re

from fastapi.testclient import TestClient
from web_house import signed_in

from pipelines.house import House


def test_the_peek_shows_the_photos_and_what_the_customer_wrote_last(
    house: House, expert: TestClient, opened: dict[str, str]
) -> None:
    page = expert.get(f"/cases/{opened['reference']}/peek").text

    shown = re.search(r"<blockquote[^>]*>“(.+)”</blockquote>", page)
    assert shown
    assert shown[1].split()[0] in expert.get(f"/cases/{opened['reference']}").text
    assert "?size=thumbnail" in page
    with house.database.reading() as store:
        noted = [entry.event for entry in store.history("access")]
    assert any(getattr(one, "what", "") == "case_peeked" for one in noted)


def test_who_may_not_see_customers_peeks_at_no_photo(house: House, opened: dict[str, str]) -> None:
    page = signed_in(house, "ada").get(f"/cases/{opened['reference']}/peek")

    assert page.status_code == 200
    assert "<img" not in page.text
