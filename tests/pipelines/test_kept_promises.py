"""What the runner does besides working: sealing the log, waiting longer for others' systems; looks at evidence."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from cases import events as e
from cases.store.store import Store
from models.errors import DigestMismatch
from models.text import TextModel
from pipelines.certificates import try_certify
from pipelines.house import House
from pipelines.runner import Runner, drain
from pipelines.text_models import TextModels
from tests.pipelines.given import Clock, by_form, kinds


class AbsentPost:
    """A mail server that is away until told otherwise."""

    def __init__(self) -> None:
        self.away = True

    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:
        if self.away:
            raise ConnectionRefusedError
        return "smtp"

    def close(self) -> None:
        """Nothing is held open."""


def test_a_mail_server_that_is_away_for_ten_minutes_costs_no_letter(house: House, clock: Clock) -> None:
    post = AbsentPost()
    there = replace(house, post=post)
    receipt = by_form(there, "Hebben jullie ook een fietsverzekering voor mijn dochter?")
    begun = clock()

    while clock() < begun + timedelta(minutes=10):
        drain(there)
        clock.forward(seconds=30)
    post.away = False
    clock.forward(seconds=31)
    drain(there)

    assert "work_parked" not in kinds(house, receipt.reference)
    assert kinds(house, receipt.reference).count("letter_sent") == 1


def within_seconds(reached: Callable[[], bool], *, most: int = 60) -> bool:
    waiting = threading.Event()
    return any(reached() or waiting.wait(0.1) for _ in range(most * 10))


def checkpoints(store: Store) -> int:
    return sum(isinstance(entry.event, e.CheckpointMade) for entry in store.history("checkpoints"))


def test_an_idle_runner_seals_the_log_once_while_nothing_more_happens(house: House) -> None:
    by_form(house, "Hebben jullie ook een fietsverzekering voor mijn dochter?")
    drain(house)
    runner = Runner(house, threading.Event())

    def is_sealed() -> bool:
        with house.database.reading() as store:
            return checkpoints(store) == 1

    runner.start()
    sealed = within_seconds(is_sealed)
    runner.stop()

    assert sealed
    with house.database.writing() as store:
        assert store.seal(house.now()) is None
        assert checkpoints(store) == 1
        assert store.verify_checkpoints() == []


class BrokenModels(TextModels):
    """Models whose files cannot be read."""

    def router(self) -> TextModel:
        raise DigestMismatch("router", expected="a", found="b")


def test_a_broken_model_does_not_stop_the_work_that_needs_none(house: House, tmp_path: Path) -> None:
    broken = replace(house, texts=BrokenModels(tmp_path, house.journeys))
    receipt = by_form(broken, "Hebben jullie ook een fietsverzekering voor mijn dochter?")
    runner = Runner(broken, threading.Event())

    runner.start()
    is_read = within_seconds(lambda: "message_added" in kinds(broken, receipt.reference))
    runner.stop()

    assert is_read


def test_looking_twice_at_the_same_evidence_is_noted_once(house: House) -> None:
    try_certify(house, "motor_claim")
    with house.database.reading() as store:
        first = len(store.history("models"))

    try_certify(house, "motor_claim")

    with house.database.reading() as store:
        assert len(store.history("models")) == first > 0
