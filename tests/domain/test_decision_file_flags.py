"""What a person must see first stands as a flag at the head of a decision file, with where it was said."""

from typing import Any

import pytest
from builders import answer, fact, photo, sign
from dossiers import LIVES, decided, file, read, texts

from cases import events as e
from cases.facts import MessageSpan


@pytest.mark.parametrize(
    ("life", "flag"),
    [
        ("danger", "Gas: “smell gas”"),
        ("contradiction", "Amount of the damage is stated twice: €1.00 / €2.00"),
        ("parked", "Could not be processed: deciding the next step"),
        ("may belong elsewhere", "May belong to C-2026-000007: the sender could not be proven"),
        ("reopened", "The customer asks for a second look"),
        ("order refused", "The order was refused: no"),
        ("letter withheld", "A letter could not be sent; the customer may know of it only from the tracking page"),
    ],
)
def test_what_a_person_must_see_first_is_flagged(life: str, flag: str) -> None:
    assert texts(file(LIVES[life])["headline"]["flags"]) == [flag]


@pytest.mark.parametrize(
    ("known", "source"),
    [
        ({"facts": (fact("phone", "+31600001000"),)}, "message"),
        ({"answers": (answer(fields=(("phone", "+31600001000"),)),)}, "register"),
    ],
)
def test_in_danger_the_file_says_first_whom_to_call(known: Any, source: str) -> None:
    events = read(dangers=(sign(),), **known)

    first = file(decided(*events))["headline"]["flags"][0]

    assert first["text"] == "Call now: +31600001000"
    assert [cited["type"] for cited in first["sources"]] == [source]


def test_in_danger_without_a_number_nobody_is_sent_to_the_telephone() -> None:
    events = read(answers=(answer(fields=(("car", "Mazda"),)),), dangers=(sign(),))

    assert [flag["key"] for flag in file(decided(*events))["headline"]["flags"]] == ["danger_gas"]


def test_words_to_a_machine_are_flagged_where_they_stand() -> None:
    order = MessageSpan("m-1", 3, 9)

    (flag,) = file(decided(*read(orders=(order,))))["headline"]["flags"]

    assert flag["text"] == "Some words are addressed to a machine; the message was read without them"
    assert flag["sources"] == [{"type": "message", "message_id": "m-1", "start": 3, "end": 9}]


def test_a_photo_seen_before_is_flagged_with_its_cases_and_what_the_camera_says() -> None:
    findings = e.PhotoFindings(
        800, 600, 12.0, 90.0, blurred=True, dark=False, taken_at="2026-11-20T09:00:00", latitude=52.1, longitude=5.2,
        reused_from=("C-2025-000003",),
    )  # fmt: skip

    document = file(decided(*read(files=[photo(findings=findings)])))

    assert texts(document["headline"]["flags"]) == ["glass.jpg looks the same as a photo in C-2025-000003"]
    assert "The camera says it was taken on 2026-11-20 09:00:00" in texts(document["files"][0]["findings"])
    assert "The camera says it was taken at 52.1000, 5.2000" in texts(document["files"][0]["findings"])
    assert len(document["files"][0]["cannot_show"]) == 4
