"""Cases shared out: each to whoever may and can do it and has the lightest load by then."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from queue_house import add_case, filled_house, signed_in
from web_house import form_token_of

from cases import events as e
from cases.errors import NotAllowed
from cases.vocabulary import Actor
from pipelines import staff
from pipelines.bulk import MOST, Act, Hand, Item, Order, Picked, Result, take_back
from pipelines.house import House
from pipelines.sharing import carry_out, rehearse
from pipelines.staff import Change

IN_TURN = Order(Act.ASSIGN)
BRAMS = e.CaseAssigned("bram", "noor"), Actor("person", "noor")


@pytest.fixture
def one_house(tmp_path: Path) -> Iterator[House]:
    """anouk, an expert, bram, a handler, and noor, a lead, see motor; noor is away here."""
    with filled_house(tmp_path) as built:
        staff.send_away(built, "noor", built.now() + timedelta(days=1), None, by="noor")
        yield built


def noor(house: House) -> Hand:
    with house.database.reading() as store:
        user = store.people.user("noor")
    assert user is not None
    return Hand(user, leads=True)


def picked(*references: str) -> list[Picked]:
    return [Picked(reference) for reference in references]


def results(items: tuple[Item, ...]) -> list[Result]:
    return [item.result for item in items]


def holders(house: House, *references: str) -> list[str | None]:
    with house.database.reading() as store:
        lines = store.queue.of_references(references)
    return [lines[reference].assignee for reference in references]


def test_each_case_goes_to_the_lightest_load_by_then(one_house: House) -> None:
    add_case(one_house, 1, BRAMS)
    free = [add_case(one_house, number) for number in (2, 3, 4)]

    done = carry_out(one_house, noor(one_house), IN_TURN, picked(*free))

    assert results(done.items) == [Result.DONE] * 3
    assert holders(one_house, *free) == ["anouk", "anouk", "bram"]


def test_who_lacks_the_skill_the_language_or_the_limit_is_passed_over(one_house: House) -> None:
    staff.change_person(one_house, "anouk", Change(skills=("windscreen",), languages=("nl",)), by="root")
    staff.change_person(one_house, "bram", Change(own_limit=Decimal(100)), by="root")
    theft, english = add_case(one_house, 1, topic="theft"), add_case(one_house, 2, language="en")
    dear, lost = add_case(one_house, 3, amount="101"), add_case(one_house, 4, amount="101", topic="theft")

    done = carry_out(one_house, noor(one_house), IN_TURN, picked(theft, english, dear, lost))

    assert results(done.items) == [Result.DONE] * 3 + [Result.NOBODY]
    assert holders(one_house, theft, english, dear, lost) == ["bram", "bram", "anouk", None]


def test_what_is_told_before_is_what_happens_and_foreign_cases_are_as_unknown(one_house: House) -> None:
    mine, foreign = add_case(one_house, 1), add_case(one_house, 2, line_of_business="housing")
    chosen = picked(mine, foreign, "C-2026-999999", mine)

    told = rehearse(one_house, noor(one_house), IN_TURN, chosen)
    assert holders(one_house, mine) == [None]
    done = carry_out(one_house, noor(one_house), IN_TURN, chosen)

    assert results(told) == results(done.items) == [Result.DONE, Result.MISSING, Result.MISSING]


def test_work_shared_anew_weighs_on_nobody_at_first_and_all_of_it_is_taken_back_at_once(one_house: House) -> None:
    every = [add_case(one_house, number, BRAMS) for number in (1, 2, 3, 4)]

    done = carry_out(one_house, noor(one_house), IN_TURN, picked(*every))
    shared = holders(one_house, *every)
    take_back(one_house, noor(one_house), done.act)

    assert shared == ["anouk", "bram", "anouk", "bram"]
    assert holders(one_house, *every) == ["bram"] * 4


def test_only_a_lead_shares_out_and_never_too_many(one_house: House) -> None:
    free = add_case(one_house, 1)
    bram = Hand(noor(one_house).user, leads=False)

    assert results(carry_out(one_house, bram, IN_TURN, picked(free)).items) == [Result.NOT_YOURS]
    with pytest.raises(NotAllowed, match="is the most"):
        rehearse(one_house, noor(one_house), IN_TURN, [Picked(f"C-{n}") for n in range(MOST + 1)])


def test_the_page_offers_it_asks_first_and_does_it(one_house: House) -> None:
    staff.take_back(one_house, "noor", by="noor")
    free = add_case(one_house, 1)
    client = signed_in(one_house, "noor")
    page = client.get("/queue?view=all").text
    assert '<option value="">Whose turn it is</option>' in page

    asked = confirmed(client, page, free)
    assert "Share 1 cases out" in asked
    fields = {"act": "assign", "cases": asked.split('name="cases" value="', 1)[1].split('"', 1)[0]}
    client.post("/queue/bulk/do", data={**fields, "csrf": form_token_of(page), "in": "view=all"})

    assert holders(one_house, free) == ["anouk"]


def confirmed(client: TestClient, page: str, reference: str) -> str:
    box = f"c.{reference}"
    sent = {box: page.split(f'name="{box}" value="', 1)[1].split('"', 1)[0], "act": "assign", "to": ""}
    return client.post("/queue/bulk", data={**sent, "csrf": form_token_of(page), "in": "view=all"}).text
