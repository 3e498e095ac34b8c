"""Every operation of /openapi.json, fuzzed from outside by schemathesis against a real server."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.signing_in import cookie_of, open_session
from cases.vocabulary import Role
from pipelines import uploads
from pipelines.house import House
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.homes import settings
from tests.servers import answers, free_port, wait_until

pytestmark = pytest.mark.once
EXAMPLES = 15
DRILL_EXAMPLES = 200
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
STORY = "Gisteren raakte een steen mijn voorruit, kenteken GX-482-B. Er zit een ster in."


@dataclass(frozen=True)
class Target:
    """A served house with one real case. cookie: of a lead who sees every line; token: of a program."""

    url: str
    cookie: str
    token: str
    reference: str
    tracking: str
    upload: str


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Target]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given = settings(tmp_path_factory.mktemp("fuzzed"), models=trained, anonymous_per_minute=10**6, public_url=url)
    with opened(given) as house:
        server = uvicorn.Server(uvicorn.Config(create_app(house), port=port, log_level="critical", access_log=False))
        serving = threading.Thread(target=server.run)
        serving.start()
        wait_until(lambda: answers(port), "the server does not answer")
        yield _filled(house, url)
        server.should_exit = True
        serving.join(timeout=30)


def _filled(house: House, url: str) -> Target:
    now = house.now()
    with house.database.writing() as store:
        store.people.add_user("lea", (Role.LEAD, Role.EXPERT), "no password fits", at=now, lines=("*",))
        store.people.add_token("fuzzing", "fuzzing", ("messages:write", "cases:read"), at=now)
    cookie = cookie_of(open_session(house, "lea"), key=house.keys.session, now=now)
    sent = {"sender": (None, "a@b.nl"), "text": (None, STORY), "journey": (None, "motor_claim")}
    answer = httpx.post(f"{url}/api/messages", files=sent).json()
    drain(house)
    upload = uploads.token_of(house, uploads.announce(house, caller="token:fuzzing", name="film.jpg", size=10**6))
    return Target(url, cookie, "fuzzing", answer["reference"], answer["tracking_url"].rpartition("/")[2], upload)


def fuzz(target: Target, header: str, folder: Path, *, examples: int) -> str:
    """What schemathesis prints; fails the test when it found anything."""
    config = folder / "schemathesis.toml"
    config.write_text(
        f"headers = {{ {header} }}\n[generation]\nwith-security-parameters = false\n"
        f'[parameters]\nreference = "{target.reference}"\ntoken = "{target.tracking}"\n'
        f'upload_id = "{target.upload}"\n'
    )
    program = str(Path(sys.executable).with_name("schemathesis"))
    done = subprocess.run(
        [program, "--config-file", str(config), "run", f"{target.url}/openapi.json", "--max-examples", str(examples),
         "--checks", CHECKS, "--seed", "7", "--no-color"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("who", ["person", "program", "stranger"])
def test_no_input_makes_a_server_error_or_an_answer_that_is_not_documented(
    target: Target, tmp_path: Path, who: str
) -> None:
    told = fuzz(target, _header(target, who), tmp_path, examples=EXAMPLES)

    assert "Tested: " in told


@pytest.mark.drill
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", ["person", "program", "stranger"])
def test_nor_do_two_hundred_examples_of_every_operation(target: Target, tmp_path: Path, who: str) -> None:
    fuzz(target, _header(target, who), tmp_path, examples=DRILL_EXAMPLES)


def _header(target: Target, who: str) -> str:
    match who:
        case "person":
            return f'Cookie = "session={target.cookie}"'
        case "program":
            return f'Authorization = "Bearer {target.token}"'
        case _:
            return 'X-Nobody = "1"'
