"""Letters on paper, for who is reached by no other way or chose them."""

from cases.case import Case
from cases.events import LetterWritten
from cases.reaching import postal_address
from configs.settings import Settings
from pipelines.communication.channel import CODE, Channel, Delivery, NotForThisLetter, Outgoing, Sending
from pipelines.house import House
from pipelines.ports import LetterUndeliverable


def _ready(settings: Settings) -> bool:
    return settings.print_folder is not None


def _address(case: Case, letter: LetterWritten) -> str:
    """As it stands in the window of an envelope, line by line. Raises LetterUndeliverable."""
    if letter.letter == CODE:
        raise NotForThisLetter("a code does not live as long as the post takes")
    lines = postal_address(case)
    if not lines:
        raise LetterUndeliverable("no postal address is known: no register has name, street, postcode and city")
    return "\n".join(lines)


def _send(outgoing: Outgoing, house: House) -> Delivery:
    from pipelines.channels.print.laying import lay  # noqa: PLC0415  # what sets paper is loaded only where it is used

    if house.settings.print_folder is None:
        raise LetterUndeliverable("no folder for letters to print is set")
    return Delivery("print", lay(outgoing, house, house.settings.print_folder))


CHANNEL = Channel("print", receives=False, ready=_ready, sending=Sending(30, _address, _send))
