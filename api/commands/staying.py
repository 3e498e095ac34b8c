"""Commands that stay until they are told to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from api.commands.common import PATIENCE, told
from configs.settings import Settings
from pipelines.house import House
from pipelines.usable import refuse_unusable
from pipelines.watching.logs import log_service
from pipelines.wiring import opened


@contextmanager
def staying(settings: Settings) -> Iterator[tuple[House, threading.Event]]:
    """The open house, and an event that SIGTERM and Ctrl-C set: end in order then.

    What stands against the settings, or against opening, is told as one sentence.
    """
    with told():
        refuse_unusable(settings)
    log_service()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with told(), opened(settings, patience=PATIENCE) as house:
        yield house, stopping
