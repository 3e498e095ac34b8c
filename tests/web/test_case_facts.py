"""Correcting a fact in place, and a case with hundreds of them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from web_house import form_token_of, report, signed_in

from api.pages.case_facts import AT_ONCE, Looking, facts_of, values_of
from api.pages.case_view import FileReader
from api.pages.templating import open_pages
from cases.facts import Person
from pipelines import hand
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture
def reference(house: House, stranger: TestClient) -> str:
    given: str = report(stranger, name="Piet")["reference"]
    drain(house)
    return given


def correct(client: TestClient, reference: str, name: str, value: str) -> tuple[int, str]:
    token = form_token_of(client.get(f"/cases/{reference}").text)
    answer = client.post(f"/cases/{reference}/facts", data={"csrf": token, "name": name, "value": value})
    return answer.status_code, answer.text


def test_a_correction_stands_and_the_form_tells_every_value_there_was(
    house: House, expert: TestClient, reference: str
) -> None:
    assert correct(expert, reference, "amount", "€ 1.250,50")[0] == 303
    assert correct(expert, reference, "amount", "1300")[0] == 303
    drain(house)

    page = expert.get(f"/cases/{reference}", params={"fact": "amount"}).text

    assert 'name="value" value="1300.00"' in page
    form = page.split('action="/cases/' + reference + '/facts"', 1)[1].split("</form>", 1)[0]
    assert form.index("€1,300.00") < form.index("€1,250.50")
    with house.database.reading() as store:
        said = values_of(store.history(store.case_id(reference)), "amount")
    assert [fact.value for _, fact in said][-2:] == ["1250.50", "1300.00"]
    assert said[-1][1].sources == (Person("anouk"),)


def test_a_value_of_another_type_is_told_beside_the_field_and_nothing_is_stored(
    house: House, expert: TestClient, reference: str
) -> None:
    status, page = correct(expert, reference, "amount", "a lot")

    assert status == 422
    assert 'value="a lot"' in page
    assert 'aria-invalid="true"' in page
    assert "write it in euros, like 1250.00" in page
    with house.database.reading() as store:
        assert store.case(store.case_id(reference)).stated == ()


def test_of_two_who_correct_one_fact_at_once_the_second_is_shown_what_the_first_wrote(
    house: House, expert: TestClient, reference: str
) -> None:
    page = expert.get(f"/cases/{reference}", params={"fact": "amount"}).text
    form = page.split('action="/cases/' + reference + '/facts"', 1)[1].split("</form>", 1)[0]
    version = form.split('name="version" value="', 1)[1].split('"', 1)[0]
    hand.state_fact(house, reference, "licence_plate", "12-AB-34", person="bram")
    hand.state_fact(house, reference, "amount", "1300", person="bram")
    fields = {"csrf": form_token_of(page), "value": "1400", "version": version}

    refused = expert.post(f"/cases/{reference}/facts", data={**fields, "name": "amount"})
    by_call = expert.post(
        f"/api/cases/{reference}/facts", json={"name": "amount", "value": "1400", "version": int(version)}
    )
    other = expert.post(f"/cases/{reference}/facts", data={**fields, "name": "iban", "value": "NL91 ABNA 0417 1643 00"})
    again = correct(expert, reference, "amount", "1400")

    assert refused.status_code == by_call.status_code == 409
    assert "bram wrote" in refused.text
    assert 'name="value" value="1400"' in refused.text
    assert (other.status_code, again[0]) == (303, 303)
    with house.database.reading() as store:
        said = values_of(store.history(store.case_id(reference)), "amount")
    assert [fact.value for _, fact in said][-2:] == ["1300.00", "1400.00"]


def test_a_fact_that_nobody_told_can_be_entered(expert: TestClient, reference: str) -> None:
    page = expert.get(f"/cases/{reference}", params={"fact": "iban"}).text

    assert page.count('id="fact-value"') == 1
    assert 'name="name" value="iban"' in page


def test_who_may_only_read_is_offered_no_correction(house: House, reference: str) -> None:
    page = signed_in(house, "olga").get(f"/cases/{reference}", params={"fact": "amount"}).text

    assert "?fact=" not in page
    assert 'id="fact-value"' not in page


def file_with(names: Sequence[str], against: str = "") -> FileReader:
    facts = [
        {"name": name, "label": name, "value": "1", "shown": "1", "certainty": 1.0, "sources": [],
         "contradicts": ["2"] if name == against else []}
        for name in names
    ]  # fmt: skip
    file = {"reference": "C-1", "facts": facts, "messages": [], "files": [], "registers": []}
    return FileReader(file, pages=open_pages("en"), zone=ZoneInfo("Europe/Amsterdam"))


def test_hundreds_of_facts_come_a_page_at_a_time_with_what_contradicts_first() -> None:
    names = [f"fact_{n}" for n in range(300)]

    shown = facts_of(file_with(names, "fact_250"), (), None, may_correct=False, looking=Looking(page=1))
    last = facts_of(file_with(names), (), None, may_correct=False, looking=Looking(page=8))
    beyond = facts_of(file_with(names), (), None, may_correct=False, looking=Looking(page=99))

    assert (len(shown.lines), shown.total, len(shown.pages)) == (AT_ONCE, 300, 8)
    assert [line.name for line in shown.lines[:2]] == ["fact_250", "fact_0"]
    assert [line.name for line in last.lines] == names[280:]
    assert beyond.lines[0].name == "fact_0"
