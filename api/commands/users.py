"""casewright users: local accounts and the tokens of programs."""

import secrets
from datetime import timedelta
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, out, show, the_house, told
from api.signing_in import Scope, hash_password
from cases import events as e
from cases.vocabulary import SYSTEM, Role

app = typer.Typer(name="users", help="People and programs that may come in.", no_args_is_help=True)
LONGEST_TOKEN = timedelta(days=365)


@app.command()
def add(
    name: str,
    role: Annotated[list[Role], typer.Option(help="May be given more than once.")],
    line: Annotated[list[str] | None, typer.Option(help="Line of business; all journeys' lines when left out.")] = None,
    password: Annotated[str | None, typer.Option(help="Asked for or generated when left out.")] = None,
    generate: Annotated[bool, typer.Option("--generate", help="Generate a password and print it once.")] = False,  # noqa: FBT002
) -> None:
    """Add a person. There is no default password."""
    given = password or (secrets.token_urlsafe(12) if generate else typer.prompt("Password", hide_input=True))
    with told(), the_house() as house:
        lines = line or sorted({"general", *(f.journey.line_of_business for f in house.journeys.folders.values())})
        at = house.now()
        with house.database.writing() as store:
            store.people.add_user(name, role, hash_password(given), at=at, lines=lines)
            store.append("access", [(e.AccessNoted("user_added", "command line", name), SYSTEM)], at=at)
    out.print(f"Added {name} ({', '.join(role)}) for {', '.join(lines)}.", markup=False)
    if generate and not password:
        out.print(f"Password, shown once: {given}", markup=False)


@app.command()
def token(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be given more than once.")],
) -> None:
    """Make a token for a program; it is printed once."""
    secret = secrets.token_urlsafe(32)
    with told(), the_house() as house:
        at = house.now()
        with house.database.writing() as store:
            store.people.add_token(secret, name, scope, at=at, expires_at=at + LONGEST_TOKEN)
            store.append("access", [(e.AccessNoted("token_made", "command line", name), SYSTEM)], at=at)
    out.print(secret, markup=False)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Everybody with an account."""
    with told(), the_house() as house, house.database.reading() as store:
        users = store.people.users()
    if as_json:
        for user in users:
            emit(
                {"name": user.name, "roles": user.roles, "lines": user.lines, "disabled": user.disabled_at is not None}
            )
        return
    rows = [(u.name, ", ".join(u.roles), ", ".join(u.lines), "disabled" if u.disabled_at else "") for u in users]
    show(("name", "roles", "lines", ""), rows)


@app.command()
def disable(name: str) -> None:
    """Shut an account; all its sessions end."""
    with told(), the_house() as house:
        at = house.now()
        with house.database.writing() as store:
            store.people.disable(name, at=at)
            store.append("access", [(e.AccessNoted("user_disabled", "command line", name), SYSTEM)], at=at)
    out.print(f"{name} is disabled.", markup=False)
