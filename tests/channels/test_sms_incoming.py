"""What a provider posts: texts and receipts, and what is none of them is refused with the mend."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.channels.parsed import Refused
from pipelines.channels.sms.incoming import Receipt, Text, read_posted
from pipelines.channels.sms.numbers import number_of
from pipelines.hook_signatures import id_of_signed, keys_of, signed

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
KEYS = keys_of("whsec_" + "A" * 44)
HOOK = signed(KEYS, "msg_1", b"{}", moment=int(NOW.timestamp()))


def posted(**told: object) -> Text | Receipt:
    return read_posted(json.dumps(told).encode(), country="NL")


@pytest.mark.parametrize("typed", ["06 12345678", "0612345678", "+31 (0)6-12345678", "0031612345678", "+31612345678"])
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert number_of(typed, country="NL") == "+31612345678"


@pytest.mark.parametrize("typed", ["", "x", "jo@example.org", "112345678901234567890", "12", "0612345678 ext. 5"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert number_of(typed, country="NL") is None


def test_a_text_is_read_and_its_pictures_are_files_that_did_not_arrive() -> None:
    text = posted(type="text", **{"from": "0612345678"}, text=" Hallo\x00 ", name="Bas", media=["https://x.example/1"])

    assert isinstance(text, Text)
    assert (text.sender, text.text, text.sender_name) == ("+31612345678", "Hallo", "Bas")
    assert [(file.name, file.data, file.problem) for file in text.message.attachments] == [
        ("1.jpg", b"", "not_fetched")
    ]


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("STOP", "stop"), ("stop.", "stop"), (" Stopp! ", "stop"), ("ARRÊT", "stop"), ("arret", "stop"),
        ("START", "start"), ("Stop de lekkage aub", ""), ("Ik wil niet stoppen", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_a_word_that_stands_alone_is_a_wish(words: str, wish: str) -> None:
    assert Text("+31612345678", words).wish == wish


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({}, "type"),
        ({"type": "call"}, "type"),
        ({"type": "text", "text": "hi"}, "from"),
        ({"type": "text", "from": "nobody", "text": "hi"}, "from"),
        ({"type": "text", "from": ["+31612345678"], "text": "hi"}, "from"),
        ({"type": "text", "from": "+31612345678"}, "text"),
        ({"type": "text", "from": "+31612345678", "text": 7}, "text"),
        ({"type": "text", "from": "+31612345678", "text": "x", "media": "one"}, "media"),
        ({"type": "receipt", "status": "failed"}, "id"),
        ({"type": "receipt", "id": "case-1.1", "status": "lost"}, "status"),
    ],
)
def test_what_lacks_something_is_refused_by_its_name(told: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        posted(**told)

    assert refused.value.field == field


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
    lambda told: json.dumps(told).encode()
))  # fmt: skip
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        read = read_posted(raw, country="NL")
    except Refused:
        return
    assert isinstance(read, Text | Receipt)


def test_a_post_is_known_by_its_id_while_it_is_new_and_signed() -> None:
    assert id_of_signed(KEYS, HOOK, b"{}", now=NOW + timedelta(seconds=299)) == "msg_1"


@pytest.mark.parametrize(
    ("changed", "body", "seconds"),
    [
        ({}, b"{ }", 0),
        ({}, b"{}", 301),
        ({}, b"{}", -301),
        ({"webhook-id": "msg_2"}, b"{}", 0),
        ({"webhook-id": ""}, b"{}", 0),
        ({"webhook-timestamp": "1"}, b"{}", 0),
        ({"webhook-timestamp": "now"}, b"{}", 0),
        ({"webhook-timestamp": "9" * 30}, b"{}", 0),
        ({"webhook-signature": ""}, b"{}", 0),
        ({"webhook-signature": "v1,é"}, b"{}", 0),
        ({"webhook-signature": "v1a,AAAA"}, b"{}", 0),
    ],
)
def test_one_that_was_changed_or_is_old_is_not(changed: dict[str, str], body: bytes, seconds: int) -> None:
    assert id_of_signed(KEYS, {**HOOK, **changed}, body, now=NOW + timedelta(seconds=seconds)) is None


def test_nothing_is_signed_where_no_secret_is_set() -> None:
    assert id_of_signed((), HOOK, b"{}", now=NOW) is None
