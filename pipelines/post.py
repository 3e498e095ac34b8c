"""Letters out: as .eml files in the embedded default, or to an SMTP server (RFC 5321)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.files import write_once
from pipelines.ports import LetterUndeliverable

SECONDS = 15  # for connecting and for each answer of the server
_FINAL = range(500, 600)


class EmlOutbox:
    """One .eml file a letter at folder/<case>/<letter id>.eml: exactly once, by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: EmailMessage, *, case_id: str, letter_id: str) -> str:
        write_once(self._folder / case_id / f"{letter_id}.eml", mail.as_bytes(policy=SMTP))
        return "eml"


class SmtpPost:
    """smtp://[user:password@]host[:port] with STARTTLS where offered, or smtps://. One connection a letter."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("CASEWRIGHT_SMTP_URL must read smtp://host:port or smtps://user:password@host:port")
        self._parts = parts

    def send(self, mail: EmailMessage, *, case_id: str, letter_id: str) -> str:  # noqa: ARG002  # the port's shape
        try:
            with self._connected() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            if all(code in _FINAL for code, _ in error.recipients.values()):
                raise LetterUndeliverable("the mail server knows no such address") from error
            raise
        except smtplib.SMTPDataError as error:
            if error.smtp_code in _FINAL:
                raise LetterUndeliverable("the mail server refused the letter") from error
            raise
        return "smtp"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        host, port = str(self._parts.hostname), self._parts.port
        if self._parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
        with server:
            if self._parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            yield server
