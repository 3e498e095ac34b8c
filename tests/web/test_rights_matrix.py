"""Every operation and every page, for every role, on an object of one's own line of business and on another's.

The lists of operations and pages are read from the application: one without a row in `rights_table` fails.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from oidc_house import with_provider
from papers_read import read
from rights_table import CALLS, LETTERS, PAGES, READ, Row
from web_house import form_token_of, report, routes

from api.app import create_app
from api.signing_in import Scope, login_path
from cases.store.saved_views import SavedView
from cases.vocabulary import Role
from pipelines import staff
from pipelines.house import House
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.homes import settings
from tests.oidc_provider import oidc_provider

TABLE = {**CALLS, **PAGES}
OWN_NAMES = ("Fatima", "Amrani", "fatima@example.org")
FOREIGN_WORD = "zilverzwaan"
FOREIGN = ("Kwikstaart", "kwik@canary.example", "Waterballet", "Balkonstraat")
CHANGING = re.compile(r'"kept_at":"[^"]*"|name="csrf" value="[^"]*"')
A_MOMENT = 0.2  # seconds
OF_OBJECTS = re.compile(r"{(reference|journey|view_id)}")
HILDE = "hilde"  # a lead of the other line


@dataclass(frozen=True)
class Objects:
    """What the braces of an address or body stand for."""

    reference: str
    file_id: str
    journey: str
    token: str = "no-token"
    table: str = "next_step"
    form: str = "reply"
    kind: str = "messages"
    secret: str = "no-secret"
    task: str = "question"
    foreign_word: str = FOREIGN_WORD
    view_id: str = "view-of-{me}"

    def fill(self, text: str, me: str) -> str:
        for name in self.__dataclass_fields__:
            text = text.replace(f"{{{name}}}", getattr(self, name))
        return text.replace("{me}", me)


UNKNOWN = Objects("C-2026-999999", "m-0.f1", "no_journey", view_id="no-view")


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str

    @property
    def lets_in(self) -> bool:
        return self.status not in (401, 403, 404) and not self.location.startswith("/login?")

    def without(self, asked: Objects) -> "Answer":
        """With nothing in it of what was asked and when, to be compared."""
        text = CHANGING.sub("", self.text)
        for said in (asked.reference, asked.file_id, asked.journey, asked.view_id):
            text = text.replace(said, "…")
        return Answer(self.status, self.location.replace(asked.reference, "…"), text)


@dataclass(frozen=True)
class Person:
    """name: of the user; "" for a stranger. bearer: of a program instead."""

    client: TestClient
    name: str = ""
    csrf: str = ""
    bearer: str = ""


@dataclass(frozen=True)
class Office:
    """A house with somebody of each role who sees motor claims, a case of those and one of another line."""

    app: FastAPI
    own: Objects
    foreign: Objects
    people: Mapping[str, Person]
    stranger: Person

    def ask(self, who: Person, operation: str, objects: Objects) -> Answer:
        row = TABLE[operation]
        method, address = objects.fill(operation + row.asked, who.name).split(" ", 1)
        person = signed_in_as(self.app, who.name) if row.ends and who.name else who
        if row.headers:
            return beginning(create_app(self.app.state.house), address, person, row.headers)
        headers = {"Authorization": f"Bearer {person.bearer}"} if person.bearer else {}
        body = body_of(row, address, objects, person)
        answer = person.client.request(method, address, headers=headers, **body)
        return Answer(answer.status_code, answer.headers.get("location", ""), said_in(answer))

    def program(self, scope: str) -> Person:
        return replace(self.stranger, bearer=scope)


def said_in(answer: Response) -> str:
    """All that can be read in an answer: of a PDF its words and the files in it."""
    if answer.headers.get("content-type") != "application/pdf":
        return answer.text
    words, attached, _ = read(answer.content)
    return " ".join([words, *attached, *(file.decode(errors="replace") for file in attached.values())])


def body_of(row: Row, address: str, objects: Objects, who: Person) -> dict[str, Any]:
    if row.send is None:
        return {}
    fields = {
        name: objects.fill(value, who.name) if isinstance(value, str) else value for name, value in row.send.items()
    }
    as_form = not address.startswith("/api/") or address == "/api/messages"
    return {"data": {**fields, "csrf": who.csrf}} if as_form else {"json": fields}


def beginning(app: FastAPI, address: str, who: Person, headers: Mapping[str, str]) -> Answer:
    """How an answer without end begins: its status, and what is sent at once."""
    said: list[MutableMapping[str, Any]] = []
    given = {**headers, "Cookie": f"session={who.client.cookies.get('session')}"}
    if who.bearer:
        given = {**headers, "Authorization": f"Bearer {who.bearer}"}

    async def run() -> None:
        began = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await began.wait()
            await asyncio.sleep(A_MOMENT)
            return {"type": "http.disconnect"}

        async def said_by(message: MutableMapping[str, Any]) -> None:
            said.append(message)
            began.set()

        with suppress(TimeoutError):
            await asyncio.wait_for(app(scope, receive, said_by), 5)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "", "state": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("203.0.113.7", 1), "server": ("testserver", 80), "app": app,
    }  # fmt: skip
    asyncio.run(run())
    text = b"".join(message.get("body", b"") for message in said).decode(errors="replace")
    return Answer(int(said[0]["status"]), "", text)


def signed_in_as(app: FastAPI, name: str) -> Person:
    client = TestClient(app, follow_redirects=False)
    client.get(login_path(app.state.house, name))
    return Person(client, name, form_token_of(client.get("/journeys").text))


def objects_of(house: House, answer: Mapping[str, str], journey: str) -> Objects:
    with house.database.reading() as store:
        case = store.case(store.case_id(answer["reference"]))
    assert case.journey == journey
    return Objects(answer["reference"], case.files[0].id, journey)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("rights")
    given = settings(home, models=trained, public_url="http://testserver", anonymous_per_minute=10**6)
    with oidc_provider() as provider, opened(given) as plain:
        house = with_provider(plain, provider)
        for letter, role in LETTERS.items():
            change = staff.Change(roles=(role,), lines=("motor", "general"))
            staff.add_person(house, f"person-{letter}", "no password fits", change, by="test")
        staff.add_person(house, HILDE, "hash", staff.Change(roles=(Role.LEAD,), lines=("housing",)), by="test")
        with house.database.writing() as store:
            for scope in Scope:
                store.people.add_token(scope, scope, (scope,), at=house.now())
            for user in store.people.users():
                mine = SavedView(f"view-of-{user.name}", user.name, shared=False, name="mine", query="view=mine")
                store.saved_views.save(mine, at=house.now())
        app = create_app(house)
        stranger = TestClient(app, follow_redirects=False)
        own = report(stranger)
        text = f"Er lekt water op de {FOREIGN_WORD} in de Balkonstraat 12, de kraan is stuk. Groet, Karel Kwikstaart"
        sender = {"name": "Karel Kwikstaart", "sender": "kwik@canary.example", "subject": "Waterballet"}
        foreign = report(stranger, journey="home_repair", text=text, **sender)
        drain(house)
        people = {letter: signed_in_as(app, f"person-{letter}") for letter in LETTERS}
        yield Office(
            app,
            objects_of(house, own, "motor_claim"),
            replace(objects_of(house, foreign, "home_repair"), view_id=f"view-of-{HILDE}"),
            people,
            Person(TestClient(app, follow_redirects=False)),
        )


def test_every_operation_and_every_page_has_a_row(office: Office) -> None:
    app = office.app
    described = {
        f"{method.upper()} {path}" for path, operations in app.openapi()["paths"].items() for method in operations
    }
    there = {f"{method} {one.path}" for one in routes(app.routes) for method in getattr(one, "methods", None) or ()}

    assert described <= there
    assert there - {"HEAD /openapi.json"} == set(TABLE)


@pytest.mark.parametrize("operation", TABLE)
def test_on_an_own_object_those_are_let_in_who_may_and_nobody_else(office: Office, operation: str) -> None:
    row, wrong = TABLE[operation], []
    asked = [letter for letter in LETTERS if letter not in row.may[1:] or letter == "D" or not row.once]
    for letter in asked:
        answer = office.ask(office.people[letter], operation, office.own)
        if answer.lets_in != (letter in row.may) and not row.strangers:
            wrong.append((letter, answer.status, answer.location))
        assert not leaked(letter, answer)

    assert wrong == []


def leaked(letter: str, answer: Answer) -> list[str]:
    """Words of another line's case, and for who reads without names those of their own."""
    secret = (*FOREIGN, *OWN_NAMES) if letter == "D" else FOREIGN
    return [word for word in secret if word.lower() in answer.text.lower()]


@pytest.mark.parametrize("operation", [one for one in TABLE if OF_OBJECTS.search(one)])
def test_a_foreign_object_answers_as_one_that_does_not_exist(office: Office, operation: str) -> None:
    row, wrong = TABLE[operation], []
    for letter, person in office.people.items():
        foreign = office.ask(person, operation, office.foreign)
        unknown = office.ask(person, operation, UNKNOWN)
        if foreign.without(office.foreign) != unknown.without(UNKNOWN) or foreign.lets_in:
            wrong.append((letter, foreign.status, unknown.status))
        if letter in row.may and foreign.status != 404:
            wrong.append((letter, foreign.status, 404))
        assert not leaked(letter, foreign)

    assert wrong == []


@pytest.mark.parametrize("operation", TABLE)
def test_a_stranger_is_let_in_only_where_everybody_is(office: Office, operation: str) -> None:
    answer = office.ask(office.stranger, operation, office.own)

    if TABLE[operation].strangers:
        assert not answer.location.startswith("/login?")
        assert answer.status not in (401, 403) or "/login" in operation  # where one signs in
    else:
        assert answer.status == 401 or answer.location.startswith("/login?")
    assert not leaked("D", answer)


@pytest.mark.parametrize("operation", CALLS)
def test_a_program_is_let_in_with_its_scope_alone(office: Office, operation: str) -> None:
    row = CALLS[operation]

    let_in = {scope for scope in Scope if office.ask(office.program(scope), operation, office.own).lets_in}

    assert let_in == ({row.scope} if row.scope else set()) or row.strangers


@pytest.mark.parametrize("operation", CALLS)
def test_a_token_that_is_no_token_opens_nothing(office: Office, operation: str) -> None:
    answer = office.ask(office.program("made-up"), operation, office.own)

    assert answer.status == 401 or CALLS[operation].strangers


LISTS = ("/api/cases", "/queue?view=all", "/queue.csv?view=all")


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("letter", READ)
def test_a_list_or_export_holds_nothing_of_another_line_nor_names_for_who_reads_without(
    office: Office, address: str, letter: str
) -> None:
    answer = office.people[letter].client.get(address)

    assert office.own.reference in answer.text
    assert office.foreign.reference not in answer.text
    assert not leaked(letter, Answer(answer.status_code, "", answer.text))


def found(who: Person, words: str) -> list[str]:
    answer = who.client.get("/api/cases", params={"q": words}).json()
    assert answer["total"]["value"] == len(answer["items"])
    return [item["reference"] for item in answer["items"]]


@pytest.fixture(scope="module")
def housing_lead(office: Office) -> Person:
    return signed_in_as(office.app, HILDE)


@pytest.mark.parametrize("words", [FOREIGN_WORD, *FOREIGN[:3]])
def test_a_search_finds_a_case_for_its_own_line_alone(office: Office, housing_lead: Person, words: str) -> None:
    assert found(housing_lead, words) == [office.foreign.reference]

    for letter in READ:
        assert found(office.people[letter], words) == []


@pytest.mark.parametrize("words", OWN_NAMES)
def test_who_reads_without_names_cannot_find_a_case_by_one(office: Office, words: str) -> None:
    assert found(office.people["X"], words) == [office.own.reference]

    assert found(office.people["D"], words) == []
    assert found(office.people["D"], office.own.reference) == [office.own.reference]


def test_all_that_holds_in_one_direction_holds_in_the_other(office: Office, housing_lead: Person) -> None:
    for operation in [one for one in TABLE if "{reference}" in one]:
        assert office.ask(housing_lead, operation, office.own).status == 404, operation


@pytest.mark.parametrize("address", ["/journeys", "/rules", "/models", "/queue?view=all"])
def test_journeys_of_another_line_are_not_named(office: Office, address: str) -> None:
    for person in office.people.values():
        answer = person.client.get(address)

        assert answer.status_code != 200 or "motor_claim" in answer.text
        assert "home_repair" not in answer.text


def test_a_foreign_case_tells_nothing_in_a_table_of_ones_own(office: Office) -> None:
    owner, address = office.people["J"].client, "/rules/motor_claim/next_step?case="

    foreign, unknown = (owner.get(f"{address}{one.reference}") for one in (office.foreign, UNKNOWN))

    assert foreign.status_code == unknown.status_code == 404
    assert owner.get(f"{address}{office.own.reference}").status_code == 200


def test_what_is_done_to_many_cases_passes_foreign_ones_as_unknown(office: Office) -> None:
    references = [office.own.reference, office.foreign.reference, UNKNOWN.reference]
    order = {"act": "assign", "to": "person-L", "cases": [{"reference": one} for one in references]}

    answer = office.people["L"].client.post("/api/bulk", json={**order, "dry_run": True}).json()

    own, foreign, unknown = answer["items"]
    assert own["reference"] == office.own.reference
    assert {**foreign, "reference": ""} == {**unknown, "reference": ""}
    assert own["result"] != foreign["result"]


@pytest.mark.parametrize("operation", [one for one in TABLE if one.startswith("GET") and "{reference}" in one])
def test_a_photo_that_another_lines_case_holds_too_does_not_name_that_case(
    office: Office, housing_lead: Person, operation: str
) -> None:
    answer = office.ask(housing_lead, operation, office.foreign)

    assert answer.status in (200, 204)  # 204: nothing to show, as of a chat that there is not
    assert office.own.reference not in answer.text
