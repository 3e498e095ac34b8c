"""Tracking links and reply tokens: genuine, living ones open; nothing that is stored equals one."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.house import House
from pipelines.links import case_of_token, letter_of_reply, new_link_id, path_of, read_token, reply_token, token_of
from tests.homes import everything_kept
from tests.pipelines.given import Clock, by_form, case_of, until_quiet

KEY = b"k" * 32


@given(st.binary(min_size=32, max_size=32))
def test_a_token_reads_back_as_its_link_under_its_key_only(key: bytes) -> None:
    link_id = new_link_id()
    token = token_of(link_id, key)

    assert read_token(token, key) == link_id
    assert read_token(token, bytes(32 - len(b"x")) + b"y") is None
    assert path_of(link_id, key) == f"/t/{token}"


@given(st.data())
def test_a_token_with_any_character_changed_is_none(data: st.DataObject) -> None:
    token = token_of(new_link_id(), KEY)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != token[at]))

    assert read_token(token[:at] + other + token[at + 1 :], KEY) is None


@given(st.text(max_size=120))
def test_any_other_text_is_none(text: str) -> None:
    assert read_token(text, KEY) is None
    assert letter_of_reply(text, KEY) is None


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 23, 64])
def test_a_part_of_a_token_is_none(cut: int) -> None:
    assert read_token(token_of(new_link_id(), KEY)[:cut], KEY) is None


@pytest.mark.parametrize("shape", ["<{}@x.nl>", "{}@x.nl", " <{}@other.example> ", "{}"])
def test_a_reply_token_reads_back_from_a_message_id_in_any_dress(shape: str) -> None:
    assert letter_of_reply(shape.format(reply_token("case-1.2", KEY)), KEY) == "case-1.2"


def test_a_token_of_one_letter_does_not_prove_another() -> None:
    token = reply_token("case-1.2", KEY)

    assert letter_of_reply(token.replace("case-1.2", "case-2.1"), KEY) is None


def test_a_link_opens_its_case_until_it_expires_or_is_revoked(house: House, clock: Clock) -> None:
    receipt = by_form(house)
    token = str(receipt.tracking_path).removeprefix("/t/")
    case_id = case_of(house, receipt.reference).id

    def opened() -> str | None:
        with house.database.reading() as store:
            return case_of_token(store, token, key=house.keys.link, now=clock())

    assert opened() == case_id
    clock.forward(days=house.settings.link_days, seconds=-1)
    assert opened() == case_id
    clock.forward(seconds=1)
    assert opened() is None
    clock.forward(days=-2)
    assert opened() == case_id
    with house.database.writing() as store:
        store.links.revoke(case_of(house, receipt.reference).link_id or "", at=clock())
    assert opened() is None


def test_a_genuine_token_of_no_link_opens_nothing(house: House, clock: Clock) -> None:
    with house.database.reading() as store:
        token = token_of(new_link_id(), house.keys.link)
        assert case_of_token(store, token, key=house.keys.link, now=clock()) is None


def test_nothing_stored_equals_a_token_after_its_use(house: House, clock: Clock, tmp_path: Path) -> None:
    receipt = by_form(house, key="k-1")
    until_quiet(house, clock)
    by_form(house, key="k-1")
    token = str(receipt.tracking_path).removeprefix("/t/")
    with house.database.reading() as store:
        assert case_of_token(store, token, key=house.keys.link, now=clock())

    [letter] = tmp_path.rglob("*.eml")
    assert token in message_from_bytes(letter.read_bytes(), policy=policy.default).get_content()
    stored = {name: inside for name, inside in everything_kept(tmp_path) if not name.endswith(letter.name)}
    link_id = case_of(house, receipt.reference).link_id or ""
    assert any(link_id.encode() in inside for inside in stored.values())
    assert [name for name, inside in stored.items() if token[22:].encode() in inside] == []
