"""The one door out: a letter leaves by the channel that reaches its customer, and by no other way."""

import pkgutil
from datetime import datetime
from functools import cache
from importlib import import_module

from cases.case import Case
from cases.events import LetterWritten
from pipelines import channels as folder
from pipelines.communication.channel import Channel, Delivery, NotForThisLetter, Outgoing, Sending
from pipelines.house import House
from pipelines.ports import LetterUndeliverable


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its name: the folders in `pipelines.channels`."""
    found = (one.name for one in pkgutil.iter_modules(folder.__path__) if one.ispkg)
    known: list[Channel] = [import_module(f"{folder.__name__}.{name}.channel").CHANNEL for name in found]
    return {channel.name: channel for channel in known}


def deliver(case: Case, letter: LetterWritten, house: House, *, at: datetime, standing: str = "") -> Delivery:
    """Send by the first channel that is set up and reaches the customer. at: when the letter was written.
    standing: where the case stands, for letters and channels that say it.

    Raises LetterUndeliverable when none does, with the reason of the first that had an address; others are tried again.
    """
    reasons: list[LetterUndeliverable] = []
    refusals: list[LetterUndeliverable] = []
    for sending in _in_order(house):
        address = ""
        try:
            address = sending.address(case, letter)
            return sending.send(Outgoing(case, letter, address, at, standing), house)
        except LetterUndeliverable as undeliverable:
            if not isinstance(undeliverable, NotForThisLetter):
                (refusals if address else reasons).append(undeliverable)
    raise next(iter((*refusals, *reasons)), LetterUndeliverable("no channel is set up that sends"))


def deliver_by_mail(case: Case, letter: LetterWritten, house: House, *, at: datetime, standing: str = "") -> Delivery:
    """To the mail address on the letter and nowhere else: the other channels reach the customer of the case.

    Raises as deliver does.
    """
    sending = channels()["email"].sending
    if sending is None:
        raise LetterUndeliverable("no mail is sent")
    return sending.send(Outgoing(case, letter, sending.address(case, letter), at, standing), house)


def _in_order(house: House) -> list[Sending]:
    ready = [one.sending for one in channels().values() if one.sending is not None and one.ready(house.settings)]
    return sorted(ready, key=lambda sending: sending.rank)
