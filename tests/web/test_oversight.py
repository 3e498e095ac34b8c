"""Oversight: cases decided blind, advice that is wrong on purpose, and figures that tell of groups before persons."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from queue_house import DIGEST, add_case, filled_house, signed_in
from web_house import PASSWORD_HASH, Clock, form_token_of

from cases import events as e
from cases.case import Case, Entry
from cases.journey_spec import Oversight
from cases.people import User
from cases.vocabulary import MACHINE, Role, Status, Step, Why
from models.certify import uniform
from pipelines.audit import verify_all
from pipelines.house import House
from pipelines.oversight.drawing import seen
from pipelines.oversight.figures import FEW, oversight
from pipelines.oversight.noting import stream_of

ADVISED, REFUSAL = "repair_glass", "Deze schade valt buiten de dekking."
BLIND, PLANTED = Decimal("0.5"), Decimal("0.1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """Half of the cases with advice are decided blind, a tenth with wrong advice."""
    with filled_house(tmp_path, clock=clock) as built:
        yield overseen(built, Oversight(blind_share=BLIND, planted_share=PLANTED, override_rate=Decimal("0.3")))


def overseen(house: House, spec: Oversight) -> House:
    folder = house.journeys.get("motor_claim")
    watched = replace(folder, journey=folder.journey.model_copy(update={"oversight": spec}))
    folders = {**house.journeys.folders, "motor_claim": watched}
    return replace(house, journeys=replace(house.journeys, folders=folders))


def advised(house: House, number: int, *because: Why, **more: Any) -> str:
    step = e.StepDecided(
        Step.EXPERT, because or (Why.NOT_CERTIFIED,), "motor_claim", DIGEST, "windscreen", ADVISED,
        update_by=house.now() + timedelta(days=2),
    )  # fmt: skip
    return add_case(house, number, (step, MACHINE), **more)


def drawn(house: House, how: str, *, after: int = 0) -> int:
    """The number of the next case that the draw has so."""
    ends = {"blind": (0.0, 0.5), "planted": (0.5, 0.6), "shown": (0.6, 1.0)}
    low, high = ends[how]
    return next(
        number
        for number in range(after + 1, 10_000)
        if low <= uniform(house.keys.reserve, "oversight", f"case-{number:06d}") < high
    )


def case_of(house: House, reference: str) -> tuple[Case, list[Entry]]:
    with house.database.reading() as store:
        case = store.case(store.case_id(reference))
        return case, store.history(case.id)


def noted(house: House) -> list[e.Event]:
    with house.database.reading() as store:
        return [entry.event for entry in store.history(stream_of("motor_claim"))]


def decide(client: TestClient, reference: str, choice: str) -> Any:
    page = client.get(f"/cases/{reference}").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    fields = {"csrf": form_token_of(page), "version": version, "choice": choice, "reason": "gezien", "message": REFUSAL}
    return client.post(f"/cases/{reference}/decide", data=fields)


def test_a_drawn_case_is_decided_without_advice_and_is_noted_as_blind(house: House) -> None:
    reference = advised(house, drawn(house, "blind"))

    with signed_in(house, "anouk") as client:
        file = client.get(f"/api/cases/{reference}/decision-file").json()
        assert file["recommendation"] is None
        assert not any(option["recommended"] for option in file["options"])
        assert client.get(f"/api/cases/{reference}/timeline").json() == []
        assert "93%" not in client.get("/queue?view=all").text
        [told] = client.get("/api/cases?view=all").json()["items"]
        assert told == client.get(f"/api/cases/{reference}").json()
        assert (told["step"], told["because"], told["confidence"]) == (None, None, None)
        assert decide(client, reference, "refuse").status_code == 303

    [decision] = noted(house)
    assert isinstance(decision, e.DecisionOverseen)
    assert (decision.how, decision.agrees, decision.by) == ("blind", False, "anouk")
    assert decision.seconds is not None
    held = case_of(house, reference)[0].held_decision
    assert held is not None
    assert held.decision.blind


def test_who_agrees_with_planted_advice_is_told_and_nothing_is_sent(house: House) -> None:
    reference = advised(house, drawn(house, "planted"))
    planted = seen(house, case_of(house, reference)[0]).planted
    assert planted not in ("", ADVISED)
    with signed_in(house, "anouk") as client:
        file = client.get(f"/api/cases/{reference}/decision-file").json()
        assert [option["key"] for option in file["options"] if option["recommended"]] == [planted]
        assert ADVISED not in client.get(f"/api/cases/{reference}/timeline").text
        before = len(case_of(house, reference)[1])

        answer = decide(client, reference, planted)

        assert answer.status_code == 409
        assert "wrong on purpose" in answer.text
        case, entries = case_of(house, reference)
        assert entries[-1].event == e.AdviceTested(planted, ADVISED, "anouk", before)
        assert (len(entries), case.held, case.human_ever, case.status) == (before + 1, (), False, Status.WITH_EXPERT)
        file = client.get(f"/api/cases/{reference}/decision-file").json()
        assert [option["key"] for option in file["options"] if option["recommended"]] == [ADVISED]
        assert decide(client, reference, planted).status_code == 303

    hows = [(one.how, one.agrees) for one in noted(house) if isinstance(one, e.DecisionOverseen)]
    assert hows == [("planted", True)]
    assert verify_all(house).differences == ()


def test_who_does_not_follow_planted_advice_decides_as_ever(house: House) -> None:
    reference = advised(house, drawn(house, "planted"))

    with signed_in(house, "anouk") as client:
        assert decide(client, reference, "escalate").status_code == 303

    [decision] = noted(house)
    assert isinstance(decision, e.DecisionOverseen)
    assert (decision.how, decision.agrees) == ("planted", False)
    assert case_of(house, reference)[0].held_decision is not None


def test_planted_advice_is_never_told_to_programs_auditors_or_sealed_papers(house: House) -> None:
    reference = advised(house, drawn(house, "planted"))
    with house.database.writing() as store:
        store.people.add_user("olga", (Role.AUDITOR,), PASSWORD_HASH, at=house.now(), lines=("motor",))
        store.people.add_token("secret-of-a-program", "crm", ("cases:read",), at=house.now(), expires_at=None)

    with signed_in(house, "olga") as auditor:
        file = auditor.get(f"/api/cases/{reference}/decision-file").json()
        assert [option["key"] for option in file["options"] if option["recommended"]] == [ADVISED]
    with TestClient(auditor.app, headers={"Authorization": "Bearer secret-of-a-program"}) as program:
        assert program.get(f"/api/cases/{reference}/decision-file").json()["recommendation"] is None


@pytest.mark.parametrize("why", [Why.BELOW_THRESHOLD, Why.DANGER, Why.REOPENED, Why.PERSON_INVOLVED])
def test_what_certificates_draw_from_and_what_presses_is_never_drawn(house: House, why: Why) -> None:
    case = case_of(house, advised(house, drawn(house, "blind"), why))[0]

    assert not seen(house, case).differs


def test_a_case_with_danger_is_never_drawn(house: House) -> None:
    case = case_of(house, advised(house, drawn(house, "planted"), danger=True))[0]

    assert not seen(house, case).differs


def test_nothing_is_drawn_unless_the_journey_asks_for_it(house: House) -> None:
    case = case_of(house, advised(house, drawn(house, "blind")))[0]

    assert not seen(overseen(house, Oversight()), case).differs
    assert seen(house, case) == seen(house, case)


def test_figures_of_persons_are_for_themselves_and_their_lead_only(house: House) -> None:
    note(house, {"anouk": 6, "bram": 6})
    anouk, noor = (User(name, (Role.LEAD,), "") for name in ("anouk", "noor"))

    own = oversight(house, "motor_claim", anouk, leads=False, groups=False)
    lead = oversight(house, "motor_claim", noor, leads=True, groups=True)
    owner = oversight(house, "motor_claim", noor, leads=False, groups=True)

    assert (own.all, own.teams, set(own.persons)) == (None, {}, {"anouk"})
    assert (lead.all and lead.all.decisions, set(lead.persons)) == (12, {"anouk", "bram"})
    assert (owner.all, owner.persons) == (None, {})


def test_a_group_is_told_to_others_from_five_people_on(house: House) -> None:
    people = [f"p{n}" for n in range(FEW)]
    with house.database.writing() as store:
        for name in people:
            store.people.add_user(name, (Role.HANDLER,), PASSWORD_HASH, at=house.now(), lines=("motor",))
            store.people.change(User(name, (Role.HANDLER,), PASSWORD_HASH, ("motor",), teams=("north",)))
    note(house, dict.fromkeys(people[:-1], 2))
    reader = User("olga", (Role.AUDITOR,), "")
    assert oversight(house, "motor_claim", reader, leads=False, groups=True).teams == {}

    note(house, {people[-1]: 2})

    found = oversight(house, "motor_claim", reader, leads=False, groups=True)
    assert (found.teams["north"].people, found.all and found.all.shown) == (FEW, 10)


def test_who_always_agrees_raises_the_alarm_with_its_power_told(house: House, clock: Clock) -> None:
    note(house, {"anouk": 40})
    with signed_in(house, "noor") as client:
        page = client.get("/oversight").text

    figures = oversight(house, "motor_claim", User("noor", (Role.LEAD,), ""), leads=True, groups=True).all
    assert figures is not None
    assert figures.watched is not None
    assert figures.watched.alarm
    assert "71" in page
    clock.ahead = timedelta(days=100)
    later = oversight(house, "motor_claim", User("noor", (Role.LEAD,), ""), leads=True, groups=True)
    assert (later.all and later.all.decisions) == 0


def test_a_decision_that_was_taken_back_and_made_again_counts_once(house: House) -> None:
    note(house, {"anouk": 1})
    note(house, {"anouk": 1})

    found = oversight(house, "motor_claim", User("anouk", (Role.EXPERT,), ""), leads=False, groups=False)

    assert found.persons["anouk"].decisions == 1


def note(house: House, how_many: dict[str, int]) -> None:
    """So many decisions of each that agree with advice that was shown."""
    with house.database.writing() as store:
        for name, count in how_many.items():
            events = [
                (
                    e.DecisionOverseen(
                        "motor_claim", DIGEST, "windscreen", f"case-{name}-{n}", name, "shown", agrees=True, seconds=40
                    ),
                    MACHINE,
                )
                for n in range(count)
            ]
            store.append(stream_of("motor_claim"), events, at=house.now())
