"""Texts out and in, by a real provider on loopback."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.routes.channels import PROVIDER
from cases import events as e
from cases.errors import NotAllowed
from cases.vocabulary import Status
from pipelines.channels.sms.incoming import TEXT_TYPE
from pipelines.channels.sms.segments import segments
from pipelines.choices import choose, offered
from pipelines.communication.service import reaching, unwanted
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept
from pipelines.reading_room import standing_of
from pipelines.runner import drain
from tests.pipelines.given import FATIMA, Clock, OpenHouse, by_form, case_of, entries_of, kinds, until_quiet
from tests.sms_provider import OTHER_SECRET, SECRET, Provider, posted, provider

BAS = "+31612345678"
TYPED = "06-12345678"


@pytest.fixture
def office() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def texting(open_house: OpenHouse, office: Provider) -> Iterator[House]:
    with open_house(sms_url=office.url, sms_secret=SECRET, public_url="https://cases.example.org") as built:
        yield built


def post(house: House, *, id_: str = "msg_1", **told: object) -> None:
    """As the provider's post is taken once its signature was checked."""
    body, _ = posted(told, at=house.now(), id_=id_)
    accept(Incoming(TEXT_TYPE, body, "sms", PROVIDER, house.now(), f"sms {id_}"), house=house)


def text(house: House, words: str, *, sender: str = BAS, id_: str = "msg_1", **more: object) -> None:
    post(house, id_=id_, type="text", text=words, **{"from": sender}, **more)


def answers(house: House, *texts: str) -> list[int]:
    """Of the web, to texts posted under one id."""
    with TestClient(create_app(house)) as client:
        posts = [posted({"type": "text", "from": BAS, "text": one}, at=house.now()) for one in texts]
        return [client.post("/api/channels/sms", content=body, headers=head).status_code for body, head in posts]


def by_phone(house: House, clock: Clock, typed: str = TYPED) -> Accepted:
    receipt = by_form(house, sender=typed)
    until_quiet(house, clock)
    return receipt


def withheld(house: House, receipt: Accepted) -> list[str]:
    entries = entries_of(house, receipt.reference)
    return [one.event.reason for one in entries if isinstance(one.event, e.LetterWithheld)]


def test_who_gave_a_number_is_told_by_text_where_the_case_stands_and_where_to_read_on(
    texting: House, clock: Clock, office: Provider
) -> None:
    receipt = by_phone(texting, clock)

    case = case_of(texting, receipt.reference)
    told = list(office.orders.values())
    assert {(one["to"], one["kind"]) for one in told} == {(BAS, "sms")}
    assert [one["id"] for one in told] == [letter.letter_id for letter in case.letters]
    assert told[-1]["text"].startswith(standing_of(texting, case, language="nl").now)
    assert all(segments(one["text"]) <= 2 and "https://cases.example.org/t/" in one["text"] for one in told)
    sent = [one.event for one in entries_of(texting, receipt.reference) if isinstance(one.event, e.LetterSent)]
    assert {one.via for one in sent} == {"sms"}
    assert office.forged == 0


def test_a_customer_with_a_mail_address_gets_no_text(texting: House, clock: Clock, office: Provider) -> None:
    by_form(texting)
    until_quiet(texting, clock)

    assert office.orders == {}


def test_a_provider_that_fails_or_is_busy_gets_each_text_once_and_is_left_alone_for_as_long_as_it_asks(
    texting: House, clock: Clock, office: Provider
) -> None:
    office.answers = [(429, b"{}", {"Retry-After": "600"}), (500, b"", {}), "lost"]
    begun = clock()

    receipt = by_phone(texting, clock)

    letters = case_of(texting, receipt.reference).letters
    assert sorted(office.orders) == sorted(letter.letter_id for letter in letters)
    assert "work_parked" not in kinds(texting, receipt.reference)
    assert withheld(texting, receipt) == []
    assert (clock() - begun).total_seconds() > 600
    assert len(office.requests) == len(letters) + 3


def test_a_number_that_the_provider_refuses_is_told_with_its_reason(
    texting: House, clock: Clock, office: Provider
) -> None:
    office.answers = [(422, b'{"detail": "a landline takes no texts"}', {})] * 9

    receipt = by_phone(texting, clock)

    assert withheld(texting, receipt)[0] == "a landline takes no texts"


def test_a_number_that_is_gone_gets_no_more_texts_and_a_person_is_told(
    texting: House, clock: Clock, office: Provider
) -> None:
    office.answers = [(410, b"{}", {})]

    receipt = by_phone(texting, clock)

    assert "letter_bounced" in kinds(texting, receipt.reference)
    assert case_of(texting, receipt.reference).unreached


def test_a_text_that_was_not_delivered_makes_its_number_one_that_does_not_work(
    texting: House, clock: Clock, office: Provider
) -> None:
    receipt = by_phone(texting, clock)
    letter = case_of(texting, receipt.reference).letters[-1]

    post(texting, type="receipt", id=letter.letter_id, status="failed", to=BAS, reason="unknown subscriber")
    until_quiet(texting, clock)
    post(texting, type="receipt", id=letter.letter_id, status="failed", to=BAS, id_="msg_2")
    until_quiet(texting, clock)

    case = case_of(texting, receipt.reference)
    assert case.dead_addresses == (BAS,)
    assert withheld(texting, receipt) == ["the text did not arrive: unknown subscriber"]
    assert kinds(texting, receipt.reference).count("letter_bounced") == 1


def test_a_text_that_waited_too_long_for_a_phone_is_sent_again(texting: House, clock: Clock, office: Provider) -> None:
    receipt = by_phone(texting, clock)
    letter = case_of(texting, receipt.reference).letters[-1]
    post(texting, type="receipt", id=letter.letter_id, status="expired", to=BAS)
    until_quiet(texting, clock)
    before = len(office.requests)

    clock.forward(hours=4, minutes=1)
    until_quiet(texting, clock)

    assert len(office.requests) == before + 1
    assert f"{letter.letter_id}-2" in office.orders
    assert case_of(texting, receipt.reference).dead_addresses == ()

    post(texting, type="receipt", id=f"{letter.letter_id}-2", status="failed", to=BAS, id_="msg_2")
    until_quiet(texting, clock)
    assert case_of(texting, receipt.reference).dead_addresses == (BAS,)


def test_a_delivered_text_changes_nothing(texting: House, clock: Clock) -> None:
    receipt = by_phone(texting, clock)
    case = case_of(texting, receipt.reference)

    post(texting, type="receipt", id=case.letters[-1].letter_id, status="delivered", to=BAS)
    until_quiet(texting, clock)

    assert case_of(texting, receipt.reference).version == case.version


def test_texts_are_not_offered_to_a_number_that_wrote_stop_until_it_writes_start(texting: House, clock: Clock) -> None:
    receipt = by_phone(texting, clock)
    case = case_of(texting, receipt.reference)

    assert (reaching(case, texting), unwanted(case, texting)) == (["sms"], [])
    text(texting, "Stop", id_="msg_2")
    assert (reaching(case, texting), unwanted(case, texting)) == ([], ["sms"])
    assert offered(texting, case_of(texting, receipt.reference)).channels == ()
    with pytest.raises(NotAllowed):
        choose(texting, case.id, e.NoticesChosen("sms"))
    text(texting, "START", id_="msg_3")
    assert offered(texting, case_of(texting, receipt.reference)).channels == ("sms",)


def test_stop_ends_texts_at_once_and_start_begins_them_again(texting: House, clock: Clock, office: Provider) -> None:
    assert answers(texting, "STOP") == [202]
    first = by_phone(texting, clock)
    assert (office.orders, withheld(texting, first)[0]) == ({}, "the customer wrote STOP: no texts go to this number")

    text(texting, "Start", id_="msg_2")
    second = by_phone(texting, clock)

    assert {one["id"] for one in office.orders.values()} == {
        letter.letter_id for letter in case_of(texting, second.reference).letters
    }


@pytest.mark.parametrize("typed", [TYPED, "+31 (0)6 1234 5678"])
def test_a_text_from_a_number_on_file_joins_its_one_open_case(texting: House, clock: Clock, typed: str) -> None:
    receipt = by_phone(texting, clock, typed)

    text(texting, "Het gaat om de Polo", media=["https://media.example/1"])
    until_quiet(texting, clock)

    said = case_of(texting, receipt.reference).messages[-1]
    assert (said.text, said.channel, said.sender) == ("Het gaat om de Polo", "sms", BAS)
    assert [(file.reason, str(file.status)) for file in said.files] == [("not_fetched", "unusable")]


def test_a_number_that_a_register_has_of_who_mailed_is_on_file_too(texting: House, clock: Clock) -> None:
    words = "Er lekt water uit de kraan. Mijn contractnummer is HW-40168."
    receipt = by_form(texting, words, sender=FATIMA, journey="home_repair")
    until_quiet(texting, clock)

    text(texting, "Ik ben morgen thuis", sender="+31600001000")
    until_quiet(texting, clock)

    assert case_of(texting, receipt.reference).messages[-1].channel == "sms"


def test_the_same_post_is_taken_once_and_another_under_its_id_is_refused(texting: House, clock: Clock) -> None:
    receipt = by_phone(texting, clock)

    assert answers(texting, "Hallo", "Hallo", "Iets anders") == [202, 202, 409]
    until_quiet(texting, clock)

    assert [said.channel for said in case_of(texting, receipt.reference).messages].count("sms") == 1


def test_with_two_open_cases_a_text_opens_its_own_which_may_belong_to_the_newer(texting: House, clock: Clock) -> None:
    by_phone(texting, clock)
    newer = by_phone(texting, clock)

    text(texting, "Hoe staat het ermee?")
    until_quiet(texting, clock)

    with texting.database.reading() as store:
        opened = [store.case(one) for one in store.queue.holding_any(["ermee"], besides="", within=None, limit=9)]
    assert [case.may_belong_to for case in opened] == [newer.reference]


def test_a_text_that_names_one_of_the_cases_of_its_number_joins_that_one(texting: House, clock: Clock) -> None:
    older = by_phone(texting, clock)
    by_phone(texting, clock)

    text(texting, f"Over {older.reference}: de ster wordt groter")
    until_quiet(texting, clock)

    assert case_of(texting, older.reference).messages[-1].channel == "sms"


def test_a_stranger_who_names_a_case_does_not_join_it(texting: House, clock: Clock) -> None:
    receipt = by_phone(texting, clock)

    text(texting, f"Over {receipt.reference}: stuur alles naar mij", sender="+31687654321")
    until_quiet(texting, clock)

    assert [said.channel for said in case_of(texting, receipt.reference).messages] == ["webform"]


def test_who_writes_first_by_text_is_answered_by_text(texting: House, clock: Clock, office: Provider) -> None:
    text(texting, "Er zit een ster in mijn voorruit, kenteken 79-KXF-6")
    until_quiet(texting, clock)

    assert {one["to"] for one in office.orders.values()} == {BAS}


def test_what_is_not_signed_now_by_our_secret_is_not_taken(texting: House, clock: Clock) -> None:
    told = {"type": "text", "from": BAS, "text": "Hallo"}
    body, headers = posted(told, at=clock())
    _, forged = posted(told, at=clock(), key=bytes(32))
    _, old = posted(told, at=clock() - timedelta(minutes=6))

    with TestClient(create_app(texting)) as client:
        given = [(body, forged), (body, old), (body + b" ", headers), (body, {})]
        told_so = [client.post("/api/channels/sms", content=one, headers=head).status_code for one, head in given]

    assert told_so == [401] * 4
    assert drain(texting) == 0


def test_where_no_secret_is_set_nothing_is_taken(house: House) -> None:
    assert answers(house, "Hallo") == [401]


def test_a_text_that_cannot_be_read_is_refused_with_its_field(texting: House) -> None:
    body, headers = posted({"type": "text", "text": "x"}, at=texting.now())
    with TestClient(create_app(texting)) as client:
        answer = client.post("/api/channels/sms", content=body, headers=headers)

    assert (answer.status_code, answer.json()["field"]) == (400, "from")


def test_a_provider_that_is_not_there_keeps_the_text_waiting(open_house: OpenHouse, clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with open_house(sms_url=f"http://127.0.0.1:{port}/", sms_secret=OTHER_SECRET, attempts=1) as house:
        receipt = by_form(house, sender=TYPED)
        drain(house)

        assert "letter_sent" not in kinds(house, receipt.reference)
        assert withheld(house, receipt) == []
        assert case_of(house, receipt.reference).status is not Status.CLOSED


def test_two_reports_of_one_text_at_once_count_once(texting: House, clock: Clock) -> None:
    receipt = by_phone(texting, clock)
    letter = case_of(texting, receipt.reference).letters[-1]

    for n in ("1", "2"):
        post(texting, type="receipt", id=letter.letter_id, status="failed", to=BAS, id_=f"msg_{n}")
    until_quiet(texting, clock)

    assert kinds(texting, receipt.reference).count("letter_bounced") == 1
