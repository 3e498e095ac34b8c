"""A refusal that a team lead reads before it leaves: nothing leaves before, the text is the one that was written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, form_token_of, report, signed_in

from cases.case import Case
from cases.vocabulary import Role, Status
from pipelines.hand import Decision, decide_by_hand
from pipelines.house import House
from pipelines.runner import drain

WORDS = "Uw ruit valt niet onder de dekking, want de polis was al gestopt."


@pytest.fixture
def strict(house: House) -> House:
    """The house, where a team lead reads refusals."""
    folder = house.journeys.get("motor_claim")
    spec = folder.journey.letters["refuse"].model_copy(update={"approval": Role.LEAD})
    journey = folder.journey.model_copy(update={"letters": {**folder.journey.letters, "refuse": spec}})
    folders = {**house.journeys.folders, "motor_claim": replace(folder, journey=journey)}
    return replace(house, journeys=replace(house.journeys, folders=folders))


@pytest.fixture
def refused(strict: House, clock: Clock, stranger: TestClient) -> Iterator[str]:
    """A case whose refusal waits for a lead."""
    reference = report(stranger)["reference"]
    drain(strict)
    decision = Decision("refuse", "the policy had ended", folded(strict, reference).version, WORDS)
    decide_by_hand(strict, reference, decision, person="anouk", leaves_at=clock() + timedelta(seconds=10))
    clock.ahead += timedelta(seconds=11)
    drain(strict)
    yield reference
    for held in folded(strict, reference).held:
        answer(signed_in(strict, "noor"), reference, held.seq, do="send_back", reason="over")


def folded(house: House, reference: str) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(reference))


def letters(house: House, reference: str) -> list[str]:
    return [one.letter for one in folded(house, reference).letters]


def answer(client: TestClient, reference: str, held: int, **fields: str) -> int:
    token = form_token_of(client.get("/queue").text)
    data = {"csrf": token, "held": str(held), **fields}
    return client.post(f"/cases/{reference}/approval", data=data).status_code


def test_nothing_leaves_until_a_lead_has_read_the_very_words_and_then_it_does(strict: House, refused: str) -> None:
    [held] = folded(strict, refused).held
    lead = signed_in(strict, "noor")
    page = lead.get("/approvals").text
    assert (held.role, "refuse" in letters(strict, refused)) == (Role.LEAD, False)
    assert WORDS in page
    assert 'href="/approvals"' in lead.get("/queue").text
    assert "Waits for the approval of a team lead" in signed_in(strict, "anouk").get(f"/cases/{refused}").text
    assert "[standing]" not in page

    assert answer(lead, refused, held.seq, do="approve") == 303
    drain(strict)

    case = folded(strict, refused)
    assert (case.status, case.held, letters(strict, refused)[-1]) == (Status.CLOSED, (), "refuse")
    assert WORDS in case.letters[-1].body
    assert WORDS not in lead.get("/approvals").text
    assert answer(lead, refused, held.seq, do="approve") == 409


def test_what_is_sent_back_does_not_leave_and_its_writer_reads_why(strict: House, refused: str) -> None:
    [held] = folded(strict, refused).held
    lead = signed_in(strict, "noor")

    assert answer(lead, refused, held.seq, do="send_back", reason=" ") == 409
    assert answer(lead, refused, held.seq, do="send_back", reason="Noem het artikel") == 303
    drain(strict)

    assert "refuse" not in letters(strict, refused)
    assert folded(strict, refused).status is not Status.CLOSED
    assert "Noem het artikel" in signed_in(strict, "anouk").get(f"/cases/{refused}").text


def test_who_wrote_it_or_has_another_role_or_line_approves_nothing(strict: House, refused: str) -> None:
    [held] = folded(strict, refused).held

    answers = {name: answer(signed_in(strict, name), refused, held.seq, do="approve") for name in ("anouk", "sam")}

    assert answers == {"anouk": 409, "sam": 404}
    assert folded(strict, refused).held == (held,)
    assert WORDS not in signed_in(strict, "sam").get("/approvals").text


@pytest.mark.parametrize("fields", [{"do": "approve", "held": "x"}, {"do": "perhaps"}])
def test_a_form_that_says_nothing_is_refused(strict: House, refused: str, fields: dict[str, str]) -> None:
    client = signed_in(strict, "noor")
    token = form_token_of(client.get("/queue").text)

    sent = client.post(f"/cases/{refused}/approval", data={"csrf": token, "held": "1", **fields})

    assert sent.status_code == 422


def test_the_list_shows_each_role_and_line_what_is_theirs(strict: House, refused: str) -> None:
    with strict.database.reading() as store:
        waiting = store.approvals.waiting(["lead"], None)
        assert refused in {one.reference for one in waiting}
        assert store.approvals.waiting(["lead"], ["housing"]) == []
        assert store.approvals.waiting(["expert"], None) == []


def test_roles_and_journeys_without_approvals_have_no_list(house: House) -> None:
    page = signed_in(house, "ada").get("/approvals")

    assert page.status_code == 403
    assert "To approve" not in signed_in(house, "anouk").get("/queue").text
