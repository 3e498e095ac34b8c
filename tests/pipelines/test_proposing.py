"""Which waiting cases to label next: for training and for certificates, and never what a blind judge must not know."""

from dataclasses import asdict

import pytest

from cases import events as e
from cases.vocabulary import Status
from models.certify import in_reserve
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.labels import is_held_out, labels
from pipelines.named_models import UnknownJourney
from pipelines.proposing import propose
from tests.pipelines.closing import JOURNEY as COMPLAINTS
from tests.pipelines.closing import OPTION, TOPIC, compliments, judge
from tests.pipelines.decided import JOURNEY, Told, append, decide, opening, tell, trainable, verdict
from tests.pipelines.given import certify


def wait(house: House, told: list[Told]) -> None:
    """Each was read and lies with a person."""
    for one in told:
        append(house, one, *opening(house, one))


def test_messages_that_the_model_cannot_place_come_before_those_it_knows_and_say_why(house: House) -> None:
    new = trainable(house, tell(40, seed=3, share_new=1.0))[:4]
    known = trainable(house, tell(60, seed=4, share_new=0.0, first=100))[:20]
    wait(house, [*known, *new])

    found = propose(house, JOURNEY, n=6)

    references = [one.reference for one in found]
    assert len(set(references)) == len(references) <= 6
    assert {one.reference for one in new} & set(references)
    assert all(one.why and len(one.why) == len(one.kinds) for one in found)
    assert propose(house, JOURNEY, n=6) == found


def test_only_customers_that_models_learn_from_are_proposed_and_never_what_somebody_said_already(house: House) -> None:
    told = tell(120, seed=5, share_new=1.0)
    learning = trainable(house, told)
    said, gone, rest = learning[0], learning[1], learning[2:]
    decide(house, [said])
    wait(house, [one for one in told if one != said])
    erase_case(house, gone.reference, by="root", why="asked for")

    proposed = {one.reference for one in propose(house, JOURNEY, n=200)}

    assert proposed
    assert proposed <= {one.reference for one in rest}
    others = [one for one in told if in_reserve(house.keys.reserve, one.customer) or is_held_out(house, one.customer)]
    assert others
    assert not proposed & {one.reference for one in others}


def test_a_persons_answer_to_a_proposal_is_a_label_and_the_case_is_not_proposed_again(house: House) -> None:
    wait(house, trainable(house, tell(30, seed=6, share_new=1.0)))
    [first, *_] = propose(house, JOURNEY, n=5)
    with house.database.reading() as store:
        case_id = store.case_id(first.reference)
        case = store.case(case_id)
    one = Told(int(case_id[-6:]), "", "", "en", case.sender)

    append(house, one, verdict("pests"))

    assert {found.case_id: found.label for found in labels(house, JOURNEY)} == {case_id: "pests"}
    assert first.reference not in {found.reference for found in propose(house, JOURNEY, n=200)}


def test_of_blind_cases_nothing_is_told_but_that_they_wait_and_for_what(house: House) -> None:
    cases = compliments(house, range(6), score=0.55) + compliments(house, range(10, 14), score=0.99)
    assert {case.status for case in cases} == {Status.WITH_EXPERT}

    found = propose(house, COMPLAINTS, n=20)

    assert [one.reference for one in found] == sorted(case.reference for case in cases), "an order that tells the score"
    assert {one.kinds for one in found} == {("blind",)}
    told = " ".join(str(asdict(one)) for one in found)
    for secret in (TOPIC, OPTION, "0.55", "0.99", "0.97"):
        assert secret not in told


def test_a_drawn_case_that_nobody_checked_is_proposed_without_a_word_of_how_it_was_closed(house: House) -> None:
    certify(house, COMPLAINTS, TOPIC, threshold=0.9)
    drawn = [case for case in compliments(house, range(30)) if case.awaits_audit]
    assert drawn

    found = propose(house, COMPLAINTS, n=50)
    judge(house, drawn[0])

    assert {one.reference for one in found} == {case.reference for case in drawn}
    assert not any(secret in str(found) for secret in (TOPIC, OPTION, "0.97"))
    assert drawn[0].reference not in {one.reference for one in propose(house, COMPLAINTS, n=50)}


def test_where_there_is_no_room_for_all_blind_cases_the_oldest_come_first_whatever_their_scores(house: House) -> None:
    cases = [case for number in range(8) for case in compliments(house, [number], score=0.5 + number / 20)]

    found = propose(house, COMPLAINTS, n=3)

    assert [one.reference for one in found] == [case.reference for case in cases[:3]]


def test_an_unknown_journey_names_the_known(house: House) -> None:
    with pytest.raises(UnknownJourney, match="home_repair"):
        propose(house, "home_repare")


def test_a_case_opened_again_is_contested_and_not_proposed(house: House) -> None:
    waiting = trainable(house, tell(12, seed=9, share_new=1.0))
    wait(house, waiting)
    with house.database.writing() as store:
        for one in waiting:
            person = verdict("pests")[1]
            store.append(one.case_id, [verdict("pests"), (e.CaseClosed("send_plumber"), person)], at=house.now())
            store.append(one.case_id, [(e.CaseReopened("", "second_look"), person)], at=house.now())

    assert propose(house, JOURNEY, n=50) == []
