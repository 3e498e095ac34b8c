"""What rises is counted once, in the database, by however many processes; and the picture is of what lies there."""

import os
from datetime import timedelta

import pytest

from cases import events as e
from cases.store.certificates import Certificate
from cases.vocabulary import Help, LlmOutcome
from pipelines import counters as c
from pipelines.counters import Counters, key_of
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from tests.pipelines.given import Clock, by_form, by_mail, dark_photo, mail, photo


def counted(house: House) -> dict[str, int]:
    house.counters.write()
    with house.database.reading() as store:
        return store.watch.counted()


def test_two_processes_add_to_the_same_total(house: House) -> None:
    one, two = Counters(house.database), Counters(house.database)

    one.add(c.RETRIES, "send", by=2)
    two.add(c.RETRIES, "send")
    one.write()
    two.write()
    two.write()

    assert counted(house)["casewright_retries/send"] == 3


def test_what_cannot_be_written_is_kept_for_later(house: House) -> None:
    broken = Counters(None)  # type: ignore[arg-type]  # a database that nobody can write to
    broken.add(c.BELLS)
    with pytest.raises(AttributeError):
        broken.write()
    broken._database = house.database
    broken.add(c.BELLS)
    broken.write()

    assert counted(house)["casewright_bells_not_rung"] == 2


def test_a_forked_process_does_not_count_what_its_parent_counted(house: House) -> None:
    forked = Counters(house.database)
    forked.add(c.RETRIES, "read", by=5)
    forked._process = os.getpid() - 1  # as it looks in a child

    forked.add(c.RETRIES, "read")
    forked.write()

    assert counted(house)["casewright_retries/read"] == 1


def test_labels_are_cut_to_plain_words() -> None:
    assert key_of(c.ACCEPTED, "Web form/ü?\n") == "casewright_messages_accepted/web_form____"
    assert key_of(c.ACCEPTED, "x" * 99) == f"casewright_messages_accepted/{'x' * 40}"


def test_a_missing_label_is_a_mistake_of_the_program(house: House) -> None:
    with pytest.raises(ValueError, match="split by"):
        house.counters.add(c.RETRIES)


def test_seconds_are_counted_in_the_class_that_holds_them(house: House) -> None:
    for seconds in (0.005, 0.0051, 31.0):
        house.counters.took("read", seconds, items=2)

    found = counted(house)

    assert found["casewright_batch_seconds/read/0.005"] == 1
    assert found["casewright_batch_seconds/read/0.02"] == 1
    assert found["casewright_batch_seconds/read/+Inf"] == 1
    assert found["casewright_batch_seconds/read/sum"] == 31_010_100
    assert found["casewright_batch_items/read"] == 6


def test_a_message_is_counted_from_intake_to_letter(house: House) -> None:
    by_form(house, files=[("een.jpg", photo()), ("twee.jpg", dark_photo())])
    bounce = mail("Undelivered", sender="MAILER-DAEMON@example.org", subject="Undelivered Mail Returned to Sender")
    by_mail(house, bounce)
    drain(house)

    found = counted(house)

    assert (found["casewright_messages_accepted/webform"], found["casewright_messages_accepted/email"]) == (1, 1)
    assert (found["casewright_machine_mail/bounce"], found["casewright_letters/bounced"]) == (1, 1)
    assert (found["casewright_photos/usable"], found["casewright_photos/unusable"]) == (1, 1)
    assert found["casewright_letters/sent"] == 1
    assert sum(value for key, value in found.items() if key.startswith("casewright_understood/")) == 1
    assert sum(value for key, value in found.items() if key.startswith("casewright_steps_decided/")) == 1
    assert found["casewright_batch_items/read"] == 1


def test_calls_of_a_language_model_are_counted_by_how_they_ended_with_their_tokens(house: House) -> None:
    called = e.LlmCalled(Help.FACTS, LlmOutcome.ANSWERED, "small", "facts.1", "", tokens_in=900, tokens_out=70)
    late = e.LlmCalled(Help.FACTS, LlmOutcome.LATE, "small", "facts.1", "")

    house.counters.wrote([called, late, called])

    found = {name: count for name, count in counted(house).items() if name.startswith("casewright_llm")}
    assert found == {
        "casewright_llm_calls/facts/answered": 2,
        "casewright_llm_calls/facts/late": 1,
        "casewright_llm_tokens/in": 1800,
        "casewright_llm_tokens/out": 140,
    }


def test_retries_parking_and_what_lies_there_show_in_the_picture(house: House, clock: Clock) -> None:
    def fail(_: object, __: object) -> object:
        raise OSError

    by_form(house)
    clock.forward(seconds=90)
    with house.database.reading() as store:
        before = store.watch.picture(house.now(), sending=Stage.SEND)
    for _ in range(house.settings.attempts):
        advance(house, stages=dict.fromkeys(STAGES, fail))  # type: ignore[arg-type]  # never returns
        clock.forward(minutes=1)
    with house.database.reading() as store:
        after = store.watch.picture(house.now(), sending=Stage.SEND)

    found = counted(house)
    assert (before.work["read"].waiting, before.work["read"].oldest) == (1, timedelta(seconds=90))
    assert (after.work["read"].waiting, after.work["read"].parked, after.work["read"].oldest) == (0, 1, timedelta())
    assert found["casewright_retries/read"] == house.settings.attempts - 1
    assert found["casewright_work_parked/read"] == 1


def test_a_letter_ages_from_when_it_was_written_however_often_it_is_tried(house: House, clock: Clock) -> None:
    def away(_: object, __: object) -> object:
        raise ConnectionRefusedError

    by_form(house)
    stages = dict(STAGES)
    del stages[Stage.SEND]
    while advance(house, stages=stages):
        pass
    clock.forward(minutes=10)
    advance(house, stages={Stage.SEND: away})  # type: ignore[dict-item]  # never returns

    with house.database.reading() as store:
        picture = store.watch.picture(house.now(), sending=Stage.SEND)

    assert picture.oldest_letter == timedelta(minutes=10)
    assert picture.work["send"].oldest < timedelta(minutes=1)


def test_topics_show_whether_they_are_open_once_they_had_a_certificate(house: House) -> None:
    one = Certificate("c.1", "motor_claim", "windscreen", 0.5, 0.1, 0.1, 1, "m", "r", house.now())
    with house.database.writing() as store:
        store.certificates.put(one)
        opened = store.watch.picture(house.now(), sending=Stage.SEND).topics
        store.certificates.shut("motor_claim", "windscreen", at=house.now(), because="alarm")
        shut = store.watch.picture(house.now(), sending=Stage.SEND).topics

    assert (opened, shut) == ({("motor_claim", "windscreen"): True}, {("motor_claim", "windscreen"): False})


def test_the_age_of_the_seal_is_that_of_the_last_checkpoint(house: House, clock: Clock) -> None:
    with house.database.writing() as store:
        none = store.watch.picture(house.now(), sending=Stage.SEND).checkpoint_age
        store.make_checkpoint(house.now())
    clock.forward(hours=2)

    with house.database.reading() as store:
        age = store.watch.picture(house.now(), sending=Stage.SEND).checkpoint_age

    assert (none, age) == (None, timedelta(hours=2))
