"""Certificates that are looked for by themselves: once a day, by one process, when enough labels came."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from cases import events as e
from cases.store.log import Append
from cases.vocabulary import Actor
from models.certify import attempt_delta, delta_prime, more_clean_labels
from pipelines.auditing import TopicState, shut_topic, standing_of
from pipelines.certificates import certify_due
from pipelines.house import House
from pipelines.timers import DUTIES, Timers
from tests.pipelines.closing import JOURNEY, OPTION, TOPIC, compliments, of_models
from tests.pipelines.given import Clock

[CERTIFY] = [duty for duty in DUTIES if duty.name == "certify"]


@pytest.fixture
def lenient(house: House) -> House:
    """Its journey promises one error in ten for one topic, which few labels certify."""
    folder = house.journeys.get(JOURNEY)
    changes = {"alpha": Decimal("0.1"), "topics": (TOPIC,)}
    promise = folder.journey.auto_close.model_copy(update=changes)
    softer = replace(folder, journey=folder.journey.model_copy(update={"auto_close": promise}))
    return replace(house, journeys=replace(house.journeys, folders={JOURNEY: softer}))


def judged(house: House, numbers: Sequence[int]) -> None:
    """Cases of the shadow phase, each judged blind and rightly."""
    cases = compliments(house, numbers)
    decided = [e.HumanDecided(OPTION, "anna", "as I see it", blind=True, decided_on=case.version) for case in cases]
    with house.database.writing() as store:
        store.append_many(
            [
                Append(case.id, [(one, Actor("person", "anna"))], house.now(), case=case)
                for case, one in zip(cases, decided, strict=True)
            ]
        )


def looks(house: House) -> list[e.CertificationTried]:
    return [one for one in of_models(house) if isinstance(one, e.CertificationTried)]


def topic(house: House) -> TopicState:
    return next(one for one in standing_of(house, JOURNEY) if one.topic == TOPIC)


def enough(house: House, attempt: int = 1) -> int:
    """Labels that certify if all are right; 30 % of them only choose the threshold."""
    promise = house.journeys.get(JOURNEY).journey.auto_close
    level = attempt_delta(delta_prime(float(promise.delta), 1), attempt)
    return -(-more_clean_labels(0, 0, float(promise.alpha), level) * 10 // 7)


def test_the_first_look_waits_for_enough_labels_and_then_opens_the_topic_on_a_later_day(
    lenient: House, clock: Clock
) -> None:
    timers = Timers(lenient, duties=[CERTIFY])
    judged(lenient, range(enough(lenient) - 1))
    assert timers.turn() == [], "a process that has just started leaves others time"
    clock.forward(hours=1)
    assert timers.turn() == ["certify"]
    assert looks(lenient) == []
    judged(lenient, range(1000, 1060))
    clock.forward(hours=23)
    assert timers.turn() == []

    clock.forward(hours=1, seconds=1)
    assert timers.turn() == ["certify"]

    [tried] = looks(lenient)
    assert (tried.certified, tried.attempt) == (True, 1)
    assert topic(lenient).state == "certified"


def test_without_a_new_label_nobody_looks_again_and_a_topic_that_closes_is_left_alone(lenient: House) -> None:
    judged(lenient, range(enough(lenient)))
    [first] = certify_due(lenient)
    assert certify_due(lenient) == []
    for start in range(1000, 5000, 40):
        if topic(lenient).state == "certified":
            break
        judged(lenient, range(start, start + 40))
        assert len(certify_due(lenient)) == 1

    assert topic(lenient).state == "certified"
    assert certify_due(lenient) == []
    assert {one.threshold for one in looks(lenient)} == {first.threshold}, "a look chose another threshold"


def test_after_a_shut_only_labels_given_since_then_bring_another_look_which_is_the_next_attempt(
    lenient: House, clock: Clock
) -> None:
    judged(lenient, range(2 * enough(lenient)))
    certify_due(lenient)
    clock.forward(days=1)
    assert shut_topic(lenient, JOURNEY, TOPIC, by="anna", why="an error was found")
    clock.forward(days=1)
    assert certify_due(lenient) == []

    judged(lenient, range(1000, 1000 + 2 * enough(lenient, 2)))
    [tried] = certify_due(lenient)

    assert tried.attempt == 2
    assert topic(lenient).state == ("certified" if tried.certified else "shut")


def test_two_processes_of_which_one_leads_look_once(lenient: House, clock: Clock) -> None:
    first, second = Timers(lenient, duties=[CERTIFY]), Timers(lenient, duties=[CERTIFY])
    judged(lenient, range(enough(lenient)))
    clock.forward(hours=1)

    assert first.turn() == ["certify"]
    assert second.turn() == []

    assert len(looks(lenient)) == 1
