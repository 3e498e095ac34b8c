"""kill -9 of everything in turn, past one machine: web, worker, timers, broker and PostgreSQL, while messages come in.

Counts as ARCHITECTURE does: a letter is doubled when it left under two Message-IDs. A repeat under the same one, after
a death between the mail server's answer and our commit, is allowed, and told.
"""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, Self

import httpx
import pytest

from cases import events as e
from pipelines.house import House
from pipelines.reading_room import customer_view
from pipelines.wiring import opened
from tests.installation import Far, Postbox, far_installation, offer
from tests.journeys.test_killed import picture
from tests.servers import RabbitMq, Redis, missing, wait_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.broker,
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]
CLIENTS = 8
A_SECOND = 7  # messages offered; so few that each part is killed while they come in
A_SECOND_LONG = 15  # where many more come, in the drill
EVERY = 5.0  # seconds between two kills
AT_REST_WITHIN = 120.0  # seconds after the last kill


class Killable(Protocol):
    def kill(self) -> None: ...
    def start(self) -> None: ...


@pytest.fixture(params=[RabbitMq, Redis], ids=["rabbitmq", "redis"])
def far(request: pytest.FixtureRequest, tmp_path: Path, trained: Path) -> Iterator[tuple[Far, Postbox]]:
    with far_installation(tmp_path / "home", trained, request.param()) as installation:
        yield installation


class Killer:
    """Each part in turn, every few seconds, and once the broker with all it holds. Programs are started again."""

    def __init__(self, far: Far) -> None:
        self._far = far
        self.over = threading.Event()
        self.kills: Counter[str] = Counter()
        self.last = time.monotonic()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._running = self._pool.submit(self._run)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._running.result()
        for program in self._far.ours:
            program.keep_running()

    def _run(self) -> None:
        parts: dict[str, Killable] = {
            "worker": self._far.worker, "web": self._far.web, "broker": self._far.broker,
            "postgres": self._far.postgres, "timers": self._far.timers,
        }  # fmt: skip
        for name, part in itertools.cycle(parts.items()):
            if self.over.wait(EVERY):
                return
            for program in self._far.ours:
                program.keep_running()
            if name == "broker" and not self.kills["wiped"]:
                self._far.wipe_broker()
                self.kills["wiped"] += 1
            else:
                part.kill()
                part.start()
            self.kills[name] += 1
            self.last = time.monotonic()


def kill_in_turn(far: Far, postbox: Postbox, messages: int, *, a_second: int = A_SECOND) -> None:
    over = time.monotonic() + 60 + messages
    with (
        Killer(far) as killer,
        httpx.Client(base_url=far.url, timeout=20) as client,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        begun, offers = time.monotonic(), []
        for number in range(messages):
            time.sleep(max(0.0, begun + number / a_second - time.monotonic()))
            offers.append(pool.submit(offer, client, number, picture(number), over=over))
        acknowledged = [one.result() for one in offers]
    assert killer.kills.keys() == {"web", "worker", "postgres", "timers", "broker", "wiped"}
    with opened(far.settings) as house:
        wait_until(lambda: _at_rest(house), "work is left", seconds=killer.last + AT_REST_WITHIN - time.monotonic())
        rested = time.monotonic() - killer.last
        assert_none_lost_or_doubled(house, acknowledged, postbox)
    repeats = len(postbox.taken) - len(set(postbox.taken))
    print(f"{messages} messages, kills {dict(killer.kills)}, at rest {rested:.0f} s after the last one, "
          f"{len(set(postbox.taken))} letters, {repeats} repeated under their own Message-ID")  # fmt: skip


def _at_rest(house: House) -> bool:
    with house.database.reading() as store:
        return store.work.at_rest(house.now())


def assert_none_lost_or_doubled(house: House, acknowledged: list[dict[str, Any]], postbox: Postbox) -> None:
    references = [str(answer["reference"]) for answer in acknowledged]
    with house.database.reading() as store:
        assert store.work.counts().parked == {}
        ids = store.case_ids()
        entries = {id_: store.history(id_) for id_ in ids}
        assert sorted(store.cases([id_])[id_].reference for id_ in ids) == sorted(set(references))
    assert len(set(references)) == len(references)
    by_reference = {str(answer["reference"]): answer for answer in acknowledged}
    left: Counter[str] = Counter()
    for id_, history in entries.items():
        kinds = Counter(entry.event.kind for entry in history)
        assert kinds["case_opened"] == kinds["message_added"] == kinds["understood"] == kinds["step_decided"] == 1, (
            kinds
        )
        letters = [entry.event.letter for entry in history if isinstance(entry.event, e.LetterWritten)]
        sent = [entry.event for entry in history if isinstance(entry.event, e.LetterSent)]
        assert len(letters) == len(set(letters)) == len({one.letter_id for one in sent}) == len(sent)
        left.update(one.message_id for one in sent)
        [added] = [entry.event for entry in history if isinstance(entry.event, e.MessageAdded)]
        opening = history[0].event
        assert isinstance(opening, e.CaseOpened)
        [offered], [kept] = by_reference[opening.reference]["files"], added.files
        assert kept.sha256 == offered["sha256"]
        assert house.blobs.has(id_, kept.sha256)
        shown = [one.key for one in customer_view(house, id_).milestones]
        assert len(shown) == len(set(shown))
    assert set(left) == set(postbox.taken), "a letter left unrecorded, or is recorded and never left"
    assert max(left.values(), default=1) == 1
    with house.database.reading() as store:
        assert store.verify_all() == []


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_when_everything_is_killed_in_turn(
    far: tuple[Far, Postbox], request: pytest.FixtureRequest
) -> None:
    messages = {"rabbitmq": 500, "redis": 300}[request.node.callspec.id]

    kill_in_turn(*far, messages)


@pytest.mark.drill
@pytest.mark.timeout(7200)
def test_nor_are_ten_thousand_messages(far: tuple[Far, Postbox]) -> None:
    kill_in_turn(*far, 10_000, a_second=A_SECOND_LONG)
