"""A mail as its sender laid it out: made safe, in a frame that may load its pictures from us and nothing else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.armour import POLICY
from api.deps import Caller, HouseHere, SessionHere, line_for
from api.pages.desk import desk_of
from api.pages.templating import pages_of
from api.security import Operation
from api.signing_in import Session, note_access
from cases.case import Case
from cases.errors import NotFound
from cases.events import MessageAdded, MessageReceived
from cases.vocabulary import FileKind, FileStatus
from pipelines.channels.email.reading import Sent, read_sent
from pipelines.channels.html_page import SafePage, safe_page
from pipelines.channels.parsed import Refused
from pipelines.house import House

router = APIRouter(include_in_schema=False)
MAIL = "message/rfc822"
FRAMING = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
#: allow-same-origin, so that pictures are asked for with the reader's session; no script runs in it.
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
Message = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class _Mail:
    case: Case
    said: MessageAdded
    sent: Sent

    def page(self) -> SafePage:
        return safe_page(self.sent.html, self._pictures())

    def _pictures(self) -> dict[str, str]:
        """Where we serve each picture of the mail that may be shown."""
        at = f"/api/cases/{self.case.reference}/photos/"
        shown = {
            file.id
            for file in self.said.files
            if file.kind is FileKind.PHOTO and (file.status is FileStatus.RECEIVED or file.findings is not None)
        }
        named = {content_id: f"{self.said.message_id}.f{n}" for content_id, n in self.sent.pictures.items()}
        return {content_id: at + file_id for content_id, file_id in named.items() if file_id in shown}


@router.get("/cases/{reference}/as-sent")
def show_as_sent(
    request: Request, reference: str, house: HouseHere, session: SessionHere, message: Message = ""
) -> HTMLResponse:
    """The page around the frame. message: one of the customer's; by default their newest."""
    mail = _mail(house, session, reference, message)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    return pages_of(request).page(
        "desk/case_mail.html",
        headers=FRAMING,
        desk=desk_of(house, session),
        section="queue",
        reference=mail.case.reference,
        said=mail.said,
        page=mail.page(),
    )


@router.get("/cases/{reference}/as-sent/frame")
def show_frame(
    request: Request, reference: str, house: HouseHere, session: SessionHere, message: Message = ""
) -> HTMLResponse:
    mail = _mail(house, session, reference, message)
    return pages_of(request).page("desk/case_mail_frame.html", headers=FRAMED, page=mail.page())


def _mail(house: House, session: Session, reference: str, message_id: str) -> _Mail:
    """Raises NotFound for what is no message of this case's customer, and 403 for who may not see customers."""
    line = line_for(house, Caller(session), reference, operation=Operation.SEE_CUSTOMERS)
    with house.database.reading() as store:
        case = store.case(line.id)
        said = next((one for one in reversed(case.messages) if message_id in ("", one.message_id)), None)
        if said is None:
            raise NotFound("message", message_id)
        came = next((one.event for one in store.history(said.message_id)), None)
    if not isinstance(came, MessageReceived) or came.content_type.partition(";")[0].strip().lower() != MAIL:
        return _Mail(case, said, Sent("", {}))
    try:
        return _Mail(case, said, read_sent(house.blobs.get(came.owner, came.raw_sha256)))
    except Refused:  # it was kept unread; the page says so
        return _Mail(case, said, Sent("", {}))
