"""What is promised and what came of it, in a real Chromium: wide and narrow, light and dark."""

from datetime import date, timedelta

from in_a_browser import browser, faults, listen, pytestmark, site, window
from playwright.sync_api import Browser
from queue_house import add_case

from api.signing_in import login_path
from cases import events as e
from cases.vocabulary import SYSTEM, Step
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.service_measured import stream_of

__all__ = ["browser", "pytestmark", "site"]

DAY = 10 * 60  # minutes that the office is open
COUNTED = e.ServiceMeasured(
    "motor_claim",
    date(2026, 6, 1),
    (
        e.RepliesMeasured("webform", "8 working hours", 412, 391, 45, 300),
        e.RepliesMeasured("email", "8 working hours", 188, 152, 190, 520),
        e.RepliesMeasured("chat", "2 working hours", 12, 6, 90, None),
        e.RepliesMeasured("post", "3 working days", 3, 3, 900, 1500),
    ),
    (
        e.RepeatsMeasured("2026-11", 125, 151, 3, ("C-2026-000009", "C-2026-000004")),
        e.RepeatsMeasured("2026-10", 3, 3, 0),
    ),
)
LEARNED = e.DatesLearned(
    "motor_claim",
    (
        e.LearnedRange(
            "leak", Step.EXPERT, "outcome", told=True, n=300, checked=200, inside=161, low=3 * DAY, high=8 * DAY
        ),
    ),
)


def test_both_pages_hold_for_everybody_at_every_width(house: House, browser: Browser, site: str) -> None:
    with house.database.writing() as store:
        store.append(stream_of("motor_claim"), [(COUNTED, SYSTEM)], at=house.now())
        store.append(STREAM, [(LEARNED, SYSTEM)], at=house.now())
    reference = add_case(house, 901, due=timedelta(days=30))
    page = window(browser, "desk").new_page()
    page.goto(site + login_path(house, "noor"))
    said = listen(page)

    page.goto(f"{site}/insights")
    assert "95%" in page.locator("section[aria-labelledby=kept]").inner_text()
    assert faults(page) == []
    page.goto(f"{site}/cases/{reference}/customer")
    assert "De meeste zaken zoals die van u zijn klaar tussen" in page.locator("[data-part=promise]").inner_text()
    assert faults(page) == []
    assert said == []
