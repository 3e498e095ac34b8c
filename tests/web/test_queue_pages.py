"""The pages of the queue: its filters, rows, export, the next case and many cases at once, all without JavaScript."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from queue_house import HOUR, add_case, filled_house, signed_in
from sqlalchemy import event
from web_house import form_token_of

from cases import events as e
from cases.vocabulary import Actor, Step
from models.certify import uniform
from pipelines import hand
from pipelines.house import House

HALF = 0.5


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A queue that no test changes."""
    with filled_house(tmp_path_factory.mktemp("queue")) as built:
        add_case(built, 1, topic="theft", amount="1250", due=-HOUR, confidence=0.5)
        add_case(
            built, 2, language="en", channel="webform", due=2 * HOUR, name='=HYPERLINK("http://x")', subject="@SUM(1)"
        )
        add_case(built, 3, step=Step.REQUEST_INFO, amount="99.95")
        add_case(built, 4, (e.CaseAssigned("bram", "noor"), Actor("person", "noor")), confidence=0.7)
        add_case(built, 5, shadow=True, confidence=0.99, amount="500.10")
        add_case(built, 6, line_of_business="housing")
        yield built


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[House]:
    """A queue to work in."""
    with filled_house(tmp_path) as built:
        for number in (1, 2, 3):
            add_case(built, number, due=timedelta(days=number))
        yield built


def shown(client: TestClient, address: str) -> list[int]:
    page = client.get(address)
    assert page.status_code == 200, address
    return [int(part.split('"', 1)[0].rpartition("-")[2]) for part in page.text.split('data-case="')[1:]]


def post(client: TestClient, address: str, **fields: str) -> Response:
    token = form_token_of(client.get("/queue").text)
    return client.post(address, data={**fields, "csrf": token})


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("topic=theft", [1]),
        ("waiting=customer", [3]),
        ("assignee=bram", [4]),
        ("assignee=-&waiting=us", [1, 2, 5]),
        ("language=en", [2]),
        ("channel=webform", [2]),
        ("amount_from=99.95&amount_to=500.10", [3, 5]),
        ("amount_from=500.11", [1]),
        ("band=low", [1]),
        ("band=middle", [4]),
        ("band=high", [2, 3]),  # a case that is judged blind is in no band
        ("journey=home_repair", []),
        ("topic=&waiting=&band=&amount_from=&amount_to=", [1, 2, 3, 4, 5]),
    ],
)
def test_the_address_holds_the_filters(house: House, narrowed: str, numbers: list[int]) -> None:
    assert sorted(shown(signed_in(house, "anouk"), f"/queue?view=all&{narrowed}")) == numbers


@pytest.mark.parametrize(
    "wrong", ["band=huge", "amount_from=lots", "amount_to=nan", "amount_from=-1", "waiting=x", "view=x"]
)
def test_a_filter_that_is_none_is_refused(house: House, wrong: str) -> None:
    assert signed_in(house, "anouk").get(f"/queue?{wrong}").status_code == 422


def test_each_filter_that_is_on_has_a_chip_that_takes_it_off(house: House) -> None:
    page = signed_in(house, "anouk").get("/queue?view=all&topic=theft&band=low&amount_from=10").text

    assert "Topic: Theft or break-in" in page
    assert 'href="/queue?view=all&amp;band=low&amp;amount_from=10"' in page
    assert 'href="/queue?view=all&amp;topic=theft&amp;amount_from=10"' in page


def test_a_row_tells_amount_age_waiting_and_nothing_of_advice_to_who_decides_first(house: House) -> None:
    page = signed_in(house, "anouk").get("/queue?view=all&amount_from=500.10&amount_to=500.10").text

    assert "€500.10" in page
    assert "min old" in page
    assert "You decide first" in page
    assert "99%" not in page


def test_the_export_holds_the_shown_columns_and_no_formula(house: House) -> None:
    answer = signed_in(house, "anouk").get("/queue.csv?view=all")

    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(rows) == 6
    assert all(len(row) == len(rows[0]) == 12 for row in rows)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    hostile = next(row for row in rows if row[0] == "C-2026-000002")
    assert hostile[3].startswith("'=HYPERLINK")


def test_the_page_asks_the_database_as_often_for_fifty_rows_as_for_one(tmp_path: Path) -> None:
    with filled_house(tmp_path) as house:
        client = signed_in(house, "anouk")
        add_case(house, 1)
        client.get("/queue")  # what is read once in a process
        few = queries(house, client)
        for number in range(2, 52):
            add_case(house, number, (e.CaseAssigned("bram", "noor"), Actor("person", "noor")), amount="10")
        many = queries(house, client)

    assert few == many


def queries(house: House, client: TestClient) -> list[str]:
    """How each began, in order."""
    asked: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")):
            asked.append(statement[:40])

    house.journeys.look_again(house.now())  # else it may be due in the middle, as it is every few seconds
    engine = house.database._engine  # nothing else sees every statement
    event.listen(engine, "before_cursor_execute", count)
    assert client.get("/queue").status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    assert asked
    return asked


def assignees(house: House) -> list[str | None]:
    names = [f"C-2026-{number:06d}" for number in (1, 2, 3)]
    with house.database.reading() as store:
        lines = store.queue.of_references(names)
    return [lines[name].assignee for name in names]


def test_the_next_case_opens_assigned(busy: House) -> None:
    anouk = signed_in(busy, "anouk")

    answer = post(anouk, "/queue/next")

    assert answer.headers["location"] == "/cases/C-2026-000001?given=1"
    assert assignees(busy) == ["anouk", None, None]
    assert post(anouk, "/queue/next", besides="C-2026-000001").headers["location"] == "/cases/C-2026-000002?given=1"


def test_without_a_next_case_the_list_says_so(busy: House) -> None:
    sam = signed_in(busy, "sam")  # of another line of business

    answer = post(sam, "/queue/next")

    assert answer.headers["location"] == "/queue?told=none_left"
    assert "No case for you just now" in sam.get("/queue?told=none_left").text


def test_picked_cases_are_told_then_assigned_and_taken_back(busy: House) -> None:
    noor = signed_in(busy, "noor")
    boxes = {"c.C-2026-000001": "4", "c.C-2026-000002": "4"}

    asked = post(noor, "/queue/bulk", act="assign", to="bram", **{"in": "view=us"}, **boxes)
    assert "Assign 2 cases to bram?" in asked.text
    assert assignees(busy) == [None, None, None]
    done = post(noor, "/queue/bulk/do", act="assign", to="bram", **{"in": "view=us", "cases": hidden(asked, "cases")})
    assert assignees(busy) == ["bram", "bram", None]

    page = noor.get(done.headers["location"]).text
    assert "Done in 2 cases" in page
    back = post(noor, "/queue/undo", act=page.split('name="act" value="', 1)[1].split('"', 1)[0], **{"in": "view=us"})
    assert back.headers["location"] == "/queue?view=us&told=undone"
    assert assignees(busy) == [None, None, None]
    assert "can no longer be taken back" in noor.get(done.headers["location"]).text


def hidden(page: Response, name: str) -> str:
    return page.text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def test_all_that_match_are_meant_with_their_filter_and_no_others(busy: House) -> None:
    add_case(busy, 4, topic="theft")
    bram = signed_in(busy, "bram")

    asked = post(bram, "/queue/bulk", act="take", all="1", **{"in": "view=us&topic=theft"})
    post(bram, "/queue/bulk/do", act="assign", to="bram", **{"in": "view=us", "cases": hidden(asked, "cases")})

    assert "Assign 1 cases to bram?" in asked.text
    assert assignees(busy) == [None, None, None]
    with busy.database.reading() as store:
        assert store.queue.of_references(["C-2026-000004"])["C-2026-000004"].assignee == "bram"


def test_what_stands_against_a_case_is_told_beside_it(busy: House) -> None:
    hand.assign(busy, "C-2026-000002", "noor", person="noor")
    anouk = signed_in(busy, "anouk")

    asked = post(anouk, "/queue/bulk", act="release", all="1", **{"in": "view=us"})

    assert "Left as they are: 3" in asked.text
    assert "Only a team lead does this to a case of noor" in asked.text
    assert "/queue/bulk/do" not in asked.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"act": "explode"}, 422),
        ({"act": "snooze", "until": "soon"}, 422),
        ({"act": "take", "in": "view=us&topics=theft", "all": "1"}, 422),  # a filter that is none widens nothing
        ({"act": "assign", "to": "nobody", "all": "1"}, 409),
        ({"act": "snooze", "until": "2020-01-01", "all": "1"}, 409),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(busy: House, fields: dict[str, str], status: int) -> None:
    assert post(signed_in(busy, "noor"), "/queue/bulk", **fields).status_code == status


def test_nothing_picked_is_said(busy: House) -> None:
    answer = post(signed_in(busy, "noor"), "/queue/bulk", act="take", **{"in": "view=us"})

    assert answer.headers["location"] == "/queue?view=us&told=none_picked"


def test_a_call_does_the_same_and_takes_it_back(busy: House) -> None:
    noor = signed_in(busy, "noor")
    cases = [{"reference": "C-2026-000001"}, {"reference": "C-2026-000099"}]

    told = noor.post("/api/bulk", json={"act": "assign", "to": "bram", "cases": cases, "dry_run": True}).json()
    done = noor.post("/api/bulk", json={"act": "assign", "to": "bram", "cases": cases}).json()

    assert told["items"] == done["items"]
    assert [item["result"] for item in done["items"]] == ["done", "missing"]
    assert (told["undo"], done["undo_seconds"]) == (None, 60)
    assert assignees(busy) == ["bram", None, None]
    back = noor.post(f"/api/bulk/{done['undo']}/undo").json()
    assert [item["result"] for item in back["items"]] == ["done"]
    assert noor.post(f"/api/bulk/{done['undo']}/undo").status_code == 409
    assert noor.post("/api/bulk", json={"act": "release", "matching": "view=us&nonsense=1"}).status_code == 422
    assert noor.post("/api/bulk", json={"act": "release"}).status_code == 422


def test_the_next_case_by_call_comes_with_its_reasons(busy: House) -> None:
    anouk = signed_in(busy, "anouk")

    assert anouk.post("/api/cases/next", json={}).json() == {"reference": "C-2026-000001", "because": ["due"]}
    besides = [f"C-2026-{number:06d}" for number in (1, 2, 3)]
    assert anouk.post("/api/cases/next", json={"besides": besides}).json() == {"reference": None, "because": None}


def test_a_case_knows_its_neighbours_in_the_list_it_was_opened_from(house: House) -> None:
    anouk = signed_in(house, "anouk")
    order = [f"C-2026-{number:06d}" for number in shown(anouk, "/queue?view=us")]
    middle = anouk.get(f"/cases/{order[1]}?in=view%3Dus").text

    assert f'href="/cases/{order[0]}?in=view%3Dus" rel="prev" data-key="["' in middle
    assert f'href="/cases/{order[2]}?in=view%3Dus" rel="next" data-key="]"' in middle
    assert 'href="/queue?view=us"' in middle
    assert 'rel="prev"' not in anouk.get(f"/cases/{order[0]}?in=view%3Dus").text
    assert 'rel="next"' not in anouk.get(f"/cases/{order[-1]}?in=view%3Dus").text
    assert anouk.get(f"/cases/{order[1]}?in=view%3Dnonsense").status_code == 200


def test_the_list_of_a_case_keeps_its_filters(house: House) -> None:
    anouk = signed_in(house, "anouk")
    within = "in=view%3Dall%26band%3Dhigh"
    first, second = (f"C-2026-{number:06d}" for number in shown(anouk, "/queue?view=all&band=high"))

    assert f'href="/cases/{first}?{within}"' in anouk.get("/queue?view=all&band=high").text
    assert f'href="/cases/{second}?{within}" rel="next"' in anouk.get(f"/cases/{first}?{within}").text


def test_a_case_that_was_given_says_why(house: House) -> None:
    anouk = signed_in(house, "anouk")

    assert "Your next case: the promised moment has passed (Late" in anouk.get("/cases/C-2026-000001?given=1").text
    assert "Your next case" not in anouk.get("/cases/C-2026-000001").text


def test_keys_are_listed_and_switched_off_for_this_browser(house: House) -> None:
    anouk = signed_in(house, "anouk")

    post(anouk, "/keys", on="no")
    assert anouk.cookies["keys"] == "off"
    assert "Single keys are off" in anouk.get("/keys").text
    post(anouk, "/keys", on="yes")
    assert "Single keys are on" in anouk.get("/keys").text


def test_a_call_narrows_as_the_page_does(house: House) -> None:
    anouk = signed_in(house, "anouk")

    found = anouk.get("/api/cases", params={"band": "high", "channel": "webform"}).json()

    assert [item["reference"] for item in found["items"]] == ["C-2026-000002"]
    assert anouk.get("/api/cases", params={"band": "huge"}).status_code == 422


def test_what_is_new_to_a_person_is_marked_until_they_open_it(busy: House) -> None:
    anouk, bram = signed_in(busy, "anouk"), signed_in(busy, "bram")
    assert shown(anouk, "/queue?unread=yes") == [1, 2, 3]

    anouk.get("/cases/C-2026-000001")

    assert shown(anouk, "/queue?unread=yes") == [2, 3]
    assert shown(anouk, "/queue?unread=") == [1, 2, 3]
    assert anouk.get("/queue").text.count('aria-label="Unread') == 2
    assert shown(bram, "/queue?unread=yes") == [1, 2, 3]
    page = anouk.get("/queue?unread=yes&topic=windscreen").text
    assert 'href="/queue?view=us&amp;topic=windscreen" aria-label="Remove Unread: Only unread"' in page
    assert anouk.get("/queue?unread=perhaps").status_code == 422


def test_who_may_not_open_a_case_reads_nothing_in_it(busy: House) -> None:
    sam = signed_in(busy, "sam")

    assert sam.get("/cases/C-2026-000001").status_code == 404

    with busy.database.reading() as store:
        assert store.looks.unread("sam", ["case-000001"]) == {"case-000001"}


def test_no_filter_tells_what_the_machine_makes_of_a_case_that_is_judged_blind(tmp_path: Path) -> None:
    with filled_house(tmp_path, blind_share=HALF) as half:
        draws = ((number, uniform(half.keys.reserve, "oversight", f"case-{number:06d}")) for number in count(1))
        hidden = next(number for number, draw in draws if draw < HALF)
        told = next(number for number, draw in draws if draw >= HALF)
        for number in (hidden, told):
            add_case(half, number, confidence=0.99)
        anouk = signed_in(half, "anouk")

        assert sorted(shown(anouk, "/queue?view=all")) == [hidden, told]
        for narrowed in ("band=high", "band=high&q=ster"):
            assert shown(anouk, f"/queue?view=all&{narrowed}") == [told]
        items = anouk.get("/api/cases", params={"band": "high"}).json()["items"]
        assert [item["reference"] for item in items] == [f"C-2026-{told:06d}"]
        assert len(anouk.get("/queue.csv?view=all&band=high").text.splitlines()) == 2


def test_the_queue_can_be_narrowed_to_every_channel_by_its_name(house: House) -> None:
    page = signed_in(house, "anouk").get("/queue?channel=sms").text

    for value, name in (("sms", "Text message"), ("post", "Post"), ("chat", "Chat"), ("phone", "Phone")):
        assert re.search(rf'<option value="{value}"[^>]*>{name}</option>', page)
    assert "Came in by: Text message" in page
