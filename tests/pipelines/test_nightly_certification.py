"""Certificates that are looked for by themselves: once a day, by one process, when enough labels came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cases import events as e
from cases.rules import table_digest
from cases.store.log import Append
from cases.vocabulary import SYSTEM, Actor, Status
from models.certify import attempt_delta, delta_prime, more_clean_labels
from pipelines.auditing import TopicState, shut_topic, standing_of
from pipelines.house import House
from pipelines.nightly import certify_due, coming
from pipelines.rulebook.versions import stream_of, table_of
from pipelines.standing import rules_digest
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


# --- tables that are to come ------------------------------------------------------------------------------------------

LATER = date(2026, 12, 1)


def publish_for_later(house: House, row_id: str) -> None:
    """One row gets other words: another version, with another digest for the topics that can meet the row."""
    document = house.journeys.get(JOURNEY).root.as_dict()
    rows = [{**row, "description": "Told anew."} if row["id"] == row_id else row for row in document["rows"]]
    changed = {**document, "rows": rows}
    digest = table_digest(table_of(JOURNEY, "next_step", f"with another {row_id}", changed))
    event = e.TablePublished(JOURNEY, "next_step", digest, changed, LATER, "", "ada", "in better words")
    with house.database.writing() as store:
        store.append(stream_of(JOURNEY), [(event, SYSTEM)], at=house.now())
    house.journeys.look_again(house.now())


def as_on(house: House, day: date) -> House:
    """The house of that day, with the promise that the test gave its journey."""
    assert house.journeys.rulebook is not None
    folder = house.journeys.rulebook.in_place(house.journeys.get(JOURNEY), day)
    return replace(house, journeys=replace(house.journeys, folders={JOURNEY: folder}))


def test_a_table_published_for_a_later_day_is_certified_before_it_decides_and_the_topic_never_stops_closing(
    lenient: House, clock: Clock
) -> None:
    judged(lenient, range(2 * enough(lenient, 2)))
    publish_for_later(lenient, "R-030")
    [folder] = coming(lenient, lenient.journeys.get(JOURNEY))
    assert folder.root_digest != lenient.journeys.get(JOURNEY).root_digest

    first, other = certify_due(lenient)

    assert (first.certified, other.certified) == (True, True)
    assert first.rules_digest != other.rules_digest
    assert (first.attempt, other.attempt) == (1, 2)
    assert certify_due(lenient) == []
    assert topic(lenient).beside == (f"rules {other.rules_digest[:12]}",)
    [today] = compliments(lenient, [9_001])
    clock.time = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    then = as_on(lenient, LATER)
    [later] = compliments(then, [9_002], score=0.9999)
    assert (today.status, later.status) == (Status.CLOSED, Status.CLOSED)
    assert today.step is not None
    assert later.step is not None
    assert (today.step.certificate, later.step.certificate) == (first.certificate, other.certificate)


def test_a_topic_whose_rows_stay_the_same_is_not_tried_again_for_a_table_that_is_to_come(lenient: House) -> None:
    judged(lenient, range(enough(lenient)))
    folder = lenient.journeys.get(JOURNEY)
    publish_for_later(lenient, "R-010")  # what happens with privacy, which compliments never meet

    tried = certify_due(lenient)

    assert len(coming(lenient, folder)) == 1
    assert {one.rules_digest for one in tried} == {rules_digest(folder, TOPIC)}
