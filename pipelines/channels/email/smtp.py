"""Letters to a mail server (RFC 5321), over one connection for as long as there are letters."""

import asyncio
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from urllib.parse import SplitResult, unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from pipelines.ports import AddressRefused, LetterUndeliverable

SECONDS = 15  # for connecting and for each answer of the server
LETTER_SECONDS = 60  # for one letter whole: a server that answers a byte now and then is given up too
IDLE_SECONDS = 30  # a connection so long unused is not trusted any more
LETTERS = 100  # by one connection; many servers end it about there
_REMEMBERED = 1024
_FINAL = range(500, 600)


class MailServerAway(Exception):
    """It did not answer in time, or not as a mail server that takes letters does."""

    def __init__(self, host: str, error: Exception) -> None:
        refused = error.recipients if isinstance(error, SMTPRecipientsRefused) else [error]
        codes = [f" {one.code}" for one in refused if isinstance(one, SMTPResponseException)]
        super().__init__(f"the mail server {host}: {type(error).__name__}{''.join(codes)}")


class SmtpPost:
    """smtp://[user:password@]host[:port] with STARTTLS where offered, or smtps://. One letter at a time.

    A loop of its own, since the workers are threads: only so can a letter as a whole have an end.
    """

    def __init__(self, url: str, *, seconds: float = LETTER_SECONDS) -> None:
        """seconds: for one letter, from the connection to the server's word that it has it."""
        self._url, self._seconds = _read(url), seconds
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: SMTP | None = None
        self._sent, self._used_at = 0, 0.0
        self._taken: dict[tuple[str, str], None] = {}

    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:  # noqa: ARG002  # the port's shape
        """sender: the envelope's, to which reports come back. A letter that the server took is not offered again,
        as when the batch that it was part of is done once more.
        """
        key = (letter_id, str(mail["Date"]))
        with self._lock:
            if key not in self._taken:
                self._loop = self._loop or asyncio.new_event_loop()
                self._loop.run_until_complete(self._send_within_time(mail, sender))
                self._taken[key] = None
            while len(self._taken) > _REMEMBERED:
                del self._taken[next(iter(self._taken))]
        return "smtp"

    def close(self) -> None:
        with self._lock:
            if self._loop is not None:
                self._loop.run_until_complete(self._leave())
                self._loop.close()
                self._loop = None

    async def _send_within_time(self, mail: EmailMessage, sender: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(mail, sender)
        except (SMTPException, OSError) as error:
            if isinstance(error, OSError):  # what the connection stands at is not known
                await self._leave()
            refusal = _refusal(error)
            if refusal is not None:
                raise refusal from error
            raise MailServerAway(str(self._url.hostname), error) from error

    async def _send(self, mail: EmailMessage, sender: str) -> None:
        server = await self._connected()
        await server.sendmail(sender, [str(mail["To"])], mail.as_bytes(policy=AS_SENT))
        self._sent, self._used_at = self._sent + 1, time.monotonic()

    async def _connected(self) -> SMTP:
        """The open connection, when it still answers; else a new one."""
        if self._server is not None and await self._is_usable(self._server):
            return self._server
        await self._leave()
        server = _server(self._url, SECONDS)
        await server.connect()
        self._server, self._sent = server, 0
        return server

    async def _is_usable(self, server: SMTP) -> bool:
        if self._sent >= LETTERS or time.monotonic() - self._used_at > IDLE_SECONDS or not server.is_connected:
            return False
        with suppress(SMTPException, OSError):
            await server.rset()
            return True
        return False

    async def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await _quit(server)


def greet(url: str, *, seconds: float) -> None:
    """Connect and leave. Raises an OSError or SMTPException when no mail server answers within so many seconds."""
    asyncio.run(_greet(_server(_read(url), seconds), seconds))


async def _greet(server: SMTP, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await server.connect()
    await _quit(server)


async def _quit(server: SMTP) -> None:
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(1):  # saying goodbye is worth no more
            await server.quit()
    server.close()


def _read(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("CASEWRIGHT_SMTP_URL must read smtp://host:port or smtps://user:password@host:port")
    return parts


def _server(url: SplitResult, seconds: float) -> SMTP:
    return SMTP(
        hostname=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 25),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password or "") if url.username else None,
        timeout=seconds,
        use_tls=url.scheme == "smtps",
    )


def _refusal(error: Exception) -> LetterUndeliverable | None:
    """No repeat helps: the address is refused, or the letter is. A refused sender is the operator's to mend."""
    if isinstance(error, SMTPRecipientsRefused) and all(one.code in _FINAL for one in error.recipients):
        return AddressRefused("the mail server knows no such address")
    if isinstance(error, SMTPDataError) and error.code in _FINAL:
        return LetterUndeliverable("the mail server refused the letter")
    return None
