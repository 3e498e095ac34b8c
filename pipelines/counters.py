"""Numbers of an installation that only rise: messages taken in, letters sent, retries, batches and their seconds.

Each process keeps what rose in memory and adds it to totals in the database a few seconds later, so that any web
process tells the truth about all workers, on whatever machine they are. A process that is killed takes the last
seconds of its counting with it; cases, letters and work are never counted on from here.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from cases import events as e
from cases.store.database import Database
from cases.store.log import Appended
from cases.vocabulary import CHANNELS, FileKind, FileStatus, Step
from pipelines.flow import Stage

log = structlog.get_logger()
WRITE_EVERY = 3.0  # seconds
#: Upper bounds of the classes in which the seconds of a batch are counted.
BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MICRO = 1_000_000
_STRANGE = re.compile(r"[^a-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class Rising:
    """A Prometheus counter. labels: what a total is split by. known: values of the label that show before they rise."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


_STAGES = tuple(Stage)
_OUTCOMES = ("sent", "withheld", "bounced")
_MEANS = ("model", "few_labels", "no_embedder")

ACCEPTED = Rising("casewright_messages_accepted", "Messages stored and acknowledged.", ("channel",), CHANNELS)
MACHINE_MAIL = Rising("casewright_machine_mail", "Accepted messages that machines had sent.", ("kind",))
LETTERS = Rising("casewright_letters", "Letters that were sent, withheld or came back.", ("outcome",), _OUTCOMES)
UNDERSTOOD = Rising("casewright_understood", "Readings of a case, by what there was to do it with.", ("by",), _MEANS)
PHOTOS = Rising("casewright_photos", "Photos that were looked at.", ("outcome",), ("usable", "unusable"))
DECIDED = Rising("casewright_steps_decided", "Steps that the machine decided on.", ("step",), tuple(Step))
RETRIES = Rising("casewright_retries", "Failed attempts, charged and to be made again.", ("stage",), _STAGES)
PARKED = Rising("casewright_work_parked", "Work given up after its last attempt.", ("stage",), _STAGES)
LEASES_LOST = Rising("casewright_leases_lost", "Work whose holder vanished before it was done.", ("stage",), _STAGES)
BELLS = Rising("casewright_bells_not_rung", "Times that a broker could not be told that there is work.")
BLOB_ERRORS = Rising("casewright_blob_store_errors", "Requests and attempts that failed over the blob store.")
DATABASE_ERRORS = Rising("casewright_database_errors", "Requests and attempts that failed over the database.")
LLM_CALLS = Rising("casewright_llm_calls", "Calls of a language model, also those held back.", ("task", "outcome"))
LLM_TOKENS = Rising("casewright_llm_tokens", "Tokens sent to and answered by it.", ("direction",), ("in", "out"))
ITEMS = Rising("casewright_batch_items", "Pieces of work that batches held.", ("stage",), _STAGES)
SECONDS = Rising("casewright_batch_seconds", "How long batches took, in seconds.", ("stage",))  # a histogram

RISING = (
    ACCEPTED, MACHINE_MAIL, LETTERS, UNDERSTOOD, PHOTOS, DECIDED, RETRIES, PARKED, LEASES_LOST, BELLS, BLOB_ERRORS,
    DATABASE_ERRORS, LLM_CALLS, LLM_TOKENS, ITEMS,
)  # fmt: skip


class Counters:
    """Safe to share by threads; goes on by itself in a forked child. `add` never waits for the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._risen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._pending: threading.Timer | None = None
        self._process = os.getpid()

    def add(self, what: Rising, *labels: str, by: int = 1) -> None:
        """labels: one value for each of `what.labels`, in order."""
        if len(labels) != len(what.labels):
            raise ValueError(f"{what.name} is split by {what.labels}; give as many labels")
        self._rise({key_of(what, *labels): by})

    def took(self, stage: str, seconds: float, *, items: int) -> None:
        """One batch of a stage."""
        bucket = next((str(bound) for bound in BUCKETS if seconds <= bound), "+Inf")
        self._rise({
            f"{key_of(SECONDS, stage)}/{bucket}": 1,
            f"{key_of(SECONDS, stage)}/sum": round(seconds * MICRO),
            key_of(ITEMS, stage): items,
        })  # fmt: skip

    def happened(self, written: Iterable[Appended]) -> None:
        """What was committed just now."""
        for appended in written:
            self.wrote(entry.event for entry in appended.entries)

    def wrote(self, events: Iterable[e.Event]) -> None:
        """The same, by events."""
        for event in events:
            self._note(event)

    def _note(self, event: e.Event) -> None:
        match event:
            case e.LetterSent():
                self.add(LETTERS, "sent")
            case e.LetterWithheld():
                self.add(LETTERS, "withheld")
            case e.StepDecided(step=step):
                self.add(DECIDED, str(step))
            case e.MessageAdded(files=files):
                self._photos(files)
            case e.LlmCalled(task=task, outcome=outcome):
                self.add(LLM_CALLS, task, outcome)
                for direction, tokens in (("in", event.tokens_in), ("out", event.tokens_out)):
                    if tokens:
                        self.add(LLM_TOKENS, direction, by=tokens)
            case _:
                pass

    def _photos(self, files: Sequence[e.FileSeen]) -> None:
        for file in files:
            if file.kind is FileKind.PHOTO:
                self.add(PHOTOS, "unusable" if file.status is FileStatus.UNUSABLE else "usable")

    def _rise(self, by: dict[str, int]) -> None:
        with self._lock:
            if self._process != os.getpid():  # forked: what the parent counted is the parent's to write
                self._process, self._pending = os.getpid(), None
                self._risen.clear()
            self._risen.update(by)
            if self._pending is None:
                self._pending = threading.Timer(WRITE_EVERY, self._written_later)
                self._pending.daemon = True
                self._pending.start()

    def _written_later(self) -> None:
        try:
            self.write()
        except Exception as error:  # noqa: BLE001  # a thread's edge: kept, and tried again with the next that rises
            log.warning("counters.not_written", error=type(error).__name__)

    def write(self) -> None:
        """Add what rose to the totals, in one transaction of its own; kept for later when that fails."""
        with self._lock:
            risen, self._risen = self._risen, Counter()
            if self._pending is not None:
                self._pending.cancel()
                self._pending = None
        if not risen:
            return
        try:
            with self._database.writing() as store:
                store.watch.count(risen)
        except BaseException:
            with self._lock:
                self._risen.update(risen)
            raise

    def close(self) -> None:
        """Write what is left, if the database can be reached."""
        self._written_later()


def key_of(what: Rising, *labels: str) -> str:
    """The name of a total in the database; label values are cut to plain words."""
    return "/".join([what.name, *(_STRANGE.sub("_", label.lower())[:40] or "_" for label in labels)])
