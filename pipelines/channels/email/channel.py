"""Mail in and out."""

from email.utils import parseaddr

from pipelines.channels.email.composing import address, compose
from pipelines.channels.email.returns import return_address
from pipelines.communication.channel import Channel, Delivery, Outgoing, Sending
from pipelines.house import House


def _send(outgoing: Outgoing, house: House) -> Delivery:
    mail = compose(outgoing, house)
    letter_id = outgoing.letter.letter_id
    via = house.post.send(mail, sender=_sender(letter_id, house), case_id=outgoing.case.id, letter_id=letter_id)
    return Delivery(via, str(mail["Message-ID"]))


def _sender(letter_id: str, house: House) -> str:
    """The envelope's: an address of this letter alone, where mail for our domain reaches us at all."""
    settings = house.settings
    is_ours = not settings.mail_domain.endswith(".invalid")
    own = return_address(letter_id, settings.mail_domain, key=house.keys.reply) if is_ours else None
    return own or parseaddr(settings.mail_from)[1]


#: Ready whatever the settings say: without a mail server letters become files.
CHANNEL = Channel("email", receives=True, ready=lambda _: True, sending=Sending(10, address, _send))
