"""What is promised of time stands where customers look: how fast each channel is answered, and how long cases take."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from queue_house import add_case
from web_house import token_in

from api.pages.tracking import mark_of, open_case
from pipelines.house import House


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nl", "E-mail: binnen 8 werkuren"),
        ("en", "E-mail: within 8 working hours"),
        ("fr", "E-mail: sous 8 heures ouvrées"),
        ("de", "E-Mail: innerhalb von 8 Arbeitsstunden"),
    ],
)
def test_how_fast_each_channel_is_answered_stands_on_the_page_and_at_the_form(
    stranger: TestClient, opened: dict[str, str], language: str, told: str
) -> None:
    page = stranger.get(f"/t/{token_in(opened)}?page=1&lang={language}").text
    form = stranger.get(f"/report/motor_claim?topic=windscreen&lang={language}", follow_redirects=True).text

    assert told in page
    assert told in form


def test_a_case_whose_range_nobody_knows_says_so_and_keeps_its_promised_date(house: House, expert: TestClient) -> None:
    reference = add_case(house, 900)

    page = expert.get(f"/cases/{reference}/customer").text

    assert page.index("U hoort uiterlijk") < page.index("Wij weten nog niet hoe lang dit in totaal duurt.")


def test_a_range_that_was_learned_anew_is_no_news_of_the_case(house: House, opened: dict[str, str]) -> None:
    seen = open_case(house, token_in(opened))

    assert seen is not None
    assert mark_of(seen.view) == mark_of(replace(seen.view, expected=("Another sentence.",)))
    assert mark_of(seen.view) != mark_of(replace(seen.view, next="Something else."))
