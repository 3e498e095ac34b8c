"""What the tests of backups share: two homes with one secret, and a house at work."""

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from configs.settings import Settings
from pipelines.backing.restore import Restored, restore
from pipelines.house import House
from pipelines.runner import drain
from tests import homes
from tests.pipelines.given import WINDSCREEN, by_form, photo

Open = Callable[..., AbstractContextManager[House]]
LONGEST = 900  # seconds, for 2,000 messages on a busy machine


@dataclass(frozen=True)
class Place:
    """The installation that is backed up, the folder of its backup, and a new machine with the same secret."""

    root: Path
    open_at: Open  # (home, models=…, further settings)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def out(self) -> Path:
        return self.root / "backups" / "out"

    @property
    def fresh(self) -> Path:
        return self.root / "fresh"

    def new_machine(self, *, with_secret: bool = True, **more: Any) -> Settings:
        """Nothing is there but the secret, and on a server a database without a table."""
        self.fresh.mkdir()
        if with_secret:
            shutil.copy(self.home / "secret.key", self.fresh)
        return homes.settings_of_new_installation(self.fresh, **more)

    def restored(self, **more: Any) -> Restored:
        return restore(self.new_machine(), self.out, **more)

    def open_fresh(self, **more: Any) -> AbstractContextManager[House]:
        return self.open_at(self.fresh, self.fresh / "models", **more)


@dataclass
class Load:
    """Messages that were acknowledged, in order: reference -> its text and the digest of its photo."""

    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    moved: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, number: int) -> Mapping[str, tuple[str, str]]:
        """What was acknowledged when so many were."""
        with self.moved:
            assert self.moved.wait_for(lambda: self.failures or len(self.acknowledged) >= number, LONGEST)
            assert self.failures == []
            return dict(self.acknowledged)


@contextmanager
def under_load(house: House) -> Iterator[Load]:
    """One thread takes in messages with photos, another one does the work, until the end."""
    load, stopping = Load(), threading.Event()

    def watched(step: Callable[[int], None]) -> None:
        number = 0
        try:
            while not stopping.is_set():
                step(number)
                number += 1
        except Exception as error:  # noqa: BLE001  # shown by the test
            with load.moved:
                load.failures.append(error)
                load.moved.notify_all()

    def take_in(number: int) -> None:
        text, picture = f"{WINDSCREEN} Melding {number}.", photo(number, size=(320, 240))
        receipt = by_form(house, text, sender=f"klant{number}@example.org", files=[("ruit.jpg", picture)])
        with load.moved:
            load.acknowledged[str(receipt.reference)] = (text, hashlib.sha256(picture).hexdigest())
            load.moved.notify_all()

    def work(_: int) -> None:
        if not drain(house):
            stopping.wait(0.01)

    threads = [threading.Thread(target=watched, args=(step,)) for step in (take_in, work)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stopping.set()
        for thread in threads:
            thread.join(LONGEST)
    assert load.failures == []
