"""Blind audits of what closed by itself, from the draw to the shut, and certificates side by side."""

import random
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from cases import events as e
from cases.case import Case
from cases.errors import NotAllowed
from cases.store.certificates import Certificate
from cases.store.log import Append
from cases.vocabulary import Actor, Status, View
from pipelines.auditing import TopicState, reopen_topic, shut_topic, standing_of
from pipelines.certificates import certify_version, try_certify
from pipelines.house import House
from pipelines.observing import observe_late, read_audits
from pipelines.shares import FIRST_WEEKS, share_at
from pipelines.timers import DUTIES
from tests.pipelines.closing import JOURNEY, OPTION, TOPIC, compliments, judge, of_models
from tests.pipelines.given import Clock, certify

CERTIFICATE = f"{JOURNEY}.{TOPIC}.1"
OTHER = "refuse"


def drawn(house: House, wanted: int = 1) -> list[Case]:
    """Closed cases that wait for an audit."""
    certify(house, JOURNEY, TOPIC, threshold=0.9)
    found: list[Case] = []
    for first in count(0, 10):
        found += [case for case in compliments(house, range(first, first + 10)) if case.awaits_audit]
        if len(found) >= wanted:
            return found[:wanted]
    raise AssertionError


def topic(house: House) -> TopicState:
    return next(one for one in standing_of(house, JOURNEY) if one.topic == TOPIC)


def audited(house: House) -> list[str]:
    """References in the queue of audits."""
    with house.database.reading() as store:
        page = store.queue.page(View.AUDIT, who="anna", now=house.now(), limit=200)
    return [line.reference for line in page.items]


def another_choice(house: House) -> str:
    options = house.journeys.get(JOURNEY).journey.options
    return next(key for key in options if key != OPTION)


def test_a_share_of_what_closes_waits_for_a_blind_check_and_the_rest_does_not(house: House) -> None:
    certify(house, JOURNEY, TOPIC, threshold=0.9)

    cases = compliments(house, range(200))

    checked = [case for case in cases if case.awaits_audit]
    assert {case.status for case in cases} == {Status.CLOSED}
    assert 35 <= len(checked) <= 85
    assert sorted(audited(house)) == sorted(case.reference for case in checked)
    with house.database.reading() as store:
        assert [case for case, _ in read_audits(store, CERTIFICATE).drawn] == [case.id for case in checked]
        assert store.verify_all() == []


def test_below_the_threshold_the_same_share_is_judged_blind_by_who_decides_it(house: House) -> None:
    certify(house, JOURNEY, TOPIC, threshold=0.9)

    below = compliments(house, range(200), score=0.8)
    above = compliments(house, range(200, 210), score=0.95)

    shadow = [case for case in below if case.step is not None and case.step.shadow]
    assert {case.status for case in below} == {Status.WITH_EXPERT}
    assert 35 <= len(shadow) <= 85
    assert all(case.step is not None and not case.step.audit for case in below)
    assert {case.status for case in above} == {Status.CLOSED}


def test_the_same_choice_in_an_audit_changes_nothing_for_the_customer(house: House) -> None:
    [case] = drawn(house)

    after = judge(house, case)

    assert (after.status, after.outcome, after.letters) == (Status.CLOSED, case.outcome, case.letters)
    assert after.human is not None
    assert after.human.blind
    assert case.reference not in audited(house)
    state = topic(house)
    assert (state.state, state.audited, state.errors) == ("certified", 1, 0)
    assert 0 < state.detector < 1


def test_another_choice_opens_the_case_again_for_a_person_and_speaks_against_the_certificate(house: House) -> None:
    [case] = drawn(house)

    after = judge(house, case, another_choice(house))

    assert (after.status, after.reopened, after.awaits_audit) == (Status.REOPENED, True, False)
    with house.database.reading() as store:
        [_, reopened] = [entry.event for entry in store.history(case.id)][-2:]
    assert isinstance(reopened, e.CaseReopened)
    assert reopened.because == "audit"
    state = topic(house)
    assert (state.audited, state.errors) == (1, 1)
    assert state.detector > 1


def test_an_audit_asks_the_customer_nothing(house: House) -> None:
    [case] = drawn(house)

    with pytest.raises(NotAllowed, match="escalate"):
        judge(house, case, "need_more")


def test_whoever_passes_an_audit_on_leaves_it_to_others(house: House) -> None:
    [case] = drawn(house)

    passed = judge(house, case, "escalate")

    assert passed.awaits_audit
    assert topic(house).audited == 0
    assert not judge(house, passed, by="bert").awaits_audit
    assert topic(house).audited == 1


def test_an_audit_is_judged_once(house: House) -> None:
    [case] = drawn(house)
    after = judge(house, case)

    with pytest.raises(NotAllowed, match="closed"):
        judge(house, after)


def test_a_case_that_its_customer_opened_again_before_its_audit_counts_by_what_a_person_then_chose(
    house: House,
) -> None:
    [case] = drawn(house)
    with house.database.writing() as store:
        store.append(case.id, [(e.CaseReopened("", "second_look"), Actor("customer"))], at=house.now())
    with house.database.reading() as store:
        opened = store.case(case.id)

    judge(house, opened, OPTION)

    assert (topic(house).audited, topic(house).errors) == (1, 0)


def test_what_nobody_judged_in_time_counts_as_wrong_once_and_the_detector_waits_for_a_person(
    house: House, clock: Clock
) -> None:
    [case] = drawn(house)
    [duty] = [one.do for one in DUTIES if one.name == "late audits"]
    clock.forward(days=house.settings.audit_days, seconds=-1)
    assert observe_late(house) == 0
    clock.forward(seconds=2)

    duty(house)

    assert observe_late(house) == 0
    late = [one for one in topic(house).audits if one.late]
    assert late
    assert all(one.wrong for one in late)
    assert topic(house).detector == 0
    judge(house, case)
    assert topic(house).detector > 0


def test_an_erased_case_is_late_in_the_end_and_not_lost(house: House, clock: Clock) -> None:
    [case] = drawn(house)
    with house.database.writing() as store:
        store.erase_case(case.id, by="anna", why="asked for", at=house.now())
    clock.forward(days=house.settings.audit_days + 1)

    observe_late(house)

    with house.database.reading() as store:
        assert case.id in read_audits(store, CERTIFICATE).counted


def drifted(house: House, rng: random.Random, rates: list[float], *, most: int) -> tuple[int, int]:
    """Cases in batches of a hundred, each at an error rate; verdicts come a batch late. Returns closed and audits."""
    numbers, waiting, other = count(), list[tuple[Case, bool]](), another_choice(house)
    closed = audits = 0
    for number in numbers:
        if number * 100 >= most or topic(house).state != "certified":
            return closed, audits
        rate = rates[min(number, len(rates) - 1)]
        cases = compliments(house, range(number * 100, number * 100 + 100))
        closed += sum(case.status is Status.CLOSED for case in cases)
        ready, waiting = waiting, [(case, rng.random() < rate) for case in cases if case.awaits_audit]
        for case, wrong in ready:
            judge(house, case, other if wrong else OPTION)
            audits += 1
    return closed, audits


def the_next_goes_to_a_person(house: House) -> None:
    assert topic(house).state == "shut"
    [shut] = [one for one in of_models(house) if isinstance(one, e.TopicShut)]
    assert (shut.journey, shut.topic) == (JOURNEY, TOPIC)
    [following] = compliments(house, [999_999])
    assert following.status is Status.WITH_EXPERT
    assert following.step is not None
    assert following.step.shadow


def test_when_errors_rise_the_alarm_shuts_the_topic_and_the_next_case_goes_to_a_person(house: House) -> None:
    certify(house, JOURNEY, TOPIC, threshold=0.9)

    closed, audits = drifted(house, random.Random(1), [0.0, 0.3], most=1_000)

    assert 200 <= closed < 1_000
    assert audits > 10
    the_next_goes_to_a_person(house)
    with house.database.reading() as store:
        assert store.verify_all() == []


@pytest.mark.drill
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_five_thousand_cases_injected_drift_is_found_and_what_follows_goes_to_people(
    house: House, seed: int
) -> None:
    certify(house, JOURNEY, TOPIC, threshold=0.9)

    closed, audits = drifted(house, random.Random(seed), [0.003] * 15 + [0.1], most=5_000)

    assert 1_500 <= closed < 5_000
    assert audits > 300
    the_next_goes_to_a_person(house)


def test_before_it_shuts_the_evidence_raises_the_share_once(house: House) -> None:
    cases = drawn(house, 12)
    other = another_choice(house)
    for case in cases[:3]:
        judge(house, case, other)

    raised = [one for one in of_models(house) if isinstance(one, e.AuditShareRaised)]
    shut = [one for one in of_models(house) if isinstance(one, e.TopicShut)]

    assert len(raised) <= 1
    assert raised or shut
    if raised:
        assert raised[0].share == pytest.approx(0.6)


def test_the_share_is_high_in_the_first_weeks_then_as_asked_for_and_never_under_a_tenth(house: House) -> None:
    promise = house.journeys.get(JOURNEY).journey.auto_close.model_copy(update={"audit_share": 0.1})
    one = Certificate("c", JOURNEY, TOPIC, 0.9, 0.01, 0.05, 1, "m", "r", house.now())
    later = house.now() + FIRST_WEEKS

    assert share_at(promise, one, house.now()) == pytest.approx(0.3)
    assert share_at(promise, one, later) == pytest.approx(0.1)
    assert share_at(promise, replace(one, share_raised_at=later), later) == pytest.approx(0.2)


def test_what_a_person_shut_a_person_opens_again_and_what_audits_shut_stays_shut(house: House) -> None:
    cases = drawn(house, 12)
    assert shut_topic(house, JOURNEY, TOPIC, by="anna", why="new terms") is True
    assert shut_topic(house, JOURNEY, TOPIC, by="anna", why="new terms") is False
    assert topic(house).state == "shut"
    assert reopen_topic(house, JOURNEY, TOPIC, by="anna", why="the terms are as before") == [CERTIFICATE]
    assert topic(house).state == "certified"
    for case in cases:
        if topic(house).state == "certified":
            judge(house, case, another_choice(house))
    assert topic(house).state == "shut"

    with pytest.raises(NotAllowed, match="audits shut it"):
        reopen_topic(house, JOURNEY, TOPIC, by="anna", why="it was nothing")


def test_a_topic_that_may_not_close_is_not_shut(house: House) -> None:
    with pytest.raises(NotAllowed, match="praise"):
        shut_topic(house, JOURNEY, "billing", by="anna", why="to be sure")
    with pytest.raises(NotAllowed, match="say why"):
        shut_topic(house, JOURNEY, TOPIC, by="anna", why=" ")
    with pytest.raises(NotAllowed, match="nobody has shut it"):
        reopen_topic(house, JOURNEY, TOPIC, by="anna", why="to be sure")


def shadow_phase(house: House, numbers: range) -> None:
    """Every case is judged blind, and rightly."""
    cases = compliments(house, numbers)
    assert all(case.step is not None and case.step.shadow for case in cases)
    verdicts = [e.HumanDecided(OPTION, "anna", "as I see it", blind=True, decided_on=case.version) for case in cases]
    with house.database.writing() as store:
        store.append_many(
            [
                Append(case.id, [(decided, Actor("person", "anna"))], house.now(), case=case)
                for case, decided in zip(cases, verdicts, strict=True)
            ]
        )


def lenient(house: House) -> House:
    """Its journey promises one error in ten, which few labels certify."""
    folder = house.journeys.get(JOURNEY)
    promise = folder.journey.auto_close.model_copy(update={"alpha": Decimal("0.1")})
    softer = replace(folder, journey=folder.journey.model_copy(update={"auto_close": promise}))
    return replace(house, journeys=replace(house.journeys, folders={**house.journeys.folders, JOURNEY: softer}))


def test_a_challenger_is_certified_while_the_old_certificate_keeps_closing_and_a_shut_ends_both(
    house: House, clock: Clock
) -> None:
    house = lenient(house)
    shadow_phase(house, range(180))
    clock.forward(hours=1)
    assert [one.certified for one in try_certify(house, JOURNEY) if one.topic == TOPIC] == [True]
    first = topic(house)
    challenger = replace(house.texts.of(JOURNEY), digest="c" * 64)

    [tried] = [one for one in certify_version(house, JOURNEY, challenger) if one.topic == TOPIC]

    assert tried.certified
    assert tried.model_digest == "c" * 12
    assert tried.attempt == 2
    now = topic(house)
    assert (now.state, now.certificate, now.beside) == ("certified", first.certificate, ("c" * 12,))
    [old] = compliments(house, [2_001])
    [new] = compliments(house, [2_002], version="c" * 12, score=0.999999)
    assert old.step is not None
    assert new.step is not None
    assert (old.step.certificate, new.step.certificate) == (first.certificate, tried.certificate)
    try_certify(house, JOURNEY)
    assert topic(house).certificate == first.certificate, "looking again made the audits forget"

    clock.forward(hours=1)
    shut_topic(house, JOURNEY, TOPIC, by="anna", why="an error was found")
    [again] = [one for one in try_certify(house, JOURNEY) if one.topic == TOPIC]
    assert (again.certified, again.labels) == (False, 0)
    assert again.attempt == 3
    assert topic(house).state == "shut"
