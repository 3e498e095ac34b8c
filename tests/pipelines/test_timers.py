"""What is done once in a while: by one process at a time, by the next one when that dies; ringing for what waits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.vocabulary import Role
from pipelines.doorbell import Bell, Bells
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.loop.keeping import Keeper
from pipelines.loop.pace import START, Pace
from pipelines.ringing import ring_for_what_waits
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.timers import AGAIN, DUTIES, RINGING_LEASE, Duty, Timers
from pipelines.wiring import opened
from tests import homes
from tests.pipelines.broker_servers import Broker, Program
from tests.pipelines.given import Clock, by_form
from tests.servers import wait_until

EVERY = timedelta(seconds=10)


@dataclass
class Done:
    """A duty that writes down that it was done, and fails as often as it is told to."""

    name: str = "sweep"
    times: int = 0
    failing: int = 0

    def __call__(self, _: House) -> None:
        self.times += 1
        if self.times <= self.failing:
            raise OSError("the blob store is away")

    @property
    def duty(self) -> Duty:
        return Duty(self.name, EVERY, self)


@dataclass
class Rung:
    """A doorbell that writes down for whom it was rung."""

    bells: list[tuple[Bell, ...]] = field(default_factory=list)

    def __call__(self, *bells: Bell) -> None:
        self.bells.append(bells)


def lease_span(house: House) -> timedelta:
    return timedelta(seconds=house.settings.lease_seconds)


# --- who leads --------------------


def test_of_two_timers_only_the_first_does_what_is_due(house: House) -> None:
    first, second = Done(), Done()

    assert Timers(house, duties=[first.duty]).turn() == ["sweep"]
    assert Timers(house, duties=[second.duty]).turn() == []

    assert (first.times, second.times) == (1, 0)


def test_the_second_takes_over_when_the_lease_of_the_first_runs_out_and_the_first_then_follows(
    house: House, clock: Clock
) -> None:
    done = Done()
    first, second = Timers(house, duties=[done.duty]), Timers(house, duties=[done.duty])
    first.turn()

    clock.time += lease_span(house) - timedelta(milliseconds=1)
    assert second.turn() == []
    clock.time += timedelta(seconds=1)
    assert second.turn() == ["sweep"]

    clock.time += EVERY
    assert first.turn() == []
    with house.database.reading() as store:
        lease = store.leases.get("timers")
    assert lease is not None
    assert lease.term == 2


def test_a_leader_that_goes_on_keeps_the_lease_and_its_term(house: House, clock: Clock) -> None:
    done = Done()
    first, second = Timers(house, duties=[done.duty]), Timers(house, duties=[done.duty])
    for _ in range(10):
        assert first.turn() == ["sweep"]
        assert second.turn() == []
        clock.time += EVERY

    with house.database.reading() as store:
        lease = store.leases.get("timers")
    assert lease is not None
    assert lease.term == 1


def test_a_leader_that_cannot_renew_stops_when_its_lease_ends(house: House, clock: Clock) -> None:
    """Its duties go on without the database, as a sweep of an object store does; another process may lead by then."""
    slow, after = Done("slow"), Done("after")

    def takes_long(_: House) -> None:
        slow.times += 1
        clock.time += lease_span(house)

    timers = Timers(house, duties=[Duty("slow", EVERY, takes_long), after.duty])

    assert timers.turn() == ["slow"]
    assert after.times == 0


def test_a_leader_that_ends_leaves_at_once(house: House) -> None:
    done = Done()
    first, second = Timers(house, duties=[done.duty]), Timers(house, duties=[done.duty])
    first.turn()

    first.resign()

    assert second.turn() == ["sweep"]


def test_two_leases_are_held_apart(house: House) -> None:
    ringing, others = Done("ring"), Done("seal")

    assert Timers(house, duties=[ringing.duty], lease=RINGING_LEASE).turn() == ["ring"]
    assert Timers(house, duties=[others.duty]).turn() == ["seal"]


def test_whoever_released_a_lease_that_another_holds_by_now_takes_nothing_away(house: House, clock: Clock) -> None:
    with house.database.writing() as store:
        old = store.leases.take("x", "ada", now=clock(), until=clock() + EVERY)
    clock.time += EVERY
    with house.database.writing() as store:
        new = store.leases.take("x", "bob", now=clock(), until=clock() + EVERY)
        assert old is not None
        store.leases.release(old, now=clock())

    with house.database.reading() as store:
        assert store.leases.get("x") == new


# --- duties --------------------


def test_a_duty_is_done_at_once_and_then_when_its_time_has_come(house: House, clock: Clock) -> None:
    done = Done()
    timers = Timers(house, duties=[done.duty])

    turns = []
    for _ in range(21):
        turns.append(bool(timers.turn()))
        clock.forward(seconds=1)

    assert [second for second, did in enumerate(turns) if did] == [0, 10, 20]


def test_a_duty_that_fails_holds_up_no_other_and_is_done_again_within_a_minute(house: House, clock: Clock) -> None:
    failing, other = Done("seal", failing=1), Done("other")
    hourly = Duty("seal", timedelta(hours=1), failing)
    timers = Timers(house, duties=[hourly, other.duty])

    assert timers.turn() == ["seal", "other"]
    clock.time += AGAIN
    assert "seal" in timers.turn()
    clock.time += AGAIN
    assert "seal" not in timers.turn()


def test_the_log_is_sealed_hourly_and_only_when_something_happened(house: House, clock: Clock) -> None:
    by_form(house)
    drain(house)
    timers = Timers(house, duties=[duty for duty in DUTIES if duty.name == "seal"])

    sealed = []
    for _ in range(3):
        timers.turn()
        with house.database.reading() as store:
            sealed.append(len(store.history("checkpoints")))
        clock.forward(hours=1)

    assert sealed == [1, 1, 1]


# --- ringing for what waits --------------------


def test_it_rings_for_the_classes_of_which_something_may_be_begun(house: House, clock: Clock) -> None:
    rung = Rung()
    ringing = replace(house, ring=rung)
    ring_for_what_waits(ringing)
    by_form(house)
    ring_for_what_waits(ringing)
    for stage in (Stage.READ, Stage.UNDERSTAND, Stage.ENRICH):
        advance(house, stages={stage: STAGES[stage]})
    ring_for_what_waits(ringing)
    drain(house)
    ring_for_what_waits(ringing)

    assert rung.bells == [(Bell.MODEL,), (Bell.FAST,)]


def test_it_rings_again_for_work_whose_worker_died_and_for_work_that_backed_off(house: House, clock: Clock) -> None:
    rung = Rung()
    ringing = replace(house, ring=rung)
    by_form(house)
    with house.database.writing() as store:
        [claim] = store.work.claim([Stage.READ], limit=1, now=clock(), lease=EVERY)
    ring_for_what_waits(ringing)
    assert rung.bells == []

    clock.time += EVERY
    ring_for_what_waits(ringing)
    assert rung.bells == [(Bell.MODEL,)]

    with house.database.writing() as store:
        store.work.fail(claim, due_at=clock() + EVERY)
    ring_for_what_waits(ringing)
    assert rung.bells == [(Bell.MODEL,)]
    clock.time += EVERY
    ring_for_what_waits(ringing)
    assert rung.bells == [(Bell.MODEL,), (Bell.MODEL,)]


@pytest.mark.timeout(120)
def test_when_one_timers_process_is_killed_the_other_one_takes_over(
    tmp_path: Path, trained: Path, broker: Broker, programs: list[Program]
) -> None:
    settings = homes.settings(tmp_path, models=trained, broker_url=broker.url(), lease_seconds=5)
    with opened(settings) as house:
        programs.append(Program(settings, "timers"))
        wait_until(lambda: holder(house) is not None, "the first did not take the lease")
        first = holder(house)
        programs.append(Program(settings, "timers"))

        programs[0].kill()
        wait_until(lambda: holder(house) not in (first, None), "the second did not take over")

        assert programs[1].stop() == 0


def holder(house: House) -> str | None:
    with house.database.reading() as store:
        lease = store.leases.get(RINGING_LEASE)
    return lease.holder if lease else None


# --- the bell itself --------------------


class Publishing:
    """A broker that can be made to hold still or to be away."""

    def __init__(self) -> None:
        self.rung: list[Bell] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.away = False

    def __call__(self, bell: Bell) -> None:
        self.begun.set()
        self.go_on.wait(30)
        if self.away:
            raise ConnectionRefusedError
        self.rung.append(bell)


@contextmanager
def bells(publishing: Publishing, on_missed: Callable[[], None] = lambda: None) -> Iterator[Bells]:
    made = Bells(publishing, on_missed=on_missed, gap=0.01)
    try:
        yield made
    finally:
        publishing.go_on.set()
        made.close()


def test_whoever_rings_does_not_wait_for_a_broker_that_holds_still() -> None:
    publishing = Publishing()
    with bells(publishing) as ring:
        ring()
        publishing.begun.wait(30)
        for _ in range(1000):
            ring()

        assert publishing.rung == []


def test_what_is_rung_for_meanwhile_is_rung_once_and_never_left_out() -> None:
    publishing = Publishing()
    with bells(publishing) as ring:
        ring()
        publishing.begun.wait(30)
        for _ in range(1000):
            ring(Bell.MAIL)
            ring(Bell.MODEL)

    assert publishing.rung == [Bell.MODEL, Bell.MAIL, Bell.MODEL]


def test_bells_that_could_not_be_rung_are_counted_and_the_next_one_is_tried() -> None:
    publishing, missed = Publishing(), threading.Semaphore(0)
    publishing.away = True
    publishing.go_on.set()
    with bells(publishing, on_missed=missed.release) as ring:
        ring()
        assert missed.acquire(timeout=30)
        publishing.away = False
        ring(Bell.MAIL)

    assert ring.missed == 1
    assert publishing.rung == [Bell.MAIL]


# --- how much at a time, and for how long --------------------


def test_batches_double_while_they_are_quick_and_full_up_to_the_most() -> None:
    pace = Pace(64)

    sizes = []
    for _ in range(5):
        sizes.append(pace.sizes[Stage.READ])
        pace.note(Stage.READ, pace.sizes[Stage.READ], 0.1)

    assert sizes == [START, 16, 32, 64, 64]
    assert pace.sizes[Stage.SEND] == START


def test_batches_halve_while_they_are_slow_down_to_one() -> None:
    pace = Pace(64)

    sizes = []
    for _ in range(5):
        sizes.append(pace.sizes[Stage.READ])
        pace.note(Stage.READ, pace.sizes[Stage.READ], 1.1)

    assert sizes == [START, 4, 2, 1, 1]


@pytest.mark.parametrize(("pieces", "seconds"), [(START, 0.5), (START, 1.0), (START - 1, 0.01)])
def test_a_batch_that_was_neither_slow_nor_full_and_quick_changes_nothing(pieces: int, seconds: float) -> None:
    pace = Pace(64)

    pace.note(Stage.READ, pieces, seconds)

    assert pace.sizes[Stage.READ] == START


def test_no_batch_is_larger_than_the_settings_allow() -> None:
    assert Pace(3).sizes[Stage.READ] == 3


def test_all_leases_are_renewed_again_and_again_whatever_fails() -> None:
    keeper, renewed = Keeper(), {name: threading.Semaphore(0) for name in ("failing", "other")}

    def failing() -> None:
        renewed["failing"].release()
        raise OSError("the database was busy")

    lease = timedelta(seconds=0.06)
    with keeper.keeping(failing, lease), keeper.keeping(renewed["other"].release, lease):
        assert all(renewed["failing"].acquire(timeout=30) for _ in range(3))
        assert all(renewed["other"].acquire(timeout=30) for _ in range(3))


def test_files_are_not_swept_in_the_first_hour_of_a_process(house: House, clock: Clock) -> None:
    timers = Timers(house, duties=[duty for duty in DUTIES if duty.name in {"seal", "sweep"}])

    assert timers.turn() == ["seal"]
    clock.forward(hours=1)
    assert timers.turn() == ["seal", "sweep"]
    timers.resign()


def test_sessions_that_are_over_and_tries_that_no_longer_count_are_forgotten(house: House, clock: Clock) -> None:
    began = clock()
    with house.database.writing() as store:
        store.people.add_user("hanna", [Role.EXPERT], "hash", at=began)
        store.people.add_session("over", "hanna", at=began, expires_at=began + timedelta(hours=1))
        store.people.add_session("going on", "hanna", at=began, expires_at=began + timedelta(days=2))
        store.people.hit("login hanna", window=began)
    timers = Timers(house, duties=[duty for duty in DUTIES if duty.name == "visits"])

    clock.forward(hours=2)
    assert timers.turn() == ["visits"]
    assert kept_of(house, began) == (1, True, True)
    clock.forward(hours=24)
    assert timers.turn() == ["visits"]
    assert kept_of(house, began) == (0, False, True)
    timers.resign()


def kept_of(house: House, began: datetime) -> tuple[int, bool, bool]:
    with house.database.reading() as store:
        over, going_on = (store.people.session(one, now=began) is not None for one in ("over", "going on"))
        return store.people.hits("login hanna", window=began), over, going_on
