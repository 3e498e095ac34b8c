"""When models are trained anew by themselves, what happens while a better one waits, and when the training dies."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import psutil
import pytest

from cases import events as e
from cases.store.log import Append
from cases.vocabulary import SYSTEM, Actor
from models import registry
from pipelines.apart import EndedEarly
from pipelines.auditing import standing_of
from pipelines.certificates import try_certify
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.labels import labels
from pipelines.retrain import FEWEST_NEW, due, new_labels, reconsider, retrain, retrain_due, uncertified
from pipelines.text_models import KIND, examples_of, fit_into, serving_model
from tests.pipelines import closing
from tests.pipelines.closing import OPTION, TOPIC, compliments
from tests.pipelines.decided import JOURNEY, Told, decide, house_of_its_own, tell, trainable
from tests.pipelines.given import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, trained: Path, clock: Clock, journeys: Journeys, decoder: Decoder) -> Iterator[House]:
    """Retrains by itself at most once in seven days, and only the journey of the tests."""
    with house_of_its_own(tmp_path, trained, clock, journeys, decoder, retrain_days=7) as built:
        only = replace(journeys, folders={JOURNEY: journeys.get(JOURNEY)})
        yield replace(built, journeys=only)


def some(house: House, wanted: int, *, first: int = 1) -> list[Told]:
    """Cases of customers that models are trained on."""
    return trainable(house, tell(3 * wanted, first=first))[:wanted]


def compared(house: House) -> int:
    with house.database.reading() as store:
        return sum(isinstance(entry.event, e.ModelCompared) for entry in store.history("models"))


def note_comparison(house: House, challenger: str = "") -> None:
    serves = registry.serving(house.settings.model_root, KIND, JOURNEY)
    event = e.ModelCompared(
        f"{KIND}/{JOURNEY}", serves, challenger or serves, 90, 40, 0.9, 0.9, -0.01, 0.01, "no_better", "chance", "ada"
    )
    with house.database.writing() as store:
        store.append("models", [(event, SYSTEM)], at=house.now())


# --- when it is due --------------------------------------------------------------------------------------------------


def test_with_one_label_too_few_it_is_not_due_and_with_the_next_one_it_is(house: House) -> None:
    told = some(house, FEWEST_NEW)
    decide(house, told[:-1])
    early = due(house, JOURNEY)

    decide(house, told[-1:])

    assert early == ()
    assert {one.case_id for one in due(house, JOURNEY)} == {one.case_id for one in told}


def test_after_a_comparison_so_many_days_pass_before_the_next_however_many_labels_came(
    house: House, clock: Clock
) -> None:
    note_comparison(house)
    decide(house, some(house, FEWEST_NEW))

    clock.forward(days=7, seconds=-1)
    early = due(house, JOURNEY)
    clock.forward(seconds=1)

    assert early == ()
    assert len(due(house, JOURNEY)) == FEWEST_NEW


def test_drift_that_was_seen_since_the_last_comparison_brings_the_next_one_forward(house: House, clock: Clock) -> None:
    version = house.texts.of(JOURNEY).digest[:12]
    seen = e.DriftSeen(JOURNEY, "topics", 0.3, 0.000001, 0.00002, 500, 300, version)
    with house.database.writing() as store:
        store.append("models", [(seen, SYSTEM)], at=house.now() - timedelta(days=1))
    note_comparison(house)
    decide(house, some(house, FEWEST_NEW))
    clock.forward(days=1)
    before = due(house, JOURNEY)

    with house.database.writing() as store:
        store.append("models", [(replace(seen, measure="scores"), SYSTEM)], at=house.now())

    assert before == (), "it was compared after that drift was seen"
    assert len(due(house, JOURNEY)) == FEWEST_NEW
    passed = e.DriftPassed(JOURNEY, "scores", 0.0, 0.5, version)
    with house.database.writing() as store:
        store.append("models", [(passed, SYSTEM)], at=house.now())
    assert due(house, JOURNEY) == ()


def test_by_hand_only_when_the_days_are_none(house: House) -> None:
    by_hand = replace(house, settings=house.settings.model_copy(update={"retrain_days": 0}))
    decide(house, some(house, FEWEST_NEW))

    assert due(by_hand, JOURNEY) == ()
    assert retrain_due(by_hand) == []


# --- a training that dies --------------------------------------------------------------------------------------------


def kill_the_training(root: Path, stopping: threading.Event) -> None:
    """Kill our child as soon as it has begun to write its version aside."""
    begun = root / KIND / JOURNEY
    while not stopping.wait(0.005):
        if not any(begun.glob(".training-*")):
            continue
        for child in psutil.Process().children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
                return


def test_a_training_killed_midway_registers_nothing_and_the_next_run_works(house: House) -> None:
    decide(house, some(house, FEWEST_NEW))
    root, before = house.settings.model_root, len(registry.list_models(house.settings.model_root))
    stopping = threading.Event()
    killer = threading.Thread(target=kill_the_training, args=(root, stopping), daemon=True)
    killer.start()

    with pytest.raises(EndedEarly, match="training of home_repair ended with exit code -9; give it more memory"):
        retrain(house, JOURNEY)

    stopping.set()
    killer.join()
    assert len(registry.list_models(root)) == before
    assert compared(house) == 0
    assert any((root / KIND / JOURNEY).glob(".training-*")), "the draft that it had begun"
    [done] = retrain_due(house)
    assert (done.outcome, done.labels, compared(house)) == ("kept", FEWEST_NEW, 1)
    assert len(registry.list_models(root)) == before + 1
    assert new_labels(house, JOURNEY, labels(house, JOURNEY)) == 0
    assert not any((root / KIND / JOURNEY).glob(".training-*"))


# --- a better one that waits -----------------------------------------------------------------------------------------


@pytest.fixture
def lenient(house: House, journeys: Journeys) -> House:
    """The journey of compliments, of which one topic closes at one error in ten."""
    folder = journeys.get(closing.JOURNEY)
    promise = folder.journey.auto_close.model_copy(update={"alpha": Decimal("0.1"), "topics": (TOPIC,)})
    softer = replace(folder, journey=folder.journey.model_copy(update={"auto_close": promise}))
    return replace(house, journeys=replace(journeys, folders={closing.JOURNEY: softer}))


def judged(house: House, numbers: range) -> None:
    cases = compliments(house, numbers)
    decided = [e.HumanDecided(OPTION, "anna", "as I see it", blind=True, decided_on=case.version) for case in cases]
    with house.database.writing() as store:
        store.append_many(
            [
                Append(case.id, [(one, Actor("person", "anna"))], house.now(), case=case)
                for case, one in zip(cases, decided, strict=True)
            ]
        )


def just_certified(house: House) -> e.CertificationTried:
    """With no label more than it takes, so that the next attempt lacks some."""
    judged(house, range(56))
    for number in count(56, 3):
        [tried] = try_certify(house, closing.JOURNEY)
        if tried.certified:
            return tried
        judged(house, range(number, number + 3))
    raise AssertionError


def challenger(house: House, changed: Callable[[str], str]) -> Path:
    """Another version, made from the journey's examples, that waits."""
    root, examples = house.settings.model_root, examples_of(house.journeys, closing.JOURNEY)
    other = replace(examples, labels=tuple(changed(one) for one in examples.labels))
    content = hashlib.sha256(" ".join(other.labels).encode()).hexdigest()
    path = registry.find_or_train(root, KIND, closing.JOURNEY, content, lambda to: fit_into(to, closing.JOURNEY, other))
    registry.let_wait(root, KIND, closing.JOURNEY, path.name)
    return path


def test_a_challenger_without_its_certificate_waits_while_the_champion_closes_and_serves_once_it_is_certified(
    lenient: House, clock: Clock
) -> None:
    root, name = lenient.settings.model_root, closing.JOURNEY
    first = just_certified(lenient)
    champion = registry.serving(root, KIND, name)
    path = challenger(lenient, lambda label: label)

    assert uncertified(lenient, name, path) == [TOPIC]
    assert reconsider(lenient, name) is None
    assert registry.serving(root, KIND, name) == champion
    [closes] = compliments(lenient, [5_001])
    assert closes.step is not None
    assert closes.step.certificate == first.certificate

    clock.forward(hours=1)
    below = compliments(lenient, range(6_000, 6_150), score=first.threshold - 0.2 if first.threshold else 0.0)
    blind = [case for case in below if case.step is not None and case.step.shadow]
    verdicts = [e.HumanDecided(OPTION, "anna", "as I see it", blind=True, decided_on=case.version) for case in blind]
    with lenient.database.writing() as store:
        store.append_many(
            [
                Append(case.id, [(one, Actor("person", "anna"))], lenient.now(), case=case)
                for case, one in zip(blind, verdicts, strict=True)
            ]
        )

    assert reconsider(lenient, name) == path.name
    assert registry.serving(root, KIND, name) == path.name
    [state] = [one for one in standing_of(lenient, name) if one.topic == TOPIC]
    assert (state.state, state.certificate != first.certificate) == ("certified", True)
    assert registry.challenger(root, KIND, name) is None


def test_a_challenger_that_reads_the_topic_otherwise_never_takes_over_what_the_champion_closes(lenient: House) -> None:
    root, name = lenient.settings.model_root, closing.JOURNEY
    just_certified(lenient)
    before = registry.serving(root, KIND, name)
    path = challenger(lenient, lambda label: {TOPIC: "billing", "billing": TOPIC}.get(label, label))

    assert reconsider(lenient, name) is None
    assert uncertified(lenient, name, path) == [TOPIC]
    assert serving_model(path).labels
    assert registry.serving(root, KIND, name) == before
