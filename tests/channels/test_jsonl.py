import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.channels.jsonl import JsonMessage, read_json_message
from pipelines.channels.parsed import Refused

LINE = {
    "id": "m-1",
    "channel": "email",
    "sender": "Jan@X.NL",
    "subject": "Lek",
    "text": "De goot lekt",
    "photos": ["a.jpg"],
}


def read(**changes: object) -> JsonMessage:
    return read_json_message(json.dumps({**LINE, **changes}).encode())


def test_a_line_becomes_a_message() -> None:
    assert read(journey="home", language="NL") == JsonMessage(
        id="m-1",
        sender="Jan@x.nl",
        text="De goot lekt",
        subject="Lek",
        channel="email",
        journey="home",
        language="nl",
        photos=("a.jpg",),
    )


def test_optional_fields_may_be_absent_or_null_and_an_id_may_be_a_number() -> None:
    message = read(id=7, channel=None, subject=None, photos=None)

    assert (message.id, message.channel, message.subject, message.photos) == ("7", None, "", ())


def test_fields_that_mean_nothing_here_are_named() -> None:
    assert read(photo="a.jpg").ignored == ("photo",)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"{", "line: is no JSON"),
        (b"[]", "line: is no JSON object"),
        (b"\xff\xfe", "line: is no JSON"),
        (b"[" * 100_000, "line: is no JSON"),
        (b'{"id": "\\ud800", "text": "x"}', "line: is no JSON"),
        (json.dumps({**LINE, "id": ""}).encode(), "id: is missing; give each line its own id"),
        (json.dumps({**LINE, "id": True}).encode(), 'id: is true or false; write it as text between "quotes"'),
        (json.dumps({**LINE, "sender": None}).encode(), "sender: is missing; give the address"),
        (json.dumps({**LINE, "text": 5}).encode(), "text: is a number; write it as text"),
        (json.dumps({**LINE, "text": "", "photos": []}).encode(), "text: is missing"),
        (json.dumps({**LINE, "photos": "a.jpg"}).encode(), r"photos: is something else; write a list of paths"),
        (json.dumps({**LINE, "photos": ["a", 3]}).encode(), r"photos\[1\]: is no path"),
        (json.dumps({**LINE, "photos": ["a\0"]}).encode(), r"photos\[0\]: is no path"),
        (json.dumps({**LINE, "photos": ["a"] * 51}).encode(), "photos: holds more than 50"),
        (b" " * 5_000_001, "body: 5000001 bytes is over the limit"),
    ],
)
def test_a_bad_line_is_refused_with_its_field_and_the_mend(raw: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_json_message(raw)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.binary() | st.dictionaries(st.sampled_from(sorted(LINE)), JSON).map(lambda line: json.dumps(line).encode()))
def test_no_line_raises_anything_but_a_named_refusal(raw: bytes) -> None:
    with suppress(Refused):
        message = read_json_message(raw)
        assert message.id
        assert message.text or message.photos
