"""Celery workers over real brokers: the database is the truth, so whatever dies or is wiped, all is done once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from amqp.exceptions import PreconditionFailed
from kombu import Connection
from kombu.exceptions import OperationalError

from cases import events as e
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.broker import DELIVERIES, Publisher, make_app, queue_name
from pipelines.doorbell import Bell
from pipelines.house import House
from pipelines.intake import Accepted
from pipelines.tasks import Porter, Shutdown
from pipelines.wiring import opened
from tests import homes
from tests.pipelines.broker_servers import Broker, Program, waiting_bells, wipe
from tests.pipelines.given import by_form, photo
from tests.servers import RabbitMq, free_port, wait_until

pytestmark = pytest.mark.once
MESSAGES = 12
ONCE = ("case_opened", "message_added", "understood", "enriched", "step_decided", "letter_written", "letter_sent")


@pytest.fixture
def settings(tmp_path: Path, trained: Path, broker: Broker) -> Settings:
    return homes.settings(
        tmp_path, models=trained, broker_url=broker.url(), lease_seconds=5, mail_domain="casewright.example"
    )


@pytest.fixture
def web(settings: Settings) -> Iterator[House]:
    """What `casewright serve` opens with a broker: no runner, only the bell."""
    with opened(settings) as house:
        yield house


def offer(web: House, first: int, number: int = MESSAGES) -> list[Accepted]:
    return [
        by_form(web, f"Bericht {n}: een ster in mijn voorruit.", sender=f"klant{n}@example.org", key=f"key-{n}",
                files=[("ruit.jpg", photo(n, (320, 240)))] if n % 3 == 0 else [])
        for n in range(first, first + number)
    ]  # fmt: skip


def decided(web: House) -> int:
    with web.database.reading() as store:
        histories = store.histories(store.case_ids())
    return sum(any(isinstance(entry.event, e.StepDecided) for entry in entries) for entries in histories.values())


def is_at_rest(web: House) -> bool:
    with web.database.reading() as store:
        return store.work.at_rest(web.now())


def assert_each_was_done_once(web: House, receipts: list[Accepted]) -> None:
    with web.database.reading() as store:
        assert store.work.waiting() == []
        histories = store.histories(store.case_ids())
        references = {store.case(case_id).reference for case_id in histories}
    assert references == {receipt.reference for receipt in receipts}
    for entries in histories.values():
        happened = Counter(entry.event.kind for entry in entries)
        assert {kind: happened[kind] for kind in ONCE} == dict.fromkeys(ONCE, 1)
        assert not happened["work_parked"]
    assert len(list((web.settings.home / "outbox").rglob("*.eml"))) == len(receipts)
    assert verify_all(web).differences == ()


@pytest.mark.timeout(120)
def test_workers_decide_what_the_web_only_takes_in(web: House, settings: Settings, programs: list[Program]) -> None:
    worker = Program(settings, "worker", "-c", "2")
    programs.append(worker)

    receipts = offer(web, 0)
    wait_until(lambda: decided(web) == MESSAGES and is_at_rest(web), "the workers did not decide everything")

    assert_each_was_done_once(web, receipts)
    assert worker.stop() == 0


@pytest.mark.timeout(180)
def test_a_killed_worker_and_a_wiped_and_restarted_broker_lose_and_double_nothing(
    web: House, settings: Settings, programs: list[Program], broker: Broker
) -> None:
    timers = Program(settings, "timers")
    first = Program(settings, "worker", "-c", "2")
    programs += [timers, first]

    receipts = offer(web, 0)
    wait_until(lambda: decided(web) > 0, "the first worker decided nothing")
    receipts += offer(web, MESSAGES)
    first.kill()
    wipe(broker)
    programs.append(Program(settings, "worker", "-c", "2"))
    receipts += offer(web, 2 * MESSAGES)
    wait_until(lambda: decided(web) > MESSAGES, "the second worker decided nothing")
    broker.kill()
    receipts += offer(web, 3 * MESSAGES)
    broker.start()
    wait_until(lambda: decided(web) == len(receipts) and is_at_rest(web), "after all that, not everything was decided")

    assert_each_was_done_once(web, receipts)


def test_a_worker_of_one_class_rings_for_those_that_follow(web: House, settings: Settings, broker: Broker) -> None:
    by_form(web)
    wait_until(lambda: waiting_bells(broker, Bell.MODEL) == 1, "nobody was rung for")
    assert waiting_bells(broker, Bell.FAST) == waiting_bells(broker, Bell.MAIL) == 0

    answer_once(settings, Bell.MODEL)
    with web.database.reading() as store:
        assert {one.stage for one in store.work.waiting()} == {"decide"}
    assert waiting_bells(broker, Bell.FAST) == 1

    answer_once(settings, Bell.FAST)
    with web.database.reading() as store:
        assert {one.stage for one in store.work.waiting()} == {"send"}
    assert waiting_bells(broker, Bell.MAIL) == 1

    answer_once(settings, Bell.MAIL)
    assert is_at_rest(web)
    assert decided(web) == 1


def answer_once(settings: Settings, bell: Bell) -> None:
    porter = Porter(settings, [bell], Shutdown())
    try:
        porter.come_in()
        porter.answer()
    finally:
        porter.leave()


def test_a_worker_that_is_told_to_stop_takes_up_nothing_more_and_rings_for_what_it_leaves(
    web: House, settings: Settings, broker: Broker
) -> None:
    by_form(web)
    wait_until(lambda: waiting_bells(broker, Bell.MODEL) == 1, "nobody was rung for")
    shutdown = Shutdown()
    porter = Porter(settings, list(Bell), shutdown)
    porter.come_in()
    wipe(broker)

    shutdown.begin()
    porter.answer()
    porter.leave()

    assert decided(web) == 0
    assert waiting_bells(broker, Bell.MODEL) == 1


def test_bells_that_nobody_answers_do_not_pile_up(web: House, broker: Broker) -> None:
    publisher = Publisher(web.settings)
    for _ in range(10):
        publisher(Bell.MODEL)
    publisher.close()

    assert waiting_bells(broker, Bell.MODEL) == 1


def test_a_broker_that_accepts_and_never_answers_is_not_waited_for(web: House, broker: Broker) -> None:
    publisher = Publisher(web.settings)
    publisher(Bell.FAST)

    with broker.asleep(), pytest.raises((TimeoutError, OperationalError)):
        publisher(Bell.MODEL)
    publisher(Bell.MODEL)

    publisher.close()
    assert waiting_bells(broker, Bell.MODEL) == 1


def test_on_rabbitmq_each_class_has_a_quorum_queue(web: House, broker: Broker) -> None:
    if not isinstance(broker, RabbitMq):
        pytest.skip("about RabbitMQ")
    web.ring(*Bell)

    for bell in Bell:
        wait_until(lambda bell=bell: waiting_bells(broker, bell) == 1, f"no bell for {bell}")
        with Connection(broker.url()) as connection, pytest.raises(PreconditionFailed, match="x-queue-type"):
            connection.channel().queue_declare(
                queue_name(bell), durable=True, auto_delete=False,
                arguments={"x-queue-type": "classic", "x-delivery-limit": DELIVERIES},
            )  # fmt: skip


def test_a_message_is_taken_in_while_the_broker_is_away(tmp_path: Path, trained: Path) -> None:
    nowhere = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    with opened(homes.settings(tmp_path, models=trained, broker_url=nowhere)) as house:
        receipt = by_form(house)
        wait_until(lambda: house.ring.missed == 1, "it was not noticed that nobody hears")  # type: ignore[attr-defined]

        assert receipt.reference
        with house.database.reading() as store:
            assert [one.stage for one in store.work.waiting()] == ["read"]


def test_redis_gives_no_bell_to_a_second_worker_while_the_first_may_still_be_at_it(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path, broker_url="redis://127.0.0.1:1/0", job_seconds=60)

    app = make_app(chosen)

    assert app.conf.task_time_limit == 60
    assert app.conf.broker_transport_options["visibility_timeout"] > 60


@pytest.mark.parametrize("command", ["worker", "timers"])
def test_without_a_broker_worker_and_timers_say_what_to_do(command: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "api", command], env=homes.environment(Settings(home=tmp_path)), capture_output=True,
        text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert "set CASEWRIGHT_BROKER_URL" in ended.stderr
