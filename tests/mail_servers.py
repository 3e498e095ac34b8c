"""A real mail server in the test's own process, that answers as it is told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT

from aiosmtpd import smtp as server_side
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session


class Mailbox:
    """What a mail server does with what it is offered. `answers` are given to recipients in turn, then 250."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.data_answers: list[str] = []
        self.received: list[bytes] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.connections: set[str] = set()  # by where they come from

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _: server_side.SMTP, session: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        self.connections.add(str(session.peer))
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # as aiosmtpd calls it
        self, _: server_side.SMTP, __: Session, envelope: Envelope
    ) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.received.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.senders.append(str(envelope.mail_from))
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """The server's mailbox, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, f"smtp://127.0.0.1:{port}"
    controller.stop()


def report(letter: bytes, to: str, *, action: str = "failed", status: str = "5.1.1", carries: bool = True) -> bytes:
    """The report of a mail server about a letter, as RFC 3464 has it. carries: holds the letter's head."""
    boundary = "=_report"
    to_whom = message_from_bytes(letter)["To"]
    status_of = f"Final-Recipient: rfc822; {to_whom}\r\nAction: {action}\r\nStatus: {status}\r\n"
    parts = [
        "Content-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n",
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n{status_of}",
    ]
    if carries:
        head = letter.partition(b"\r\n\r\n")[0].decode()
        parts.append(f"Content-Type: text/rfc822-headers\r\n\r\n{head}\r\n")
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    return (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"\r\n\r\n{body}'
    ).encode()


def answer(letter: bytes, text: str, **headers: str) -> bytes:
    """A reply to a letter, as mail programs write it."""
    sent = message_from_bytes(letter)
    reply = EmailMessage(AS_SENT)
    reply["From"], reply["To"], reply["Subject"] = sent["To"], sent["From"], f"Re: {sent['Subject']}"
    reply["In-Reply-To"] = reply["References"] = sent["Message-ID"]
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    reply.set_content(text)
    return reply.as_bytes()
