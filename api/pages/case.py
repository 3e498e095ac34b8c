"""The decision file of one case, and what people do with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.foreign import hidden_references, without_references
from api.pages.case_assistant_parts import card_of, told_in
from api.pages.case_call import call_card
from api.pages.case_chat_parts import desk_chat
from api.pages.case_expert import expert_parts, messages_shown
from api.pages.case_facts import Looking
from api.pages.case_leaving import leaves_of, send_at_of, when_it_leaves
from api.pages.case_live import live_case, refuse_held, sent
from api.pages.case_merged import together_of, with_members
from api.pages.case_money import although_in_words
from api.pages.case_parts import answer_call, sending_parts
from api.pages.case_queue import place_of
from api.pages.case_reasons import reason_in_words, reasons_of
from api.pages.case_timeline import up_to_date
from api.pages.case_view import FileReader, Json, without_advice, without_assistant
from api.pages.clocks import case_clocks, case_pill
from api.pages.desk import calendar_of, desk_of, zone_of
from api.pages.queue_view import Choice, customer_of, outcome_title
from api.pages.templating import Pages, pages_of
from api.pages.times import shown_moment
from api.pseudonyms import pseudonymised
from api.security import Operation, may
from api.signing_in import Session, note_access
from cases.case import Case, Entry, fold
from cases.decision_file import build
from cases.errors import NotAllowed, StaleVersion
from cases.events import CaseSplit, FactStated, SplitTakenBack
from cases.journey import tracking
from cases.journey_folder import JourneyFolder
from cases.letters import filled
from cases.reasons import verdict_of
from cases.store.people import User
from cases.store.queue import CaseLine
from cases.vocabulary import Status
from pipelines import hand, reading_room
from pipelines.house import House
from pipelines.oversight.drawing import Seen, seen, without_advice_of

router = APIRouter(include_in_schema=False)
#: A person has nothing to decide while a case has one of these.
SETTLED = frozenset({Status.DECIDED, Status.HANDING_OVER, Status.CLOSED})
RECEIPTS = frozenset(
    ("decided", "saved", "merged", "kept", "taken_over", "undone", "written", "chat_taken", "chat_said", "chat_ended")
)
NOTHING_TYPED = {"choice": "", "reason_code": "", "reason": "", "message": "", "although": ""}


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as its page reads it: its line, its state, its events and its newest decision file."""

    line: CaseLine
    case: Case
    entries: list[Entry]
    file: Json | None
    blind: bool
    planted: bool = False  # its advice is wrong on purpose


def open_dossier(house: House, caller: Caller, reference: str, *, language: str) -> Dossier:
    """The case with its file as this caller may see it; NotFound, or 403."""
    line = line_for(house, caller, reference)
    with house.database.reading() as store:
        entries = store.history(line.id)
    shown = _as_seen(house, caller, fold(line.id, entries))
    case, entries = shown.case, shown.entries(entries)
    other = case.awaits_audit or shown.differs  # than the file that was packaged: that tells of the machine's own step
    packaged = None if other else reading_room.decision_file(house, reference)
    if packaged is not None and _corrected_since(entries, packaged["built_on"]):
        packaged = None  # who corrects a fact sees it at once; the file is built again in a moment
    file = up_to_date(house, packaged or _live(house, case, entries, language=language), case, entries)
    blind = is_blind(case, file)
    if file is not None and blind and not (caller.session and not may(caller.session.user, Operation.DECIDE)):
        file = without_advice(file)
    if file is not None and caller.session and not may(caller.session.user, Operation.SEE_CUSTOMERS):
        file = pseudonymised(file, names=(case.sender_name, case.sender), code=customer_of(line, caller.session.user))
    file = without_references(file, hidden_references(house, caller, case))
    file = without_assistant(file) if file is not None and shown.planted else file
    file = with_members(house, caller, case, file, blind=blind, language=language)
    return Dossier(line, case, entries, file, blind, planted=bool(shown.planted))


def _as_seen(house: House, caller: Caller, case: Case) -> Seen:
    """Programs are never told planted advice: what they read may go anywhere."""
    if caller.session is not None and not may(caller.session.user, Operation.DECIDE):
        return Seen(case)
    shown = seen(house, case)
    return shown if caller.session is not None or not shown.planted else without_advice_of(case)


def is_blind(case: Case, file: Json | None) -> bool:
    """A person's own judgement is wanted as a label for the certificate, and nobody has given it yet."""
    if case.awaits_audit:
        return True
    advice = file.get("recommendation") if file else None
    return bool(advice and advice["blind"]) and case.status not in SETTLED and not case.human_ever


def _corrected_since(entries: Sequence[Entry], seq: int) -> bool:
    return any(
        entry.seq > seq and isinstance(entry.event, FactStated | CaseSplit | SplitTakenBack)
        for entry in reversed(entries)
    )


def _live(house: House, case: Case, entries: list[Entry], *, language: str) -> Json | None:
    """The file as it would be built now, for a case that was never packaged; None before its journey is known."""
    if case.journey not in house.journeys.names() or case.imported is not None:
        return None
    file: Json = orjson.loads(build(house.journeys.decided(case.journey, case), case.id, entries, language=language))
    return file


@router.get("/cases/{reference}")
def show_case(
    request: Request,
    reference: str,
    house: HouseHere,
    session: SessionHere,
    *,
    done: str = "",
    fact: Annotated[str, Query(max_length=60)] = "",
    facts: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> HTMLResponse:
    """The decision file. Reading it is noted in the access log. fact: whose form is open; facts: which page of them."""
    note_access(house, "case_read", who=session.user.name, subject=reference)
    answer_call(house, session.user, reference)
    return case_page(request, house, session, reference, done=done, looking=Looking(fact, facts))


@router.post("/cases/{reference}/again")
def show_case_again(
    request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields
) -> HTMLResponse:
    """The case as it is now, with what was typed on an older version of it."""
    return case_page(request, house, session, reference, typed=fields)


@router.post("/cases/{reference}/decide")
def decide(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Store a person's decision. On a case that moved meanwhile both versions are shown and nothing is stored."""
    line = line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    pages = pages_of(request)
    with house.database.reading() as store:
        case = store.case(line.id)
    reason = reason_in_words(pages, seen(house, case).case, hand.folder_of(house, case), fields)
    decision = hand.Decision(
        choice=fields.get("choice", ""),
        reason=reason,
        version=_whole(fields.get("version", "")),
        message=fields.get("message", ""),
        corrected_topic=fields.get("corrected_topic") or None,
        reason_code=fields.get("reason_code", ""),
        although=although_in_words(pages, fields),
    )
    try:
        refuse_held(house, line, session.user.name)
        leaves = when_it_leaves(house, line, send_at=send_at_of(fields, zone_of(house, line.journey)))
        leaves_at = leaves.at if leaves else None
        hand.decide_by_hand(house, reference, decision, person=session.user.name, leaves_at=leaves_at)
    except StaleVersion as stale:  # both are caught because the pages show what was typed, which only this route has
        return _stale_page(request, house, session, stale, {**fields, "shown_reason": reason})
    except NotAllowed as refused:
        return case_page(request, house, session, reference, typed=fields, problem=str(refused), status=409)
    sent(house, line, session.user.name, fields)
    done = "decided" if decision.version == line.version else "merged"
    return RedirectResponse(f"/cases/{reference}?done={done}", 303)


@router.post("/cases/{reference}/assign")
def assign(reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    to = fields.get("to") or None
    line = line_for(house, Caller(session), reference, operation=Operation.ASSIGN_SELF)
    check_assigning(session.user, line, to)
    hand.assign(house, reference, to, person=session.user.name)
    return _saved(reference)


def check_assigning(user: User, line: CaseLine, to: str | None) -> None:
    """Anybody who decides may take a case and give an own one back; a lead assigns to all."""
    own = to == user.name if to else line.assignee in (None, user.name)
    if not own and not may(user, Operation.ASSIGN_OTHERS):
        raise HTTPException(403, "only a team lead assigns cases of others; take the case yourself")


# --- parts --------------------------------------------------------------------------------------------------------


def _saved(reference: str) -> Response:
    return RedirectResponse(f"/cases/{reference}?done=saved", 303)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise HTTPException(422, "version: is no whole number; open the case again")
    return int(text)


def _stale_page(
    request: Request, house: House, session: Session, stale: StaleVersion, typed: Mapping[str, str]
) -> HTMLResponse:
    pages = pages_of(request)
    say = pages.desk_say()
    dossier = open_dossier(house, Caller(session), stale.reference, language=pages.desk_language)
    titles = {option["key"]: option["title"] for option in (dossier.file or {"options": []})["options"]}
    choice = typed.get("choice", "")
    pairs = (
        (say("case.stale.choice"), titles.get(choice) or say(f"case.{choice}")),
        (say("case.stale.reason"), typed["shown_reason"]),
        (say("case.stale.message"), typed.get("message", "")),
    )
    live = _live(house, dossier.case, dossier.entries, language=pages.desk_language)
    reader = FileReader(live, pages=pages, zone=zone_of(house, dossier.case.journey)) if live else None
    return pages.page(
        "desk/stale.html",
        status=409,
        desk=desk_of(house, session),
        section="queue",
        reference=stale.reference,
        seen=stale.seen,
        now=stale.now,
        typed_pairs=[(name, value) for name, value in pairs if value],
        typed={name: typed.get(name, "") for name in NOTHING_TYPED},
        since=reader.history(after=stale.seen) if reader else (),
    )


def case_page(
    request: Request,
    house: House,
    session: Session,
    reference: str,
    *,
    typed: Mapping[str, str] = NOTHING_TYPED,
    done: str = "",
    problem: str = "",
    looking: Looking = Looking(),  # noqa: B008  # frozen
    status: int = 200,
) -> HTMLResponse:
    pages = pages_of(request)
    say = pages.desk_say()
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    if dossier.file is None:
        return pages.page(
            "desk/unbuilt.html", desk=desk_of(house, session), section="queue", case=_imported(house, pages, dossier)
        )
    case, blind, user = dossier.case, dossier.blind, session.user
    said = messages_shown(dossier.file, blind=blind)
    told, zone = told_in(house, pages, dossier, user), zone_of(house, dossier.line.journey)
    reader = FileReader(dossier.file, pages=pages, zone=zone, shown=said, besides=told.evidence)
    live = live_case(house, pages, session, dossier.line)
    replied = live.kept("reply") if typed is NOTHING_TYPED else typed
    return pages.page(
        "desk/case.html",
        status=status,
        desk=desk_of(house, session, saved=live.saved),
        section="queue",
        file=dossier.file,
        cite=reader.cite,
        case=case_context(house, pages, dossier, reader, user)
        | expert_parts(house, reader, case, dossier.entries, user, looking=looking, blind=blind),
        typed={**NOTHING_TYPED, **(live.kept("decide") if typed is NOTHING_TYPED else typed)},
        live=live,
        assistant=card_of(house, reader, told),
        chat=desk_chat(house, pages, case, dossier.entries, user, blind=blind),
        call=call_card(house, case, user, blind=blind),
        together=together_of(house, pages, case, dossier.file, user),
        place=place_of(house, pages, request, user, dossier.line),
        sending=sending_parts(house, pages, case, dossier.entries, user, blind=blind, typed=replied),
        receipt=say(f"case.receipt.{done}") if done in RECEIPTS else "",
        problem=problem,
    )


def case_context(house: House, pages: Pages, dossier: Dossier, reader: FileReader, user: User) -> dict[str, Any]:
    """Everything the templates show beside the file itself."""
    say, language, line, case = pages.desk_say(), pages.desk_language, dossier.line, dossier.case
    calendar = calendar_of(house, line.journey)
    zone = ZoneInfo(calendar.time_zone)
    folder = house.journeys.get(case.journey) if case.journey in house.journeys.names() else None
    open_ = case.status not in SETTLED or case.awaits_audit
    decides = may(user, Operation.DECIDE)
    file = reader.file
    milestones = tracking(folder, case, dossier.entries, language=language).milestones if folder else ()
    return {
        "reference": line.reference,
        "version": line.version,
        "assignee": line.assignee,
        "blind": dossier.blind,
        "danger": bool(dossier.case.dangers),
        "status_text": say(f"desk.status.{line.status}"),
        "due": case_pill(house, pages, case) if open_ else None,
        "clocks": case_clocks(house, pages, case),
        "tell": say(
            "case.tell",
            customer=customer_of(line, user),
            at=shown_moment(line.opened_at, zone=zone, language=language),
            channel=line.channel,
            files=len(file["files"]),
        ),
        "customer": customer_of(line, user),
        "tracking_href": f"/cases/{line.reference}/customer"
        if folder and not case.awaits_audit and may(user, Operation.SEE_CUSTOMERS)
        else "",
        "milestones": () if dossier.blind else milestones,
        "requests": reader.requests(),
        "example_href": _example_href(folder, case, user),
        "hours": folder.worded(folder.journey.organisation.hours, language) if folder else "",
        "zone": calendar.time_zone,
        "leaves": leaves_of(pages, case, folder, now=house.now()),
        "may_send": decides and folder is not None,
        "may_decide": decides and open_ and case.held_decision is None,
        "may_work": decides and case.status is not Status.CLOSED,
        "why_not": say("case.not_allowed.role")
        if not decides
        else say("case.not_allowed.waits")
        if case.held_decision is not None
        else say("case.not_allowed.status", status=say(f"desk.status.{line.status}")),
        "outcome": None if dossier.blind else _outcome(house, pages, dossier),
        "choices": _choices(pages, case, file, ("escalate",) if case.awaits_audit else ("need_more", "escalate")),
        "reasons": reasons_of(pages, case, folder),
        "topics": _titles(folder.journey.topics, folder.worded, language, "title") if folder else (),
    }


def _example_href(folder: JourneyFolder | None, case: Case, user: User) -> str:
    """Where a journey owner makes an example for the table that decided; blank for everybody else."""
    read = case.step.read if case.step else None
    if folder is None or read is None or read.table not in folder.tables or not may(user, Operation.DRAFT_RULES):
        return ""
    return f"/rules/{folder.name}/{read.table}?case={case.reference}#try"


def _titles(specs: Mapping[str, Any], worded: Any, language: str, name: str) -> tuple[Choice, ...]:
    return tuple(Choice(key, worded(getattr(spec, name), language)) for key, spec in specs.items())


def _choices(pages: Pages, case: Case, file: Json, always_possible: Sequence[str]) -> list[Json]:
    """The journey's options, then what can always be done."""
    say = pages.desk_say()
    always = [
        {"key": key, "title": say(f"case.{key}"), "consequence": say(f"case.{key}_consequence"), "letter": None,
         "recommended": False}
        for key in always_possible
    ]  # fmt: skip
    offered = [{**option, "letter": _letter(pages, option["letter"])} for option in file["options"]]
    return [{**option, "verdict": verdict_of(case, option["key"])} for option in (*offered, *always)]


def _letter(pages: Pages, letter: Json) -> Json:
    say = pages.desk_say()
    body = filled(letter["body"], link=say("case.tracking_link"), standing=say("case.standing_then"))
    return {**letter, "body": body}


def _outcome(house: House, pages: Pages, dossier: Dossier) -> dict[str, str] | None:
    """What was decided, by whom or when."""
    say, case, language = pages.desk_say(), dossier.case, pages.desk_language
    if case.status not in SETTLED:
        return None
    human = case.human
    choice = case.outcome or case.last_option
    title = say(
        "case.closed" if case.closed_at else "case.decided",
        outcome=(t := outcome_title(house, case.journey, choice, language)),
        choice=t,
    )
    tell = []
    if human is not None:
        tell.append(say("case.decided_by", name=human.by, reason=human.reason))
    if case.closed_at:
        tell.append(
            say("case.closed_at", at=shown_moment(case.closed_at, zone=zone_of(house, case.journey), language=language))
        )
    return {"title": title, "tell": ", ".join(tell)}


def _imported(house: House, pages: Pages, dossier: Dossier) -> dict[str, Any]:
    """A case of which there is no file: imported ones, and those whose first message is still being read."""
    imported, language = dossier.case.imported, pages.desk_language
    outcome = outcome_title(house, imported.journey, imported.outcome, language) if imported else ""
    return {
        "reference": dossier.line.reference,
        "text": imported.text if imported else "",
        "outcome": outcome,
        "status_text": pages.desk_say()(f"desk.status.{dossier.line.status}"),
    }
