"""One look a day at what comes in: an event once an episode, none while nothing changed or too little came in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from cases import events as e
from cases.vocabulary import CUSTOMER, MACHINE, FileKind, FileStatus, Scope
from models.drift import LEVEL, Finding, Measure
from pipelines.drift import Look, drifting, look, note, serving_version, watch_for_drift
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.timers import DUTIES
from tests.pipelines.given import Clock

JOURNEY = "motor_claim"
DAILY = ("Mijn voorruit heeft een ster.", "Kunt u mij zeggen hoe het met mijn schade staat?", "Een deuk in mijn deur.")
STRANGE = ("Bestellen jullie ook pizza in Utrecht?", "De drone is in de sloot gevallen.", "My drone fell in the lake.")


def arrive(
    house: House, clock: Clock, n: int, *, texts: Sequence[str] = DAILY, scope: Scope = Scope.IN, light: float = 120,
    sender: str = "", version: str | None = None,
) -> None:  # fmt: skip
    """n cases come in and are read by the serving version, or by the one that is named; half an hour a case."""
    random = np.random.default_rng(n)
    read_by = version or serving_version(house, JOURNEY) or ""
    for _ in range(n):
        clock.forward(minutes=30)
        with house.database.writing() as store:
            number = store.open_reference(2026)
            photo = e.FileSeen(
                "m.f1", "a.jpg", "a" * 64, 9, "image/jpeg", FileKind.PHOTO, FileStatus.RECEIVED,
                findings=e.PhotoFindings(
                    800, 600, float(random.gamma(2, 100)), float(random.normal(light, 20)), blurred=False, dark=False
                ),
            )  # fmt: skip
            who = sender or f"{number}@example.org"
            text = texts[int(random.integers(len(texts)))]
            opened = e.CaseOpened(number, f"message-{number}", "webform", who, "Jo", JOURNEY, "nl")
            said = e.MessageAdded(f"message-{number}", "webform", who, "", text, clock(), files=(photo,))
            read = e.Understood(
                said.message_id, "nl", JOURNEY, "d", str(random.choice(["windscreen", "status"])),
                float(random.beta(4, 1.6)), scope, 0.4, f"text/{JOURNEY}", read_by,
            )  # fmt: skip
            store.append(f"case-{number}", [(opened, CUSTOMER), (said, CUSTOMER), (read, MACHINE)], at=clock())


def told(house: House) -> list[e.DriftSeen | e.DriftPassed]:
    with house.database.reading() as store:
        history = store.history(STREAM)
    return [entry.event for entry in history if isinstance(entry.event, e.DriftSeen | e.DriftPassed)]


@pytest.fixture
def read(house: House) -> House:
    """A house whose model serves."""
    house.texts.of(JOURNEY)
    return house


def by_measure(looked: Look) -> dict[Measure, Finding]:
    return {found.measure: found for found in looked.findings}


def test_a_version_is_named_as_events_name_it(read: House) -> None:
    assert serving_version(read, JOURNEY) == read.texts.version(JOURNEY)
    assert serving_version(read, "no_such_journey") is None
    assert look(read, JOURNEY).findings[0].needs == 100


def test_few_cases_say_how_many_more_are_needed_and_alarm_nobody(read: House, clock: Clock) -> None:
    arrive(read, clock, 30)
    arrive(read, clock, 30, texts=STRANGE, scope=Scope.OUT, light=20)
    clock.forward(days=1)

    watch_for_drift(read)

    assert told(read) == []
    assert by_measure(look(read, JOURNEY))[Measure.OUT_OF_SCOPE].needs == 40


def test_an_injected_drift_is_told_once_and_so_is_its_end(read: House, clock: Clock) -> None:
    arrive(read, clock, 120)
    clock.forward(days=1)
    watch_for_drift(read)
    assert told(read) == []

    arrive(read, clock, 100, texts=STRANGE, scope=Scope.OUT, light=60)
    for _ in range(3):
        clock.forward(days=1)
        watch_for_drift(read)

    seen = told(read)
    assert {event.measure for event in seen} >= {Measure.OUT_OF_SCOPE, Measure.MEANING, Measure.PHOTO_LIGHT}
    assert len({event.measure for event in seen}) == len(seen)
    assert all(isinstance(event, e.DriftSeen) and event.p <= event.level for event in seen)
    with read.database.reading() as store:
        assert set(drifting(store, JOURNEY, version=serving_version(read, JOURNEY))) == {one.measure for one in seen}
        assert drifting(store, JOURNEY, version="another") == {}


def found(measure: Measure, *, value: float, p: float) -> Finding:
    return Finding(measure, 500, 300, LEVEL, value=value, usual=0.05, p=p)


def test_an_episode_ends_once_and_the_next_one_is_told_anew(read: House) -> None:
    loud = Look(JOURNEY, read.now(), "v1", (found(Measure.SCORES, value=0.4, p=LEVEL / 2),))
    fading = replace(loud, findings=(found(Measure.SCORES, value=0.2, p=0.005),))
    quiet = replace(loud, findings=(found(Measure.SCORES, value=0.05, p=0.5),))

    kinds = [[event.kind for event in note(read, one)] for one in (loud, loud, fading, quiet, quiet, loud)]

    assert kinds == [["drift_seen"], [], [], ["drift_passed"], [], ["drift_seen"]]


def test_a_new_version_begins_without_the_episodes_of_the_old_one(read: House) -> None:
    loud = Look(JOURNEY, read.now(), "v1", (found(Measure.SCORES, value=0.4, p=LEVEL / 2),))
    newer = replace(loud, model_version="v2")
    quiet = replace(newer, findings=(found(Measure.SCORES, value=0.05, p=0.5),))

    assert [len(note(read, one)) for one in (loud, quiet, newer, newer)] == [1, 0, 1, 0]


def test_looking_again_on_the_same_day_gives_the_same_answer_whatever_came_in(read: House, clock: Clock) -> None:
    arrive(read, clock, 110)
    clock.time = (clock.time + timedelta(days=1)).replace(hour=1)
    before = look(read, JOURNEY)
    arrive(read, clock, 20, texts=STRANGE, scope=Scope.OUT)

    assert look(read, JOURNEY) == before
    clock.forward(days=1)
    assert look(read, JOURNEY) != before


def test_a_busy_customer_counts_once_and_cases_of_an_earlier_version_not_at_all(read: House, clock: Clock) -> None:
    arrive(read, clock, 70, version="an earlier")
    arrive(read, clock, 20)
    arrive(read, clock, 20, sender="busy@example.org")
    clock.forward(days=1)

    scope = by_measure(look(read, JOURNEY))[Measure.OUT_OF_SCOPE]

    assert (scope.reference_n, scope.recent_n) == (20, 1)


def test_the_timers_look_for_drift_daily() -> None:
    [duty] = [duty for duty in DUTIES if duty.name == "drift"]

    assert duty.every == timedelta(days=1)
    assert duty.do is watch_for_drift
