"""The chat on the customer's page and on the case page, over HTTP and without JavaScript."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from fastapi.testclient import TestClient
from web_house import Clock, form_token_of, report, signed_in, token_in

from api.app import create_app
from cases.case import Case
from cases.consequences import next_letter_id
from cases.events import ChatTaken, LetterSent, LetterWritten
from cases.vocabulary import MACHINE, Actor, Effect, Status
from pipelines import hand
from pipelines.channels.chat.answering import end, end_silent
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.runner import drain

UNFOLDED = '<details class="in fold" open>'
OWN = {"sec-fetch-site": "same-origin"}


def move_to(house: House, clock: Clock, *, hour: int) -> None:
    """To this hour (UTC) of a working day that is still to come, unless it was so a short while ago."""
    now = clock()
    if now.isoweekday() <= 5 and hour <= now.hour < hour + 4:
        return
    begin = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    days = (begin + timedelta(days=n) for n in range(8))
    clock.ahead += next(day for day in days if day > now and day.isoweekday() <= 5) - now
    drain(house)


def end_chats_of(house: House, person: str) -> None:
    with house.database.reading() as store:
        mine = [one.reference for one in store.chats.going_on(house.now()) if one.holder in (person, None)]
    for reference in mine:
        end(house, reference, person=person)
    drain(house)


def left(house: House, opened: dict[str, str], letter_id: str) -> list[str]:
    """By which ways a letter left."""
    with house.database.reading() as store:
        entries = store.history(store.case_id(opened["reference"]))
    return [one.event.via for one in entries if isinstance(one.event, LetterSent) and one.event.letter_id == letter_id]


def customer_of(house: House, opened: dict[str, str]) -> TestClient:
    client = TestClient(create_app(house))
    assert client.get(f"/t/{token_in(opened)}").status_code == 200
    return client


def chat_in(page: str) -> str:
    return page.split('id="chat"', 1)[1].split("</section>", 1)[0]


def key_in(page: str) -> str:
    return page.split('name="key" value="', 1)[1].split('"', 1)[0]


def case_of(house: House, opened: dict[str, str]) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(opened["reference"]))


def new_case(house: House, name: str = "Fatima El Amrani") -> dict[str, str]:
    with TestClient(create_app(house)) as client:
        opened = report(client, name=name)
    drain(house)
    return opened


def say(customer: TestClient, text: str, key: str = "") -> str:
    page = customer.post("/t/chat", data={"chat": text, "key": key}, headers=OWN)
    assert page.status_code == 200, page.text
    return page.text


def test_what_the_customer_says_in_the_chat_is_a_message_of_the_case(house: House) -> None:
    opened = new_case(house)
    customer = customer_of(house, opened)

    say(customer, "Wanneer komt de reparateur? 🙂 <b>dag</b>")
    drain(house)

    said = case_of(house, opened).messages[-1]
    assert (said.channel, said.text) == ("chat", "Wanneer komt de reparateur? 🙂 <b>dag</b>")
    page = customer.get("/t").text
    assert "Wanneer komt de reparateur? 🙂 &lt;b&gt;dag&lt;/b&gt;" in page
    assert page.count("Wanneer komt de reparateur?") == 1


def take(desk: TestClient, opened: dict[str, str], act: str, **fields: str) -> str:
    reference = opened["reference"]
    csrf = form_token_of(desk.get(f"/cases/{reference}").text)
    answer = desk.post(f"/cases/{reference}/chat/{act}", data={"csrf": csrf, **fields}, follow_redirects=True)
    assert answer.status_code in (200, 409), answer.text
    return answer.text


def test_a_person_takes_the_chat_and_the_customer_reads_the_answer_at_once(house: House) -> None:
    opened = new_case(house)
    customer, desk = customer_of(house, opened), signed_in(house, "anouk")
    say(customer, "Is daar iemand?")
    drain(house)

    waiting = desk.get("/queue").text
    assert f'href="/cases/{opened["reference"]}#chat"' in waiting
    assert "The chat is yours" in take(desk, opened, "take")
    customer.get("/t")
    take(desk, opened, "answer", chat_text="Ja, met Anouk. <b>Waarmee kan ik helpen?</b>")

    page = customer.get("/t").text
    assert "Ja, met Anouk. &lt;b&gt;Waarmee kan ik helpen?&lt;/b&gt;" in page
    assert "Een medewerker is met u in gesprek." in page
    assert "anouk" not in page


# --- who is there -------------------------------------------------------------------------------------------------


def test_the_customer_is_told_honestly_whether_somebody_answers(house: House, clock: Clock) -> None:
    opened = new_case(house)
    customer = customer_of(house, opened)
    with house.database.writing() as store:
        for name in ("anouk", "noor"):
            store.people.end_sessions(name)

    move_to(house, clock, hour=3)
    closed = chat_in(customer.get("/t").text)
    move_to(house, clock, hour=10)
    nobody = chat_in(customer.get("/t").text)
    signed_in(house, "anouk").get("/queue")
    now = chat_in(customer.get("/t").text)

    assert "Wij zijn gesloten. Schrijf gerust. U hoort van ons voor" in closed
    assert "Er is nu niemand bij de chat." in nobody
    assert "Een medewerker antwoordt nu." in now
    assert [UNFOLDED in one for one in (closed, nobody, now)] == [False, False, True]


def test_who_waits_in_the_chat_finds_it_unfolded_even_when_nobody_is_there(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=3)
    opened = new_case(house)
    customer = customer_of(house, opened)

    say(customer, "Is daar iemand?")
    drain(house)

    chat = chat_in(customer.get("/t").text)
    assert UNFOLDED in chat
    assert "Is daar iemand?" in chat


def test_a_closed_case_shows_no_chat_and_what_was_said_in_it_among_the_messages(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer = customer_of(house, opened)
    say(customer, "Hallo, nog een vraag.")
    drain(house)
    end(house, opened["reference"], person="anouk")
    chosen = Decision("tell_status", "gelezen", case_of(house, opened).version, "Uw schade loopt al.")
    hand.decide_by_hand(house, opened["reference"], chosen, person="anouk")
    drain(house)

    page = customer.get("/t").text

    assert case_of(house, opened).status is Status.CLOSED
    assert 'id="chat"' not in page
    assert "Hallo, nog een vraag." in page.split('data-part="messages"', 1)[1]


def test_who_comes_after_others_is_told_the_place_in_the_line_and_who_left_the_page_stands_in_nobodys_way(
    house: House, clock: Clock
) -> None:
    move_to(house, clock, hour=10)
    for name in ("anouk", "noor"):
        end_chats_of(house, name)
    desk = signed_in(house, "anouk")
    desk.get("/queue")
    cases = [new_case(house, name) for name in ("Een", "Twee", "Drie", "Vier", "Vijf")]
    customers = [customer_of(house, one) for one in cases]
    for customer in customers:
        say(customer, "Hallo?")
        clock.ahead += timedelta(seconds=2)
        drain(house)

    assert "U bent nummer 5 in de rij" in customers[4].get("/t").text
    assert "U bent als eerste aan de beurt." in customers[0].get("/t").text
    for one in cases[:3]:
        take(desk, one, "take")
    refused = take(desk, cases[3], "take")
    assert "you answer in 3 at once; end one of them first" in refused
    assert "U bent nummer 2 in de rij" in customers[4].get("/t").text
    clock.ahead += timedelta(seconds=50)
    assert "U bent nummer 1 in de rij" in customers[4].get("/t").text
    end_chats_of(house, "anouk")


# --- one voice ----------------------------------------------------------------------------------------------------


def test_while_a_person_holds_the_chat_the_machine_decides_and_writes_nothing(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer, desk = customer_of(house, opened), signed_in(house, "anouk")
    say(customer, "Hallo?")
    drain(house)
    take(desk, opened, "take")
    before = case_of(house, opened)

    say(customer, "Hier is nog iets: mijn kenteken is AB-123-C.")
    drain(house)
    held = case_of(house, opened)
    take(desk, opened, "end")
    drain(house)
    ended = case_of(house, opened)

    assert held.all_read
    assert held.step_seq == before.step_seq
    assert (ended.step_seq > held.step_seq, ended.step and ended.step.step) == (True, "expert")


def test_a_letter_of_the_machine_waits_for_the_end_of_the_chat(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer, desk = customer_of(house, opened), signed_in(house, "anouk")
    say(customer, "Hallo?")
    drain(house)
    with house.database.writing() as store:
        known = store.case(store.case_id(opened["reference"]))
        letter = LetterWritten(
            next_letter_id(known), "received", Effect.INFORM, "nl", known.sender, "Uw melding", "Beste Fatima"
        )
        store.append(known.id, [(letter, MACHINE)], at=house.now())  # as a worker that was at it before the chat began
        store.append(known.id, [(ChatTaken("anouk"), Actor("person", "anouk"))], at=house.now())

    drain(house)
    waits = left(house, opened, letter.letter_id)
    take(desk, opened, "end")
    for hours in (1, 25):  # then the hour at which it was to look again, and that until which it would join others
        clock.ahead += timedelta(hours=hours)
        drain(house)

    assert not waits
    assert left(house, opened, letter.letter_id) == ["eml"]


def test_an_answer_is_mailed_as_well_when_the_customer_has_left_the_page(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer, desk = customer_of(house, opened), signed_in(house, "anouk")
    say(customer, "Hallo?")
    drain(house)
    take(desk, opened, "take")
    drain(house)

    customer.get("/t")
    take(desk, opened, "answer", chat_text="Ik kijk het na.")
    drain(house)
    clock.ahead += timedelta(minutes=2)
    take(desk, opened, "answer", chat_text="De reparateur komt morgen.")
    drain(house)

    letters = [one for one in case_of(house, opened).letters if one.letter == "chat"]
    assert [left(house, opened, one.letter_id) for one in letters] == [["chat"], ["eml"]]
    outbox = (house.settings.home / "outbox").rglob("*.eml")
    mails = [message_from_bytes(path.read_bytes(), policy=default).get_content() for path in outbox]
    [mail] = [mail for mail in mails if "De reparateur komt morgen." in mail]
    assert "U vroeg dit in de chat op uw pagina." in mail
    assert "http://testserver/t/" in mail
    assert not any("Ik kijk het na." in mail for mail in mails)
    page = customer.get("/t").text
    assert page.count("De reparateur komt morgen.") == 1
    assert "U vroeg dit in de chat" not in page
    end_chats_of(house, "anouk")


def test_a_chat_in_which_nobody_speaks_any_more_ends_and_its_message_is_answered_as_any_other(
    house: House, clock: Clock
) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer, desk = customer_of(house, opened), signed_in(house, "anouk")
    say(customer, "Hallo?")
    drain(house)
    take(desk, opened, "take")
    say(customer, "Bent u er nog?")
    drain(house)

    assert end_silent(house) == 0
    clock.ahead += timedelta(minutes=31)
    end_silent(house)
    drain(house)

    known = case_of(house, opened)
    assert not known.chat.goes_on
    assert known.step_seq > known.said_seq
    assert known.update_by is not None
    assert end_silent(house) == 0


def test_danger_in_the_chat_acts_as_everywhere(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer = customer_of(house, opened)

    say(customer, "Ik ruik gas in de auto en mijn dochter is gewond!")
    drain(house)

    assert case_of(house, opened).dangers


# --- hostile ------------------------------------------------------------------------------------------------------


def test_what_the_chat_does_not_take_is_told_in_plain_words_and_stays_in_the_box(house: House) -> None:
    opened = new_case(house)
    customer = customer_of(house, opened)
    heard = len(case_of(house, opened).messages)

    long = customer.post("/t/chat", data={"chat": "a" * 100_000}, headers=OWN)
    blank = customer.post("/t/chat", data={"chat": "\x00\x07 \u202e\ufeff "}, headers=OWN)
    elsewhere = customer.post("/t/chat", data={"chat": "x"}, headers={"sec-fetch-site": "cross-site"})
    nobody = customer.post("/t/none/chat", data={"chat": "x"}, headers=OWN)
    drain(house)

    assert (long.status_code, "Dit is te lang voor de chat." in long.text, "aaaa</textarea>" in long.text) == (
        413, True, True
    )  # fmt: skip
    assert (blank.status_code, "U hebt nog niets geschreven." in blank.text) == (400, True)
    assert (elsewhere.status_code, nobody.status_code) == (403, 404)
    assert len(case_of(house, opened).messages) == heard


def test_control_characters_go_and_markup_is_shown_as_text(house: House) -> None:
    opened = new_case(house)
    customer = customer_of(house, opened)

    say(customer, "a\x00b\u202ec <script>alert(1)</script> 👩‍👩‍👧 \r\nregel twee")
    drain(house)

    assert case_of(house, opened).messages[-1].text == "abc <script>alert(1)</script> 👩‍👩‍👧 \nregel twee"
    assert "<script>alert(1)" not in customer.get("/t").text


def test_the_same_form_sent_twice_says_it_once(house: House) -> None:
    opened = new_case(house)
    customer = customer_of(house, opened)
    key = key_in(customer.get("/t").text)

    say(customer, "Hallo?", key)
    say(customer, "Hallo?", key)
    say(customer, "Iets anders.", key)
    drain(house)

    said = [one.text for one in case_of(house, opened).messages if one.channel == "chat"]
    assert said == ["Hallo?", "Iets anders."]


def test_a_flood_is_stopped_with_friendly_words_and_what_came_before_has_arrived(house: House, clock: Clock) -> None:
    move_to(house, clock, hour=10)
    opened = new_case(house)
    customer = customer_of(house, opened)

    clock.ahead += timedelta(seconds=301 - clock().timestamp() % 300)  # five minutes begin
    answers = [customer.post("/t/chat", data={"chat": f"{n}"}, headers=OWN) for n in range(22)]
    drain(house)

    assert [one.status_code for one in answers] == [200] * 20 + [429] * 2
    assert "Wacht vijf minuten, of bel ons." in answers[-1].text
    assert len([one for one in case_of(house, opened).messages if one.channel == "chat"]) == 20
