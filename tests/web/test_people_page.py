"""Administrators add people, change what they may and can do, and bar them; nobody is left with a password to know."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from queue_house import filled_house, signed_in
from web_house import PASSWORD, PASSWORD_HASH, Clock, form_token_of

from api.app import create_app
from api.signing_in import Scope
from cases.errors import CaseError
from cases.events import AccessNoted
from cases.people import User
from cases.vocabulary import SYSTEM, Actor, Role
from pipelines import staff
from pipelines.house import House
from pipelines.staff import Change

NEW = "quiet harbour lamp"
HANDLER = {"role.handler": "on", "line.motor": "on"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[House]:
    """With root, the only administrator, and an auditor."""
    with filled_house(tmp_path_factory.mktemp("people"), clock=clock) as built:
        for name, role in (("root", Role.ADMINISTRATOR), ("olga", Role.AUDITOR)):
            staff.add_person(built, name, PASSWORD_HASH, Change(roles=(role,), lines=("motor",)), by="test")
        yield built


@pytest.fixture
def root(house: House) -> TestClient:
    return signed_in(house, "root")


@pytest.fixture
def person(house: House) -> str:
    """The name of a handler of this test alone."""
    with house.database.reading() as store:
        name = f"person{len(store.people.users())}"
    staff.add_person(house, name, PASSWORD_HASH, Change(roles=(Role.HANDLER,), lines=("motor",)), by="test")
    return name


def post(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    token = form_token_of(client.get("/people/one?name=root").text)
    answer = client.post(path, data={"csrf": token, **fields})
    return answer.status_code, answer.text


def user(house: House, name: str) -> User:
    with house.database.reading() as store:
        found = store.people.user(name)
    assert found is not None
    return found


def noted(house: House, name: str) -> list[tuple[str, str, Actor]]:
    with house.database.reading() as store:
        history = store.history("access")
    found = [(one.event, one.actor) for one in history if isinstance(one.event, AccessNoted)]
    return [(event.what, event.who, actor) for event, actor in found if event.subject == name]


def link_in(page: str) -> str:
    found = re.search(r'value="http://[^"/]+(/login/password/[^"]+)"', page)
    assert found is not None
    return found[1]


def set_password(house: House, link: str, password: str = NEW, again: str = NEW) -> tuple[int, str]:
    client = TestClient(create_app(house), follow_redirects=False)
    token = form_token_of(client.get(link).text)
    answer = client.post(link, data={"csrf": token, "password": password, "again": again})
    return answer.status_code, answer.text


def sign_in(house: House, name: str, password: str) -> int:
    client = TestClient(create_app(house), follow_redirects=False)
    token = form_token_of(client.get("/login").text)
    return client.post("/login", data={"csrf": token, "name": name, "password": password}).status_code


def test_a_new_person_sets_their_own_password_by_a_link_that_works_once(house: House, root: TestClient) -> None:
    status, page = post(root, "/people", name="Eva", **HANDLER, skills="windscreen", limit="2500,50", hours="4")
    link = link_in(page)

    assert status == 200
    assert link not in root.get("/people/one?name=eva").text
    assert set_password(house, link)[0] == 303
    assert set_password(house, link)[0] == 401
    assert sign_in(house, "eva", NEW) == 303
    eva = user(house, "eva")
    assert (eva.roles, eva.lines, eva.skills) == ((Role.HANDLER,), ("motor",), ("windscreen",))
    assert eva.own_limit == Decimal("2500.50")
    told = noted(house, "eva")
    assert {(who, actor) for _, who, actor in told[:-1]} == {("root", Actor("person", "root"))}
    assert told[-1] == ("password_set by_link", "eva", Actor("person", "eva"))
    assert "password_link_made hours=4" in [what for what, _, _ in told]


@pytest.mark.parametrize(("password", "again"), [("short", "short"), (NEW, "another harbour lamp")])
def test_a_password_that_does_not_do_leaves_the_link_as_it_was(
    house: House, root: TestClient, person: str, password: str, again: str
) -> None:
    link = link_in(post(root, "/people/link", name=person)[1])

    assert set_password(house, link, password, again)[0] == 422
    assert set_password(house, link)[0] == 303


def test_a_link_opens_nothing_when_it_is_old_replaced_or_its_person_barred(
    house: House, root: TestClient, person: str, clock: Clock
) -> None:
    replaced, old = (link_in(post(root, "/people/link", name=person, hours="4")[1]) for _ in range(2))
    assert set_password(house, replaced)[0] == 401
    clock.ahead += timedelta(hours=4)
    assert set_password(house, old)[0] == 401

    root = signed_in(house, "root")
    barred = link_in(post(root, "/people/link", name=person)[1])
    post(root, "/people/bar", name=person)
    post(root, "/people/let-in", name=person)

    assert set_password(house, barred)[0] == 401
    assert sign_in(house, person, PASSWORD) == 303


def test_a_link_is_no_token_and_signs_nobody_in(house: House, root: TestClient, person: str) -> None:
    link = link_in(post(root, "/people/link", name=person)[1])
    secret, client = link.rpartition("/")[2], TestClient(create_app(house), follow_redirects=False)

    assert client.get("/api/cases", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert client.get(f"/login/once/{secret}").status_code == 401
    assert set_password(house, link)[0] == 303


def test_a_token_of_a_program_sets_no_password(house: House) -> None:
    with house.database.writing() as store:
        store.people.add_token("t" * 43, "mailgate root", (Scope.SEND,), at=house.now())

    assert set_password(house, f"/login/password/{'t' * 43}")[0] == 401


def test_a_form_without_its_token_sets_no_password(house: House, root: TestClient, person: str) -> None:
    link = link_in(post(root, "/people/link", name=person)[1])
    client = TestClient(create_app(house), follow_redirects=False)

    assert client.post(link, data={"password": NEW, "again": NEW}).status_code == 403
    assert sign_in(house, person, PASSWORD) == 303


def test_what_is_ticked_replaces_rights_ends_sessions_and_is_told(house: House, root: TestClient, person: str) -> None:
    theirs = signed_in(house, person)
    same = {**HANDLER, "name": person}
    assert post(root, "/people/change", **same, teams="north")[0] == 303
    assert theirs.get("/queue").status_code == 200

    assert post(root, "/people/change", **same, **{"role.lead": "on", "line.*": "on"})[0] == 303

    assert theirs.get("/queue").status_code == 303
    changed = user(house, person)
    assert (changed.roles, changed.lines, changed.teams) == ((Role.HANDLER, Role.LEAD), ("*",), ())
    assert ("user_set lines=*", "root", Actor("person", "root")) in noted(house, person)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"role.handler": "on"}, "line of business"),
        ({"line.motor": "on"}, "at least one role"),
        ({**HANDLER, "limit": "much"}, "in euros"),
        ({**HANDLER, "limit": "-1"}, "from 0"),
        ({**HANDLER, "skills": "flying"}, "flying"),
        ({**HANDLER, "line.mars": "on"}, "mars"),
    ],
)
def test_what_cannot_be_is_told_keeps_what_was_typed_and_changes_nothing(
    house: House, root: TestClient, person: str, fields: dict[str, str], says: str
) -> None:
    before = user(house, person)

    status, page = post(root, "/people/change", name=person, **{"teams": "typed-here", **fields})

    assert status == 409
    assert says in page
    assert "typed-here" in page
    assert user(house, person) == before


@pytest.mark.parametrize(("name", "says"), [("two words", "no spaces"), ("ROOT", "Choose another"), ("", "no spaces")])
def test_a_name_that_cannot_be_an_account_or_is_one_is_refused(root: TestClient, name: str, says: str) -> None:
    status, page = post(root, "/people", name=name, **HANDLER)

    assert status == 409
    assert says in page


def test_the_last_administrator_stays_one_by_page_and_by_command(house: House, root: TestClient) -> None:
    status, page = post(root, "/people/change", name="root", **{"role.auditor": "on", "line.motor": "on"})

    assert status == 409
    assert "cannot give yourself" in page
    assert post(root, "/people/change", name="root", **HANDLER)[0] == 409
    assert post(root, "/people/bar", name="root")[0] == 409
    for act in (
        lambda: staff.change_person(house, "root", Change(roles=(Role.AUDITOR,)), by="command line"),
        lambda: staff.bar(house, "root", by="command line"),
    ):
        with pytest.raises(staff.LastAdministrator, match="somebody else"):
            act()
    assert user(house, "root").roles == (Role.ADMINISTRATOR,)
    assert user(house, "root").disabled_at is None


def test_of_two_administrators_one_may_be_barred_and_then_the_other_is_the_last(house: House, root: TestClient) -> None:
    staff.add_person(house, "second", PASSWORD_HASH, Change(roles=(Role.ADMINISTRATOR,)), by="test")

    assert post(root, "/people/bar", name="second")[0] == 303

    with pytest.raises(CaseError, match="somebody else"):
        staff.bar(house, "root", by="second", actor=Actor("person", "second"))
    assert post(root, "/people/change", name="second", **{"role.auditor": "on"})[0] == 303


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [(None, "10", True), ("100", "101", True), ("100", "", True), ("100", "100", False), ("100", "99.99", False)],
)
def test_nobody_raises_their_own_limit(
    house: House, person: str, before: str | None, after: str, *, refused: bool
) -> None:
    both = (Role.HANDLER, Role.ADMINISTRATOR)
    limit = Decimal(before) if before else None
    staff.change_person(house, person, Change(roles=both, own_limit=limit), by="test", actor=SYSTEM)
    ticked = {**HANDLER, "role.administrator": "on"}

    status, _ = post(signed_in(house, person), "/people/change", name=person, **ticked, limit=after)

    assert (status == 409) is refused
    assert user(house, person).own_limit == (limit if refused else Decimal(after))


@pytest.mark.parametrize("more", ["role.lead", "line.housing", "line.*"])
def test_nobody_gives_themselves_a_role_or_line(house: House, root: TestClient, more: str) -> None:
    before = user(house, "root")

    assert (
        post(root, "/people/change", name="root", **{"role.administrator": "on", "line.motor": "on", more: "on"})[0]
        == 409
    )
    assert user(house, "root") == before


def test_absence_with_a_deputy_is_set_and_taken_back(house: House, root: TestClient, person: str) -> None:
    day = f"{house.local_now() + timedelta(days=3):%Y-%m-%d}"

    assert post(root, "/people/away", name=person, until=day, deputy="bram")[0] == 303
    page = root.get("/people").text
    assert "Away until" in page
    assert "bram stands in" in page
    assert post(root, "/people/away", name=person, until="2020-01-01")[0] == 409
    assert post(root, "/people/away", name=person, until="soon")[0] == 409
    assert post(root, "/people/away", name=person, until="")[0] == 303

    assert user(house, person).away_until is None


def test_ending_sessions_ends_theirs_and_of_ones_own_all_but_this_one(
    house: House, root: TestClient, person: str
) -> None:
    theirs, elsewhere = signed_in(house, person), signed_in(house, "root")

    assert post(root, "/people/sessions", name=person)[0] == 303
    assert post(root, "/people/sessions", name="root")[0] == 303

    assert [one.get("/journeys").status_code for one in (theirs, elsewhere, root)] == [303, 303, 200]
    assert noted(house, person)[-1][0] == "sessions_ended"


def test_who_is_barred_is_out_at_once_and_comes_in_after_being_let_in(
    house: House, root: TestClient, person: str
) -> None:
    theirs = signed_in(house, person)

    assert post(root, "/people/bar", name=person)[0] == 303
    assert theirs.get("/queue").status_code == 303
    assert sign_in(house, person, PASSWORD) == 401
    assert "Barred" in root.get(f"/people/one?name={person}").text
    assert post(root, "/people/let-in", name=person)[0] == 303

    assert sign_in(house, person, PASSWORD) == 303
    assert [what for what, _, _ in noted(house, person)][-2:] == ["user_disabled", "user_enabled"]


def test_the_list_tells_who_came_in_lately_and_how_many_sessions_are_open(
    house: House, root: TestClient, person: str
) -> None:
    for _ in range(2):
        signed_in(house, person)
    staff.add_person(house, "newcomer", PASSWORD_HASH, Change(roles=(Role.HANDLER,)), by="test")

    rows = {name: row for row in root.get("/people").text.split("<tr>") for name in (person, "newcomer") if name in row}

    assert '<td class="num">2</td>' in rows[person]
    assert "Not lately" not in rows[person]
    assert "Not lately" in rows["newcomer"]


def test_an_auditor_reads_and_changes_nothing(house: House, person: str) -> None:
    olga = signed_in(house, "olga")

    page = olga.get(f"/people/one?name={person}")

    assert page.status_code == 200
    assert 'action="/people' not in page.text + olga.get("/people").text
    for path in ("", "/change", "/away", "/link", "/sessions", "/bar", "/let-in"):
        assert post(olga, f"/people{path}", name=person, **HANDLER)[0] == 403


@pytest.mark.parametrize(("name", "shown"), [("root", True), ("olga", True), ("anouk", False), ("ada", False)])
def test_the_desk_leads_there_who_may_read_it(house: House, name: str, *, shown: bool) -> None:
    page = signed_in(house, name).get("/journeys").text

    assert ('href="/people"' in page) is shown


def test_a_name_that_nobody_has_is_not_found(root: TestClient) -> None:
    assert root.get("/people/one?name=ghost").status_code == 404
    assert post(root, "/people/bar", name="ghost")[0] == 404


def test_an_administrator_begins_here_and_not_with_cases(house: House, root: TestClient) -> None:
    assert root.get("/").headers["location"] == "/people"
    assert signed_in(house, "anouk").get("/").headers["location"] == "/queue"
