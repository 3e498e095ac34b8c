"""A letter as a mail: the same bytes every time, under a Message-ID derived from its id."""

import re
from email.message import EmailMessage
from email.utils import format_datetime

from cases.case import Case
from cases.events import LetterWritten
from cases.letters import filled
from pipelines.channels.email.letter_headers import LETTERS
from pipelines.communication.channel import Outgoing
from pipelines.house import House
from pipelines.links import path_of, reply_token
from pipelines.ports import LetterUndeliverable

#: RFC 5321, without quoted local parts and address literals: no customer has one.
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d-]{1,63}(\.[a-z\d-]{1,63}){0,10}", re.ASCII | re.IGNORECASE)


def address(case: Case, letter: LetterWritten) -> str:
    """The address on file as mail servers write it. Raises LetterUndeliverable."""
    if "@" not in letter.to:
        raise LetterUndeliverable("no mail address is known")
    found = mailbox(letter.to)
    if found is None:
        raise LetterUndeliverable("what was given is not one mail address")
    if letter.to.casefold() in case.dead_addresses:
        raise LetterUndeliverable("an earlier letter to this address came back")
    return found


def mailbox(to: str) -> str | None:
    """The address as mail servers write it (a domain beyond ASCII by RFC 5891); None for anything but one address.

    Strangers type it: a list of addresses would reach people who never wrote to us.
    """
    local, _, domain = to.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    return address if _MAILBOX.fullmatch(address) and "=?" not in address else None


def compose(outgoing: Outgoing, house: House) -> EmailMessage:
    """The same bytes every time while the case stands where it did: a repeat after a crash is recognised by its
    Message-ID (RFC 5322, RFC 3834).
    """
    case, letter, settings = outgoing.case, outgoing.letter, house.settings
    mail = EmailMessage(LETTERS)
    mail["From"] = settings.mail_from
    mail["To"] = outgoing.address
    mail["Subject"] = f"{letter.subject} [{case.reference}]"
    mail["Date"] = format_datetime(outgoing.at)
    mail["Message-ID"] = f"<{reply_token(letter.letter_id, house.keys.reply)}@{settings.mail_domain}>"
    mail["Auto-Submitted"] = "no" if letter.approved_by else "auto-replied"
    mail["X-Casewright-Case"] = case.reference
    mail["Content-Language"] = letter.language
    link = settings.public_url.rstrip("/") + path_of(case.link_id, house.keys.link) if case.link_id else ""
    mail.set_content(filled(letter.body, link=link, standing=outgoing.standing))
    return mail
