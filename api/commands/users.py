"""casewright users: local accounts, what they may and can do, and the tokens of programs."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.commands.common import AsJson, emit, fail, out, show, the_house, told
from api.signing_in import SHORTEST_PASSWORD, Scope, hash_password
from cases import events as e
from cases.people import User
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Role
from pipelines import staff
from pipelines.in_turn import write_in_turn

app = typer.Typer(name="users", help="People and programs that may come in.", no_args_is_help=True)
LONGEST_TOKEN = timedelta(days=365)
NONE = "none"
BY = "command line"

Roles = Annotated[list[Role], typer.Option("--role", help="May be given more than once, as all below.")]
NewRoles = Annotated[list[Role] | None, typer.Option("--role", help="May be given more than once, as all below.")]
Lines = Annotated[list[str] | None, typer.Option("--line", help="Line of business; at first all of them.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="For statistics and shared views; none: in no team.")]
Skills = Annotated[
    list[str] | None, typer.Option("--skill", help="Key of a journey or topic that they are given; none: any.")
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="Two letters, of cases that they are given; none: any.")
]
Authority = Annotated[
    str | None, typer.Option(help="Largest amount to grant, in euros; none: that of the role in each journey.")
]
Generate = Annotated[bool, typer.Option("--generate", help="Generate a password and print it once.")]


@app.command()
def add(
    name: str,
    *,
    role: Roles,
    line: Lines = None,
    team: Teams = None,
    skill: Skills = None,
    language: Languages = None,
    authority: Authority = None,
    password: Annotated[str | None, typer.Option(help="Asked for or generated when left out.")] = None,
    generate: Generate = False,
) -> None:
    """Add a person. There is no default password."""
    given = _password(password, generate=generate)
    change = _change(role=role, line=line, team=team, skill=skill, language=language, authority=authority)
    with told(), the_house() as house:
        user = staff.add_person(house, name, hash_password(given), change, by=BY)
    out.print(f"Added {name} ({', '.join(user.roles)}) for {', '.join(user.lines)}.", markup=False)
    if generate and not password:
        out.print(f"Password, shown once: {given}", markup=False)


@app.command(name="set")
def set_(
    name: str,
    *,
    role: NewRoles = None,
    line: Lines = None,
    team: Teams = None,
    skill: Skills = None,
    language: Languages = None,
    authority: Authority = None,
) -> None:
    """Change what a person may and can do. What is given replaces what was there; changed rights end their sessions."""
    change = _change(role=role, line=line, team=team, skill=skill, language=language, authority=authority)
    with told(), the_house() as house:
        user = staff.change_person(house, name, change, by=BY)
    out.print(f"{name}: {_sentence(user)}.", markup=False)


@app.command()
def away(
    name: str,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day they are back.")],
    deputy: Annotated[str | None, typer.Option(help="Who looks after their cases.")] = None,
) -> None:
    """Say that a person is away: they are given nothing, and colleagues see their cases apart."""
    with told(), the_house() as house:
        zone = house.journeys.get(house.journeys.names()[0]).journey.calendar.time_zone
        staff.send_away(house, name, until.replace(tzinfo=ZoneInfo(zone)), deputy, by=BY)
    out.print(f"{name} is away until {until:%Y-%m-%d}.", markup=False)


@app.command()
def back(name: str) -> None:
    """Say that a person is back before the day they named."""
    with told(), the_house() as house:
        staff.take_back(house, name, by=BY)
    out.print(f"{name} is back.", markup=False)


@app.command()
def password(name: str, generate: Generate = False) -> None:  # noqa: FBT002
    """Give a person a new password; all their sessions end."""
    given = _password(None, generate=generate)
    with told(), the_house() as house:
        staff.set_password(house, name, hash_password(given), by=BY)
    out.print(f"{name} has a new password.", markup=False)
    if generate:
        out.print(f"Password, shown once: {given}", markup=False)


@app.command()
def token(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be given more than once.")],
) -> None:
    """Make a token for a program; it is printed once."""
    secret = secrets.token_urlsafe(32)
    _note(
        "token_made",
        name,
        lambda store, at: store.people.add_token(secret, name, scope, at=at, expires_at=at + LONGEST_TOKEN),
    )
    out.print(secret, markup=False)


@app.command()
def revoke(name: str) -> None:
    """Take a program's token back; it opens nothing from now on."""
    _note("token_revoked", name, lambda store, at: store.people.revoke_token(name, at=at))
    out.print(f"The token {name} is revoked.", markup=False)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Everybody with an account."""
    with told(), the_house() as house, house.database.reading() as store:
        users = store.people.users()
    if as_json:
        for user in users:
            emit(_json(user))
        return
    rows = [(u.name, ", ".join(u.roles), ", ".join(u.lines), _sentence(u)) for u in users]
    show(("name", "roles", "lines", ""), rows)


@app.command()
def disable(name: str) -> None:
    """Shut an account; all its sessions end."""
    with told(), the_house() as house:
        staff.bar(house, name, by=BY)
    out.print(f"{name} is disabled.", markup=False)


@app.command()
def enable(name: str) -> None:
    """Open an account again that was disabled."""
    with told(), the_house() as house:
        staff.let_in(house, name, by=BY)
    out.print(f"{name} is enabled.", markup=False)


def _note(what: str, name: str, do: Callable[[Store, datetime], object]) -> None:
    """Do it, with its event in the same transaction."""
    with told(), the_house() as house:

        def write(store: Store) -> None:
            do(store, house.now())
            store.append("access", [(e.AccessNoted(what, BY, name), SYSTEM)], at=house.now())

        write_in_turn(house.database, write)


def _password(given: str | None, *, generate: bool) -> str:
    chosen: str = given or (secrets.token_urlsafe(12) if generate else typer.prompt("Password", hide_input=True))
    if len(chosen) < SHORTEST_PASSWORD:
        fail(f"a password has at least {SHORTEST_PASSWORD} signs; choose a longer one, or --generate one")
    return chosen


def _change(
    *,
    role: list[Role] | None,
    line: list[str] | None,
    team: list[str] | None,
    skill: list[str] | None,
    language: list[str] | None,
    authority: str | None,
) -> staff.Change:
    try:
        limit = None if authority in (None, NONE) else Decimal(str(authority))
    except InvalidOperation:
        fail(f"--authority {authority}: is no amount; write euros like 2500 or 2500.50, or none")
    return staff.Change(
        roles=tuple(role) if role else None,
        lines=tuple(line) if line else None,
        teams=_list(team),
        skills=_list(skill),
        languages=_list(language),
        own_limit=limit,
        no_limit=authority == NONE,
    )


def _list(given: list[str] | None) -> tuple[str, ...] | None:
    """None when nothing was given; empty for the word none."""
    if not given:
        return None
    return () if given == [NONE] else tuple(given)


def _sentence(user: User) -> str:
    """What there is to say beside name, roles and lines."""
    parts = [f"{what} {', '.join(values)}" for what, values in _capabilities(user).items() if values]
    if user.own_limit is not None:
        parts.append(f"up to {user.own_limit:f} euros")
    if user.away_until is not None:
        parts.append(f"away until {user.away_until:%Y-%m-%d}" + (f" ({user.deputy})" if user.deputy else ""))
    if user.disabled_at:
        parts.append("disabled")
    return "; ".join(parts) or "any skill and language"


def _capabilities(user: User) -> dict[str, tuple[str, ...]]:
    return {"teams": user.teams, "skills": user.skills, "languages": user.languages}


def _json(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "roles": user.roles,
        "lines": user.lines,
        **_capabilities(user),
        "authority": str(user.own_limit) if user.own_limit is not None else None,
        "away_until": user.away_until.isoformat() if user.away_until else None,
        "deputy": user.deputy,
        "disabled": user.disabled_at is not None,
    }
