"""casewright mail: takes mail in, from a mailbox over IMAP and from a mail server over LMTP."""

import threading
from contextlib import ExitStack

from api.commands.common import fail
from api.commands.listening import CannotListen
from api.commands.staying import staying
from configs.settings import Settings
from pipelines.house import House
from pipelines.usable import read_place


def mail() -> None:
    """Take mail in until told to end. Needs CASEWRIGHT_IMAP_URL or CASEWRIGHT_LMTP_LISTEN, or both."""
    settings = Settings()
    if settings.imap_url is None and settings.lmtp_listen is None:
        fail("nowhere to take mail from: set CASEWRIGHT_IMAP_URL or CASEWRIGHT_LMTP_LISTEN")
    with staying(settings) as (house, stopping), ExitStack() as ends:
        if settings.lmtp_listen is not None:
            _listen(house, settings.lmtp_listen, ends)
        if settings.imap_url is None:
            stopping.wait()
        else:
            _read(house, settings.imap_url, stopping)


def _listen(house: House, place: str, ends: ExitStack) -> None:
    from pipelines.channels.email.lmtp import Listener  # noqa: PLC0415  # asyncio costs 0.2 s, which --help saves

    host, port = read_place(place)
    listener = Listener(house, host, port)
    try:
        listener.start()
    except OSError as error:
        raise CannotListen(host, port, error.strerror or str(error)) from error
    ends.callback(listener.stop)


def _read(house: House, url: str, stopping: threading.Event) -> None:
    from pipelines.channels.email.imap import ImapUnusable, Reader, read_account  # noqa: PLC0415  # as above

    try:
        Reader(house, read_account(url)).run(stopping)
    except ImapUnusable as error:
        fail(str(error))
