"""A letter leaves, once, under a Message-ID derived from its id."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from cases import events as e
from cases.case import Case
from cases.letters import TRACKING_LINK
from pipelines.channels.email.letter_headers import LETTERS
from pipelines.house import House
from pipelines.links import path_of, reply_token
from pipelines.ports import LetterUndeliverable
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows

#: RFC 5321, without quoted local parts and address literals: no customer has one.
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d-]{1,63}(\.[a-z\d-]{1,63}){0,10}", re.ASCII | re.IGNORECASE)


def send(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_send(item, house) for item in batch]


def _send(item: Item, house: House) -> Outcome:
    case, letter = case_of(item), item.entry.event
    if not isinstance(letter, e.LetterWritten):
        return NOTHING
    if "@" not in letter.to:
        return follows(item, [e.LetterWithheld(letter.letter_id, "no mail address is known")])
    if mailbox(letter.to) is None:
        return follows(item, [e.LetterWithheld(letter.letter_id, "what was given is not one mail address")])
    mail = compose(case, letter, house, at=item.entry.at)
    try:
        via = house.post.send(mail, case_id=case.id, letter_id=letter.letter_id)
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.LetterWithheld(letter.letter_id, str(undeliverable))])
    return follows(item, [e.LetterSent(letter.letter_id, str(mail["Message-ID"]), via)])


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


def compose(case: Case, letter: e.LetterWritten, house: House, *, at: datetime) -> EmailMessage:
    """The same bytes every time: a repeat after a crash is recognised by its Message-ID (RFC 5322, RFC 3834)."""
    settings = house.settings
    mail = EmailMessage(LETTERS)
    mail["From"] = settings.mail_from
    mail["To"] = mailbox(letter.to) or ""
    mail["Subject"] = f"{letter.subject} [{case.reference}]"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{reply_token(letter.letter_id, house.keys.reply)}@{settings.mail_domain}>"
    mail["Auto-Submitted"] = "no" if letter.approved_by else "auto-replied"
    mail["X-Casewright-Case"] = case.reference
    mail["Content-Language"] = letter.language
    link = settings.public_url.rstrip("/") + path_of(case.link_id, house.keys.link) if case.link_id else ""
    mail.set_content(letter.body.replace(TRACKING_LINK, link))
    return mail
