"""A house with two journey owners, everybody else who may or may not read rules, and one case that was decided."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from web_house import PASSWORD_HASH, form_token_of, report, signed_in

from api.app import create_app
from api.pages.rules_form import fields_of
from cases.vocabulary import Role
from pipelines.house import House
from pipelines.rulebook.drafts import draft_of
from pipelines.runner import drain
from pipelines.wiring import build
from tests.homes import settings

JOURNEY, TABLE = "motor_claim", "next_step"
PATH = f"/rules/{JOURNEY}/{TABLE}"
PEOPLE = (
    ("joris", Role.JOURNEY_OWNER, "motor"), ("marije", Role.JOURNEY_OWNER, "motor"), ("olga", Role.AUDITOR, "motor"),
    ("hilde", Role.JOURNEY_OWNER, "housing"), ("anouk", Role.EXPERT, "motor"), ("noor", Role.LEAD, "motor"),
    ("hanna", Role.HANDLER, "motor"), ("ada", Role.DATA_SCIENTIST, "motor"), ("root", Role.ADMINISTRATOR, "motor"),
)  # fmt: skip
_LATER_ROW = re.compile(r"r([4-9]|\d\d+)\.")
READERS = ("joris", "marije", "olga")


@contextmanager
def ruled(home: Path, models: Path) -> Iterator[House]:
    built = build(settings(home, models=models, public_url="http://testserver", anonymous_per_minute=100_000))
    with built.database.writing() as store:
        for name, role, line in PEOPLE:
            store.people.add_user(name, (role,), PASSWORD_HASH, at=built.now(), lines=(line,))
    yield built
    built.decoder.close()
    built.database.close()


def decided_case(house: House, **fields: str) -> str:
    """The reference of a case about a windscreen that was read and decided."""
    with TestClient(create_app(house)) as client:
        answer = report(client, **fields)
    drain(house)
    return answer["reference"]


class Owner:
    """Somebody at a table, who sends its form as the page shows it."""

    def __init__(self, house: House, name: str, path: str = PATH) -> None:
        self.house, self.path = house, path
        self.client = signed_in(house, name)

    def page(self, query: str = "") -> str:
        answer = self.client.get(f"{self.path}{query}")
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", answer.text)

    def form(self, **changed: str) -> dict[str, str]:
        """The fields of the form that is open now. In names of changed fields __ stands for a point."""
        page = self.client.get(self.path).text
        hidden = {name: _hidden(page, name) for name in ("csrf", "seen")}
        return {
            **hidden,
            **shown_fields(self.house),
            **{name.replace("__", "."): text for name, text in changed.items()},
        }

    def send(self, do: str, *, to: str = "", **changed: str) -> Response:
        return self.client.post(f"{self.path}{to}", data={**self.form(**changed), "do": do})

    def save(self, **changed: str) -> None:
        answer = self.send("save", **changed)
        assert answer.status_code == 303, answer.text

    def save_short(self, **changed: str) -> None:
        """A draft of the first rows only: a page that a browser looks over in a second."""
        kept = {name: text for name, text in self.form(**changed).items() if not _LATER_ROW.match(name)}
        answer = self.client.post(self.path, data={**kept, "do": "save"})
        assert answer.status_code == 303, answer.text

    def act(self, form: str, **fields: str) -> Response:
        """Send one of the small forms beside the table."""
        token = form_token_of(self.client.get(self.path).text)
        return self.client.post(f"{self.path}/{form}", data={"csrf": token, **fields})


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def shown_fields(house: House) -> dict[str, str]:
    draft = draft_of(house, JOURNEY, TABLE)
    return fields_of(draft.document if draft else house.journeys.get(JOURNEY).tables[TABLE].as_dict())


def row_of(house: House, row: str) -> str:
    """The name under which the form holds a row."""
    fields = shown_fields(house)
    return next(name.removesuffix(".id") for name, text in fields.items() if name.endswith(".id") and text == row)


def column_of(house: House, column: str) -> str:
    """The number of an input."""
    fields = shown_fields(house)
    name = next(name for name, text in fields.items() if re.fullmatch(r"i\d+\.name", name) and text == column)
    return name.removesuffix(".name")[1:]


def cell(house: House, row: str, column: str) -> str:
    return f"{row_of(house, row)}__w{column_of(house, column)}"


@pytest.fixture(scope="module")
def reference(house: House) -> str:
    return decided_case(house)


@pytest.fixture
def joris(house: House) -> Iterator[Owner]:
    """A journey owner at a table without a draft; what the test drafted goes with it."""
    owner = Owner(house, "joris")
    yield owner
    if draft_of(house, JOURNEY, TABLE) is not None:
        owner.act("discard")
