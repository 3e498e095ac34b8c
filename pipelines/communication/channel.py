"""What every channel says of itself. A channel is a folder in `pipelines.channels` whose `channel.py` names CHANNEL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case
from cases.events import LetterWritten
from configs.settings import Settings
from pipelines.house import House
from pipelines.ports import LetterUndeliverable


class NotForThisLetter(LetterUndeliverable):
    """A channel that carries only some letters was asked for another one: says nothing of the customer."""


#: The letter that holds a code for who lost their link: it opens for half an hour, and is kept nowhere.
CODE = "code"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter on its way. address: in the words of its channel. at: when it was written, the same at each repeat.

    standing: where the case stands now, in the letter's language: see cases.milestone_sentence.
    """

    case: Case
    letter: LetterWritten
    address: str
    at: datetime
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """via: by which way it left. message_id: under which name; a repeat has the same."""

    via: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Sending:
    """How letters leave by a channel.

    rank: the channel of the lowest is tried first.
    address: where it reaches the customer of a letter. Raises LetterUndeliverable with the reason when it does not.
    takes: whether who is at an address wants letters that way.
    send: once under one name. Raises LetterUndeliverable, or another error to be tried again.
    """

    rank: int
    address: Callable[[Case, LetterWritten], str]
    send: Callable[[Outgoing, House], Delivery]
    takes: Callable[[str, House], bool] = lambda _, __: True


@dataclass(frozen=True, slots=True)
class Channel:
    """name: that of its folder, and of the channel in events. ready: whether the settings let it work.

    sending: None for a channel that only receives.
    """

    name: str
    receives: bool
    ready: Callable[[Settings], bool]
    sending: Sending | None = None

    @property
    def sends(self) -> bool:
        return self.sending is not None
