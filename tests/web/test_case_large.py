"""Cases with hundreds of messages, files and events stay a page that opens at once; nothing of them is out of reach."""

import re
from dataclasses import replace

import pytest
from builders import photo
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from web_house import signed_in

from api.pages.case_view import newest, unwrapped
from cases.events import CaseAssigned, CaseOpened, Written
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Step
from pipelines.house import House

HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(2)>"
MOST = 120 * 1024


@pytest.fixture(scope="module")
def large(house: House, opened: dict[str, str]) -> str:
    """A copy of a case with 200 messages, 43 pictures in the last of them, and 400 hand-overs."""
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    now, first = house.now(), old.messages[0]
    assert old.understood is not None
    assert old.step is not None
    files = tuple(photo(id=f"inline-{n}", name=f"image{n:03} {HOSTILE}.png") for n in range(43))
    said = [
        replace(first, message_id=f"message-l-{n}", text=f"Message {n}. " + "All of it is wet. " * 40,
                quoted="> " * 900, subject=HOSTILE, sender_name=HOSTILE, files=())
        for n in range(200)
    ]  # fmt: skip
    said[0] = first  # what was read of the case cites it
    said[-1] = replace(said[-1], files=files, text="The end. " * 4000)
    read = replace(old.understood, message_id="message-l-199")
    step = replace(old.step, step=Step.EXPERT)
    with house.database.writing() as store:
        reference = store.open_reference(now.year)
        opening = CaseOpened(reference, "message-l", "webform", "a@b.nl", journey=old.journey, language="nl")
        events: list[tuple[Written, Actor]] = [
            (opening, CUSTOMER),
            *((one, CUSTOMER) for one in said),
            (read, MACHINE),
            (step, MACHINE),
        ]
        given: list[tuple[Written, Actor]] = [
            (CaseAssigned("noor", "noor"), Actor("person", "noor")) for _ in range(400)
        ]
        store.append(f"case-{reference.lower()}", events + given, at=now)
    return reference


def counted(house: House, client: TestClient, path: str) -> int:
    asked: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    client.get(path)
    event.remove(Engine, "before_cursor_execute", count)
    return len(asked)


def test_the_page_of_a_large_case_is_light_and_asks_no_more_of_the_database(
    house: House, opened: dict[str, str], large: str
) -> None:
    client = signed_in(house, "anouk")
    # three times: the first fills what is kept, and what is looked at every few seconds may fall into one of the others
    few = min(counted(house, client, f"/cases/{opened['reference']}") for _ in range(3))
    many = min(counted(house, client, f"/cases/{large}") for _ in range(3))
    page = client.get(f"/cases/{large}").text

    assert many <= few
    assert len(page.encode()) < MOST
    assert "Show the" in page


def test_whatever_strangers_wrote_is_shown_as_text(house: House, large: str) -> None:
    client = signed_in(house, "anouk")

    for path in ("", "/conversation?page=8"):
        page = client.get(f"/cases/{large}{path}")

        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]


def test_every_message_and_event_can_be_reached(house: House, large: str) -> None:
    client = signed_in(house, "anouk")

    said = {
        name
        for n in range(1, 9)
        for name in re.findall(
            r'id="message-(message-l-\d+)"', client.get(f"/cases/{large}/conversation?page={n}").text
        )
    }
    happened = sum(client.get(f"/cases/{large}/history?page={n}").text.count('id="event-') for n in range(1, 5))

    assert len(said) == 199
    assert happened == 603
    assert "The end. The end." in client.get(f"/cases/{large}/conversation?page=8").text
    assert client.get(f"/cases/{large}/conversation?page=9").status_code == 404
    assert client.get(f"/cases/{large}/history?page=5").status_code == 404


def test_evidence_in_an_earlier_message_leads_to_where_it_stands(house: House, large: str) -> None:
    client = signed_in(house, "anouk")
    page = client.get(f"/cases/{large}").text
    links = set(re.findall(r'href="(/cases/[^"#]+/conversation\?page=\d+)#(m-[^"]+)"', page))

    assert links
    for path, name in links:
        assert f'id="{name}"' in client.get(path).text


def test_a_letter_that_is_short_enough_is_not_called_cut(house: House, opened: dict[str, str]) -> None:
    page = signed_in(house, "anouk").get(f"/cases/{opened['reference']}").text

    assert "[link to the customer" in page
    assert "Read all of this message" not in page


def test_strangers_to_the_line_do_not_find_its_conversation(house: House, large: str) -> None:
    sam = signed_in(house, "sam")

    assert [sam.get(f"/cases/{large}/{part}").status_code for part in ("conversation", "history")] == [404, 404]


def test_the_newest_messages_fill_the_page_and_one_is_always_shown() -> None:
    short = [{"message_id": f"{n}", "text": "x" * 100} for n in range(30)]
    long = [{"message_id": "a", "text": "x"}, {"message_id": "b", "text": "x" * 100_000}]

    assert list(newest(short)) == [f"{n}" for n in range(18, 30)]
    assert newest(long, characters=5000) == {"b": 6000}
    assert newest([]) == {}


def test_lines_that_a_mail_program_broke_are_joined_and_others_stay() -> None:
    wrapped = "De lekkage begon op maandag toen de wasmachine klaar was en het water\nover de vloer liep."
    own = "Beste mensen,\n\n- een vloer\n- een kast\nGroet,\nJan"

    assert unwrapped(wrapped) == wrapped.replace("\n", " ")
    assert unwrapped(own) == own


@given(st.text(st.sampled_from("ab ,.\n-:"), max_size=300))
def test_joining_lines_moves_no_character(text: str) -> None:
    joined = unwrapped(text)

    assert len(joined) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, joined, strict=True))
