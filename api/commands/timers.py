"""casewright timers: rings for whatever waits and does what is due once in a while, under a lease."""

import threading

from api.commands.common import fail
from api.commands.staying import staying
from configs.settings import Settings
from pipelines.timers import RINGING, RINGING_LEASE, Timers


def timers() -> None:
    """Ring for waiting work and seal the log. Start two on different machines: one leads, the other takes over."""
    settings = Settings()
    if settings.broker_url is None:
        fail("there is no broker: set CASEWRIGHT_BROKER_URL; without one, casewright serve does this itself")
    with staying(settings) as (house, stopping):
        others = threading.Thread(target=Timers(house).run, args=(stopping,), name="timers", daemon=True)
        others.start()
        Timers(house, duties=(RINGING,), lease=RINGING_LEASE).run(stopping)
        others.join(timeout=settings.lease_seconds)
