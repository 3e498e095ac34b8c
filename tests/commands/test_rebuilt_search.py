"""casewright doctor --rebuild-search: what was left out of the index is found again."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from api.commands import doctor
from cases.vocabulary import View
from pipelines.house import House
from pipelines.runner import drain
from pipelines.timers import DUTIES
from pipelines.wiring import opened
from tests.homes import environment, settings
from tests.pipelines.given import by_form

[FILL] = [duty.do for duty in DUTIES if duty.name == "words"]
app = typer.Typer()
app.command()(doctor.doctor)

pytestmark = pytest.mark.once  # it spoils the file of SQLite


@pytest.fixture
def home(tmp_path: Path, trained: Path) -> Path:
    """With three cases whose words were taken out, as if they were from before there was an index."""
    with opened(settings(tmp_path / "home", models=trained)) as house:
        for word in ("voorruit", "spiegel", "bumper"):
            by_form(house, text=f"Er is schade aan mijn {word}")
        drain(house)
    change(tmp_path / "home", "DELETE FROM search")
    return tmp_path / "home"


def change(home: Path, statement: str) -> None:
    engine = create_engine(f"sqlite:///{home / 'casewright.db'}")
    with engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount == 3
    engine.dispose()


def told(home: Path, trained: Path, *options: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, [*options, "--json"], env=environment(settings(home, models=trained)))
    findings: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return [one for one in findings if one["about"] == "search"]


def found(house: House, q: str) -> int:
    with house.database.reading() as store:
        return store.queue.page(View.ALL, who="hanna", now=house.now(), q=q).total.value


def test_the_doctor_tells_of_cases_that_are_not_found_and_puts_them_in(home: Path, trained: Path) -> None:
    [before] = told(home, trained)
    assert before["says"].startswith("3 cases")

    assert told(home, trained, "--rebuild-search") == []

    with opened(settings(home, models=trained)) as house:
        assert [found(house, q) for q in ("schade", "spiegel", "voorr")] == [3, 1, 1]


def test_words_that_are_not_those_of_the_case_are_put_right(home: Path, trained: Path) -> None:
    with opened(settings(home, models=trained)) as house:
        FILL(house)
        assert found(house, "schade") == 3
    change(home, "UPDATE search SET words = 'mistaken'")

    told(home, trained, "--rebuild-search")

    with opened(settings(home, models=trained)) as house:
        assert [found(house, q) for q in ("schade", "mistaken")] == [3, 0]
