"""casewright doctor, work and migrate: what is wrong is named with its mend, and exit codes tell programs."""

import dataclasses
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from api.commands import doctor, work
from cases.vocabulary import Status
from configs.settings import Settings
from pipelines.house import House
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.watching.checkup import Level, check_settings
from pipelines.wiring import opened
from tests.homes import environment, settings
from tests.pipelines.given import by_form, case_of

app = typer.Typer()
app.command()(doctor.doctor)
app.command()(doctor.migrate)
app.add_typer(work.app)
SAFE = {
    "CASEWRIGHT_SECRET": "kLx93-sd02_fjQ0aZmMqpw7Rf5Ty8Ueo",
    "CASEWRIGHT_PUBLIC_URL": "https://cases.example.org",
    "CASEWRIGHT_MAIL_DOMAIN": "example.org",
    "CASEWRIGHT_MAIL_FROM": "cases@example.org",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(home: Path, trained: Path, *args: str, **more: str) -> Result:
    env = {**environment(settings(home, models=trained)), **SAFE, **more}
    return CliRunner().invoke(app, [*args], env=env)


def findings(result: Result) -> dict[str, dict[str, Any]]:
    """By what they are about, the last of each."""
    return {one["about"]: one for one in json.loads(result.stdout)["findings"]}


def migrated(home: Path, trained: Path) -> None:
    assert run(home, trained, "migrate").exit_code == 0


def test_a_home_in_order_has_nothing_wrong(home: Path, trained: Path) -> None:
    migrated(home, trained)

    found = run(home, trained, "doctor", "--json")

    assert found.exit_code == 0, found.stdout
    assert json.loads(found.stdout)["state"] == "fine"
    assert {"tables", "database", "writing", "blobs", "disk", "queue", "mail", "models"} <= findings(found).keys()


@pytest.mark.parametrize(("name", "value", "about", "mend"), [
    ("SECRET", "short", "secret", "token_urlsafe"),
    ("SECRET", "changeme" * 5, "secret", "token_urlsafe"),
    ("SECRET", "a" * 40, "secret", "token_urlsafe"),
    ("PUBLIC_URL", "http://cases.example.org", "public_url", "https"),
    ("SMTP_URL", "mail.example.org:25", "smtp_url", "smtp://"),
    ("FULL_AFTER_SECONDS", "10", "full_after_seconds", "SLOW_AFTER"),
    ("ATTEMPTS", "0", "CASEWRIGHT_ATTEMPTS", "correct"),
    ("DATABASE_URL", "no address", "database_url", "postgresql+psycopg://"),
    ("BROKER_URL", "kafka://host", "broker_url", "amqps://"),
    ("PUBLIC_URL", "https://[cases", "public_url", "https://host"),
])  # fmt: skip
def test_a_wrong_setting_is_named_with_its_mend(  # noqa: PLR0917  # pytest passes them by name
    home: Path, trained: Path, name: str, value: str, about: str, mend: str
) -> None:
    found = run(home, trained, "doctor", "--json", **{f"CASEWRIGHT_{name}": value})

    assert found.exit_code == 1
    assert findings(found)[about]["level"] == "wrong"
    assert mend in findings(found)[about]["mend"]


@pytest.mark.parametrize(("chosen", "about"), [
    ({"smtp_url": "smtp://mail.example.org"}, "mail_domain"),
    ({"broker_url": "redis://broker.example.org"}, "broker_url"),
    ({"print_folder": __file__}, "print_folder"),
    ({"llm_url": "https://[host/v1", "llm_model": "m"}, "llm_url"),
    ({"llm_url": "https://host/v1"}, "llm_model"),
    ({"llm_url": "https://host/v1", "llm_model": "m", "llm_models": {"summry": "n"}}, "llm_models"),
])  # fmt: skip
def test_settings_that_contradict_each_other_are_named(chosen: dict[str, str], about: str) -> None:
    assert {one.about: one.level for one in check_settings(Settings(**chosen))}[about] is Level.WRONG  # type: ignore[arg-type]


def test_settings_as_they_come_are_notes_and_nothing_wrong() -> None:
    assert {one.level for one in check_settings(Settings())} == {Level.NOTE}


def test_a_language_model_that_is_reached_unencrypted_is_noted() -> None:
    found = check_settings(Settings(llm_url="http://llm.example.org/v1", llm_model="m"))

    assert {one.about: one.level for one in found}["llm_url"] is Level.NOTE


def test_a_language_model_that_no_journey_lets_be_asked_is_noted(home: Path, trained: Path) -> None:
    migrated(home, trained)
    place = {"CASEWRIGHT_LLM_URL": "https://llm.example.org/v1", "CASEWRIGHT_LLM_MODEL": "m"}

    elsewhere = run(home, trained, "doctor", "--json", **place)
    here = run(home, trained, "doctor", "--json", **place, CASEWRIGHT_LLM_REGION="house")

    assert findings(elsewhere)["llm_region"]["level"] == "note"
    assert "llm_region" not in findings(here)


def test_a_home_without_a_database_is_no_fault_and_none_is_made(home: Path, trained: Path) -> None:
    found = run(home, trained, "doctor", "--json", CASEWRIGHT_DATABASE_URL=f"sqlite:///{home / 'casewright.db'}")

    assert found.exit_code == 0
    assert findings(found)["tables"]["mend"] == "casewright migrate"
    assert not home.exists()


@pytest.mark.parametrize(("revision", "mend"), [("0001", "casewright migrate"), ("9999", "install the version")])
def test_tables_of_another_version_are_named(home: Path, trained: Path, revision: str, mend: str) -> None:
    migrated(home, trained)
    with create_engine(settings(home).database).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})

    found = run(home, trained, "doctor", "--json")

    assert found.exit_code == 1
    assert mend in findings(found)["tables"]["mend"]


def test_a_journey_that_cannot_be_read_is_named(home: Path, trained: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "journey.yaml").write_text("title: [")

    found = run(home, trained, "doctor", "--json", CASEWRIGHT_JOURNEYS=str(broken))

    assert found.exit_code == 1
    assert findings(found)["journeys"]["mend"] == "casewright journeys check"


def test_a_damaged_model_and_a_blob_store_that_is_away_are_named(home: Path, trained: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(trained, tmp_path / "mine"))
    damaged = next((mine / "text" / "motor_claim").glob("*/terms.json"))
    damaged.write_text(damaged.read_text() + " ")
    migrated(home, trained)

    found = run(home, mine, "doctor", "--json")

    assert found.exit_code == 1
    assert findings(found)["models"]["says"] == "text/motor_claim is damaged"


def test_people_read_sentences(home: Path, trained: Path) -> None:
    found = run(home, trained, "doctor", CASEWRIGHT_PUBLIC_URL="http://cases.example.org")

    assert found.exit_code == 1
    assert "wrong public_url: links and cookies travel unencrypted" in found.stdout
    assert "→ put TLS before it" in found.stdout
    assert "fine" not in run(home, trained, "doctor", "--quiet").stdout


def fail(_: object, __: object) -> Any:
    raise OSError


def parked(home: Path, trained: Path) -> str:
    """The reference of a case whose message could not be read."""
    with opened(Settings(_env_file=None, **_as_run(home, trained))) as house:
        receipt = by_form(house)
        ahead = _clock(house)
        for hours in range(house.settings.attempts):
            advance(dataclasses.replace(house, now=ahead(hours)), stages=dict.fromkeys(STAGES, fail))
    return str(receipt.reference)


def _as_run(home: Path, trained: Path) -> dict[str, Any]:
    chosen = settings(home, models=trained)
    return {**chosen.model_dump(include={"home", "models", "database_url"}), "secret": SAFE["CASEWRIGHT_SECRET"]}


def _clock(house: House) -> Any:
    begun = house.now()
    return lambda hours: lambda: begun + timedelta(hours=hours)


def test_parked_work_is_told_listed_and_tried_again(home: Path, trained: Path) -> None:
    reference = parked(home, trained)

    told = run(home, trained, "doctor", "--json")
    listed = [json.loads(line) for line in run(home, trained, "work", "list", "--parked", "--json").stdout.splitlines()]
    done = run(home, trained, "work", "unpark", reference)
    again = run(home, trained, "work", "unpark", reference)

    assert findings(told)["work"]["says"] == "1 pieces of read were given up"
    assert [(one["reference"], one["stage"], one["parked_because"]) for one in listed] == [
        (reference, "read", "OSError")
    ]
    assert (done.exit_code, again.exit_code) == (0, 1)
    with opened(Settings(_env_file=None, **_as_run(home, trained))) as house:
        drain(house)
        assert case_of(house, reference).messages[0].text
        assert case_of(house, reference).status is not Status.RECEIVED


def test_unparking_what_does_not_exist_says_so(home: Path, trained: Path) -> None:
    migrated(home, trained)

    found = run(home, trained, "work", "unpark", "C-2026-999999")

    assert found.exit_code == 2
    assert "there is no case 'C-2026-999999'" in found.stderr
