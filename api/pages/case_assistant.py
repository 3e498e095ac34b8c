"""The assistant of a case: a colleague asks it, sees the answer come in, and takes, edits or discards what it said.

Without a script each form answers with the page; a script that asks for `text/event-stream` gets each statement as
soon as its evidence was found.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import orjson
import structlog
from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from api.deps import Caller, Fields, HouseHere, SessionHere, line_for
from api.pages.case import Dossier, case_page, open_dossier
from api.pages.case_assistant_parts import as_streamed, offered, why_in_words
from api.pages.case_view import Citation, FileReader
from api.pages.desk import desk_of, zone_of
from api.pages.templating import Pages, pages_of
from api.security import Operation
from api.signing_in import Session, note_access
from cases import events as e
from cases.case import Case
from cases.errors import CaseError, NotAllowed
from cases.facts import MessageSpan
from cases.file_assistant import stands
from cases.statements import plain
from cases.vocabulary import Help
from pipelines import hand
from pipelines.assistant import on_demand
from pipelines.assistant.calling import Heard, Made
from pipelines.assistant.helps.question import LONGEST, Found, look_up
from pipelines.assistant.taking import judge, take_fact
from pipelines.house import House
from pipelines.noting import CALL
from pipelines.watching.logs import error_fields

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
STREAM = "text/event-stream"  # the one kind of answer that is not held back to be made smaller


@router.get("/cases/{reference}/assistant")
def search_case(
    request: Request,
    reference: str,
    house: HouseHere,
    session: SessionHere,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
) -> HTMLResponse:
    """The sentences of a case that hold these words: works where no language model does."""
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    pages = pages_of(request)
    dossier = open_dossier(house, Caller(session), reference, language=pages.desk_language)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    entries = () if dossier.blind else dossier.entries  # of colleagues' words it would tell advice
    found = look_up(dossier.case, entries, q) if dossier.file else ()
    reader = _reader(house, pages, dossier) if dossier.file else None
    return pages.page(
        "desk/assistant_search.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        q=q.strip(),
        most=LONGEST,
        found=[(one.text, _place(reader, one)) for one in found] if reader else (),
    )


@router.post("/cases/{reference}/assistant/judge")
def judge_said(request: Request, reference: str, house: HouseHere, session: SessionHere, fields: Fields) -> Response:
    """Take what was said into the case, as it is or edited, or discard it. do: take, edit or discard.

    A fact becomes a fact of the case, which this person stated; sentences become a note of theirs.
    """
    dossier = _dossier(request, house, session, reference)
    try:
        _judge(house, pages_of(request), dossier, fields, person=session.user.name)
    except NotAllowed as refused:  # caught because the page says it, which only a route has
        return case_page(request, house, session, reference, problem=str(refused), status=409)
    return RedirectResponse(f"/cases/{reference}?done=saved#assistant", 303)


@router.post("/cases/{reference}/assistant/{task}")
def ask(
    *,
    request: Request,
    reference: str,
    task: Help,
    house: HouseHere,
    session: SessionHere,
    fields: Fields,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Ask a language model for this help; the answer is kept in the case. `words` in the form: search them instead.

    409 where none may be asked or this person's own judgement is wanted first, 429 while their last question goes on.
    """
    question = " ".join(fields.get("question", "").split())[:LONGEST]
    if "words" in fields:
        return RedirectResponse(f"/cases/{reference}/assistant?q={quote(question, safe='')}", 303)
    dossier = _dossier(request, house, session, reference)
    if task is Help.QUESTION and not question:
        raise HTTPException(422, "question: is empty; write what you want to know of this case")
    person = session.user.name
    try:
        _check_told(dossier)
        on_demand.check(house, dossier.case, task, person=person)
        if STREAM in accept:
            return _streamed(house, pages_of(request), dossier, task, question=question, person=person)
        on_demand.ask(house, reference, task, person=person, question=question)
    except on_demand.StillAsking as busy:
        return _refused(request, house, session, reference, busy, accept=accept, status=busy.status)
    except NotAllowed as refused:
        return _refused(request, house, session, reference, refused, accept=accept, status=409)
    return RedirectResponse(f"/cases/{reference}#assistant", 303)


# --- an answer that comes in ---------------------------------------------------------------------------------------


def _streamed(
    house: House, pages: Pages, dossier: Dossier, task: Help, *, question: str, person: str
) -> StreamingResponse:
    reader = _reader(house, pages, dossier)

    def run(heard: Heard) -> dict[str, Any]:
        try:
            made = on_demand.ask(
                house, dossier.line.reference, task, person=person, question=question, heard=heard
            )  # fmt: skip
        except CaseError as refused:
            return {"problem": _problem(pages, refused)}
        return {**_finished(reader, dossier, made), **_versions(house, dossier, made)}

    def shown(lines: Sequence[e.SaidLine]) -> dict[str, Any]:
        return {"lines": as_streamed(offered(reader, dossier.case, lines, ""))}

    return StreamingResponse(listening(run, shown), media_type=STREAM, headers={"X-Accel-Buffering": "no"})


async def listening(
    run: Callable[[Heard], dict[str, Any]], shown: Callable[[Sequence[e.SaidLine]], dict[str, Any]]
) -> AsyncGenerator[bytes, None]:
    """What `run` hears, as it comes, and then what it returns. When nobody reads on, it hears that at its next word.

    It runs in a thread of its own, so that slow answers keep nobody else's page waiting.
    """
    loop, gone = asyncio.get_running_loop(), threading.Event()
    waiting: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def put(one: dict[str, Any] | None) -> None:
        if not gone.is_set():
            loop.call_soon_threadsafe(waiting.put_nowait, one)

    def heard(lines: Sequence[e.SaidLine]) -> None:
        if gone.is_set():
            raise on_demand.NobodyListens
        put(shown(lines))

    def work() -> None:
        try:
            put(run(heard))
        except Exception as error:  # noqa: BLE001  # the edge of the thread
            log.error("assistant.failed", **error_fields(error))  # noqa: TRY400  # no words of a customer
        finally:
            put(None)

    thread = threading.Thread(target=work, name="assistant-answer", daemon=True)
    thread.start()
    try:
        while (one := await waiting.get()) is not None:
            yield b"data: " + orjson.dumps(one) + b"\n\n"
    finally:
        gone.set()


def _finished(reader: FileReader, dossier: Dossier, made: Made) -> dict[str, Any]:
    if made.said is None:
        outcome = made.called.outcome if made.called else None
        return {"problem": why_in_words(reader, outcome) if outcome else ""}
    if made.said.shadow:
        return {"problem": reader.say("assistant.off.off")}
    verdict = dossier.case.assisted.verdict(made.said.said_id)
    if verdict is not None and verdict.verdict == "discarded":
        return {"problem": reader.say("assistant.discarded_before", name=verdict.by)}
    lines = as_streamed(offered(reader, dossier.case, made.said.lines, made.said.said_id))
    told = reader.say("assistant.done", n=len(lines)) if lines else reader.say("assistant.nothing")
    return {"lines": lines, "done": told}


def _versions(house: House, dossier: Dossier, made: Made) -> dict[str, int]:
    """From which version of the case to which, where nobody else wrote in it: the page need not say that it changed."""
    before = dossier.line.version
    with house.database.reading() as store:
        line = store.queue.line(dossier.line.reference)
    after = line.version if line else 0
    return {"from": before, "to": after} if after - before == len(made.events) else {}


# --- parts --------------------------------------------------------------------------------------------------------


def _dossier(request: Request, house: House, session: Session, reference: str) -> Dossier:
    line_for(house, Caller(session), reference, operation=Operation.DECIDE)
    return open_dossier(house, Caller(session), reference, language=pages_of(request).desk_language)


def _check_told(dossier: Dossier) -> None:
    """Who is not told what the machine advises is not told what a model says either."""
    if dossier.file is None or dossier.blind or dossier.planted:
        raise on_demand.AdviceHidden


def _judge(house: House, pages: Pages, dossier: Dossier, fields: Mapping[str, str], *, person: str) -> None:
    _check_told(dossier)
    said = _said(dossier.case, fields.get("said", ""))
    if said.task is Help.FACTS:
        _judge_fact(house, dossier.case, said, _line(said, fields.get("line", "")), fields, person=person)
    else:
        _judge_text(house, pages, dossier.case, said, fields, person=person)


def _said(case: Case, said_id: str) -> e.AssistantSaid:
    said = case.assisted.shown(said_id)
    if said is None:
        raise NotAllowed("this", "it is not shown any more; open the case again")
    return said


def _line(said: e.AssistantSaid, number: str) -> int:
    if not (number.isascii() and number.isdigit() and int(number) < len(said.lines)):
        raise NotAllowed(f"line {number!r}", "there is none of that number; open the case again")
    return int(number)


def _judge_fact(
    house: House, case: Case, said: e.AssistantSaid, line: int, fields: Mapping[str, str], *, person: str
) -> None:
    do, reference, text = fields.get("do", ""), case.reference, fields.get("text", "")
    if case.assisted.verdict(said.said_id, line) is not None:
        raise NotAllowed("this", "somebody has taken or discarded it already; open the case again")
    match do:
        case "take":
            take_fact(house, reference, said.said_id, line, person=person)
        case "edit":
            hand.state_fact(house, reference, said.lines[line].about, text, person=person)
            judge(house, reference, said.said_id, "edited", person=person, line=line, text=text)
        case "discard":
            judge(house, reference, said.said_id, "discarded", person=person, line=line)
        case _:
            raise NotAllowed(f"do {do!r}", "choose take, edit or discard")


def _judge_text(
    house: House, pages: Pages, case: Case, said: e.AssistantSaid, fields: Mapping[str, str], *, person: str
) -> None:
    """As a note, which says whose words they are; nobody is called by what a model wrote."""
    do, reference, text = fields.get("do", ""), case.reference, fields.get("text", "").replace("\r\n", "\n")
    if case.assisted.verdict(said.said_id) is not None:
        raise NotAllowed("this", "somebody has taken or discarded it already; open the case again")
    head = pages.desk_say()("assistant.note_head")
    match do:
        case "take":
            own = CALL.sub(r"\1", "\n".join(line.text for line in said.lines if stands(case, line)))
            hand.add_note(house, reference, f"{head}\n{own}", person=person)
            judge(house, reference, said.said_id, "kept", person=person)
        case "edit" if text.strip():
            hand.add_note(house, reference, f"{head}\n{text}", person=person)
            judge(house, reference, said.said_id, "edited", person=person, text=text)
        case "discard":
            judge(house, reference, said.said_id, "discarded", person=person)
        case _:
            raise NotAllowed(f"do {do!r}", "choose take, edit with a text, or discard")


def _refused(
    request: Request,
    house: House,
    session: Session,
    reference: str,
    refused: CaseError,
    *,
    accept: str,
    status: int,
) -> Response:
    """In the words of the desk: beside what was asked, or on the page."""
    told = _problem(pages_of(request), refused)
    headers = {"Retry-After": str(on_demand.StillAsking.seconds)} if status == on_demand.StillAsking.status else None
    if STREAM in accept:
        return JSONResponse({"problem": told}, status, headers=headers)
    page = case_page(request, house, session, reference, problem=told, status=status)
    page.headers.update(headers or {})
    return page


def _problem(pages: Pages, refused: CaseError) -> str:
    match refused:
        case on_demand.HelpOff(reason=reason):
            return pages.desk_say()(f"assistant.off.{reason}")
        case on_demand.AdviceHidden():
            return pages.desk_say()("assistant.off.now")
        case on_demand.StillAsking():
            return pages.desk_say()("assistant.busy")
        case on_demand.NothingToAsk():
            return pages.desk_say()("assistant.nothing_to_ask")
        case on_demand.GoneMeanwhile():
            return pages.desk_say()("assistant.gone")
        case _:
            return str(refused)


def _reader(house: House, pages: Pages, dossier: Dossier) -> FileReader:
    """What it cites is not all on the page yet: each link leads to the whole conversation."""
    return FileReader(dossier.file or {}, pages=pages, zone=zone_of(house, dossier.line.journey))


def _place(reader: FileReader, found: Found) -> Citation:
    [cited] = reader.cite([plain(found.source)])
    if isinstance(found.source, MessageSpan):
        return Citation(cited.label, reader.message_at(found.source.message_id))
    own = "" if cited.href.startswith("/") else f"/cases/{reader.file['reference']}"
    return Citation(cited.label, f"{own}{cited.href}")
