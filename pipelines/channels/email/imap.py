"""Mail in from a mailbox over IMAP: unread mails are taken in, and marked as read once they are durable here.

All that is remembered lies in the mailbox: whoever dies in between takes the same mail again, which is then known.
So a mailbox that was built anew (another UIDVALIDITY) is simply read, and several readers do no harm.
"""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from pipelines.channels.email.taking import AWAY, take
from pipelines.channels.parsed import MessageTooLarge, Refused
from pipelines.house import House
from pipelines.intake import MAX_BYTES

log = structlog.get_logger()
SECONDS = 30.0  # for each answer of the server
LOOK_SECONDS = 5.0  # between two looks; a server that knows IDLE tells at once
LONGEST_WAIT = 60.0  # seconds between two tries to reach a server that is away
TRIES = 3  # of a mail that breaks something here, before it is set aside
TROUBLE = (OSError, IMAP4.error, ImapToolsError)


class ImapUnusable(ValueError):
    def __init__(self) -> None:
        super().__init__(
            "CASEWRIGHT_IMAP_URL must read imaps://user:password@host/FOLDER?done=FOLDER, the last part may be left "
            "out; imap:// only with STARTTLS, or on this machine"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """done: the folder for mails that were taken; None: they stay where they are, marked as read."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    done: str | None
    encrypted: bool


def read_account(url: str) -> Account:
    """Raises ImapUnusable."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ImapUnusable from None
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise ImapUnusable
    encrypted = parts.scheme == "imaps"
    return Account(
        host=parts.hostname,
        port=port or (993 if encrypted else 143),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        done=next(iter(parse_qs(parts.query).get("done", [])), None),
        encrypted=encrypted,
    )


class Reader:
    """Reads one mailbox until told to stop."""

    def __init__(self, house: House, account: Account) -> None:
        self._house, self._account = house, account
        self._broke: dict[str, int] = {}

    def run(self, stopping: threading.Event) -> None:
        wait = 1.0
        while not stopping.is_set():
            try:
                with connected(self._account) as box:
                    wait = 1.0
                    self._watch(box, stopping)
            except (*TROUBLE, *AWAY) as error:
                log.warning("mail.waits", way="imap", reason=type(error).__name__)
                stopping.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def read(self, box: BaseMailBox) -> int:
        """Take all unread mails in; returns how many were taken. Raises one of AWAY, and leaves the rest unread."""
        return sum(self._one(box, uid) for uid in box.uids(AND(seen=False)))

    def _watch(self, box: BaseMailBox, stopping: threading.Event) -> None:
        tells = "IDLE" in box.client.capabilities
        while not stopping.is_set():
            self.read(box)
            if tells:
                box.idle.wait(timeout=LOOK_SECONDS)
            else:
                stopping.wait(LOOK_SECONDS)
                box.client.noop()

    def _one(self, box: BaseMailBox, uid: str) -> bool:
        try:
            raw = _fetch(box, uid)
            if raw is None:  # somebody else has moved it
                return False
            take(raw, self._house, caller="imap")
        except Refused as refused:
            return self._set_aside(box, uid, type(refused).__name__)
        except (*TROUBLE, *AWAY):
            raise
        except Exception:  # the reader's edge: one mail stops no others
            log.exception("mail.failed", way="imap")
            self._broke[uid] = self._broke.get(uid, 0) + 1
            return self._broke[uid] >= TRIES and self._set_aside(box, uid, "it was tried often enough")
        box.flag([uid], "\\Seen", value=True)
        if self._account.done is not None:
            box.move([uid], self._account.done)
        return True

    def _set_aside(self, box: BaseMailBox, uid: str, reason: str) -> bool:
        """Marked as read and with a flag: people find it in the mailbox, where it stays."""
        log.error("mail.set_aside", way="imap", uid=uid, folder=self._account.folder, reason=reason)
        box.flag([uid], ["\\Seen", "\\Flagged"], value=True)
        self._broke.pop(uid, None)
        return False


@contextmanager
def connected(account: Account) -> Iterator[BaseMailBox]:
    """Signed in, with its folder chosen and the one for what is done made. Raises one of TROUBLE, or ImapUnusable."""
    secure = ssl.create_default_context()
    if account.encrypted:
        box: BaseMailBox = MailBox(account.host, account.port, timeout=SECONDS, ssl_context=secure)
    else:
        box = MailBoxUnencrypted(account.host, account.port, timeout=SECONDS)
        if "STARTTLS" in box.client.capabilities:
            box.client.starttls(secure)
        elif not _is_here(account.host):
            raise ImapUnusable  # the password would be read on its way
    try:
        box.login(account.user, account.password, initial_folder=account.folder)
    except BaseException:
        box.client.shutdown()  # else the connection stays open until it is collected
        raise
    with box:
        if account.done is not None and not box.folder.exists(account.done):
            box.folder.create(account.done)
        yield box


def _fetch(box: BaseMailBox, uid: str) -> bytes | None:
    """The mail as it is, byte for byte, still unread: a library that reads it first could stumble over it."""
    _, sizes = box.client.uid("fetch", uid, "(RFC822.SIZE)")
    size = int(b"".join(one for one in sizes if isinstance(one, bytes)).rpartition(b"SIZE ")[2].rstrip(b") ") or 0)
    if size > MAX_BYTES:
        raise MessageTooLarge(size, MAX_BYTES)
    _, found = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    return next((bytes(one[1]) for one in found if isinstance(one, tuple)), None)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
