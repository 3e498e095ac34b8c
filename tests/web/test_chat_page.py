"""The chat on the customer's page and on the case page, over HTTP and without JavaScript."""

from fastapi.testclient import TestClient
from web_house import form_token_of, report, signed_in, token_in

from api.app import create_app
from cases.case import Case
from pipelines.house import House
from pipelines.runner import drain

OWN = {"sec-fetch-site": "same-origin"}


def customer_of(house: House, opened: dict[str, str]) -> TestClient:
    client = TestClient(create_app(house))
    assert client.get(f"/t/{token_in(opened)}").status_code == 200
    return client


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
