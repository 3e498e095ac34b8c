"""What open pages hear and tell, over HTTP: presence, drafts, and the stream of what happens, each within rights."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from web_house import PASSWORD_HASH, Clock, report, signed_in, stranger

from api import live as live_module
from api.live import OF_PERSON, Live, Told, TooManyPages, position_of
from api.signing_in import cookie_of, open_session
from cases.store.people import User
from cases.vocabulary import Role, View
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain

__all__ = ["stranger"]


@pytest.fixture(scope="module")
def case(house: House) -> str:
    """A case of motor that nobody has open."""
    with TestClient(stranger_app(house)) as client:
        reference = report(client, name="Live Case")["reference"]
    drain(house)
    return reference


def stranger_app(house: House) -> Any:
    from api.app import create_app  # noqa: PLC0415

    return create_app(house)


@pytest.fixture(scope="module")
def noor(house: House) -> TestClient:
    return signed_in(house, "noor")


@pytest.fixture(scope="module")
def anouk(house: House) -> TestClient:
    return signed_in(house, "anouk")


@pytest.fixture(autouse=True)
def nobody_there(house: House) -> Iterator[None]:
    yield
    with house.database.writing() as store:
        for one in store.desk.present(house.now()):
            store.desk.leave(one.case_id, one.person)
        for hold in store.desk.holds(house.now()):
            store.desk.release(hold.case_id, hold.holder)


def presence(client: TestClient, case: str, **told: bool) -> dict[str, Any]:
    answer = client.put(f"/api/cases/{case}/presence", json=told)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


# --- presence and drafts ------------------------------------------------------------------------------------------


def test_the_first_who_types_works_on_the_case_and_the_other_hears_who(
    noor: TestClient, anouk: TestClient, case: str
) -> None:
    assert presence(noor, case)["hold"] is None

    presence(noor, case, typing=True)
    seen = presence(anouk, case, typing=True)

    assert seen["people"] == [{"name": "anouk", "typing": True}, {"name": "noor", "typing": True}]
    assert seen["hold"]["holder"] == "noor"


def test_who_leaves_is_not_there_any_more(noor: TestClient, anouk: TestClient, case: str) -> None:
    presence(noor, case, typing=True)

    presence(noor, case, here=False)

    assert presence(anouk, case)["people"] == [{"name": "anouk", "typing": False}]


def test_a_reader_is_seen_and_never_works_on_it(house: House, anouk: TestClient, case: str) -> None:
    presence(signed_in(house, "olga"), case, typing=True)

    seen = presence(anouk, case)

    assert seen["people"] == [{"name": "anouk", "typing": False}, {"name": "olga", "typing": False}]
    assert seen["hold"] is None


def test_cases_of_other_lines_do_not_exist_for_presence_and_drafts(house: House, case: str) -> None:
    sam = signed_in(house, "sam")
    draft = {"fields": {"text": "x"}, "opened_at": "2026-11-22T12:00:00Z"}

    assert sam.put(f"/api/cases/{case}/presence", json={}).status_code == 404
    assert sam.put(f"/api/cases/{case}/drafts/reply", json=draft).status_code == 404
    assert sam.get(f"/api/cases/{case}/drafts").status_code == 404
    assert sam.delete(f"/api/cases/{case}/drafts/reply").status_code == 404


def test_what_is_typed_is_kept_for_its_writer_alone_and_goes_when_dropped(
    house: House, noor: TestClient, anouk: TestClient, case: str
) -> None:
    place = f"/api/cases/{case}/drafts/reply"
    posted = {"fields": {"text": "Dear <b>", "csrf": "secret", "version": "3"}, "opened_at": house.now().isoformat()}

    assert noor.put(place, json=posted).json()["kept_at"]

    kept = noor.get(f"/api/cases/{case}/drafts").json()
    assert kept["reply"]["fields"] == {"text": "Dear <b>"}
    assert anouk.get(f"/api/cases/{case}/drafts").json() == {}
    noor.delete(place)
    assert noor.get(f"/api/cases/{case}/drafts").json() == {}


@pytest.mark.parametrize(
    ("form", "fields"),
    [("Reply!", {"text": "x"}), ("reply", {"text": "x" * 10_001}), ("reply", {"": "x"}), ("reply", [1])],
)
def test_a_draft_of_no_form_or_beyond_measure_is_refused_with_its_field(
    noor: TestClient, case: str, form: str, fields: object
) -> None:
    posted = {"fields": fields, "opened_at": "2026-11-22T12:00:00Z"}

    answer = noor.put(f"/api/cases/{case}/drafts/{form}", json=posted)

    assert answer.status_code == 422
    assert answer.json()["field"]


def test_a_page_that_lies_open_keeps_no_session_alive(house: House, clock: Clock, case: str) -> None:
    client = signed_in(house, "noor")
    clock.ahead += timedelta(minutes=10)
    try:
        told = client.put(f"/api/cases/{case}/presence", json={})
        typed = client.put(f"/api/cases/{case}/drafts/note", json={"fields": {}, "opened_at": house.now().isoformat()})

        assert "set-cookie" not in told.headers
        assert "set-cookie" in typed.headers
    finally:
        clock.ahead -= timedelta(minutes=10)


# --- the stream ---------------------------------------------------------------------------------------------------


class Heard:
    """The events of a stream, by name, until it is closed."""

    def __init__(self, house: House, live: Live, who: str, after: int | None = None) -> None:
        with house.database.reading() as store:
            user = store.people.user(who)
        assert user is not None
        cookie = cookie_of(open_session(house, who), key=house.keys.session, now=house.now())
        self.stream: AsyncIterator[bytes] = live.follow(user, cookie, after)

    async def next(self, name: str, **part: Any) -> dict[str, Any]:
        """The next event of this name that holds these parts."""
        async with asyncio.timeout(10):
            async for event in self.stream:
                fields = dict(line.split(": ", 1) for line in event.decode().strip().splitlines() if ": " in line)
                data = json.loads(fields.get("data", "{}"))
                if fields.get("event") == name and part.items() <= data.items():
                    return {**data, "id": fields.get("id")}
        raise AssertionError(f"the stream ended before {name}")


def test_a_change_and_who_is_there_are_heard_by_two_processes_within_their_rights(house: House, case: str) -> None:
    async def story() -> None:
        first, second = Live(house), Live(house)
        noor, sam = Heard(house, first, "noor"), Heard(house, second, "sam")
        anouk = Heard(house, second, "anouk")
        for one in (noor, sam, anouk):
            await one.next("ready")
        version = await asyncio.to_thread(hand.add_note, house, case, "Looked at it.", person="anouk")
        with house.database.writing() as store:
            case_id = store.case_id(case)
            store.desk.enter(case_id, "anouk", now=house.now())
            store.desk.hold(case_id, "anouk", now=house.now())

        heard = await noor.next("case", reference=case, version=version)
        assert int(heard["id"]) <= position_of(house.now())
        there = await noor.next("presence", reference=case)
        assert (there["people"], there["hold"]["holder"]) == ([{"name": "anouk", "typing": False}], "anouk")
        await anouk.next("presence", reference=case)
        with house.database.writing() as store:
            store.desk.leave(case_id, "anouk")
        assert (await anouk.next("presence", reference=case, people=[]))["hold"] is None
        first.close()
        second.close()
        assert [event async for event in sam.stream if b"event: counts" not in event] == []

    asyncio.run(story())


def test_the_lengths_of_lists_are_told_after_a_change(house: House, case: str) -> None:
    async def story() -> None:
        live = Live(house)
        noor = Heard(house, live, "noor")
        await noor.next("ready")

        await asyncio.to_thread(hand.add_note, house, case, "Looked again.", person="anouk")

        counts = await noor.next("counts")
        with house.database.reading() as store:
            asked = store.queue.counts([View.ALL], who="noor", now=house.now(), lines=("motor", "general"))[View.ALL]
        assert counts["all"] == [asked.value, True]
        live.close()

    asyncio.run(story())


def test_a_page_that_comes_back_hears_what_it_missed_and_after_long_reads_anew(house: House, case: str) -> None:
    async def story() -> None:
        live = Live(house)
        before = position_of(house.now())
        version = hand.add_note(house, case, "While you were away.", person="anouk")

        back = Heard(house, live, "noor", after=before)
        assert await back.next("case", reference=case, version=version)
        for known in (before - 2 * 3600 * 10**6, 10**19):
            long_away = Heard(house, live, "noor", after=known)
            assert await long_away.next("many")
        live.close()

    asyncio.run(story())


def test_nobody_opens_pages_without_end(house: House) -> None:
    async def story() -> None:
        live = Live(house)
        heard = [Heard(house, live, "noor") for _ in range(OF_PERSON)]
        for one in heard:
            await one.next("ready")

        with pytest.raises(TooManyPages, match="close some"):
            live.room(User("noor", (Role.LEAD,), PASSWORD_HASH))
        live.room(User("anouk", (Role.LEAD,), PASSWORD_HASH))
        async with aclosing(heard[0].stream):  # type: ignore[type-var]  # it is a generator
            pass
        live.room(User("noor", (Role.LEAD,), PASSWORD_HASH))
        live.close()

    asyncio.run(story())


def test_a_page_that_reads_nothing_is_let_go(house: House) -> None:
    async def story() -> None:
        live = Live(house)
        slow = Heard(house, live, "noor")
        await slow.next("ready")
        [listener] = live._listeners

        for n in range(live_module.WAITING + 1):
            listener.tell(Told("case", {"reference": str(n)}))

        assert [event async for event in slow.stream] == []
        live.close()

    asyncio.run(story())


def test_the_stream_ends_with_its_session(house: House) -> None:
    async def story() -> None:
        live = Live(house, beat=0.2)
        with house.database.reading() as store:
            user = store.people.user("noor")
        assert user is not None
        secret = open_session(house, "noor")
        stream = live.follow(user, cookie_of(secret, key=house.keys.session, now=house.now()), None)
        assert b"ready" in await anext(stream)
        with house.database.writing() as store:
            store.people.end_session(secret)

        async with asyncio.timeout(10):
            ended = [event async for event in stream]

        assert len(ended) < live_module.WAITING
        live.close()

    asyncio.run(story())


def test_only_people_who_read_cases_may_listen_and_only_to_a_stream(house: House, stranger: TestClient) -> None:
    streaming = {"accept": "text/event-stream"}

    assert stranger.get("/api/live", headers=streaming).status_code == 401
    assert signed_in(house, "root").get("/api/live", headers=streaming).status_code == 403
    answer = signed_in(house, "noor").get("/api/live")
    assert answer.status_code == 406
    assert "Accept: text/event-stream" in answer.json()["detail"]
