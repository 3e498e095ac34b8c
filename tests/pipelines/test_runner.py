"""Draining what waits: retried with patience, halved around a culprit, fenced, parked, and never done twice."""

import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cases import events as e
from cases.case import Case
from cases.milestone_sentence import milestone_of
from cases.store.work import Waiting
from cases.vocabulary import Actor, Status, Step, Why
from pipelines.attachments import Findings
from pipelines.decoding import Decoder, DecoderDied
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.reading_room import customer_view
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome
from pipelines.stages.work import Stage as Work
from tests.pipelines.given import (
    BAS,
    FATIMA,
    Clock,
    OpenHouse,
    by_form,
    by_mail,
    case_of,
    certify,
    entries_of,
    kinds,
    mail,
    photo,
    seen_before,
    until_quiet,
)


class Recorder:
    """A stage that writes down its batches, does the real work, and fails for the streams it is told to."""

    def __init__(self, stage: Stage, fails_on: Sequence[str] = (), times: int = 10**6) -> None:
        self.stage, self.fails_on, self.times = stage, set(fails_on), times
        self.batches: list[list[str]] = []

    def __call__(self, batch: Sequence[Item], house: House) -> list[Outcome]:
        streams = [item.claim.stream for item in batch]
        self.batches.append(streams)
        if self.fails_on & set(streams) and self.times > 0:
            self.times -= len(streams) == 1
            raise OSError("model store is away")
        return STAGES[self.stage](batch, house)

    @property
    def stages(self) -> dict[Stage, Work]:
        return {**STAGES, self.stage: self}


def waiting(house: House, stream: str) -> list[Waiting]:
    with house.database.reading() as store:
        return store.work.waiting(stream)


def run(house: House, recorder: Recorder) -> None:
    while advance(house, stages=recorder.stages):
        pass


def assert_customer_reads_that_a_person_looks(house: House, case: Case) -> None:
    folder = house.journeys.get("motor_claim")
    view = customer_view(house, case.id)
    current = [milestone.key for milestone in view.milestones if milestone.state == "now"]
    assert current == [milestone_of(folder, Status.WITH_EXPERT)]
    assert not view.requests
    assert not view.closed


# --- failing --------------------


def test_a_failing_stage_leaves_its_work_waiting_and_tries_again_later_and_later(house: House, clock: Clock) -> None:
    receipt = by_form(house)
    broken = Recorder(Stage.READ, [receipt.message_id])
    delays = []

    for _ in range(house.settings.attempts - 1):
        run(house, broken)
        [left] = waiting(house, receipt.message_id)
        assert left.parked_because is None
        assert advance(house) == 0  # not before its time
        delays.append(left.due_at - clock())
        clock.time = left.due_at

    assert delays == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)]
    drain(house)
    assert case_of(house, receipt.reference).step is not None


def test_back_off_stays_under_half_a_minute(open_house: OpenHouse, clock: Clock) -> None:
    with open_house(attempts=10) as house:
        receipt = by_form(house)
        broken = Recorder(Stage.READ, [receipt.message_id])
        for _ in range(8):
            run(house, broken)
            [left] = waiting(house, receipt.message_id)
            last = left.due_at - clock()
            clock.time = left.due_at

    assert last == timedelta(seconds=30)


def test_a_batch_is_halved_until_the_culprit_stands_alone_and_only_it_is_charged(house: House) -> None:
    receipts = [by_form(house, f"Bericht nummer {n} over mijn voorruit") for n in range(8)]
    culprit = receipts[5]
    broken = Recorder(Stage.READ, [culprit.message_id])

    advance(house, stages=broken.stages)

    assert sorted(map(len, broken.batches), reverse=True) == [8, 4, 4, 2, 2, 1, 1]
    assert [culprit.message_id] in broken.batches
    for receipt in receipts:
        left = waiting(house, receipt.message_id)
        if receipt is culprit:
            assert [(one.stage, one.attempts, one.parked_because) for one in left] == [("read", 1, None)]
        else:
            assert left == []
            assert "message_added" in kinds(house, receipt.reference)


def test_after_the_last_attempt_work_is_parked_and_its_case_is_with_a_person(house: House, clock: Clock) -> None:
    receipt = by_form(house)
    broken = Recorder(Stage.UNDERSTAND, [case_of(house, receipt.reference).id])
    for _ in range(house.settings.attempts):
        run(house, broken)
        clock.forward(seconds=31)

    case = case_of(house, receipt.reference)
    [parked] = waiting(house, case.id)
    assert (parked.stage, parked.parked_because) == ("understand", "OSError")
    assert case.status is Status.WITH_EXPERT
    assert [one.stage for one in case.parked] == ["understand"]
    assert_customer_reads_that_a_person_looks(house, case)
    with house.database.reading() as store:
        assert store.verify_all() == []


def test_a_later_message_is_read_and_shown_while_earlier_work_is_parked_and_nothing_is_asked_or_closed(
    house: House, clock: Clock
) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house)
    broken = Recorder(Stage.READ, [receipt.message_id])
    for _ in range(house.settings.attempts):
        run(house, broken)
        clock.forward(seconds=31)
    case_id = case_of(house, receipt.reference).id

    by_form(house, case_id=case_id, files=[("ruit.jpg", photo())])
    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    assert [message.text[:11] for message in case.messages] == ["Goedemorgen"]
    assert case.step is not None
    assert (case.step.step, case.step.because[0]) == (Step.EXPERT, Why.COULD_NOT_BE_PROCESSED)
    assert case.status is Status.WITH_EXPERT
    assert case.package is not None
    assert "request_made" not in kinds(house, receipt.reference)


# --- a poisoned photo --------------------


class DiesOn(Decoder):
    """A decoder whose child dies on one photo, every time."""

    def __init__(self, decoder: Decoder, poison: bytes) -> None:
        self._real, self._poison = decoder, poison

    def look(self, photos: Sequence[bytes | Path]) -> list[Findings]:
        if self._poison in photos:
            raise DecoderDied(list(photos).index(self._poison), -signal.SIGSEGV)
        return self._real.look(photos)


def test_of_64_messages_with_one_poisoned_photo_63_are_decided_and_one_is_with_a_person(
    house: House, clock: Clock, decoder: Decoder
) -> None:
    poison = photo(0, (96, 96))
    poisoned = replace(house, decoder=DiesOn(decoder, poison))
    receipts = [
        by_form(house, sender=f"klant{n}@example.org", files=[("p.jpg", photo(n, (96, 96)))], language="nl")
        for n in range(64)
    ]

    until_quiet(poisoned, clock)

    first, *others = receipts
    assert all(case_of(house, receipt.reference).step is not None for receipt in others)
    assert all("work_parked" not in kinds(house, receipt.reference) for receipt in others)
    case = case_of(house, first.reference)
    assert (case.status, [one.reason for one in case.parked]) == (Status.WITH_EXPERT, ["DecoderDied"])
    assert_customer_reads_that_a_person_looks(house, case)
    with house.database.reading() as store:
        assert [(one.stream, one.parked_because) for one in store.work.waiting()] == [(first.message_id, "DecoderDied")]
        assert store.verify_all() == []


def test_a_photo_over_which_the_real_decoder_dies_once_is_tried_again(open_house: OpenHouse, clock: Clock) -> None:
    with open_house() as opened, Decoder() as own:
        house = replace(opened, decoder=own)
        own.look([photo(9)])
        receipt = by_form(house, files=[("ruit.jpg", photo(1))])
        assert own.child_pid is not None
        os.kill(own.child_pid, signal.SIGSTOP)  # it holds still with the photo in its hands, and is then killed
        killer = threading.Timer(0.3, os.kill, (own.child_pid, signal.SIGKILL))
        killer.start()

        advance(house)
        [left] = waiting(house, receipt.message_id)
        assert (left.stage, left.attempts) == ("read", 1)
        until_quiet(house, clock)

        assert [file.status for file in case_of(house, receipt.reference).files] == ["received"]
        assert "work_parked" not in kinds(house, receipt.reference)


# --- leases and fencing --------------------


class Interrupted(Recorder):
    """Does something else in the middle of a batch, after the real work and before it is written."""

    def __init__(self, stage: Stage, meanwhile: object) -> None:
        super().__init__(stage)
        self.meanwhile = meanwhile

    def __call__(self, batch: Sequence[Item], house: House) -> list[Outcome]:
        done = super().__call__(batch, house)
        meanwhile, self.meanwhile = self.meanwhile, None
        if callable(meanwhile):
            meanwhile()
        return done


def test_a_runner_whose_lease_ran_out_writes_nothing(house: House, clock: Clock) -> None:
    receipt = by_form(house)

    def someone_else() -> None:
        clock.forward(seconds=house.settings.lease_seconds + 1)
        drain(house)

    slow = Interrupted(Stage.UNDERSTAND, someone_else)
    run(house, slow)

    assert len(slow.batches) == 1
    happened = kinds(house, receipt.reference)
    for kind in ("message_added", "understood", "enriched", "step_decided", "letter_written", "letter_sent"):
        assert happened.count(kind) == 1, happened
    with house.database.reading() as store:
        assert store.work.waiting() == []


def test_a_failure_of_a_runner_whose_lease_ran_out_is_not_charged(house: House, clock: Clock) -> None:
    receipt = by_form(house)

    class LateFailure(Interrupted):
        def __call__(self, batch: Sequence[Item], house: House) -> list[Outcome]:
            super().__call__(batch, house)
            raise OSError("too late")

    def someone_else() -> None:
        clock.forward(seconds=house.settings.lease_seconds + 1)
        drain(house)

    run(house, LateFailure(Stage.READ, someone_else))

    assert "work_parked" not in kinds(house, receipt.reference)
    assert waiting(house, receipt.message_id) == []


def test_leases_are_renewed_while_a_batch_takes_long(open_house: OpenHouse, clock: Clock) -> None:
    with open_house(lease_seconds=5) as house:
        receipt = by_form(house)
        renewed = threading.Event()

        def wait_for_renewal() -> None:
            [before] = waiting(house, receipt.message_id)
            clock.forward(seconds=4)
            for _ in range(100):
                [now] = waiting(house, receipt.message_id)
                if now.lease_until and before.lease_until and now.lease_until > before.lease_until:
                    renewed.set()
                    break
                threading.Event().wait(0.1)

        run(house, Interrupted(Stage.READ, wait_for_renewal))

        assert renewed.is_set()
        assert kinds(house, receipt.reference).count("message_added") == 1


def lose(house: House, clock: Clock) -> int:
    """A process claims what waits and dies; its leases run out."""
    now = clock()
    with house.database.writing() as store:
        claims = store.work.claim(list(STAGES), limit=house.settings.batch, now=now, lease=timedelta(seconds=5))
    clock.forward(seconds=6)
    return len(claims)


def test_work_whose_holder_died_is_done_singly(house: House, clock: Clock) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(5)]
    assert lose(house, clock) == 5

    reading = Recorder(Stage.READ)
    run(house, reading)

    assert [len(batch) for batch in reading.batches] == [1] * 5
    assert all(kinds(house, receipt.reference).count("message_added") == 1 for receipt in receipts)


def test_work_that_kills_every_process_is_parked_and_its_neighbours_are_done(house: House, clock: Clock) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(5)]
    killer = receipts[2].message_id
    lose(house, clock)

    class Kills(BaseException):
        """What a process does not survive."""

    class Killing(Recorder):
        def __call__(self, batch: Sequence[Item], house: House) -> list[Outcome]:
            if killer in [item.claim.stream for item in batch]:
                raise Kills
            return super().__call__(batch, house)

    deaths, killing = 0, Killing(Stage.READ)
    for _ in range(50):
        try:
            if not advance(house, stages=killing.stages):
                break
        except Kills:
            deaths += 1
            clock.forward(seconds=house.settings.lease_seconds + 1)

    assert deaths == house.settings.attempts - 1  # and the one that began it
    [parked] = waiting(house, killer)
    assert parked.parked_because == "WorkerDied"
    for receipt in receipts:
        kinds_now = kinds(house, receipt.reference)
        assert ("work_parked" in kinds_now) is (receipt.message_id == killer)
        assert ("step_decided" in kinds_now) is (receipt.message_id != killer)


def test_processes_killed_for_other_reasons_never_park_work_that_was_not_begun(house: House, clock: Clock) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(4)]
    for _ in range(3):
        lose(house, clock)
        advance(house)  # one is done, then the process is killed again

    until_quiet(house, clock)

    assert all("work_parked" not in kinds(house, receipt.reference) for receipt in receipts)
    assert all("step_decided" in kinds(house, receipt.reference) for receipt in receipts)


# --- what moved meanwhile --------------------


def test_a_step_worked_out_on_an_old_state_is_worked_out_again_and_nothing_happens_twice(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house, files=[("ruit.jpg", photo())])
    case_id = case_of(house, receipt.reference).id

    def a_note() -> None:
        with house.database.writing() as store:
            noted = e.NoteAdded("even gebeld", "ada")
            store.append(case_id, [(noted, Actor("person", "ada"))], at=clock())

    deciding = Interrupted(Stage.DECIDE, a_note)
    run(house, deciding)

    assert len(deciding.batches) == 2
    happened = kinds(house, receipt.reference)
    for kind in ("note_added", "step_decided", "handover_asked", "handed_over", "letter_written", "case_closed"):
        assert happened.count(kind) == 1, happened
    assert len(list((tmp_path / "handover").rglob("*.json"))) == 1
    assert len(list((tmp_path / "outbox").rglob("*.eml"))) == 1
    with house.database.reading() as store:
        assert store.verify_all() == []


def test_a_certificate_that_is_shut_while_a_case_is_decided_closes_nothing(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house, files=[("ruit.jpg", photo())])

    def shut() -> None:
        with house.database.writing() as store:
            store.certificates.shut("motor_claim", "windscreen", at=clock(), because="alarm")

    run(house, Interrupted(Stage.DECIDE, shut))

    case = case_of(house, receipt.reference)
    assert case.status is Status.WITH_EXPERT
    assert case.step is not None
    assert case.step.shadow
    assert kinds(house, receipt.reference).count("step_decided") == 1


def test_a_message_that_comes_while_an_order_is_on_its_way_is_read_by_a_person(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house, files=[("ruit.jpg", photo())])
    case_id = case_of(house, receipt.reference).id

    def more() -> None:
        by_form(house, "Wacht, toch niet: er ligt overal glas en mijn kind bloedt.", case_id=case_id)
        with house.database.writing() as store:  # another process reads it at once
            [claim] = store.work.claim(["read"], limit=5, now=clock(), lease=timedelta(seconds=5))
            store.work.fail(claim, due_at=clock(), uncharged=True)
        run(house, Recorder(Stage.READ))

    run(house, Interrupted(Stage.HAND_OVER, more))
    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    assert case.status in (Status.WITH_EXPERT, Status.REOPENED)
    assert case.dangers
    assert case.understood is not None
    assert case.all_read


def test_the_same_photo_in_two_messages_of_one_batch_is_noticed(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    first = by_form(house, files=[("ruit.jpg", photo(3))])
    clock.forward(seconds=1)
    second = by_form(house, sender="liam.oconnor@example.org", files=[("mijn.jpg", photo(3))])

    until_quiet(house, clock)

    reused = case_of(house, second.reference)
    assert seen_before(reused) == [(first.reference,)]
    assert reused.step is not None
    assert Why.REUSED_PHOTO in reused.step.because
    assert case_of(house, first.reference).status is Status.CLOSED


def test_messages_of_machines_and_people_drain_together(house: House, clock: Clock) -> None:
    people = [by_mail(house, mail(sender=BAS)), by_form(house, "De afvoer loopt niet", sender=FATIMA, journey=None)]
    by_mail(house, mail(headers={"Auto-Submitted": "auto-generated"}))

    until_quiet(house, clock)

    assert all(entries_of(house, one.reference) for one in people)
    with house.database.reading() as store:
        assert store.work.waiting() == []
        assert len(store.case_ids()) == 2
