"""A customer who lost their link gets a new one by what only they know, and nobody else learns anything."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from io import StringIO
from itertools import count

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, report, token_in

from api.app import create_app
from pipelines import proof
from pipelines.house import House
from pipelines.runner import drain

HOME = "De kraan in de keuken lekt al twee dagen. Ik woon op Populierenhof 99, 3099 XA Voorbeeldstad. Groet, Fatima"
NOBODYS = "C-2020-000001"
ADDRESSES = count(1)


@pytest.fixture
def client(house: House) -> TestClient:
    """From an address of its own: tries of one address are counted together."""
    return TestClient(create_app(house), follow_redirects=False, client=(f"198.51.100.{next(ADDRESSES)}", 50_000))


@pytest.fixture
def case(house: House, client: TestClient) -> dict[str, str]:
    opened = report(client, text=HOME, journey="home_repair", subject="Lekkende kraan", language="nl")
    drain(house)
    return opened


def ask(client: TestClient, reference: str, **fields: str) -> tuple[int, str]:
    """Status, and the page without the reference or where it leads."""
    answer = client.post("/t/new-link?lang=en", data={"reference": reference, **fields})
    return answer.status_code, answer.headers.get("location") or answer.text.replace(reference, "…")


def codes_of(house: House, case: dict[str, str]) -> list[str]:
    """Codes in mails of the case, oldest first."""
    with house.database.reading() as store:
        case_id = store.case_id(case["reference"])
    folder = house.settings.home / "outbox" / case_id
    mails = sorted(folder.glob(f"{case_id}.code-*.eml"))
    texts = [message_from_bytes(mail.read_bytes(), policy=policy.default).get_content() for mail in mails]
    return [re.sub(r"\D", "", found[0]) for text in texts if (found := re.search(r"\d{4} \d{4}", text))]


@pytest.mark.parametrize("written", ["3099XA", " 3099 xa "])
def test_number_and_postcode_open_the_page_by_a_new_link(
    client: TestClient, case: dict[str, str], written: str
) -> None:
    status, led = ask(client, case["reference"].lower(), proof=written)

    assert status == 303
    assert token_in(case) not in led
    assert case["reference"] in client.get(led).text


def test_a_date_of_birth_is_the_same_however_it_is_written() -> None:
    ways = ("1980-04-03", "3-4-1980", "03/04/1980", "3.4.1980")

    assert {proof.read_proof(way) for way in ways} == {"19800403"}


def test_a_case_that_is_not_there_answers_as_one_that_is(client: TestClient, case: dict[str, str]) -> None:
    there = [ask(client, case["reference"], proof="1234 AB") for _ in range(proof.TRIES + 1)]
    not_there = [ask(client, NOBODYS, proof="1234 AB") for _ in range(proof.TRIES + 1)]

    assert there == not_there
    assert [status for status, _ in there] == [400] * proof.TRIES + [429]
    assert ask(client, case["reference"], do="mail") == ask(client, NOBODYS, do="mail")
    assert ask(client, case["reference"], do="code", code="1") == ask(client, NOBODYS, do="code", code="1")


def test_after_five_tries_only_a_code_to_the_address_on_file_opens_it_and_only_once(
    house: House, client: TestClient, case: dict[str, str]
) -> None:
    for _ in range(proof.TRIES):
        ask(client, case["reference"], proof="1234 AB")
    refused = ask(client, case["reference"], proof="3099 XA")

    asked = ask(client, case["reference"], do="mail")
    [code] = codes_of(house, case)
    opened = ask(client, case["reference"], do="code", code=f"{code[:4]} {code[4:]}")
    again = ask(client, case["reference"], do="code", code=code)

    assert refused[0] == 429
    assert (asked[0], code in asked[1]) == (200, False)
    assert case["reference"] in client.get(opened[1]).text
    assert again[0] == 400


def test_only_the_newest_code_opens_and_no_code_after_its_hour(
    house: House, clock: Clock, client: TestClient, case: dict[str, str]
) -> None:
    ask(client, case["reference"], do="mail")
    ask(client, case["reference"], do="mail")
    older, newer = codes_of(house, case)

    assert ask(client, case["reference"], do="code", code=older)[0] == 400
    clock.ahead = 2 * proof.CODE_LIVES
    try:
        assert ask(client, case["reference"], do="code", code=newer)[0] == 400
    finally:
        clock.ahead = timedelta()


def test_a_code_is_tried_five_times_and_no_more(house: House, client: TestClient, case: dict[str, str]) -> None:
    ask(client, case["reference"], do="mail")
    [code] = codes_of(house, case)
    for _ in range(proof.TRIES):
        ask(client, case["reference"], do="code", code="00000000")

    assert ask(client, case["reference"], do="code", code=code)[0] == 400


def test_no_more_codes_are_mailed_in_a_day_than_help_anybody(
    house: House, client: TestClient, case: dict[str, str]
) -> None:
    answers = {ask(client, case["reference"], do="mail") for _ in range(proof.CODES + 2)}

    assert len(answers) == 1
    assert len(codes_of(house, case)) == proof.CODES


def test_a_client_that_tries_many_numbers_waits(house: House) -> None:
    for n in range(proof.TRIES_OF_CLIENT):
        assert proof.prove(house, f"C-2019-{n:06}", "1234 AB", client="192.0.2.7") is None

    with pytest.raises(proof.WaitFirst, match="try again"):
        proof.prove(house, "C-2019-999999", "1234 AB", client="192.0.2.7")
    assert proof.prove(house, "C-2019-999999", "1234 AB", client="192.0.2.8") is None


@pytest.mark.parametrize("proof_given", ["", "-", "3099", "é" * 40])
def test_what_is_no_proof_opens_nothing(house: House, case: dict[str, str], proof_given: str) -> None:
    assert proof.prove(house, case["reference"], proof_given, client="192.0.2.9") is None


def test_no_log_line_holds_a_code_a_proof_or_a_token(
    client: TestClient, house: House, case: dict[str, str], lines: StringIO
) -> None:
    _, led = ask(client, case["reference"], proof="3099 XA")
    ask(client, case["reference"], do="mail")
    [code] = codes_of(house, case)

    said = lines.getvalue()

    assert "proof.link_renewed" in said
    for secret in (led.split("/")[2].split("?")[0], code, "3099"):
        assert secret not in said


def test_the_door_leads_to_it_and_it_asks_in_the_language_of_the_browser(client: TestClient) -> None:
    door = client.get("/t/no-such-token", headers={"accept-language": "nl"}).text
    page = client.get("/t/new-link", headers={"accept-language": "nl"})

    assert 'href="/t/new-link?lang=nl"' in door
    assert "Uw postcode of geboortedatum" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
