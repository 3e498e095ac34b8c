"""Mail in over LMTP (RFC 2033): the last hop of a mail server on this machine or a network of our own."""

import asyncio
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from pipelines.channels.email.taking import AWAY, take
from pipelines.channels.parsed import MessageTooLarge, Refused
from pipelines.house import House
from pipelines.intake import MAX_BYTES

log = structlog.get_logger()
SECONDS = 60.0  # that a mail server may be silent
LONGEST_LINE = 2**20  # RFC 5321 allows 1000; what is out there does not keep to it
_MOST_RECIPIENTS = 100


class _Server(LMTP):
    line_length_limit = LONGEST_LINE
    local_part_limit = 64


class _Handler:
    def __init__(self, house: House) -> None:
        self._house = house

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _: LMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients; send the others apart"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _: LMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        """One line for each recipient: they have one mail, which is taken for all of them or for none."""
        said = await asyncio.to_thread(self._take, delivered(envelope))
        return "\r\n".join([said] * len(envelope.rcpt_tos))

    def _take(self, raw: bytes) -> str:
        try:
            take(raw, self._house, caller="lmtp")
        except MessageTooLarge:
            return "552 5.3.4 the mail is larger than 25 MB"
        except Refused as refused:
            log.warning("mail.refused", way="lmtp", reason=type(refused).__name__)
            return "554 5.6.0 the mail cannot be read"
        except AWAY as away:
            log.warning("mail.waits", way="lmtp", reason=type(away).__name__)
            return "451 4.3.0 come again later"
        except Exception:  # the server's edge: the sender keeps the mail and comes again
            log.exception("mail.failed", way="lmtp")
            return "451 4.3.0 come again later"
        return "250 2.0.0 kept"


class Listener(Controller):
    """Listens in a thread of its own until stopped. port 0 is any that is free."""

    def __init__(self, house: House, host: str, port: int) -> None:
        super().__init__(_Handler(house), hostname=host, port=port, ready_timeout=10)

    def factory(self) -> Any:
        return _Server(self.handler, data_size_limit=MAX_BYTES, timeout=SECONDS, enable_SMTPUTF8=True, ident="LMTP")


def delivered(envelope: Envelope) -> bytes:
    """The mail with what its envelope said, as the last hop notes it (RFC 5321, section 4.4)."""
    content = envelope.original_content or b""
    lines = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {one}" for one in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + content
