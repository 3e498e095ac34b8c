"""The one door out: a letter leaves by the channel that reaches its customer, and by no other way."""

import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib import import_module

from cases.case import RECEIPT, Case
from cases.events import LetterWritten
from cases.vocabulary import Effect
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
    for sending in _in_order(house, case.notices.channel):
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


def in_order(channels: Iterable[Channel], *, first: str = "") -> list[Channel]:
    """Those that send, in the order in which they are tried. first: the name of the one that the customer chose."""
    sending = [(channel, channel.sending.rank) for channel in channels if channel.sending is not None]
    return [channel for channel, rank in sorted(sending, key=lambda one: (one[0].name != first, one[1]))]


def reaching(case: Case, house: House) -> list[str]:
    """The names of channels that are set up, have an address of this customer and are wanted there, in the order of
    trying.
    """
    return [name for name, wanted in _known(case, house) if wanted]


def unwanted(case: Case, house: House) -> list[str]:
    """The names of channels that would reach this customer, who asked for nothing to come that way."""
    return [name for name, wanted in _known(case, house) if not wanted]


def _known(case: Case, house: House) -> Iterator[tuple[str, bool]]:
    """Channels that have an address of this customer, and whether letters are wanted there."""
    letter = LetterWritten("", RECEIPT, Effect.INFORM, "", case.sender, "", "")
    for channel in in_order(_ready(house)):
        if channel.sending is None:
            continue
        with suppress(LetterUndeliverable):
            address = channel.sending.address(case, letter)
            yield channel.name, channel.sending.takes(address, house)


def _ready(house: House) -> list[Channel]:
    return [channel for channel in channels().values() if channel.ready(house.settings)]


def _in_order(house: House, first: str) -> list[Sending]:
    return [one.sending for one in in_order(_ready(house), first=first) if one.sending is not None]
