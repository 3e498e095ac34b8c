"""casewright models retrain, propose, shadow and list, as a shell would ask them, in one house that learns."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import lines, run

from api.commands import models
from cases import events as e
from models import registry
from pipelines.house import House
from pipelines.labels import labels
from pipelines.text_models import KIND
from pipelines.wiring import opened
from tests.homes import settings
from tests.pipelines.decided import JOURNEY, append, decide, opening, tell

LABELS, WAITING = 90, 6


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Path:
    """Its people decided some cases, and others wait for them."""
    place = tmp_path_factory.mktemp("learning") / "home"
    shutil.copytree(trained, place / "models")
    with opened(settings(place)) as house:
        decide(house, tell(LABELS, share_new=1.0))
        for one in tell(60, seed=2, first=1000, share_new=1.0):
            append(house, one, *opening(house, one))
    return place


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    with opened(settings(home)) as built:
        yield built


def noted(house: House) -> list[e.Event]:
    with house.database.reading() as store:
        return [entry.event for entry in store.history("models")]


def test_cases_to_label_next_are_proposed_with_the_reason_in_words(home: Path) -> None:
    proposed = lines(run(models.app, "propose", "--journey", JOURNEY, "--n", WAITING, "--json", home=home))
    told = run(models.app, "propose", "--journey", JOURNEY, "--n", WAITING, home=home).stdout

    assert 1 <= len(proposed) <= WAITING
    for one in proposed:
        assert one["reference"] in told
        assert one["why"]
    assert run(models.app, "propose", "--journey", "nobody", home=home).exit_code == 2
    assert run(models.app, "propose", "--journey", JOURNEY, "--n", 0, home=home).exit_code == 2


@pytest.mark.drill
def test_retraining_tells_what_came_of_it_and_notes_it(home: Path, house: House) -> None:
    root, before = house.settings.model_root, registry.serving(house.settings.model_root, KIND, JOURNEY)

    [done] = lines(run(models.app, "retrain", "--journey", JOURNEY, "--by", "ada", "--json", home=home))

    assert (done["outcome"], done["before"]) == ("kept", before)
    assert "too few to tell" in done["because"]
    assert 0 < done["labels"] < len(labels(house, JOURNEY)) <= LABELS
    assert registry.serving(root, KIND, JOURNEY) == before
    assert [one.kind for one in noted(house)] == ["model_trained", "model_compared"]


def test_without_a_decision_retraining_says_so_and_trains_nothing(home: Path, house: House) -> None:
    told = run(models.app, "retrain", "--journey", "motor_claim", home=home)

    assert told.exit_code == 0
    assert told.stdout.startswith("no_labels: no person's decision is a label yet")
    assert not any(isinstance(one, e.ModelTrained) and one.model == "text/motor_claim" for one in noted(house))


def test_the_version_that_waits_is_listed_with_how_it_agrees_so_far(home: Path, house: House) -> None:
    root, version = house.settings.model_root, registry.serving(house.settings.model_root, KIND, JOURNEY)
    registry.let_wait(root, KIND, JOURNEY, version)

    [waiting] = [row for row in lines(run(models.app, "list", "--json", home=home)) if row["waits"]]
    [shadow] = lines(run(models.app, "shadow", "--journey", JOURNEY, "--json", home=home))

    registry.dismiss(root, KIND, JOURNEY)
    assert (waiting["name"], waiting["version"], waiting["agreement"]) == (JOURNEY, version, None)
    assert (shadow["version"], shadow["n"], shadow["share"]) == (version, 0, None)


def test_an_unknown_journey_is_named_with_those_there_are(home: Path) -> None:
    for command in ("retrain", "shadow", "propose"):
        told = run(models.app, command, "--journey", "home_repare", home=home)

        assert told.exit_code == 2
        assert "home_repair" in told.stderr


def test_without_a_version_that_waits_shadow_says_how_to_make_one(home: Path) -> None:
    told = run(models.app, "shadow", "--journey", "complaint", home=home)

    assert "models retrain --journey complaint" in told.stdout
