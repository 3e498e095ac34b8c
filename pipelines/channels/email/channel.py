"""Mail in and out."""

from email.utils import parseaddr

from pipelines.channels.email.composing import address, compose
from pipelines.communication.channel import Channel, Delivery, Outgoing, Sending
from pipelines.house import House


def _send(outgoing: Outgoing, house: House) -> Delivery:
    mail = compose(outgoing, house)
    sender = parseaddr(house.settings.mail_from)[1]
    via = house.post.send(mail, sender=sender, case_id=outgoing.case.id, letter_id=outgoing.letter.letter_id)
    return Delivery(via, str(mail["Message-ID"]))


#: Ready whatever the settings say: without a mail server letters become files.
CHANNEL = Channel("email", receives=True, ready=lambda _: True, sending=Sending(10, address, _send))
