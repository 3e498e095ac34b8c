"""Everything that can be told about an installation from outside of its processes, with the mend of what is wrong.

Nothing is changed, except that each probe of writing writes a little.
"""

import ipaddress
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from cases.journey_folder import JourneyFolder
from cases.store.away import DatabaseAway
from cases.store.database import MIGRATIONS, Database
from cases.store.keys import LEAST_SECRET, Keys
from cases.store.plain_sqlite import has_fts5
from cases.vocabulary import Help
from configs.settings import Settings
from models.errors import ModelError
from pipelines.assistant.calling import why_off
from pipelines.channels.post.folder import aside
from pipelines.channels.post.tesseract import MEND, find_tesseract
from pipelines.evidence import serving
from pipelines.handover import HandoverUnset
from pipelines.house import House
from pipelines.journeys import JourneyRefused, load_journeys
from pipelines.llm import unusable_llm
from pipelines.standing import standing
from pipelines.usable import MAKE_SECRET, Unusable, unusable
from pipelines.watching.away import Part
from pipelines.watching.probes import MODEL_MEND, State, model_troubles
from pipelines.watching.readiness import Readiness
from pipelines.wiring import RESTORING, handover_of, opened

FEWEST_CHARACTERS = 8  # different ones in a secret: "changeme" repeated has seven
_NEEDED = ("journeys", "handover_url", "restore")  # while one of them is wrong the house cannot be opened
SKEW_SECONDS = 2.0  # leases and promised dates hold with clocks this far apart


class Level(StrEnum):
    """note: good to know. wrong: somebody has to do something."""

    FINE = auto()
    NOTE = auto()
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    level: Level
    says: str
    mend: str = ""


def check_all(settings: Settings) -> list[Finding]:
    """Settings, then journeys, then the database, and with all of those in order everything that stands on them."""
    needed = {*_NEEDED, *(one.about for one in _useless(settings))}
    findings = [*check_settings(settings), *_restore(settings), *_journeys(settings)]
    tables = [] if "database_url" in needed else list(_tables(settings))
    findings += tables
    shut = any(one.about in needed and one.level is Level.WRONG for one in findings)
    if not shut and all(one.level is Level.FINE for one in tables):
        with opened(settings) as house:
            findings += check_house(house)
    return findings


def check_settings(settings: Settings) -> list[Finding]:
    """What is weak, left as it came, or contradicts itself. [] of nothing."""
    useless = [Finding(one.about, Level.WRONG, one.says, one.mend) for one in _useless(settings)]
    told = {one.about for one in useless}
    address = () if "public_url" in told else _address(settings)
    parts = (
        _secret(settings), address, _mail(settings), _scans(settings), _printing(settings), _orders(settings),
        _together(settings), () if "llm_url" in told else _assistant(settings),
    )  # fmt: skip
    return [*useless, *(one for part in parts for one in part if one.about not in told)]


def _secret(settings: Settings) -> Iterator[Finding]:
    if settings.secret is None:
        yield Finding("secret", Level.NOTE, f"it lies in {settings.home / 'secret.key'}; keep a copy apart")
        return
    secret = settings.secret.get_secret_value()
    if len(set(secret)) < FEWEST_CHARACTERS or "change" in secret.lower():
        yield Finding("secret", Level.WRONG, "it can be guessed", f"set it to the output of: {MAKE_SECRET}")


def _address(settings: Settings) -> Iterator[Finding]:
    shown = urlsplit(settings.public_url)
    if is_loopback(shown.hostname):
        yield Finding("public_url", Level.NOTE, f"links lead to {settings.public_url}: to this machine only",
                      "set CASEWRIGHT_PUBLIC_URL to the https address that customers use")  # fmt: skip
    elif shown.scheme != "https":
        yield Finding("public_url", Level.WRONG, "links and cookies travel unencrypted",
                      "put TLS before it and set CASEWRIGHT_PUBLIC_URL to the https address")  # fmt: skip
    if settings.watch_from_loopback and not is_loopback(shown.hostname):
        yield Finding("watch_from_loopback", Level.NOTE, "who comes by a proxy on this machine that adds no "
                      "X-Forwarded-For may read /metrics", "set CASEWRIGHT_WATCH_FROM_LOOPBACK=false")  # fmt: skip


def _mail(settings: Settings) -> Iterator[Finding]:
    level = Level.NOTE if settings.smtp_url is None else Level.WRONG
    for name, value in (("mail_domain", settings.mail_domain), ("mail_from", settings.mail_from)):
        if value.endswith(".invalid"):
            yield Finding(name, level, f"it is still {value}", f"set CASEWRIGHT_{name.upper()} to a domain of yours")
    if settings.smtp_url is None:
        yield Finding("mail", Level.NOTE, f"letters become files in {settings.home / 'outbox'}")


def _scans(settings: Settings) -> Iterator[Finding]:
    folder = settings.scan_folder
    if folder is None:
        return
    if _shut(folder):
        yield Finding("scan_folder", Level.WRONG, f"{folder} is not there, or not to be read and written by this user",
                      "make it, for the user that runs casewright post")  # fmt: skip
    elif number := aside(folder):
        yield Finding("scan_folder", Level.WRONG, f"{number} scans lie in {folder / 'aside'}",
                      "each has a .txt with the reason; mend it, put the scan back and take the .txt away")  # fmt: skip
    if find_tesseract() is None:
        yield Finding("tesseract", Level.WRONG, "it is not installed: scanned letters are not read, only shown", MEND)


def _printing(settings: Settings) -> Iterator[Finding]:
    folder = settings.print_folder
    if folder is not None and folder.exists() and _shut(folder):
        yield Finding("print_folder", Level.WRONG, f"{folder} is no folder, or not to be written by this user",
                      "hand it to the user that runs the workers; until then letters on paper wait")  # fmt: skip


def _shut(folder: Path) -> bool:
    return not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _orders(settings: Settings) -> Iterator[Finding]:
    try:
        handover_of(settings)
    except HandoverUnset as unset:
        yield Finding("handover_url", Level.WRONG, "orders cannot be sent", str(unset))


def _restore(settings: Settings) -> Iterator[Finding]:
    if (settings.home / RESTORING).exists():
        yield Finding("restore", Level.WRONG, "one was begun and not finished, so nobody is let in",
                      "run the same casewright restore again to its end")  # fmt: skip


def _together(settings: Settings) -> Iterator[Finding]:
    on_sqlite = settings.database.startswith("sqlite")
    if settings.broker_url is not None and on_sqlite:
        yield Finding("broker_url", Level.WRONG, "workers on a broker share one SQLite file, which has one writer",
                      "set CASEWRIGHT_DATABASE_URL to a PostgreSQL, or leave CASEWRIGHT_BROKER_URL out")  # fmt: skip
    if settings.broker_url is not None and settings.blob_url is None:
        yield Finding("blob_url", Level.NOTE, "files lie under home: workers on other machines do not see them",
                      "set CASEWRIGHT_BLOB_URL, or share CASEWRIGHT_HOME")  # fmt: skip
    if settings.full_after_seconds < settings.slow_after_seconds:
        yield Finding("full_after_seconds", Level.WRONG, "people are refused before programs are slowed",
                      "set CASEWRIGHT_FULL_AFTER_SECONDS above CASEWRIGHT_SLOW_AFTER_SECONDS")  # fmt: skip
    if settings.otel_url is not None and find_spec("opentelemetry.exporter") is None:
        yield Finding("otel_url", Level.WRONG, "no traces are made: the packages are missing",
                      "pip install casewright[otel]")  # fmt: skip


def _useless(settings: Settings) -> Iterator[Unusable]:
    yield from unusable(settings)
    yield from unusable_llm(settings)


def _assistant(settings: Settings) -> Iterator[Finding]:
    url = urlsplit(settings.llm_url or "")
    if url.scheme == "http" and not is_loopback(url.hostname):
        yield Finding("llm_url", Level.NOTE, "what customers write goes to the language model unencrypted",
                      "use https, or make sure that nobody else reads that network")  # fmt: skip


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _journeys(settings: Settings) -> Iterator[Finding]:
    try:
        names = load_journeys(settings).names()
    except JourneyRefused as refused:
        first = refused.problems[0] if refused.problems else "it cannot be read"
        yield Finding("journeys", Level.WRONG, f"{refused.folder}: {first}", "casewright journeys check")
    else:
        yield Finding("journeys", Level.FINE, ", ".join(names))


def _tables(settings: Settings) -> Iterator[Finding]:
    """Whether the database is there, and as new as this program."""
    mend = "casewright migrate"
    try:
        url = make_url(settings.database)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():  # opening it would make it
            yield Finding("tables", Level.NOTE, "there is no database yet", mend)
            return
        found = _revision(settings)
    except DatabaseAway as error:
        yield Finding("database", Level.WRONG, str(error), "see whether it runs, and CASEWRIGHT_DATABASE_URL")
        return
    script = ScriptDirectory(str(MIGRATIONS))
    ours, known = script.get_current_head(), {one.revision for one in script.walk_revisions()}
    if found == ours:
        yield Finding("tables", Level.FINE, f"revision {found}, that of this program")
    elif found is None:
        yield Finding("tables", Level.NOTE, "the database has no tables yet", mend)
    elif found in known:
        yield Finding("tables", Level.WRONG, f"revision {found}; this program wants {ours}", mend)
    else:
        yield Finding("tables", Level.WRONG, f"revision {found} is newer than this program, which knows {ours}",
                      "install the version that belongs to the database")  # fmt: skip


def _revision(settings: Settings) -> str | None:
    database = Database(settings.database, keys=Keys.from_secret(bytes(LEAST_SECRET)), follow=lambda *_: ())
    try:
        with database.reading() as store:
            return store.watch.revision()
    finally:
        database.close()


def check_house(house: House) -> list[Finding]:
    """What stands on settings, journeys and database: every part as on /readyz, models, clock, work, certificates."""
    found = [one for one in Readiness(house).look().parts if one.part not in (Part.MODELS, Part.JOURNEYS)]
    findings = [
        Finding(one.part, Level.FINE if one.state is State.READY else Level.WRONG, one.says, one.mend) for one in found
    ]
    if all(one.level is Level.FINE for one in findings[:1]):
        return [
            *findings,
            *_models(house),
            *_clock(house),
            *_parked(house),
            *_certificates(house),
            *_rules(house),
            *_words(house),
            *_asked(house),
        ]
    return findings


def _models(house: House) -> Iterator[Finding]:
    troubles = list(model_troubles(house))
    for trouble in troubles:
        level = Level.NOTE if trouble.untrained else Level.WRONG
        yield Finding("models", level, trouble.says, "" if trouble.untrained else MODEL_MEND)
    if not troubles:
        yield Finding("models", Level.FINE, "one for each journey, as they were registered")


def _clock(house: House) -> Iterator[Finding]:
    with house.database.reading() as store:
        apart = abs((store.watch.clock() - house.now()).total_seconds())
    if apart > SKEW_SECONDS:
        yield Finding("clock", Level.WRONG, f"it is {apart:.1f} s from the database's", "run NTP on both machines")


def _parked(house: House) -> Iterator[Finding]:
    with house.database.reading() as store:
        parked = store.work.counts().parked
    for stage, number in sorted(parked.items()):
        yield Finding("work", Level.WRONG, f"{number} pieces of {stage} were given up",
                      "casewright work list --parked, mend the reason, casewright work unpark REF")  # fmt: skip


def _asked(house: House) -> Iterator[Finding]:
    if house.assistant is None:
        return
    folders = house.journeys.folders.values()
    if all(why_off(house.assistant, folder, task) is not None for folder in folders for task in Help):
        yield Finding("llm_region", Level.NOTE, "no journey lets a language model in this region be asked for anything",
                      "set CASEWRIGHT_LLM_REGION to one that a journey names in assistant.regions")  # fmt: skip


def _certificates(house: House) -> Iterator[Finding]:
    """Of every topic that was ever certified: whether it may still close by itself, by the present model and rules."""
    with house.database.reading() as store:
        latest = {(one.journey, one.topic): one for one in store.certificates.all()}
    for (journey, topic), one in sorted(latest.items()):
        name, folder = f"{journey}/{topic}", house.journeys.folders.get(journey)
        if one.shut_at is not None:
            yield Finding("certificates", Level.NOTE, f"{name} is shut: {one.shut_because}",
                          "casewright models certify, once the reason is mended")  # fmt: skip
        elif folder is None:
            yield Finding("certificates", Level.NOTE, f"{name} is of a journey that is not loaded")
        elif _stands(house, folder, topic):
            yield Finding("certificates", Level.FINE, f"{name} stands")
        else:
            yield Finding("certificates", Level.NOTE, f"{name} is not for the present model and rules",
                          "casewright models certify")  # fmt: skip


def _rules(house: House) -> Iterator[Finding]:
    """Tables whose file was changed though cases were decided: they wait for a person to take them up."""
    for journey in house.journeys.names():
        for table in house.journeys.offered(journey):
            yield Finding(
                "rules", Level.NOTE, f"the file of {journey}/{table} says what was never published; it decides nothing",
                f"casewright rules draft {journey}/{table} --from-folder --by NAME, or put the file back",
            )  # fmt: skip


def _words(house: House) -> Iterator[Finding]:
    """Whether cases are found by their words, and how."""
    with house.database.reading() as store:
        missing = len(store.search.missing())
    if missing:
        yield Finding("search", Level.NOTE, f"{missing} cases are not found by their words yet",
                      "the timers fill them in within a day; now: casewright doctor --rebuild-search")  # fmt: skip
    if house.database.backend == "sqlite" and not has_fts5():
        yield Finding("search", Level.NOTE, "this Python's SQLite has no FTS5: all words are read for each search",
                      "run it with a Python whose SQLite has it, as Debian's")  # fmt: skip


def _stands(house: House, folder: JourneyFolder, topic: str) -> bool:
    try:
        digest = serving(house, folder.name).digest
    except (ModelError, OSError, ValueError):  # said among the models
        return False
    with house.database.reading() as store:
        return standing(store, folder, topic, model_digest=digest) is not None
