"""Whatever happens in whatever order: no work is lost, none is held twice, effects are written once."""

import shutil
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from store_builders import LEASE, MACHINE, NOW, open_database, place_at
from test_store_work import follow_notes

from cases.events import MessageRead
from cases.store.work import Claim

Name = tuple[str, int, str]
STREAMS = ("message-a", "message-b", "message-c")
STAGES = ("read", "tell")


@cache
def migrated() -> Path:
    file = Path(tempfile.mkdtemp()) / "cases.db"
    database = open_database(place_at(file))
    database.migrate()
    database.scrub()
    database.close()
    return file


class Working(RuleBasedStateMachine):
    """Beside the database a plain model: what was added, what was finished or parked, who holds what until when."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(place_at(Path(shutil.copy(migrated(), self.folder.name))), follow_notes)
        self.now = NOW
        self.added: set[Name] = set()
        self.finished: list[Name] = []
        self.parked: set[Name] = set()
        self.claims: list[Claim] = []  # every claim ever made: stale ones are tried too
        self.held: dict[Name, tuple[Claim, datetime]] = {}

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    @rule(
        stream=st.sampled_from(STREAMS),
        notes=st.sets(st.sampled_from(["read", "tell", "read+20", "tell+40"]), max_size=2),
    )
    def add(self, stream: str, notes: set[str]) -> None:
        if {"read", "read+20"} <= notes or {"tell", "tell+40"} <= notes:
            return
        with self.database.writing() as store:
            (entry,) = store.append(stream, [(MessageRead("case-1", tuple(sorted(notes))), MACHINE)], at=self.now)
        self.added |= {(stream, entry.seq, note.partition("+")[0]) for note in notes}

    @rule(stages=st.sets(st.sampled_from(STAGES), min_size=1), limit=st.integers(1, 4))
    def claim(self, stages: set[str], limit: int) -> None:
        with self.database.writing() as store:
            claims = store.work.claim(stages, limit=limit, now=self.now, lease=LEASE)

        assert len(claims) <= limit
        assert len({claim.stage for claim in claims}) <= 1
        assert len({claim.stream for claim in claims}) == len(claims)
        for claim in claims:
            name = (claim.stream, claim.seq, claim.stage)
            assert name in self.added - set(self.finished) - self.parked
            live = {other[0] for other, (_, until) in self.held.items() if until > self.now}
            assert claim.stream not in live, "a stream was claimed twice at once"
            assert claim.was_lost == (name in self.held)
            self.held[name] = (claim, self.now + LEASE)
            self.claims.append(claim)

    @rule(seconds=st.sampled_from([1, 10, 29, 30, 31]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _is_held(self, claim: Claim) -> bool:
        held = self.held.get((claim.stream, claim.seq, claim.stage))
        return held is not None and held[0] == claim

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        if not self.claims:
            return
        claims = data.draw(st.lists(st.sampled_from(self.claims), max_size=4, unique=True))
        with self.database.writing() as store:
            done = store.work.finish(claims)

        assert done == {claim for claim in claims if self._is_held(claim)}
        for claim in done:
            name = (claim.stream, claim.seq, claim.stage)
            self.finished.append(name)
            del self.held[name]

    @rule(data=st.data(), uncharged=st.booleans(), seconds=st.sampled_from([0, 5, 60]))
    def fail(self, data: st.DataObject, *, uncharged: bool, seconds: int) -> None:
        if not self.claims:
            return
        claim = data.draw(st.sampled_from(self.claims))
        with self.database.writing() as store:
            given = store.work.fail(claim, due_at=self.now + timedelta(seconds=seconds), uncharged=uncharged)

        assert given == self._is_held(claim)
        if given:
            del self.held[claim.stream, claim.seq, claim.stage]

    @rule(data=st.data())
    def park(self, data: st.DataObject) -> None:
        if not self.claims:
            return
        claim = data.draw(st.sampled_from(self.claims))
        with self.database.writing() as store:
            parked = store.work.park(claim, "it could not be done")

        assert parked == self._is_held(claim)
        if parked:
            name = (claim.stream, claim.seq, claim.stage)
            del self.held[name]
            self.parked.add(name)

    @invariant()
    def nothing_is_lost_and_nothing_is_done_twice(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.reading() as store:
            rows = store.work.waiting()
        waiting = {(row.stream, row.seq, row.stage) for row in rows}
        assert waiting == self.added - set(self.finished)
        assert len(self.finished) == len(set(self.finished))
        assert {(r.stream, r.seq, r.stage) for r in rows if r.parked_because} == self.parked

    @rule()
    def drain(self) -> None:
        """Left alone, everything gets its turn, in order within its stream."""
        self.now += timedelta(hours=1)
        self.held = {}
        order: list[Name] = []
        while True:
            with self.database.writing() as store:
                claims = store.work.claim(STAGES, limit=3, now=self.now, lease=LEASE)
                assert store.work.finish(claims) == set(claims)
            if not claims:
                break
            order += [(claim.stream, claim.seq, claim.stage) for claim in claims]
        self.finished += order
        assert set(self.finished) == self.added - self.parked
        for stream in STREAMS:
            of_stream = [name for name in order if name[0] == stream]
            assert of_stream == sorted(of_stream)


TestWorking = Working.TestCase
TestWorking.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),  # explaining traces SQLAlchemy: minutes
    suppress_health_check=list(HealthCheck),
)
