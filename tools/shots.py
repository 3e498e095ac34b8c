"""Takes the pictures in docs/pictures from a fresh demo: `python -m tools.shots [--only NAME]`, or `make shots`.

The demo is built in a temporary house, served on a free port and looked at with Debian's Chromium.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import structlog
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from api.app import create_app
from api.commands.demo import DEMO_ALPHA
from api.signing_in import login_path
from cases.case import Case
from cases.vocabulary import Danger, FileKind, Status, Step
from configs.settings import Settings
from pipelines.house import House
from pipelines.links import path_of
from pipelines.rulebook.drafts import draft_of, save_draft
from pipelines.rulebook.report import report_of
from pipelines.wiring import opened
from tools.browsing import chromium, served

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
LEAD = "lotte"  # the demo's person who sees every journey's cases
SCIENTIST = "dana"  # the one who sees the models
DRAFTER, PUBLISHER = "joris", "mila"  # of tables
SIZES = {1440: 900, 390: 844}  # width: height, in CSS pixels
LARGEST = 300_000  # bytes a picture
RESTED = 600  # milliseconds until what a page fetches of itself is there
MODELS = "/models?journey=motor_claim"
RULES = "/rules/motor_claim/next_step"
#: Who looks at pages that not everybody sees; all others are the lead's.
EYES = {MODELS: SCIENTIST, RULES: PUBLISHER}

#: Fetches what is loaded only when scrolled to, and returns to the top.
ROLL_DOWN = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
    scrollTo({top: y, behavior: 'instant'});
    await new Promise(done => setTimeout(done, 60));
  }
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  scrollTo({top: 0, behavior: 'instant'});
}"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of one page."""

    name: str
    path: str
    width: int = 1440
    scheme: Literal["light", "dark"] = "light"
    whole: bool = False  # the whole page instead of what fits on the screen
    act: Callable[[Page], object] | None = None  # what is done on the page before


class NoSuchCase(Exception):
    """The demo holds no case that a picture needs."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the demo holds no case {what}; look at configs/demo/mails.yaml")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.shots", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="a picture's name; may be given more than once")
    parser.add_argument("--home", type=Path, help="a house with the demo in it; built anew when left out")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or build_demo(Path(folder))
        for path in take(home, only=frozenset(given.only)):
            sys.stdout.write(f"{path.relative_to(PICTURES.parent.parent)} {path.stat().st_size // 1000} kB\n")


def build_demo(home: Path) -> Path:
    """Run `casewright demo` into this folder. A demo that misses its promise says so and is pictured all the same."""
    command = [sys.executable, "-m", "api", "demo", "--no-serve"]
    ended = subprocess.run(command, env={**os.environ, "CASEWRIGHT_HOME": str(home)}, stdout=sys.stderr, check=False)  # noqa: S603
    if ended.returncode:
        sys.stderr.write(f"casewright demo ended with {ended.returncode}; read its table above\n")
    return home


def take(home: Path, *, only: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Take every picture (or only those named) of the demo in this house; yields the files as they are written."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = Settings(home=home, auto_close_alpha=DEMO_ALPHA, public_url=base)
    with opened(settings) as house, served(create_app(house), port), chromium() as browser:
        draft_a_table(house)
        for shot in shots(house):
            if not only or shot.name in only:
                yield keep(shot, picture(browser, shot, base, house))


def shots(house: House) -> list[Shot]:
    with house.database.reading() as store:
        cases = sorted(store.cases(store.case_ids()).values(), key=_telling)
    waiting_nl = _tracked(cases, house, status=Status.WAITING_CUSTOMER, language="nl")
    waiting_en = _tracked(cases, house, status=Status.WAITING_CUSTOMER, language="en")
    closed = _tracked(cases, house, status=Status.CLOSED, language="nl")
    file = _page(cases, "before an expert, with advice", _has_plain_file)
    blind = _page(cases, "to be decided blind", lambda case: bool(case.step and case.step.shadow))
    danger = _page(cases, "of somebody shut in", lambda case: any(it.danger is Danger.SHUT_IN for it in case.dangers))
    return [
        Shot("queue", "/queue"),
        Shot("queue-dark", "/queue", scheme="dark"),
        Shot("queue-phone", "/queue", width=390),
        Shot("queue-bulk", "/queue", act=pick_three),
        Shot("insights", "/insights", whole=True),
        Shot("insights-dark", "/insights", scheme="dark"),
        Shot("insights-phone", "/insights", width=390),
        Shot("composer", file, act=write),
        Shot("case-dark", file, scheme="dark"),
        Shot("case-phone", file, width=390),
        Shot("case", file, act=choose),  # after the others of this case: what is chosen is kept as a draft
        Shot("case-blind", blind),
        Shot("case-danger", danger),
        Shot("tracking-waiting-phone", waiting_nl, width=390, whole=True),
        Shot("tracking-waiting-phone-dark", waiting_nl, width=390, scheme="dark", whole=True),
        Shot("tracking-waiting", waiting_en),
        Shot("tracking-closed", closed),
        Shot("models", MODELS, whole=True),
        Shot("models-dark", MODELS, scheme="dark"),
        Shot("models-phone", MODELS, width=390),
        Shot("rules", RULES, whole=True),
        Shot("rules-dark", RULES, scheme="dark"),
        Shot("rules-phone", RULES, width=390),
        Shot("login", "/login"),
    ]


def draft_a_table(house: House) -> None:
    """A draft with its replay report, for the pictures of the editor; where there is one already it stays."""
    journey, table = RULES.split("/")[2:4]
    if draft_of(house, journey, table) is not None:
        return
    document = house.journeys.get(journey).root.as_dict()
    for row in document["rows"]:
        if row["id"] == "R-510":  # thefts, which go to a team of their own
            row["then"] |= {"step": "expert", "department": ""}
    base = house.journeys.get(journey).root_digest
    draft = save_draft(house, journey, table, document, by=DRAFTER, base=base)
    if draft.read is not None:
        report_of(house, journey, draft.read)


def _telling(case: Case) -> tuple[bool, bool, int, str]:
    """Cases that tell most in an English document first: windscreens are the demo's best-known topic."""
    return case.topic != "windscreen", case.language != "en", -len(case.files), case.reference


def _tracked(cases: Iterable[Case], house: House, *, status: Status, language: str) -> str:
    """The tracking path of the most telling case with this status and language."""
    case = _first(
        cases,
        f"{status} in {language}",
        lambda it: it.status is status and it.language == language and bool(it.link_id),
    )
    return path_of(str(case.link_id), house.keys.link)


def _has_plain_file(case: Case) -> bool:
    """Before a person with the machine's advice, without danger, and with a photo to look at."""
    return (
        case.status is Status.WITH_EXPERT
        and case.step is not None
        and case.step.step is Step.EXPERT
        and not case.dangers
        and any(file.kind is FileKind.PHOTO for file in case.files)
    )


def _page(cases: Iterable[Case], what: str, fits: Callable[[Case], bool]) -> str:
    return f"/cases/{_first(cases, what, fits).reference}"


def _first(cases: Iterable[Case], what: str, fits: Callable[[Case], bool]) -> Case:
    found = next((case for case in cases if fits(case)), None)
    if found is None:
        raise NoSuchCase(what)
    return found


def picture(browser: Browser, shot: Shot, base: str, house: House) -> bytes:
    """A PNG of the page as a person would see it, signed in where that is needed."""
    size = ViewportSize(width=shot.width, height=SIZES[shot.width])
    with browser.new_context(viewport=size, color_scheme=shot.scheme) as context:
        page = context.new_page()
        if shot.path.startswith(("/queue", "/cases/", "/models", "/rules", "/insights")):
            sign_in(page, base, house, EYES.get(shot.path, LEAD))
        page.goto(base + shot.path, wait_until="load")
        page.evaluate(ROLL_DOWN)
        if shot.act is not None:
            shot.act(page)
        page.wait_for_timeout(RESTED)
        return page.screenshot(full_page=shot.whole)


def pick_three(page: Page) -> None:
    for box in page.locator("[data-pick]").all()[:3]:
        box.check()


def choose(page: Page) -> None:
    page.locator("[data-verdict]").first.check()


def write(page: Page) -> None:
    page.locator("#write-title").click()
    page.locator("#write form button.main").scroll_into_view_if_needed()


def sign_in(page: Page, base: str, house: House, name: str) -> None:
    page.goto(base + login_path(house, name))
    page.wait_for_url("**/queue")


def keep(shot: Shot, png: bytes) -> Path:
    """Write it with as many colours, up to 256, as stay under the largest size."""
    path = PICTURES / f"{shot.name}.png"
    image = Image.open(BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            break
    return path


if __name__ == "__main__":
    main()
