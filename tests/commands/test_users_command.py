from pathlib import Path
from typing import Any

import pytest

from api.cli import app
from api.signing_in import Scope
from cases.events import AccessNoted
from pipelines.wiring import opened
from tests.commands.command_line import lines, run
from tests.homes import settings


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_is_printed_once_for_every_scope(tmp_path: Path, scope: Scope) -> None:
    made = run(app, "users", "token", "mailgate", "--scope", scope, home=tmp_path)

    assert made.exit_code == 0, made.output
    assert len(made.stdout.split()) == 1


def test_a_scope_that_nothing_asks_for_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    refused = run(app, "users", "token", "mailgate", "--scope", "message:write", home=tmp_path)

    assert refused.exit_code == 2
    assert all(scope in refused.stderr for scope in Scope)


PASSWORD = "quiet harbour lamp"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With one administrator, made by the command that makes the first one."""
    folder = tmp_path_factory.mktemp("people")
    made = run(app, "users", "add", "root", "--role", "administrator", "--password", PASSWORD, home=folder)
    assert made.exit_code == 0, made.output
    return folder


def add(home: Path, name: str, *more: str) -> None:
    made = run(app, "users", "add", name, "--role", "handler", "--password", PASSWORD, *more, home=home)
    assert made.exit_code == 0, made.output


def listed(home: Path, name: str) -> dict[str, Any]:
    return next(user for user in lines(run(app, "users", "list", "--json", home=home)) if user["name"] == name)


def told_of(home: Path, name: str) -> list[str]:
    with opened(settings(home)) as house, house.database.reading() as store:
        events = [entry.event for entry in store.history("access")]
    return [event.what for event in events if isinstance(event, AccessNoted) and event.subject == name]


def test_a_new_house_has_nobody_in_it_and_so_no_default_password(tmp_path: Path) -> None:
    assert lines(run(app, "users", "list", "--json", home=tmp_path)) == []


def test_nobody_comes_in_without_a_password_that_was_given(tmp_path: Path) -> None:
    short = run(app, "users", "add", "root", "--role", "administrator", "--password", "123456789", home=tmp_path)

    assert short.exit_code == 2
    assert "at least 10" in short.stderr
    assert lines(run(app, "users", "list", "--json", home=tmp_path)) == []


def test_what_somebody_can_do_is_given_when_they_are_added_and_every_part_is_an_event(home: Path) -> None:
    add(home, "bea", "--skill", "windscreen", "--language", "nl", "--team", "north", "--authority", "2500.50")

    bea = listed(home, "bea")
    assert (bea["skills"], bea["languages"], bea["teams"], bea["authority"]) == (
        ["windscreen"],
        ["nl"],
        ["north"],
        "2500.50",
    )
    told = told_of(home, "bea")
    assert told[0] == "user_added"
    assert {"user_set roles=handler", "user_set skills=windscreen", "user_set own_limit=2500.50"} <= set(told)


def test_what_is_set_replaces_what_was_there_and_nothing_else(home: Path) -> None:
    add(home, "carla", "--skill", "windscreen", "--authority", "100")

    run(app, "users", "set", "carla", "--role", "expert", "--skill", "none", "--authority", "none", home=home)

    carla = listed(home, "carla")
    assert (carla["roles"], carla["skills"], carla["authority"]) == (["expert"], [], None)
    assert told_of(home, "carla")[-3:] == ["user_set roles=expert", "user_set skills=none", "user_set own_limit=none"]


def test_a_person_is_away_with_a_deputy_until_they_are_back(home: Path) -> None:
    add(home, "dirk")

    gone = run(app, "users", "away", "dirk", "--until", "2999-12-01", "--deputy", "root", home=home)

    assert gone.exit_code == 0, gone.output
    assert listed(home, "dirk")["away_until"] == "2999-11-30T23:00:00+00:00"
    assert listed(home, "dirk")["deputy"] == "root"
    run(app, "users", "back", "dirk", home=home)
    assert listed(home, "dirk")["away_until"] is None
    assert told_of(home, "dirk")[-2:] == ["user_set away_until=none", "user_set deputy=none"]


@pytest.mark.parametrize("amount", ["much", "1_x", "€5"])
def test_an_authority_that_is_no_amount_is_refused_with_its_mend(tmp_path: Path, amount: str) -> None:
    refused = run(app, "users", "set", "root", "--authority", amount, home=tmp_path)

    assert refused.exit_code == 2
    assert "write euros like 2500" in refused.stderr


def test_an_account_is_shut_opened_and_given_a_new_password(home: Path) -> None:
    add(home, "eva")

    for words in (["disable", "eva"], ["enable", "eva"], ["password", "eva", "--generate"]):
        assert run(app, "users", *words, home=home).exit_code == 0

    assert not listed(home, "eva")["disabled"]
    assert told_of(home, "eva")[-3:] == ["user_disabled", "user_enabled", "password_set"]
