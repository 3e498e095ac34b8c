"""Weeks of a house whose clock runs: no open case goes silent, nothing is said twice, no reminder is without reason."""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cases import events as e
from cases.case import Entry, fold
from cases.keeping import REMINDER, STILL_BUSY, is_quiet, promise_of
from cases.vocabulary import CUSTOMER, MACHINE, Actor, RequestKind, Scope, Step, Why
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.loop.pace import Pace
from pipelines.promise_keeping import keep_promises, remind
from pipelines.runner import drain_while
from pipelines.stages import STAGES
from pipelines.stages.work import NOTHING, Item, Outcome
from tests import homes
from tests.pipelines.given import BAS, Clock

PROJECT = Path(__file__).parents[2]
BEFORE_DST = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)  # the clocks change on the 28th
ANOUK = Actor("person", "anouk")
PHOTOS = e.RequestItem("damage_photos", RequestKind.PHOTO)
TICK = timedelta(hours=3)
FIRST_LOOK = 9  # of each day when the quiet hours are over: most is due then


def skip(batch: Sequence[Item], _: House) -> list[Outcome]:
    """Instead of all other work: it needs models, and the clock says nothing by it."""
    return [NOTHING] * len(batch)


SENDING = {stage: work if stage is Stage.SEND else skip for stage, work in STAGES.items()}


def add_case(house: House, number: int, *, asked: bool) -> str:
    """As the machine leaves it: with a person, or waiting for photos."""
    case_id, journey = f"case-{number}", house.journeys.get("motor_claim")
    now, message = house.now(), f"message-{number}"
    read = e.Understood(
        message, "nl", journey.name, journey.digest, "windscreen", 0.9, Scope.IN, 0.4, "text/motor_claim", "v1"
    )
    step = e.StepDecided(
        Step.REQUEST_INFO if asked else Step.EXPERT, (Why.ROW,), journey.name, journey.digest, "windscreen",
        update_by=now + timedelta(days=11 if asked else 3),
    )  # fmt: skip
    events: list[tuple[e.Written, Actor]] = [
        (
            e.CaseOpened(f"C-2027-{number:06}", message, "email", BAS, "Bas", journey.name, "nl", f"link-{number}"),
            CUSTOMER,
        ),
        (e.MessageAdded(message, "email", BAS, "Ruit", "Een ster in de ruit.", now), CUSTOMER),
        (read, MACHINE),
        (step, MACHINE),
    ]
    if asked:
        events.append((e.RequestMade((PHOTOS,), (now + timedelta(days=10)).date()), MACHINE))
    with house.database.writing() as store:
        store.append(case_id, events, at=now)
    return case_id


def say(house: House, case_id: str, event: e.Written, actor: Actor) -> None:
    with house.database.writing() as store:
        store.append(case_id, [(event, actor)], at=house.now())


def something_happens(house: House, case_id: str, dice: random.Random) -> None:
    """Now and then a customer answers, or a person writes down a call."""
    if dice.random() > 0.02:  # about once in a week
        return
    case = fold(case_id, history(house, case_id))
    if case.open_requests:
        say(house, case_id, e.RequestAnswered(("damage_photos",), f"message-{case_id}"), CUSTOMER)
    else:
        say(house, case_id, e.NoteAdded("gebeld", "anouk"), ANOUK)


def history(house: House, case_id: str) -> list[Entry]:
    with house.database.reading() as store:
        return store.history(case_id)


def turn(house: House) -> None:
    remind(house)
    keep_promises(house)
    drain_while(house, lambda: True, stages=SENDING, pace=Pace(house.settings.batch), after=lambda _: None)


def assert_kept(house: House, case_id: str) -> None:
    """Nobody is past a date in silence, and whatever was said was said once and had a reason."""
    entries, now = history(house, case_id), house.now()
    case, journey = fold(case_id, entries), house.journeys.get("motor_claim").journey
    promise = promise_of(case, journey)
    assert promise is not None
    assert promise > now or case.to_call or is_quiet(now, journey), (case_id, promise, now)
    passed = [one.event for one in entries if isinstance(one.event, e.PromisePassed)]
    assert max(Counter((one.promised, one.why) for one in passed).values(), default=1) == 1
    letters = {one.event.letter_id: one for one in entries if isinstance(one.event, e.LetterWritten)}
    assert [one.letter_id for one in passed if one.letter_id] == [
        id_ for id_, one in letters.items() if isinstance(one.event, e.LetterWritten) and one.event.letter == STILL_BUSY
    ]
    sent = Counter(one.event.letter_id for one in entries if isinstance(one.event, e.LetterSent))
    assert set(sent) == set(letters)
    assert max(sent.values(), default=1) == 1
    reminders = [
        entry for entry in entries if isinstance(entry.event, e.LetterWritten) and entry.event.letter == REMINDER
    ]
    assert len(reminders) <= len(journey.promises.reminder_days)
    for one in reminders:
        then = fold(case_id, [entry for entry in entries if entry.seq < one.seq])
        assert then.open_requests
        assert one.at.date() <= date.fromisoformat(then.open_requests[0].due)
        assert not is_quiet(one.at, journey)


def killed_worker(house: House, now: datetime, dice: random.Random) -> None:
    """A real process that says what is due, and dies somewhere in the midst of it."""
    worker = subprocess.Popen(  # our own program
        [sys.executable, "-m", "tests.pipelines.promise_worker", now.isoformat()],
        env=homes.environment(house.settings), cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(dice.random() / 5)  # 300 cases take it longer than that
    assert worker.poll() is None
    worker.kill()
    worker.wait()
    worker.stdout.close()


def run(house: House, clock: Clock, *, cases: int, days: int, kill_every: int | None = None) -> list[str]:
    """kill_every: days from one killed worker to the next; None for no kills."""
    dice = random.Random(7)
    clock.time = BEFORE_DST
    case_ids = [add_case(house, number, asked=number % 2 == 0) for number in range(1, cases + 1)]
    while clock() < BEFORE_DST + timedelta(days=days):
        clock.time += TICK
        for case_id in case_ids:
            something_happens(house, case_id, dice)
        if kill_every and clock().hour == FIRST_LOOK and (clock() - BEFORE_DST).days % kill_every == 0:
            killed_worker(house, clock(), dice)
        turn(house)
        if clock().hour == 18:  # once a day, after promised dates have passed
            for case_id in case_ids:
                assert_kept(house, case_id)
    return case_ids


def kinds_of(house: House, case_ids: list[str]) -> Counter[str]:
    return Counter(
        one.event.letter if isinstance(one.event, e.LetterWritten) else one.event.kind
        for case_id in case_ids
        for one in history(house, case_id)
    )


def test_in_weeks_over_the_change_of_the_clocks_nobody_is_left_in_silence(house: House, clock: Clock) -> None:
    said = kinds_of(house, run(house, clock, cases=8, days=21))

    assert said[STILL_BUSY] > 0
    assert said[REMINDER] > 0


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_in_ninety_days_of_three_hundred_cases_nobody_is_left_in_silence(house: House, clock: Clock) -> None:
    said = kinds_of(house, run(house, clock, cases=300, days=90, kill_every=5))

    assert said[STILL_BUSY] > 0
    assert said[REMINDER] > 0


@pytest.mark.once
def test_a_case_that_cannot_be_read_keeps_no_other_waiting(house: House, clock: Clock) -> None:
    clock.time = BEFORE_DST
    broken, whole = (add_case(house, number, asked=False) for number in (1, 2))
    with sqlite3.connect(house.settings.home / "casewright.db") as connection:
        connection.execute("DROP TRIGGER events_only_erased")
        connection.execute("UPDATE events SET body = 'x' WHERE stream = ? AND seq = 2", (broken,))
    clock.time += timedelta(days=4)

    assert keep_promises(house) == 1

    assert kinds_of(house, [whole])[STILL_BUSY] == 1


def test_killed_in_the_middle_nothing_is_lost_or_said_twice(house: House, clock: Clock) -> None:
    clock.time = BEFORE_DST
    case_ids = [add_case(house, number, asked=number % 2 == 0) for number in range(1, 21)]
    clock.time += timedelta(days=4)
    for _ in range(2):
        worker = subprocess.Popen(  # our own program
            [sys.executable, "-m", "tests.pipelines.promise_worker", clock().isoformat()],
            env=homes.environment(house.settings), cwd=PROJECT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        while not any(isinstance(one.event, e.LetterWritten) for id_ in case_ids for one in history(house, id_)):
            assert worker.poll() is None
        worker.kill()
        worker.wait()
        worker.stdout.close()

    turn(house)

    for case_id in case_ids:
        assert_kept(house, case_id)
    assert kinds_of(house, case_ids)[STILL_BUSY] == kinds_of(house, case_ids)[REMINDER] == 10  # half
