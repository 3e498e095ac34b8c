"""Who takes part in a case, in which role, and how they are reached, as far as its events tell. Pure."""

from dataclasses import dataclass
from enum import StrEnum, auto

from cases.case import Case
from cases.vocabulary import Danger, Status

#: Signs that ask for care in how somebody is spoken to.
CARE = frozenset({Danger.VULNERABILITY, Danger.DISTRESS, Danger.DEATH})


class Part(StrEnum):
    CLAIMANT = auto()  # whose case it is: letters go there
    REPRESENTATIVE = auto()  # acts for the claimant, by a link of their own
    OTHER_WRITER = auto()  # wrote in the case from another address: an intermediary, somebody of the household
    THIRD_PARTY = auto()  # does something that was planned
    ORDERED = auto()  # gets an order through the organisation's own system


@dataclass(frozen=True, slots=True)
class Party:
    """channel: that they wrote by last; "" when they did not write. care: words that ask for care, as they stand."""

    part: Part
    name: str
    address: str = ""
    channel: str = ""
    care: tuple[str, ...] = ()


def parties(case: Case) -> tuple[Party, ...]:
    """The claimant first, then who else wrote, then those who do something for us."""
    if case.erased:
        return ()
    own = case.sender.strip().lower()
    channels = {message.sender.strip().lower(): message.channel for message in case.messages}
    names = {message.sender.strip().lower(): message.sender_name for message in case.messages if message.sender_name}
    care = tuple(dict.fromkeys(sign.text for sign in case.dangers if sign.danger in CARE))
    claimant = Party(Part.CLAIMANT, case.sender_name, case.sender, channels.get(own, case.channel), care)
    others = (
        Party(Part.OTHER_WRITER, names.get(address, ""), address, channel)
        for address, channel in channels.items()
        if address not in ("", own, *(one.address.lower() for one in case.representatives))
    )
    for_them = (
        Party(Part.REPRESENTATIVE, one.name, one.address, channels.get(one.address.lower(), ""))
        for one in case.representatives
    )
    return (claimant, *for_them, *others, *_doers(case))


def _doers(case: Case) -> tuple[Party, ...]:
    if case.handover is not None:
        return (Party(Part.ORDERED, case.handover.order),)
    if case.status is Status.WAITING_THIRD_PARTY:
        department = case.step.department if case.step is not None else ""
        return (Party(Part.THIRD_PARTY, department or case.last_option),)
    return ()
