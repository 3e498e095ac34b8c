"""Nothing that only staff may know reaches a page of the customer: every value of a case is looked for in it."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from web_house import report, token_in

from cases import events as e
from cases.case import Case, Entry
from cases.store.store import Store
from pipelines import hand
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.reading_room import happened
from pipelines.runner import drain

SHORTEST = 6  # characters; shorter values stand in any page by chance
#: Plain words of pages and addresses of their parts, which are names in events too.
DAY = re.compile(r"\d{4}-\d\d-\d\d")  # of all cases alike
#: Values of events that are also words of a page, in English.
WORDS = frozenset(
    {"message", "messages", "received", "person", "customer", "webform", "photo", "photos", "missing", "image/jpeg",
     "object", "together"}
)  # fmt: skip


def leaves(part: Any) -> Iterator[str]:
    match part:
        case dict():
            for value in part.values():
                yield from leaves(value)
        case list() | tuple():
            for value in part:
                yield from leaves(value)
        case str():
            yield part
        case _:
            return


@pytest.fixture
def decided(house: House, stranger: TestClient) -> dict[str, str]:
    """A case with everything that staff do inside: a note, an owner, a fact, a decision with its reason."""
    opened = report(stranger)
    drain(house)
    reference = opened["reference"]
    hand.add_note(house, reference, "Zij klonk boos aan de telefoon.", person="noor")
    hand.assign(house, reference, "anouk", person="noor")
    hand.state_fact(house, reference, "licence_plate", "79-KXF-6", person="anouk")
    drain(house)
    with house.database.reading() as store:
        version = store.case(store.case_id(reference)).version
    decision = Decision("tell_status", "Twijfelachtig dossier, toch maar antwoorden.", version)
    hand.decide_by_hand(house, reference, decision, person="anouk")
    drain(house)
    return opened


def told(case: Case, entries: list[Entry]) -> list[str]:
    """What the customer said and was sent: that is theirs."""
    said = [part for one in case.messages for part in (one.text, one.subject, one.sender_name)]
    files = [file.name for file in case.files]
    letters = [part for letter in case.letters for part in (letter.subject, letter.body)]
    standing = [entry.event.standing for entry in entries if isinstance(entry.event, e.LetterSent)]
    texts = case.explained.texts if case.explained is not None else ()
    explained = [part.text for text in texts for part in text.parts]
    return [case.reference, *said, *files, *letters, *standing, *explained]


def internal(case: Case, entries: list[Entry]) -> set[str]:
    """Values of the case's events that are none of the customer's."""
    known = told(case, entries)
    return {
        value
        for event in happened(entries)
        for value in leaves(event)
        if len(value) >= SHORTEST
        and value not in WORDS
        and not DAY.fullmatch(value)
        and not any(value in part for part in known)
    }


def history(store: Store, reference: str) -> tuple[Case, list[Entry]]:
    case_id = store.case_id(reference)
    return store.case(case_id), store.history(case_id)


def test_no_internal_value_of_a_case_is_in_any_answer_to_its_customer(
    house: House, stranger: TestClient, decided: dict[str, str]
) -> None:
    token = token_in(decided)
    with house.database.reading() as store:
        case, entries = history(store, decided["reference"])
    values = internal(case, entries)

    sent = [
        unescape(stranger.get(address).text).replace(token, "")
        for language in ("nl", "en")
        for address in (f"/t/{token}?page=1&lang={language}", f"/api/tracking/{token}?lang={language}")
    ]

    assert any(isinstance(entry.event, e.NoteAdded) for entry in entries)
    assert {"Zij klonk boos aan de telefoon.", "79KXF6", "Twijfelachtig dossier, toch maar antwoorden."} <= values
    assert len(values) > 50  # the search is not over nothing
    assert " | ".join(value for value in sorted(values) if any(value in page for page in sent)) == ""
