"""Messages end to end on the embedded default: accepted -> decided -> milestone visible, in CPU time.

Prints JSON lines: messages per core-second for text and for one 12 MP photo a message, the share of each stage, and
the same beside the sum of the parts that no program can avoid, measured in this run: embedding, photo decode, form
parsing, and durable commits.

    python -m benchmarks.pipeline [--messages N] [--photos N] [--past N]
"""

import argparse
import io
import json
import os
import random
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import structlog
from PIL import Image, ImageDraw

from cases import events as e
from cases.store.likeness import NewVector
from cases.store.log import Append
from cases.vocabulary import SYSTEM
from configs.settings import Settings
from models.sentence import Embedder
from pipelines import runner
from pipelines.channels.webform import read_multipart
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.stages import STAGES
from pipelines.stages.enrich import space_of
from pipelines.stages.work import Item, Outcome
from pipelines.stages.work import Stage as Work
from pipelines.wiring import opened

JOURNEY = "motor_claim"
WORDS = """
gisteren steen voorruit snelweg barst ster glas auto kenteken vraag schade garage melden foto parkeerplaats bumper
deur spiegel regen storm hagel dak motorkap ree hond weg donker morgen avond vriendelijk graag reparatie afspraak
verzekering polis eigen risico bedrag rekening wachten bellen antwoord buurman straat huis werk kinderen school
""".split()  # noqa: SIM905  # a list of fifty quoted words is harder to read
THIS = psutil.Process()


def cpu() -> float:
    """CPU seconds of this process and its living children: the decoder works for us too."""
    own = THIS.cpu_times()
    total = own.user + own.system
    for child in THIS.children():
        times = child.cpu_times()
        total += times.user + times.system
    return total


def messages(count: int, dice: random.Random) -> list[str]:
    """Forty-word messages, no two alike."""
    return [" ".join(dice.choices(WORDS, k=39)).capitalize() + f". Nummer {i}." for i in range(count)]


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


def form(text: str, number: int, picture: bytes | None) -> tuple[str, bytes]:
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
    spent: dict[str, float] = defaultdict(float)

    def counted(name: Stage, work: Work) -> Work:
        def run(batch: Sequence[Item], house: House) -> list[Outcome]:
            begun = cpu()
            try:
                return work(batch, house)
            finally:
                spent[name] += cpu() - begun

        return run

    yield spent, {name: counted(name, work) for name, work in STAGES.items()}


def end_to_end(house: House, bodies: list[tuple[str, bytes]]) -> dict[str, object]:
    """CPU seconds of accepting and of working, and the shares of the stages."""
    begun = cpu()
    for number, (kind, body) in enumerate(bodies):
        accept(Incoming(kind, body, "webform", "benchmark", house.now(), f"{id(bodies)}:{number}"), house=house)
    accepted = cpu() - begun
    with timed() as (spent, stages):
        begun = cpu()
        while runner.advance(house, stages=stages):
            pass
        worked = cpu() - begun
    total = accepted + worked
    shares = {"accept": accepted, **spent, "runner and store": worked - sum(spent.values())}
    return {
        "messages": len(bodies),
        "per_core_second": round(len(bodies) / total, 1),
        "ms_a_message": round(1000 * total / len(bodies), 2),
        "shares": {name: round(seconds / total, 3) for name, seconds in shares.items()},
    }


def cost(work: Callable[[], object], times: int) -> float:
    """CPU seconds of one call, over `times` calls."""
    begun = cpu()
    for _ in range(times):
        work()
    return (cpu() - begun) / times


def commit_cost(folder: Path) -> tuple[float, float]:
    """CPU and wall seconds of one durable SQLite transaction of six small inserts."""
    connection = sqlite3.connect(folder / "probe.db", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a TEXT, b BLOB)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("x" * 40, b"y" * 600)] * 6)
        connection.execute("COMMIT")

    wall = time.perf_counter()
    seconds = cost(commit, 200)
    return seconds, (time.perf_counter() - wall) / 200


def unavoidable(house: House, texts: list[str], pictures: list[bytes], folder: Path) -> dict[str, float]:
    """CPU milliseconds a message of each part, measured now."""
    embedder = Embedder.shared()
    assert embedder is not None, "the benchmark needs the embedder"
    commit, commit_wall = commit_cost(folder)
    index_query = np.ones((16, Embedder.dim), dtype=np.float32)
    before = [datetime.now(UTC)] * 16
    kind, body = form(texts[0], 0, pictures[0])
    return {
        "embedding": 1000 * cost(lambda: embedder.embed(texts[:64]), 2) / 64,
        "similar": 1000 * cost(lambda: house.similar.query(space_of(JOURNEY), index_query, before=before, k=5), 3) / 16,
        "commit": 1000 * commit,
        "commit_wall": 1000 * commit_wall,
        "photo_decode": 1000 * cost(lambda: house.decoder.look(pictures[:4]), 3) / 4,
        "form_with_photo": 1000 * cost(lambda: read_multipart(kind, body), 10),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=400)
    options.add_argument("--photos", type=int, default=40)
    options.add_argument("--past", type=int, default=2_000)

    asked = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    dice = random.Random(11)
    texts = messages(asked.messages + 64, dice)
    pictures = [photo(dice) for _ in range(min(8, max(4, asked.photos)))]
    with tempfile.TemporaryDirectory() as folder, opened(Settings(home=Path(folder))) as house:
        house.texts.of(JOURNEY)
        remember_past(house, asked.past)
        end_to_end(house, [form(text, i, None) for i, text in enumerate(texts[:64])])  # warms caches
        parts = unavoidable(house, texts, pictures, Path(folder))
        text = end_to_end(house, [form(one, i, None) for i, one in enumerate(texts[64:])])
        with_photo = end_to_end(
            house, [form(one, i, pictures[i % len(pictures)]) for i, one in enumerate(texts[: asked.photos])]
        )
    floor_text = parts["embedding"] + parts["similar"] + parts["commit"]
    floor_photo = floor_text + parts["photo_decode"] + parts["form_with_photo"]
    print(json.dumps({"benchmark": "pipeline", "unavoidable_ms": {k: round(v, 2) for k, v in parts.items()},
                      "past_cases": asked.past}))  # fmt: skip
    for name, result, floor in (("text", text, floor_text), ("one 12 MP photo", with_photo, floor_photo)):
        ratio = round(float(str(result["ms_a_message"])) / floor, 2)
        print(json.dumps({"benchmark": "pipeline", "kind": name, **result, "unavoidable_ms": round(floor, 2),
                          "times_unavoidable": ratio}))  # fmt: skip


if __name__ == "__main__":
    main()
