"""The same mails to Casewright, django-helpdesk and Roundup, on one PostgreSQL server, in turns, as CPU time.

Casewright classifies, decides and writes the first letter; the others store a ticket. request-tracker 5 is left out:
it comes as a Debian system package with a web server of its own, which a benchmark should not install. Prints JSON
lines; each figure is the CPU of the program and, apart, that of its PostgreSQL backends.

    python -m benchmarks.peers [--mails N] [--photos N] [--rounds N] [--venv DIR]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path

import psutil
import structlog

from benchmarks.pipeline import JOURNEY, cpu, messages, photo
from configs.settings import Settings
from pipelines.intake import Incoming, accept
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.servers import Postgres

RIVALS = Path(__file__).parent / "rivals"
PACKAGES = {"django-helpdesk": "2.6.1", "roundup": "2.6.0", "psycopg[binary]": "3.3.9", "psycopg2-binary": "2.9.13"}
Take = Callable[[Sequence[Path]], float]


def mails(folder: Path, texts: list[str], pictures: list[bytes]) -> list[Path]:
    """One file a mail; a picture is attached while there are any."""
    folder.mkdir()
    files = []
    for number, text in enumerate(texts):
        mail = EmailMessage()
        mail["From"] = f"Customer {number} <c{number}@example.org>"
        mail["To"] = "claims@example.org"
        mail["Subject"] = f"Schade {number}"
        mail["Message-ID"] = f"<{folder.name}.{number}@example.org>"
        mail.set_content(text)
        if pictures:
            mail.add_attachment(pictures[number % len(pictures)], "image", "jpeg", filename="photo.jpg")
        files.append(folder / f"{number}.eml")
        files[-1].write_bytes(mail.as_bytes())
    return files


def python_of_rivals(venv: Path) -> str:
    """The Python that has the rivals, installed now if it is not there yet."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pinned = [f"{name}=={version}" for name, version in PACKAGES.items()]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *pinned], check=True)
    return str(python)


@contextmanager
def rival(python: str, script: str, postgres: Postgres, folder: Path) -> Iterator[Take]:
    """A rival as a child process that takes mails in and tells its CPU seconds."""
    database = script.removesuffix(".py")
    if database == "helpdesk_mails":
        make_database(postgres, database)
    folder.mkdir()
    command = [python, str(RIVALS / script), database, str(postgres.port), str(folder)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    while (line := child.stdout.readline().strip()) != "ready":
        if child.poll() is not None:
            raise RuntimeError(f"{script} ended: {line}")

    def take(files: Sequence[Path]) -> float:
        child.stdin.write(json.dumps([str(file) for file in files]) + "\n")
        child.stdin.flush()
        return float(child.stdout.readline())

    try:
        yield take
    finally:
        child.stdin.close()
        child.wait(timeout=30)


@contextmanager
def casewright(postgres: Postgres, home: Path) -> Iterator[Take]:
    make_database(postgres, "casewright_bench")
    with opened(Settings(home=home, database_url=postgres.url("casewright_bench"))) as house:
        house.texts.of(JOURNEY)

        def take(files: Sequence[Path]) -> float:
            raw = [file.read_bytes() for file in files]
            begun = cpu()
            for one in raw:
                accept(Incoming("message/rfc822", one, "email", "benchmark", house.now(), journey=JOURNEY), house=house)
            drain(house)
            return cpu() - begun

        yield take


def make_database(postgres: Postgres, name: str) -> None:
    postgres.run(["createdb", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "casewright", name])


def of_backends(postgres: Postgres) -> float:
    """CPU seconds of the server: of its living backends, which stay connected, and of those that have ended."""
    server = psutil.Process(postgres.pid)
    times = [server.cpu_times(), *(child.cpu_times() for child in server.children(recursive=True))]
    return sum(t.user + t.system for t in times) + times[0].children_user + times[0].children_system


def compare(takers: dict[str, Take], postgres: Postgres, files: list[Path], rounds: int, kind: str) -> None:
    """Each round gives every program the next share of the mails."""
    share = len(files) // rounds
    spent = dict.fromkeys(takers, 0.0)
    served = dict.fromkeys(takers, 0.0)
    for turn in range(rounds):
        part = files[turn * share : (turn + 1) * share]
        for name, take in takers.items():
            before = of_backends(postgres)
            spent[name] += take(part)
            time.sleep(0.2)  # the server ends its own work
            served[name] += of_backends(postgres) - before
    count = share * rounds
    for name in takers:
        total = spent[name] + served[name]
        print(json.dumps({
            "benchmark": "peers", "kind": kind, "program": name, "mails": count,
            "ms_a_mail": round(1000 * spent[name] / count, 2), "ms_database": round(1000 * served[name] / count, 2),
            "per_core_second": round(count / spent[name], 1), "with_database": round(count / total, 1),
        }))  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=300)
    options.add_argument("--photos", type=int, default=24)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--venv", type=Path, default=None, help="with the rivals, kept for another run")
    asked = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    dice = random.Random(17)
    with tempfile.TemporaryDirectory() as folder, Postgres(durable=True) as postgres, ExitStack() as open_now:
        place = Path(folder)
        python = python_of_rivals(asked.venv or place / "venv")
        takers = {
            "casewright": open_now.enter_context(casewright(postgres, place / "home")),
            "django-helpdesk": open_now.enter_context(rival(python, "helpdesk_mails.py", postgres, place / "helpdesk")),
            "roundup": open_now.enter_context(rival(python, "roundup_mails.py", postgres, place / "roundup")),
        }
        pictures = [photo(dice) for _ in range(4)] if asked.photos else []
        warm = mails(place / "warm", messages(20, dice), [])
        for take in takers.values():
            take(warm)
        compare(takers, postgres, mails(place / "text", messages(asked.mails, dice), []), asked.rounds, "text")
        if pictures:
            with_photo = mails(place / "photo", messages(asked.photos, dice), pictures)
            compare(takers, postgres, with_photo, asked.rounds, "one 12 MP photo")


if __name__ == "__main__":
    main()
