"""Chat in and out. What a person answers there is read on the customer's page while that is open, else elsewhere."""

from cases.case import Case
from cases.chatting import CHAT
from cases.events import LetterWritten
from pipelines.communication.channel import Channel, Delivery, NotForThisLetter, Outgoing, Sending
from pipelines.house import House
from pipelines.ports import LetterUndeliverable


def _address(case: Case, letter: LetterWritten) -> str:
    if letter.letter != CHAT:
        raise NotForThisLetter("only what a person answers in the chat is read there")
    return case.reference


def _send(outgoing: Outgoing, house: House) -> Delivery:
    """It stands on the page already. Raises LetterUndeliverable when that is not open: then it is mailed as well."""
    with house.database.reading() as store:
        is_open = store.chats.is_open(outgoing.case.id, house.now())
    if not is_open:
        raise LetterUndeliverable("the customer has left the chat")
    return Delivery(CHAT, outgoing.letter.letter_id)


#: Ready whatever the settings say: the page is part of every house.
CHANNEL = Channel(CHAT, receives=True, ready=lambda _: True, sending=Sending(1, _address, _send))
