"""Letters of the machine on their way out of a whole house: gathered, joined, left to a person, none lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from cases import events as e
from cases.consequences import Occasion, write_letter
from cases.facts import MessageSpan
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Danger, Scope, Step, Why
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.loop.pace import Pace
from pipelines.runner import drain_while
from pipelines.stages import STAGES
from pipelines.stages.work import NOTHING, Item, Outcome
from tests.pipelines.given import BAS, Clock, entries_of

REFERENCE = "C-2026-000001"
DAY = timedelta(days=1)


def skip(batch: Sequence[Item], _: House) -> list[Outcome]:
    """Instead of all work but sending: models have no part in it."""
    return [NOTHING] * len(batch)


SENDING = {stage: work if stage is Stage.SEND else skip for stage, work in STAGES.items()}


def settle(house: House) -> None:
    drain_while(house, lambda: True, stages=SENDING, pace=Pace(house.settings.batch), after=lambda _: None)


def begin(house: House) -> None:
    """A case with a person, whose receipt is about to leave."""
    journey, now = house.journeys.get("motor_claim"), house.now()
    read = e.Understood(
        "message-1", "en", journey.name, journey.digest, "windscreen", 0.9, Scope.IN, 0.4, "text/motor_claim", "v1"
    )
    step = e.StepDecided(Step.EXPERT, (Why.ROW,), journey.name, journey.digest, "windscreen", update_by=now + 20 * DAY)
    say(house, e.CaseOpened(REFERENCE, "message-1", "email", BAS, "Bas", journey.name, "en", "link-1"), CUSTOMER)
    say(house, e.MessageAdded("message-1", "email", BAS, "Window", "A star in the window.", now), CUSTOMER)
    say(house, read)
    say(house, step)
    write(house, "received")


def say(house: House, event: e.Written, actor: Actor = MACHINE) -> None:
    with house.database.writing() as store:
        store.append("case-1", [(event, actor)], at=house.now())


def write(house: House, key: str) -> None:
    with house.database.reading() as store:
        case = store.case("case-1")
    say(house, write_letter(case, house.journeys.get("motor_claim"), key, Occasion(house.now())))


def outbox(house: House) -> list[EmailMessage]:
    files = sorted(house.settings.home.glob("outbox/**/*.eml"), key=lambda path: path.stat().st_mtime)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def ends(house: House) -> list[tuple[str, str]]:
    """What became of each letter, in order."""
    found = (one.event for one in entries_of(house, REFERENCE))
    return [
        (one.letter_id.rpartition(".")[2], one.kind)
        for one in found
        if isinstance(one, e.LetterSent | e.LetterWithheld | e.LetterLeftToPerson)
    ]


def test_letters_within_the_window_leave_as_one_mail_that_holds_the_words_of_both(house: House, clock: Clock) -> None:
    begin(house)
    settle(house)
    write(house, "status_answer")
    settle(house)
    clock.forward(hours=2)
    write(house, "status_answer")
    settle(house)
    assert ends(house) == [("1", "letter_sent")]

    clock.forward(days=2)
    settle(house)

    assert ends(house) == [("1", "letter_sent"), ("2", "letter_sent"), ("3", "letter_sent")]
    mails = outbox(house)
    assert len(mails) == 2
    words = str(mails[-1].get_content())
    assert words.count("Dear Bas") == 1
    assert words.count("* ") >= 2
    sent = [one.event for one in entries_of(house, REFERENCE) if isinstance(one.event, e.LetterSent)]
    assert len({one.message_id for one in sent}) == 2


def test_danger_while_a_letter_waits_leaves_it_to_a_person_who_is_told_to_call(house: House, clock: Clock) -> None:
    begin(house)
    settle(house)
    write(house, "status_answer")
    settle(house)
    journey = house.journeys.get("motor_claim")
    sign = e.DangerSign(Danger.INJURY, "hurt", MessageSpan("message-1", 0, 4))
    read = e.Understood(
        "message-1", "en", journey.name, journey.digest, "windscreen", 0.9, Scope.IN, 0.4, "text/motor_claim", "v1"
    )
    with house.database.writing() as store:
        store.append("case-1", [(replace(read, dangers=(sign,)), MACHINE)], at=house.now())

    clock.forward(days=2)
    settle(house)

    assert ("2", "letter_left_to_person") in ends(house)
    assert len(outbox(house)) == 1
    with house.database.reading() as store:
        assert store.case("case-1").to_call == "danger"
