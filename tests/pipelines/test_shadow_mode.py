"""A version that waits reads live cases beside the serving one: told by slice, and without any say in a decision."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cases import events as e
from cases.vocabulary import SYSTEM
from models import registry
from pipelines.decoding import Decoder
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.runner import drain
from pipelines.shadow import SETTLED, agreement, read_in_shadow, shadow_of
from pipelines.text_models import KIND, examples_of, fit_into
from pipelines.timers import DUTIES
from tests.pipelines.decided import JOURNEY, Told, append, house_of_its_own, opening, tell
from tests.pipelines.given import Clock, by_form

SWAPPED = {"leak": "pests", "pests": "leak"}
CONTENT = hashlib.sha256(b"leaks and pests exchanged").hexdigest()
SECRET = "the same for both houses, long enough"
VERSION = registry.version_of(CONTENT)
MESSAGES = (
    "The kitchen tap has been leaking since Monday and there is water on the floor.",
    "There are mice in the kitchen since Tuesday, please send somebody.",
    "De verwarming wordt niet warm en er is geen warm water.",
)


@pytest.fixture(scope="module")
def with_challenger(tmp_path_factory: pytest.TempPathFactory, trained: Path, journeys: Journeys) -> Path:
    """Models among which one of the journey has two of its topics exchanged."""
    root = tmp_path_factory.mktemp("challenged")
    examples = examples_of(journeys, JOURNEY)
    wrong = replace(examples, labels=tuple(SWAPPED.get(one, one) for one in examples.labels))
    for path in trained.iterdir():
        (root / path.name).symlink_to(path)
    (root / KIND).unlink()
    for path in (trained / KIND).iterdir():
        copied = root / KIND / path.name
        copied.mkdir(parents=True)
        for file in path.iterdir():
            (copied / file.name).symlink_to(file) if file.is_dir() else (copied / file.name).write_bytes(
                file.read_bytes()
            )
    registry.find_or_train(root, KIND, JOURNEY, CONTENT, lambda to: fit_into(to, JOURNEY, wrong))
    return root


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, with_challenger: Path, clock: Clock, journeys: Journeys, decoder: Decoder) -> Iterator[House]:
    with house_of_its_own(tmp_path, with_challenger, clock, journeys, decoder) as built:
        yield built


def waits(house: House) -> None:
    """From now on the other version waits, as after a comparison that found it better."""
    registry.let_wait(house.settings.model_root, KIND, JOURNEY, VERSION)
    before = registry.serving(house.settings.model_root, KIND, JOURNEY)
    compared = e.ModelCompared(
        f"{KIND}/{JOURNEY}", before, VERSION, 400, 310, 0.91, 0.93, 0.004, 0.031, "better", "surely", "ada"
    )
    with house.database.writing() as store:
        store.append("models", [(compared, SYSTEM)], at=house.now())


def came_in(house: House, told: list[Told]) -> None:
    """Each was read as what it is about."""
    for one in told:
        append(house, one, *opening(house, one, read_as=one.topic))


def noted(house: House) -> list[e.ShadowRead]:
    with house.database.reading() as store:
        return [x.event for x in store.history(shadow_of(VERSION)) if isinstance(x.event, e.ShadowRead)]


def test_what_differs_is_told_by_topic_language_and_channel(house: House, clock: Clock) -> None:
    waits(house)
    told = tell(40, seed=2, share_new=0.0)
    came_in(house, told)
    clock.forward(minutes=11)

    assert read_in_shadow(house) == len(told)

    found = agreement(house, JOURNEY)
    by_slice = {(one.name, one.value): one for one in found.slices}
    leaks = [one for one in told if one.topic == "leak"]
    assert leaks
    assert (found.version, found.n) == (VERSION, len(told))
    assert by_slice["topic", "leak"].n == len(leaks)
    assert by_slice["topic", "leak"].same <= len(leaks) / 10
    assert by_slice["topic", "heating_or_hot_water"].same > 0
    assert by_slice["language", "en"].n + by_slice["language", "nl"].n == by_slice["channel", "webform"].n == len(told)
    assert ("leak", "pests") in [(one, other) for one, other, _ in found.differing]
    shares = [one.same / one.n for one in found.slices]
    assert shares == sorted(shares)


def test_each_live_case_is_read_once_and_only_what_came_in_while_the_version_waits(house: House, clock: Clock) -> None:
    came_in(house, tell(5, seed=2, share_new=0.0))
    clock.forward(hours=1)
    waits(house)
    assert read_in_shadow(house) == 0

    came_in(house, tell(4, seed=3, share_new=0.0, first=100))
    clock.forward(seconds=SETTLED.total_seconds())
    assert read_in_shadow(house) == 0, "cases that just came in may not be read yet"
    clock.forward(seconds=1)
    assert read_in_shadow(house) == 4
    assert read_in_shadow(house) == 0
    came_in(house, tell(3, seed=4, share_new=0.0, first=200))
    clock.forward(minutes=20)
    assert read_in_shadow(house) == 3

    assert agreement(house, JOURNEY).n == 7
    assert len(noted(house)) <= 3


def test_no_word_of_a_customer_and_no_erased_case_is_among_what_is_noted(house: House, clock: Clock) -> None:
    waits(house)
    told = tell(6, seed=5, share_new=0.0)
    came_in(house, told)
    erase_case(house, told[0].reference, by="root", why="asked for")
    clock.forward(minutes=20)

    read_in_shadow(house)

    written = " ".join(e.write_event(one) for one in noted(house))
    assert {reading.case for one in noted(house) for reading in one.readings} == {one.case_id for one in told[1:]}
    for one in told:
        assert one.customer not in written
        assert one.text not in written
        assert one.text[:25] not in written


def test_without_a_version_that_waits_nothing_is_read_or_noted(house: House, clock: Clock) -> None:
    came_in(house, tell(3, seed=2, share_new=0.0))
    clock.forward(hours=1)

    assert read_in_shadow(house) == 0
    assert noted(house) == []
    assert agreement(house, JOURNEY) == replace(agreement(house, JOURNEY), version="", n=0, slices=())


def decided(house: House, clock: Clock, *, in_shadow: bool) -> list[str]:
    """What the log holds of the same three messages, with or without shadow mode between each step of the work."""
    [duty] = [one.do for one in DUTIES if one.name == "shadow"]
    bodies = []
    for number, message in enumerate(MESSAGES):
        accepted = by_form(house, message, sender=f"c{number}@example.org", journey=JOURNEY, key=f"key-{number}")
        drain(house)
        clock.forward(minutes=15)
        if in_shadow:
            duty(house)
        drain(house)
        with house.database.reading() as store:
            entries = store.history(store.case_id(str(accepted.reference)))
            case_id = store.case_id(str(accepted.reference))
        said = " ".join(str(x.event) for x in entries if isinstance(x.event, e.Understood | e.StepDecided))
        message_ids = {one.event.message_id for one in entries if isinstance(one.event, e.MessageAdded)}
        for name in (*message_ids, case_id):
            said = said.replace(name, "*")
        bodies.append(said)
    return bodies


def test_readings_and_steps_are_the_same_to_the_last_digit_with_and_without_a_version_in_shadow(
    tmp_path: Path, with_challenger: Path, journeys: Journeys, decoder: Decoder
) -> None:
    alone, beside = Clock(), Clock()
    with house_of_its_own(tmp_path / "a", with_challenger, alone, journeys, decoder, secret=SECRET) as house:
        without = decided(house, alone, in_shadow=False)
    with house_of_its_own(tmp_path / "b", with_challenger, beside, journeys, decoder, secret=SECRET) as house:
        waits(house)
        within = decided(house, beside, in_shadow=True)
        found = agreement(house, JOURNEY)

    assert found.n == len(MESSAGES)
    assert found.same < found.n, "the version in shadow read all as the serving one: the test would show nothing"
    assert within == without
