"""Letters that wait for a colleague: read as they would leave, approved, or sent back with a reason."""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, demand, line_for
from api.pages.case_leaving import held_title, role_words
from api.pages.desk import desk_of, zone_of
from api.pages.templating import Pages, pages_of
from api.pages.times import shown_moment
from api.security import Operation
from cases.events import LetterWritten
from cases.letters import filled
from pipelines.approving import ToRead, approve, send_back, to_read
from pipelines.house import House
from pipelines.reading_room import standing_of

router = APIRouter(include_in_schema=False)
DONE = ("approved", "sent_back")


@dataclass(frozen=True, slots=True)
class LetterShown:
    subject: str
    to: str
    body: str


@dataclass(frozen=True, slots=True)
class Shown:
    """own: the reader wrote it. letters: none when what they say is no longer so."""

    reference: str
    held: int
    title: str
    about: str
    letters: tuple[LetterShown, ...]
    own: bool


@router.get("/approvals")
def show_approvals(request: Request, house: HouseHere, session: SessionHere, done: str = "") -> HTMLResponse:
    """What waits for this person's role, the oldest first."""
    demand(session.user, Operation.DECIDE)
    pages = pages_of(request)
    return pages.page(
        "desk/approvals.html",
        desk=desk_of(house, session),
        section="approvals",
        waiting=[_shown(pages, house, one) for one in to_read(house, session.user)],
        done=done if done in DONE else "",
    )


@router.post("/cases/{reference}/approval")
def answer_approval(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """do: approve, or send_back with a reason; held: which."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    held = fields.get("held", "")
    if not (held.isascii() and held.isdigit()):
        raise HTTPException(422, "held: name what is approved by its number")
    match fields.get("do"):
        case "approve":
            approve(house, reference, held=int(held), person=session.user.name)
            done = "approved"
        case "send_back":
            reason = fields.get("reason", "")
            send_back(house, reference, held=int(held), reason=reason, person=session.user.name)
            done = "sent_back"
        case _:
            raise HTTPException(422, "do: write approve or send_back")
    return RedirectResponse(f"/approvals?done={done}", 303)


def _shown(pages: Pages, house: House, one: ToRead) -> Shown:
    folder, zone = house.journeys.get(str(one.case.journey)), zone_of(house, one.case.journey)

    def standing(letter: LetterWritten) -> str:
        return standing_of(house, one.case, language=letter.language).text

    say, at = pages.desk_say(), shown_moment(one.line.asked_at, zone=zone, language=pages.desk_language)
    return Shown(
        reference=one.line.reference,
        held=one.held.seq,
        title=held_title(pages, one.held, folder),
        about=say("approvals.about", name=one.held.writer, at=at, role=role_words(pages, one.line.role)),
        letters=tuple(
            LetterShown(
                letter.subject, letter.to, filled(letter.body, link=say("approvals.link"), standing=standing(letter))
            )
            for letter in one.letters
        ),
        own=one.own,
    )
