"""What a language model costs for a thousand cases in tokens and euros, and whether a case waits for it.

Prints JSON lines. Tokens: the demo's mails go through the whole pipeline with an endpoint on loopback that keeps what
it is asked; then a person asks for a draft, a summary and an answer about each case. No topic has a certificate, so
every case goes to a person. What was sent is counted by the tokenizer of a real small model (`make llm-run` installs
it), which learned mostly English: of Dutch others should count fewer.
`tokens_in` is measured; a photo is taken as 1,500, as the product's own budget does. `tokens_out` is of a made-up
answer of ordinary length: of facts one for each that the product reads from the messages, with its sentence; of a draft
and a summary six sentences with a quote each. `tokens_out_most` is the limit that is sent. `tokens_shape` is the JSON
schema, which some providers count too. Euros are those of `tokens_in` and `tokens_out` at the prices that were given;
they are examples and nobody's offer.

Time: one message after the other to an idle house with its runner, until its decision file is there: without a language
model, with one that answers at once, with one that is down and with one that says nothing, in turns in the same run.

    python -m benchmarks.llm [--mails N] [--price-in EUR] [--price-out EUR] [--messages N] [--times N]
"""

import argparse
import json
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import structlog

from benchmarks.pipeline import form, messages
from cases import events as e
from cases.case import Case, Entry, fold
from cases.facts import MessageSpan
from cases.vocabulary import Help
from configs.settings import Settings
from pipelines.assistant.calling import answer, view_of
from pipelines.assistant.helps import SPECS
from pipelines.assistant.prompts import prompt_of
from pipelines.assistant.provider import TOKENS_A_PICTURE
from pipelines.demo.mails import DemoMail, build, demo_mails
from pipelines.house import House
from pipelines.ingest import MAIL, Offered, offer
from pipelines.intake import Incoming, accept
from pipelines.runner import Runner, drain, warm
from pipelines.wiring import opened
from tests.llm_server import Asked, Says, llm_server
from tests.servers import free_port
from tests.small_model import small_model

ASKED_FOR = {Help.SUMMARY: "", Help.QUESTION: "What did the customer ask for, and what did we answer?"}
SENTENCES = {Help.SUMMARY: 6, Help.DRAFT: 6, Help.QUESTION: 2}
NO_BOUND = 10**9
SILENCE = 2.0  # seconds after which a silent endpoint is given up
BETWEEN = 0.4  # seconds, so that each message finds the house idle
LATEST = 60.0
Row = dict[str, Any]
Count = Callable[[str], int]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=len(demo_mails()), help="0: time only")
    options.add_argument("--price-in", type=float, default=0.40, help="euros for a million tokens that are sent")
    options.add_argument("--price-out", type=float, default=1.60, help="and that are answered")
    options.add_argument("--messages", type=int, default=10)
    options.add_argument("--times", type=int, default=3)
    asked = options.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for row in tokens(home, demo_mails()[: asked.mails], asked.price_in, asked.price_out) if asked.mails else ():
            print(json.dumps({"benchmark": "llm", "kind": "tokens", **row}), flush=True)
        for row in times(home, asked.messages, asked.times):
            print(json.dumps({"benchmark": "llm", "kind": "time", **row}), flush=True)


def settings(home: Path, url: str | None = None, **more: Any) -> Settings:
    bounds = {"llm_case_tokens": NO_BOUND, "llm_day_tokens": NO_BOUND}
    return Settings(home=home, llm_url=url, llm_model="counted", llm_region="house", **{**bounds, **more})


# --- tokens ---------------------------------------------------------------------------------------------------------


def tokens(home: Path, mails: Sequence[DemoMail], price_in: float, price_out: float) -> Iterator[Row]:
    with counting() as count, llm_server(typical) as server, opened(settings(home, server.url)) as house:
        warm(house)
        cases = [_case(house, reference) for reference in take_in(house, mails)]
        sent = {"by itself": list(server.asked)}
        server.asked.clear()
        for case, entries in cases:
            for task, question in {**ASKED_FOR, Help.DRAFT: case.messages[-1].message_id}.items():
                ask(house, case, entries, task, question)
        sent["when a person asks"] = list(server.asked)
        facts = statistics.fmean(count(_facts_answer(case)) for case, _ in cases)
        for when, calls in sent.items():
            for task, of_task in _by_task(calls).items():
                row = _row(of_task, count, 1000 / len(cases), facts if task is Help.FACTS else None)
                euros = row["calls"] * (row["tokens_in"] * price_in + row["tokens_out"] * price_out) / 1e6
                priced = {"euros": round(euros, 2), "price_in": price_in, "price_out": price_out}
                yield {"task": task, "when": when, "cases": len(cases), **row, **priced}


@contextmanager
def counting() -> Iterator[Count]:
    """Tokens of a text, by the tokenizer of the small model."""
    with small_model() as url, httpx.Client(base_url=url.removesuffix("/v1"), timeout=60) as client:

        @cache
        def count(text: str) -> int:
            return len(client.post("/tokenize", json={"content": text}).raise_for_status().json()["tokens"])

        yield count


def take_in(house: House, mails: Sequence[DemoMail]) -> list[str]:
    """References of the cases that came of them, each once; those that answer a letter after the letter has left."""
    taken: dict[str, str] = {}
    waiting = list(mails)
    while waiting:
        now = [mail for mail in waiting if mail.after is None or mail.after in taken]
        letters = {mail: letter for mail, reference in taken.items() if (letter := _letter(house, reference))}
        for mail in now:
            incoming = Incoming(MAIL, build(mail, letters, taken), "email", "demo", house.now(), f"demo:{mail.id}")
            accepted = offer(Offered(mail.id, incoming), house)
            taken[mail.id] = "" if isinstance(accepted, str) else accepted.reference or ""
        drain(house)
        waiting = [mail for mail in waiting if mail.id not in taken]
    return list(
        dict.fromkeys(reference for reference in taken.values() if reference and _of_a_journey(house, reference))
    )


def ask(house: House, case: Case, entries: Sequence[Entry], task: Help, question: str) -> None:
    view = view_of(house, case, entries)
    if house.assistant is not None and view is not None:
        answer(house.assistant, view, SPECS[task], now=house.now(), question=question)


def _row(calls: Sequence[Asked], count: Count, scale: float, out: float | None) -> Row:
    took = sorted(count(one.told) + count(one.given) + TOKENS_A_PICTURE * len(one.pictures) for one in calls)
    shapes = [count(json.dumps(one.body["response_format"]["json_schema"]["schema"])) for one in calls]
    said = out if out is not None else statistics.fmean(count(str(typical(one).text)) for one in calls)
    return {
        "calls": round(len(calls) * scale),
        "tokens_in": round(statistics.fmean(took)),
        "tokens_in_p95": took[-(-len(took) * 95 // 100) - 1],
        "tokens_out": round(said),
        "tokens_out_most": int(calls[0].body.get("max_completion_tokens") or calls[0].body["max_tokens"]),
        "tokens_shape": round(statistics.fmean(shapes)),
    }


def _by_task(calls: Sequence[Asked]) -> dict[Help, list[Asked]]:
    found: dict[Help, list[Asked]] = defaultdict(list)
    for one in calls:
        found[_task(one)].append(one)
    return found


def _task(asked: Asked) -> Help:
    return next(task for task in Help if prompt_of(task).told == asked.told)


def typical(asked: Asked) -> Says:
    """A well-formed answer of ordinary length, made of the sources; nothing is found in it but how long it is."""
    given = json.loads(asked.given)
    sources = given["sources"]
    match _task(asked):
        case Help.FACTS:
            told: Any = {"facts": []}  # counted by what the product read, once it has
        case Help.OPINION:
            told = {"topic": next(iter(given["topics"])), "source": sources[-1]["id"], "quote": _cut(sources[-1], 80)}
        case Help.TRANSLATION:
            told = {"paragraphs": [{"id": one["id"], "text": one["text"]} for one in sources]}
        case Help.PHOTOS:
            seen = "A car seen from the left side. The front door has a dent below the handle. The photo is sharp."
            told = {"description": seen, "text_in_picture": "", "shows": "unclear"}
        case task:
            lines = [
                {"text": _cut(one, 120), "cites": [{"source": one["id"], "quote": _cut(one, 60)}]} for one in sources
            ]
            told = {"lines": lines[-SENTENCES[task] :]}
    return Says(json.dumps(told, ensure_ascii=False))


def _facts_answer(case: Case) -> str:
    """What the product read from messages, as a language model would answer it."""
    texts = {one.message_id: one.text for one in case.messages}
    found = [
        {"name": fact.name, "value": fact.value, "source": "m1", "quote": _sentence(texts[span.message_id], span)}
        for fact in case.facts
        for span in fact.sources[:1]
        if isinstance(span, MessageSpan)
    ]
    return json.dumps({"facts": found}, ensure_ascii=False)


def _sentence(text: str, span: MessageSpan) -> str:
    before, after = re.split(r"[.!?\n]", text[: span.start])[-1], re.split(r"[.!?\n]", text[span.end :])[0]
    return f"{before}{text[span.start : span.end]}{after}".strip()


def _cut(source: dict[str, Any], most: int) -> str:
    return str(source["text"])[:most]


def _case(house: House, reference: str) -> tuple[Case, list[Entry]]:
    with house.database.reading() as store:
        case_id = store.case_id(reference)
        entries = store.history(case_id)
    return fold(case_id, entries), entries


def _of_a_journey(house: House, reference: str) -> bool:
    case, _ = _case(house, reference)
    return bool(case.messages) and case.journey in house.journeys.folders


def _letter(house: House, reference: str) -> str:
    """Message-ID of the first letter that left; "" before one did."""
    if not reference:
        return ""
    _, entries = _case(house, reference)
    return next((entry.event.message_id for entry in entries if isinstance(entry.event, e.LetterSent)), "")


# --- time -----------------------------------------------------------------------------------------------------------


def times(home: Path, count: int, rounds: int) -> Iterator[Row]:
    """Medians over all rounds. first_ms: the message after which the libraries are loaded, by the same thread."""
    let_go = threading.Event()

    def silent(asked: Asked) -> Says:
        let_go.wait(LATEST)
        return typical(asked)

    with llm_server(typical) as quick, llm_server(silent) as mute:
        ways: dict[str, Settings] = {
            "off": settings(home),
            "answers at once": settings(home, quick.url),
            "down": settings(home, f"http://127.0.0.1:{free_port()}/v1"),
            "silent": settings(home, mute.url, llm_seconds=SILENCE),
        }
        took: dict[str, list[list[float]]] = {way: [] for way in ways}
        for number in range(rounds):
            for way, chosen in ways.items():
                took[way].append(ready_after(chosen, count, seed=f"{number} {way}"))
        let_go.set()
    middles = {way: statistics.median(ms for one in of_way for ms in one[1:]) for way, of_way in took.items()}
    for way, of_way in took.items():
        first = statistics.median(one[0] for one in of_way)
        ratio = round(middles[way] / middles["off"], 2)
        yield {"endpoint": way, "first_ms": round(first), "p50_ms": round(middles[way]), "beside_off": ratio}


def ready_after(chosen: Settings, count: int, *, seed: str) -> list[float]:
    """Milliseconds from each message to its decision file."""
    bell = threading.Event()
    with opened(chosen, bell=bell) as house:
        warm(house)
        runner = Runner(house, bell)
        runner.start()
        try:
            return [_ready(house, text, number) for number, text in enumerate(messages(count + 1, random.Random(seed)))]
        finally:
            runner.stop()


def _ready(house: House, text: str, number: int) -> float:
    time.sleep(BETWEEN)
    kind, raw = form(text, number, None)
    begun = time.perf_counter()
    accepted = accept(Incoming(kind, raw, "webform", "benchmark", house.now()), house=house)
    while time.perf_counter() - begun < LATEST:
        case, _ = _case(house, str(accepted.reference))
        if case.package is not None:
            return (time.perf_counter() - begun) * 1000
        time.sleep(0.005)
    raise SystemExit(f"no decision file within {LATEST} s; is the machine asleep?")


if __name__ == "__main__":
    main()
