"""From people's decisions to a better model: trained apart, compared on customers nobody learned from, and undone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases import events as e
from cases.errors import NotAllowed
from cases.vocabulary import Role, Scope
from models import registry
from models.text import Prediction
from pipelines.choosing import TrainedOnErased, promote_version, roll_back
from pipelines.decoding import Decoder
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.labels import labels
from pipelines.retrain import Retrained, retrain
from pipelines.text_models import KIND, load_model
from tests.pipelines.decided import (
    ANNA,
    JOURNEY,
    Told,
    append,
    decide,
    house_of_its_own,
    opening,
    tell,
    trainable,
    verdict,
)
from tests.pipelines.given import Clock


@dataclass(frozen=True)
class Learned:
    """A house whose people decided 2,000 cases, and what its models said before and after it learned from them."""

    house: House
    told: list[Told]
    done: Retrained
    before: list[Prediction]


@pytest.fixture(scope="module")
def learned(
    tmp_path_factory: pytest.TempPathFactory, trained: Path, journeys: Journeys, decoder: Decoder
) -> Iterator[Learned]:
    place = tmp_path_factory.mktemp("learned")
    with house_of_its_own(place, trained, Clock(), journeys, decoder) as house:
        told = tell(2000)
        decide(house, told)
        before = answers(house)
        yield Learned(house, told, retrain(house, JOURNEY, by="anna"), before)


@pytest.fixture
def fresh(tmp_path: Path, trained: Path, journeys: Journeys, decoder: Decoder) -> Iterator[House]:
    with house_of_its_own(tmp_path, trained, Clock(), journeys, decoder) as house:
        yield house


def answers(house: House) -> list[Prediction]:
    """What the serving model, as another process would load it, makes of messages it never saw."""
    path = registry.current(house.settings.model_root, KIND, JOURNEY)
    return load_model(path).predict([one.text for one in tell(40, seed=9, first=9000)])


def moves(house: House) -> list[e.ModelPromoted]:
    with house.database.reading() as store:
        return [x.event for x in store.history("models") if isinstance(x.event, e.ModelPromoted)]


def test_two_thousand_decisions_make_a_better_model_that_serves_and_rolls_back_to_the_very_same_answers(
    learned: Learned,
) -> None:
    house, done, root = learned.house, learned.done, learned.house.settings.model_root

    assert done.outcome == "promoted"
    assert done.comparison is not None
    assert done.comparison.low > 0
    assert registry.serving(root, KIND, JOURNEY) == done.version
    assert house.texts.of(JOURNEY).digest == registry.read_card(root / KIND / JOURNEY / done.version)["sha256"]
    assert answers(house) != learned.before

    roll_back(house, JOURNEY, why="to see it done")

    assert registry.serving(root, KIND, JOURNEY) == done.before
    assert answers(house) == learned.before
    assert [move.version for move in moves(house)[:2]] == [done.version, done.before]
    assert moves(house)[1].why == "rolled back: to see it done"


def test_the_card_says_what_it_was_made_from_and_holds_no_word_and_no_address(learned: Learned) -> None:
    path = registry.version_path(learned.house.settings.model_root, KIND, JOURNEY, learned.done.version)
    card = registry.read_card(path)

    assert card["trained_on"]["labels"] == learned.done.labels == len(registry.trained_cases(path))
    assert set(card["trained_on"]["by_language"]) == {"en", "nl"}
    assert card["comparison"]["verdict"] == "better"
    assert card["started_by"] == "anna"
    assert card["label_noise"]["looked_at"] == card["trained_on"]["examples"] + card["trained_on"]["labels"]
    assert learned.done.label_noise == card["label_noise"]
    assert set(registry.trained_cases(path)) == {one.case_id for one in trainable(learned.house, learned.told)}
    written = b"".join(file.read_bytes() for file in path.iterdir())
    assert not any(one.customer.encode() in written for one in learned.told)


def test_a_version_made_of_cases_erased_since_serves_again_only_by_an_administrators_reason(learned: Learned) -> None:
    house, version = learned.house, learned.done.version
    gone = trainable(house, learned.told)[0]
    with house.database.writing() as store:
        store.people.add_user("root", [Role.ADMINISTRATOR], "x", at=house.now())
        store.people.add_user("anna", [Role.EXPERT], "x", at=house.now())

    erase_case(house, gone.reference, by="root", why="asked for")

    assert gone.case_id not in {one.case_id for one in labels(house, JOURNEY)}
    with pytest.raises(TrainedOnErased, match="1 cases that were erased since"):
        promote_version(house, JOURNEY, version)
    with pytest.raises(NotAllowed, match="no administrator"):
        promote_version(house, JOURNEY, version, by="anna", why="the other one is worse")
    promote_version(house, JOURNEY, version, by="root", why="the other one fails on leaks")
    assert moves(house)[-1].why == "the other one fails on leaks (trained on 1 cases erased since)"


def test_what_only_the_machine_said_or_people_contest_is_no_label(fresh: House) -> None:
    machine, plain, kept, guessed, two_minds, reopened = trainable(fresh, tell(60))[:6]
    ben = type(ANNA)("person", "ben")

    append(fresh, machine, *opening(fresh, machine))
    append(fresh, plain, *opening(fresh, plain), verdict("pests"))
    append(fresh, kept, *opening(fresh, kept, read_as="leak"), verdict())
    append(fresh, guessed, *opening(fresh, guessed, scope=Scope.OUT), verdict())
    append(fresh, two_minds, *opening(fresh, two_minds), verdict("pests"), verdict("leak", by=ben))
    append(fresh, reopened, *opening(fresh, reopened), verdict("pests"))
    with fresh.database.writing() as store:
        store.append(reopened.case_id, [(e.CaseClosed("send_plumber"), ANNA)], at=fresh.now())
        store.append(reopened.case_id, [(e.CaseReopened("", "second_look"), ANNA)], at=fresh.now())

    assert {one.case_id: one.label for one in labels(fresh, JOURNEY)} == {plain.case_id: "pests", kept.case_id: "leak"}


def test_without_a_decision_nothing_is_trained(fresh: House) -> None:
    done = retrain(fresh, JOURNEY)

    assert (done.outcome, done.version) == ("no_labels", "")
    assert moves(fresh) == []
