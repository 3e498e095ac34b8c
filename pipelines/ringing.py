"""Ringing for work that lies there: whoever finds some rings, so that no lost bell costs more than a moment."""

from collections.abc import Iterable

from pipelines.doorbell import Bell, stages_of
from pipelines.house import House


def ring_for_what_waits(house: House, bells: Iterable[Bell] = tuple(Bell)) -> None:
    """Ring each of these bells whose class has work that can be claimed now."""
    now = house.now()
    with house.database.reading() as store:
        waiting = [bell for bell in bells if store.work.claimable(stages_of([bell]), now=now)]
    if waiting:
        house.ring(*waiting)
