"""Messages end to end on the embedded default: accepted -> decided -> milestone visible, in CPU time, and when idle.

Prints JSON lines: messages per core-second for text and for one 12 MP photo a message, the share of each stage, and
the same beside the sum of the parts that no program can avoid. Those parts are measured between the messages, in
turns, so that a busy machine slows both. Two sums are told: of what must be computed and committed (`models`:
embedding, similar cases, one durable transaction; photo: decoding and form), and with the files that must be durable
(`with_files`: the raw message before the answer, and the letter).

Latency is of single messages on an idle system with the in-process runner: until the receipt, and until the step is
decided.

    python -m benchmarks.pipeline [--messages N] [--photos N] [--past N] [--idle N] [--turns N]
"""

import argparse
import csv
import io
import json
import os
import random
import sqlite3
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import structlog
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_info

from cases import events as e
from cases.store.likeness import NewVector
from cases.store.log import Append
from cases.vocabulary import SYSTEM
from configs.settings import Settings
from models.sentence import Embedder
from pipelines import runner
from pipelines.channels.webform.form import read_multipart
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.stages import STAGES
from pipelines.stages.enrich import LOOKED_AT, space_of
from pipelines.stages.work import Item, Outcome
from pipelines.stages.work import Stage as Work
from pipelines.wiring import opened

JOURNEY = "motor_claim"
EXAMPLES = Path(__file__).parent.parent / "configs" / "journeys" / JOURNEY / "examples" / "nl.csv"
WORDS_A_MESSAGE = 40
BATCH = 64  # messages of one batch of the runner, and of one measurement of a part
LATEST_SECONDS = 30.0  # for one message on an idle system
THIS = psutil.Process()
Form = tuple[str, bytes]


def cpu() -> float:
    """CPU seconds of this process and its living children: the decoder works for us too."""
    own = THIS.cpu_times()
    total = own.user + own.system
    for child in THIS.children():
        times = child.cpu_times()
        total += times.user + times.system
    return float(total)


def spent(house: House) -> float:
    """As cpu, without searching the machine for children: that would be a cost of the measuring.

    The child's time is the scheduler's, in nanoseconds: psutil tells it in steps of 10 ms, a third of a photo.
    """
    total = time.process_time()
    if house.decoder.child_pid is not None:
        told = Path(f"/proc/{house.decoder.child_pid}/schedstat").read_text(encoding="ascii")
        total += int(told.split()[0]) / 1e9
    return total


@cache
def words() -> list[str]:
    """Every word of the journey's Dutch examples, as often as it is used there: some 2,700 different ones."""
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        return [word for row in csv.DictReader(file) for word in row["text"].split()]


def messages(count: int, dice: random.Random) -> list[str]:
    """Forty-word messages of the journey's own words, no two alike."""
    return [" ".join(dice.choices(words(), k=WORDS_A_MESSAGE - 2)) + f". Nummer {i}." for i in range(count)]


def photo(dice: random.Random) -> bytes:
    """A drawn 12 MP JPEG of about 2 MB."""
    noise = np.random.default_rng(dice.randrange(2**32)).integers(0, 255, (750, 1000, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((4000, 3000), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        draw.line([dice.randrange(4000), dice.randrange(3000), dice.randrange(4000), dice.randrange(3000)],
                  fill=tuple(dice.randrange(256) for _ in range(3)), width=24)  # fmt: skip
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def form(text: str, number: int, picture: bytes | None) -> Form:
    """Content type and body of a web form."""
    boundary = "----casewright"
    parts = [("sender", f"c{number}@example.org"), ("journey", JOURNEY), ("language", "nl"), ("text", text)]
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts
    )
    if picture is not None:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n'
        body += head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + picture + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def remember_past(house: House, count: int) -> None:
    """Closed cases to be similar to: rows and random vectors, put there without work."""
    dice = np.random.default_rng(5)
    now = datetime.now(UTC) - timedelta(days=30)
    for start in range(0, count, 2000):
        ids = [f"case-past{start + i:07d}" for i in range(min(2000, count - start))]
        vectors = dice.standard_normal((len(ids), Embedder.dim)).astype("<f2")
        past = [
            e.CaseImported(f"P-{id_[9:]}", JOURNEY, now, now, "", "repair_glass", "benchmark", False, id_, True,
                           topic="windscreen")
            for id_ in ids
        ]  # fmt: skip
        with house.database.writing() as store:
            store.append_many([Append(id_, ((one, SYSTEM),), now) for id_, one in zip(ids, past, strict=True)])
            store.likeness.add_vectors(
                [NewVector(id_, space_of(JOURNEY), now, v.tobytes()) for id_, v in zip(ids, vectors, strict=True)]
            )
        while True:
            with house.database.writing() as store:
                claims = store.work.claim([Stage.REMEMBER], limit=2000, now=house.now(), lease=timedelta(seconds=30))
                store.work.finish(claims)
            if not claims:
                break


@contextmanager
def timed() -> Iterator[tuple[dict[str, float], dict[Stage, Work]]]:
    """CPU seconds of each stage's own work, through stages that keep count."""
    taken: dict[str, float] = defaultdict(float)

    def counted(name: Stage, work: Work) -> Work:
        def run(batch: Sequence[Item], house: House) -> list[Outcome]:
            begun = spent(house)
            try:
                return work(batch, house)
            finally:
                taken[name.value] += spent(house) - begun

        return run

    yield taken, {name: counted(name, work) for name, work in STAGES.items()}


def end_to_end(house: House, bodies: Sequence[Form]) -> dict[str, float]:
    """CPU seconds by share: accepting, each stage, and the rest; all of them are worked through when it returns."""
    begun = spent(house)
    for kind, body in bodies:
        accept(Incoming(kind, body, "webform", "benchmark", house.now(), uuid.uuid4().hex), house=house)
    accepted = spent(house) - begun
    with timed() as (taken, stages):
        begun = spent(house)
        while runner.advance(house, stages=stages):
            pass
        worked = spent(house) - begun
    return {"accept": accepted, **taken, "runner and store": worked - sum(taken.values())}


class Floor:
    """The parts that no program can avoid, each in CPU seconds of one message, measured when asked."""

    def __init__(self, house: House, texts: Sequence[str], pictures: Sequence[bytes], folder: Path) -> None:
        embedder = Embedder.shared()
        assert embedder is not None, "the benchmark needs the embedder"
        self._house, self._embedder, self._texts, self._pictures = house, embedder, texts, pictures
        self._folder = folder / "probe"
        self._folder.mkdir()
        self._table = sqlite3.connect(self._folder / "probe.db", isolation_level=None)
        self._table.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a TEXT, b BLOB)")
        self.commit_wall: list[float] = []

    def text(self) -> dict[str, float]:
        start = random.randrange(len(self._texts) - BATCH)
        texts = self._texts[start : start + BATCH]
        vectors = np.random.default_rng(start).standard_normal((BATCH, Embedder.dim)).astype(np.float32)
        now = [datetime.now(UTC)] * BATCH
        query = partial(self._house.similar.query, space_of(JOURNEY), vectors, before=now, k=LOOKED_AT)
        return {
            "embedding": self._cost(lambda: self._embedder.embed(texts), 1) / BATCH,
            "similar": self._cost(query, 1) / BATCH,
            "commit": self._cost(self._commit, 50),
            "file_message": self._cost(partial(self._write, b"x" * 700), 20),
            "file_letter": self._cost(partial(self._write, b"x" * 900), 20),
        }

    def photo(self) -> dict[str, float]:
        kind, body = form(self._texts[0], 0, self._pictures[0])
        return {
            **self.text(),
            "decode": self._cost(lambda: self._house.decoder.look(self._pictures[:2]), 2) / len(self._pictures[:2]),
            "form": self._cost(lambda: read_multipart(kind, body), 3),
            "file_message": self._cost(partial(self._write, body), 4),
        }

    def _cost(self, work: Callable[[], object], times: int) -> float:
        begun = spent(self._house)
        for _ in range(times):
            work()
        return (spent(self._house) - begun) / times

    def _commit(self) -> None:
        """One durable SQLite transaction of six small inserts."""
        begun = time.perf_counter()
        self._table.execute("BEGIN IMMEDIATE")
        self._table.executemany("INSERT INTO t VALUES (?, ?)", [("x" * 40, b"y" * 600)] * 6)
        self._table.execute("COMMIT")
        self.commit_wall.append(time.perf_counter() - begun)

    def _write(self, data: bytes) -> None:
        """One durable file under its name, in a folder that is there."""
        path = self._folder / uuid.uuid4().hex
        for place, flags in ((path, os.O_CREAT | os.O_EXCL | os.O_WRONLY), (self._folder, os.O_RDONLY)):
            descriptor = os.open(place, flags)
            if place is path:
                os.write(descriptor, data)
            os.fsync(descriptor)
            os.close(descriptor)


def in_turns(
    house: House, chunks: Sequence[Sequence[Form]], floor: Callable[[], dict[str, float]]
) -> dict[str, object]:
    """Chunk by chunk: the unavoidable parts, then the messages. Medians over the turns, in CPU ms a message."""
    parts: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    totals = []
    for chunk in chunks:
        for name, seconds in floor().items():
            parts[name].append(1000 * seconds)
        costs = end_to_end(house, chunk)
        for name, seconds in costs.items():
            shares[name].append(1000 * seconds / len(chunk))
        totals.append(1000 * sum(costs.values()) / len(chunk))
    unavoidable = {name: float(np.median(all_)) for name, all_ in parts.items()}
    ms = float(np.median(totals))
    models = sum(part for name, part in unavoidable.items() if not name.startswith("file_"))
    with_files = sum(unavoidable.values())
    return {
        "messages": sum(map(len, chunks)),
        "turns": len(chunks),
        "per_core_second": round(1000 / ms, 1),
        "ms_a_message": round(ms, 2),
        "ms_by_turn": [round(total, 2) for total in totals],
        "ms_by_share": {name: round(float(np.median(all_)), 2) for name, all_ in shares.items()},
        "unavoidable_ms": {name: round(part, 2) for name, part in unavoidable.items()},
        "times_unavoidable": {"models": round(ms / models, 2), "with_files": round(ms / with_files, 2)},
    }


def latency(house: House, bell: threading.Event, bodies: Sequence[Form]) -> dict[str, object]:
    """Wall milliseconds of single messages while nothing else is to be done."""
    at_work = runner.Runner(house, bell)
    at_work.start()
    accepted, decided = [], []
    try:
        for kind, body in bodies:
            begun = time.perf_counter()
            incoming = Incoming(kind, body, "webform", "benchmark", house.now(), uuid.uuid4().hex)
            receipt = accept(incoming, house=house)
            accepted.append(1000 * (time.perf_counter() - begun))
            decided.append(1000 * (_decided(house, str(receipt.reference)) - begun))
            _rest(house)
    finally:
        at_work.stop()
    return {
        "messages": len(bodies),
        "accepted_ms": {"median": _quantile(accepted, 0.5), "p95": _quantile(accepted, 0.95)},
        "decided_ms": {"median": _quantile(decided, 0.5), "p95": _quantile(decided, 0.95)},
    }


def _decided(house: House, reference: str) -> float:
    """When the case's first step is visible to any reader; looked for every 2 ms."""
    deadline = time.perf_counter() + LATEST_SECONDS
    with house.database.reading() as store:
        case_id = store.case_id(reference)
    while time.perf_counter() < deadline:
        with house.database.reading() as store:
            if any(isinstance(entry.event, e.StepDecided) for entry in store.history(case_id)):
                return time.perf_counter()
        time.sleep(0.002)
    raise TimeoutError(f"{reference} was not decided within {LATEST_SECONDS:.0f} s; see the log of the runner")


def _rest(house: House) -> None:
    """Wait until the letter has left and the file is made: the next message meets an idle system."""
    while True:
        with house.database.reading() as store:
            if store.work.at_rest(house.now()):
                return
        time.sleep(0.005)


def _quantile(values: Sequence[float], share: float) -> float:
    return round(float(np.quantile(values, share)), 1)


def chunked(forms: Sequence[Form], turns: int) -> list[Sequence[Form]]:
    size = max(1, len(forms) // turns)
    return [forms[start : start + size] for start in range(0, size * turns, size) if forms[start : start + size]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=384)
    options.add_argument("--photos", type=int, default=48)
    options.add_argument("--past", type=int, default=2_000, help="past cases to be similar to")
    options.add_argument("--idle", type=int, default=40, help="single messages for the latency")
    options.add_argument("--turns", type=int, default=6)
    asked = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    dice = random.Random(11)
    texts = messages(asked.messages + asked.photos + asked.idle + 2 * BATCH, dice)
    pictures = [photo(dice) for _ in range(4)] if asked.photos else []
    forms = [form(text, i, None) for i, text in enumerate(texts)]
    warming, forms = forms[: 2 * BATCH], forms[2 * BATCH :]
    bell = threading.Event()
    with tempfile.TemporaryDirectory() as name, opened(Settings(home=Path(name)), bell=bell) as house:
        runner.warm(house)
        remember_past(house, asked.past)
        end_to_end(house, warming)
        floor = Floor(house, texts, pictures, Path(name))
        about = {
            "past_cases": asked.past,
            "blas": [one["architecture"] for one in threadpool_info() if "architecture" in one],
        }
        text = in_turns(house, chunked(forms[: asked.messages], asked.turns), floor.text)
        print(json.dumps({"benchmark": "pipeline", "kind": "text", **about, **text}), flush=True)
        if pictures:
            with_photo = [
                form(one, i, pictures[i % len(pictures)])
                for i, one in enumerate(texts[-asked.photos - asked.idle :][: asked.photos])
            ]
            end_to_end(house, with_photo[:1])  # starts the decoder
            result = in_turns(house, chunked(with_photo, asked.turns), floor.photo)
            print(json.dumps({"benchmark": "pipeline", "kind": "one 12 MP photo", **about, **result}), flush=True)
        if asked.idle:
            idle = latency(house, bell, forms[-asked.idle :])
            commit = {"commit_wall_ms": {"median": _quantile([1000 * one for one in floor.commit_wall], 0.5)}}
            print(json.dumps({"benchmark": "pipeline", "kind": "latency, idle, text", **about, **idle, **commit}))


if __name__ == "__main__":
    main()
