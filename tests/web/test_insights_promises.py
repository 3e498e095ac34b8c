"""A part of insights: published times beside what happened, small numbers said as such, and cases asked twice."""

import re
from datetime import date

import pytest
from queue_house import clock, one_house, signed_in

from cases import events as e
from cases.vocabulary import SYSTEM
from pipelines.house import House
from pipelines.service_measured import stream_of

__all__ = ["clock", "one_house"]

COUNTED = e.ServiceMeasured(
    "motor_claim",
    date(2026, 6, 1),
    (
        e.RepliesMeasured("webform", "8 working hours", 40, 38, 45, 300),
        e.RepliesMeasured("email", "8 working hours", 12, 6, 490, None),
        e.RepliesMeasured("chat", "1 working hour", 4, 4, 3, 9),
        e.RepliesMeasured("post", "3 working days", 0, 0),
        e.RepliesMeasured("pigeon", "", 30, 0, 120, 240),
    ),
    (
        e.RepeatsMeasured("2026-11", 25, 31, 2, ("C-2026-000009", "C-2026-000004")),
        e.RepeatsMeasured("2026-10", 3, 3, 0),
    ),
)


@pytest.fixture
def counted(one_house: House) -> House:
    for one in (COUNTED, e.ServiceMeasured("home_repair", date(2026, 6, 1), COUNTED.replies[:1])):
        with one_house.database.writing() as store:
            store.append(stream_of(one.journey), [(one, SYSTEM)], at=one_house.now())
    return one_house


def rows(page: str, part: str) -> list[list[str]]:
    """Words of each row of a table, cell by cell."""
    table = page.split(f'aria-labelledby="{part}"', 1)[1].split("</table>", 1)[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    ]


def test_published_times_stand_beside_what_happened_in_ones_own_lines(counted: House) -> None:
    with signed_in(counted, "noor") as client:
        page = client.get("/insights").text

    assert [[row[0], *row[2:]] for row in rows(page, "kept")] == [
        ["Web form and page", "within 8 working hours", "95%", "45 min", "5 h", "40"],
        ["E-mail", "within 8 working hours", "50%", "8.2 h", "not answered", "few: 12"],
        ["Chat", "within 1 working hour", "", "3 min", "9 min", "few: 4"],
        ["Post", "within 3 working days", "", "", "", "0"],
        ["pigeon", "nothing", "", "2 h", "4 h", "30"],
    ]


def test_questions_asked_twice_lead_to_their_cases(counted: House) -> None:
    with signed_in(counted, "noor") as client:
        page = client.get("/insights?journey=motor_claim").text

    assert [[row[0], *row[2:]] for row in rows(page, "again")] == [
        ["November 2026", "2", "31", "25", "C-2026-000009 C-2026-000004"],
        ["October 2026", "0", "3", "few: 3", ""],
    ]
    assert 'href="/cases/C-2026-000009"' in page


def test_before_anything_was_counted_the_page_says_so(one_house: House) -> None:
    with signed_in(one_house, "noor") as client:
        page = client.get("/insights").text

    assert "Nothing was counted yet." in page
    assert "Nobody was asked anything yet." in page
