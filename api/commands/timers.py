"""casewright timers: rings for whatever waits and does what is due once in a while, under a lease."""

import signal
import threading

from api.commands.common import PATIENCE, fail, told
from configs.settings import Settings
from pipelines.timers import RINGING, RINGING_LEASE, Timers
from pipelines.usable import refuse_unusable
from pipelines.watching.logs import configure_logs, log_uncaught
from pipelines.wiring import opened


def timers() -> None:
    """Ring for waiting work and seal the log. Start two on different machines: one leads, the other takes over."""
    settings = Settings()
    if settings.broker_url is None:
        fail("there is no broker: set CASEWRIGHT_BROKER_URL; without one, casewright serve does this itself")
    with told():
        refuse_unusable(settings)
    configure_logs("info")
    log_uncaught()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with told(), opened(settings, patience=PATIENCE) as house:
        others = threading.Thread(target=Timers(house).run, args=(stopping,), name="timers", daemon=True)
        others.start()
        Timers(house, duties=(RINGING,), lease=RINGING_LEASE).run(stopping)
        others.join(timeout=settings.lease_seconds)
