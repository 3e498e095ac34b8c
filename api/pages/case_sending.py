"""What people write in a case: letters, which they may take back before they leave, notes, and until when it sleeps."""

from datetime import datetime
from typing import cast, get_args

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.case import case_page
from api.pages.case_composer import draft_of, fields_of
from api.pages.case_leaving import send_at_of
from api.pages.case_live import sent
from api.pages.case_reasons import reason_in_words
from api.pages.case_representatives import naming_fields
from api.pages.case_told import told_of
from api.pages.desk import MORNING, zone_of
from api.pages.templating import Pages, pages_of
from api.pages.tracking_representative import naming_of
from api.routes.live import worth_keeping
from api.security import Operation
from cases.case import Case, Held
from cases.composing import draft_again
from cases.errors import NotAllowed
from cases.events import DecisionHeld, HumanDecided, LetterHeld
from cases.vocabulary import Help
from pipelines import hand
from pipelines.assistant.helps.draft import answers, newest_draft
from pipelines.assistant.on_demand import ask
from pipelines.assistant.taking import judge, without_advice
from pipelines.channels.phone.telling import note_told
from pipelines.house import House
from pipelines.leaving import leaving, take_back
from pipelines.oversight.drawing import seen
from pipelines.reading_room import read_case
from pipelines.representing import name, withdraw
from pipelines.writing import write

router = APIRouter(include_in_schema=False)


@router.post("/cases/{reference}/undo")
def undo(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take back what waits to leave; a page that says so when it has left. What one wrote stands in its form again."""
    line, person = line_for(house, Caller(session), reference, operation=Operation.DECIDE), session.user.name
    held = fields.get("held", "")
    seq = int(held) if held.isascii() and held.isdigit() else None
    with house.database.reading() as store:
        case = store.case(line.id)
    take_back(house, reference, person=person, held=seq)
    typed = [_typed_again(request, house, case, one, by=person) for one in case.held if one.seq == seq]
    with house.database.writing() as store:
        now, stands = house.now(), {draft.form: draft.fields for draft in store.drafts.of(line.id, person)}
        for form, again in (one for one in typed if one is not None):
            unsent = stands.get(form, {}).get("text", "")
            words = {"text": f"{again['text']}\n\n{unsent}".strip()} if unsent else {}
            store.drafts.keep(line.id, person, form, {**again, **words}, at=now, opened_at=now)
    return RedirectResponse(f"/cases/{reference}?done=undone", 303)


@router.post("/cases/{reference}/preview")
def preview(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> HTMLResponse:
    """The case again, with the letter as it would be read, or with a block of words put in. Nothing is stored."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    return case_page(request, house, session, reference, typed=fields)


@router.post("/cases/{reference}/messages")
def send_message(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Write to the customer. What stands against it is told beside what was typed."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        leaves = leaving(house, line.journey, send_at=send_at_of(fields, zone_of(house, line.journey)))
        leaves_at = leaves.at if leaves else None
        said_id = fields.get("assistant_draft", "")
        write(house, reference, draft_of(fields), person=session.user.name, leaves_at=leaves_at, said_id=said_id)
    except NotAllowed as refused:  # caught because the page shows what was typed, which only this route has
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    return RedirectResponse(f"/cases/{reference}?done=written", 303)


@router.post("/cases/{reference}/draft")
def write_draft(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Have a language model draft a reply. What was typed is kept meanwhile; nothing is sent."""
    line, person = line_for(house, Caller(session), reference, operation=Operation.DECIDE), session.user.name
    if fields.get("text"):
        now = house.now()
        with house.database.writing() as store:
            store.drafts.keep(line.id, person, "reply", worth_keeping(fields), at=now, opened_at=now)
    try:
        _have_drafted(house, reference, person=person)
    except NotAllowed as refused:  # caught as above
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    after, _ = read_case(house, reference)
    if newest_draft(after) is None:
        return case_page(request, house, session, reference, typed={**fields, "drafted": "1"})
    return RedirectResponse(f"/cases/{reference}#draft", 303)


@router.post("/cases/{reference}/draft/discard")
def discard_draft(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """It is not shown any more. What stands in the letter's field stays there."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    judge(house, reference, fields.get("said", ""), "discarded", person=session.user.name)
    return RedirectResponse(f"/cases/{reference}#write", 303)


@router.post("/cases/{reference}/notes")
def add_note(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """For colleagues only. A name that nobody has is told beside what was typed."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    text = fields.get("text", "")
    if not text:
        raise HTTPException(422, "text: is empty; write the note")
    try:
        hand.add_note(house, reference, text, person=session.user.name)
    except NotAllowed as refused:  # caught as above
        typed = {"note_text": text}
        return case_page(request, house, session, reference, typed=typed, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    return RedirectResponse(f"/cases/{reference}?done=saved#notes", 303)


@router.post("/cases/{reference}/told")
def note_what_was_told(
    request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields
) -> Response:
    """What a customer told by phone. What stands against it is told beside what was typed."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        note_told(house, reference, told_of(fields), person=session.user.name)
    except NotAllowed as refused:  # caught as above
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    return RedirectResponse(f"/cases/{reference}?done=saved#notes", 303)


@router.post("/cases/{reference}/representatives")
def change_representatives(
    request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields
) -> Response:
    """Note who acts for the customer, or that they do no longer (do: "withdraw")."""
    line, person = line_for(house, Caller(session), reference, operation=Operation.DECIDE), session.user.name
    typed = naming_fields(fields)
    try:
        if typed.get("do") == "withdraw":
            withdraw(house, line.id, typed.get("who", ""), person=person)
        else:
            name(house, line.id, naming_of(typed), person=person)
    except NotAllowed as refused:  # caught as above
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    return RedirectResponse(f"/cases/{reference}?done=saved#representatives", 303)


@router.post("/cases/{reference}/snooze")
def snooze(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Until nine in the morning of a day, or until the customer answers or sends a file if that is sooner."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    try:
        day = datetime.fromisoformat(fields.get("until", "")).date()
    except ValueError as error:
        raise HTTPException(422, "until: write a date as 2026-11-24") from error
    wakes = fields.get("wakes", "date")
    if wakes not in get_args(hand.Wakes):
        raise HTTPException(422, f"wakes: choose one of {', '.join(get_args(hand.Wakes))}")
    morning = datetime.combine(day, MORNING, zone_of(house, line.journey))
    try:
        hand.snooze(house, reference, morning, person=session.user.name, wakes=cast("hand.Wakes", wakes))
    except NotAllowed as refused:  # caught as above
        return case_page(request, house, session, reference, typed={}, problem=str(refused), status=409)
    return RedirectResponse(f"/cases/{reference}?done=saved", 303)


def _have_drafted(house: House, reference: str, *, person: str) -> None:
    """Of the case as it is now: the draft answers the customer's newest message."""
    case, _ = read_case(house, reference)
    if without_advice(house, case):
        raise NotAllowed("asking a language model", "this case is decided without advice; write it yourself")
    ask(house, reference, Help.DRAFT, person=person, question=answers(case))


def _typed_again(
    request: Request, house: House, case: Case, held: Held, *, by: str
) -> tuple[str, dict[str, str]] | None:
    """The form in which this was typed, and its fields; None for what another person decided or wrote.

    Of both forms only that of a letter has a field `text`.
    """
    match held.event:
        case DecisionHeld(decision=decision) if decision.by == by:
            return "decide", typed_of(pages_of(request), house, case, decision)
        case LetterHeld(letter=letter) as written if letter.approved_by == by:
            return "reply", fields_of(draft_again(written))
        case _:
            return None


def typed_of(pages: Pages, house: House, case: Case, decision: HumanDecided) -> dict[str, str]:
    """What stood in the fields of the form that this decision came from; of its reason the words beside the code."""
    fields = {"choice": decision.choice, "reason_code": decision.reason_code}
    code = reason_in_words(pages, seen(house, case).case, hand.folder_of(house, case), fields)
    reason = decision.reason.removeprefix(code).removeprefix(": ") if code else decision.reason
    return {
        **fields,
        "reason": reason,
        "message": decision.message,
        "corrected_topic": decision.corrected_topic or "",
    }
