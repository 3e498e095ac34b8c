"""The web form: what it is about, then photos where they tell most, then words and where the answer goes.

A form of three steps at most. What was given before stands in the address as the token of a draft, so that every step
works without JavaScript and cookies, and going back finds what was there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.deps import HouseHere, client_address, get_gate
from api.gate import ComeBackLater
from api.pages import report_view as view
from api.pages.report_view import FILES, OTHER, TELL, About, Told
from api.pages.templating import pages_of
from api.pages.tracking import NOT_FOUND_ANYWHERE, open_case
from api.pages.tracking_parts import languages
from api.security import from_own_page
from cases.errors import CaseError, KeyReused
from cases.journey_folder import JourneyFolder
from cases.replying import answer_times
from cases.vocabulary import FileKind
from pipelines.attachments import sniff
from pipelines.channels.email.composing import mailbox
from pipelines.channels.parsed import Attachment, Refused, clean_line, clean_text
from pipelines.channels.webform.form import Form, read_multipart
from pipelines.house import House
from pipelines.intake import Accepted
from pipelines.reports import (
    Draft,
    DraftFull,
    DraftGone,
    add_files,
    new_draft,
    read_draft,
    read_sent,
    receipt,
    send_report,
    token_of,
    without_file,
)

router = APIRouter(include_in_schema=False)
MOST_WORDS = 20_000  # characters
LEAST_DIGITS = 8  # of a telephone number
_ANSWER = "answer."

Lang = Annotated[str, Query(max_length=5)]
Key = Annotated[str, Query(max_length=50)]
Token = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Here:
    """A step of one report, as its address says. gone: its files were kept for a while, and are not any more."""

    request: Request
    house: House
    about: About
    step: str
    draft: Draft
    gone: bool = False


# --- what it is about ---------------------------------------------------------------------------------------------


@router.get("/report")
def choose_topic(request: Request, house: HouseHere) -> HTMLResponse:
    """Everything a customer may come with, over all journeys."""
    return _choice(request, [house.journeys.get(name) for name in house.journeys.names()], "/report")


@router.get("/report/{subject}")
def choose_topic_of_journey(request: Request, subject: str, house: HouseHere, topic: Key = "") -> Response:
    """As /report, for the one organisation whose site leads here; with a topic its first step."""
    folder = _folder(house, subject)
    if not topic:
        return _choice(request, [folder], f"/report/{folder.name}")
    about = _about(request, folder, topic)
    return RedirectResponse(about.path(about.steps[0]), 303, headers=NOT_FOUND_ANYWHERE)


def _choice(request: Request, folders: Sequence[JourneyFolder], path: str) -> HTMLResponse:
    pages = pages_of(request)
    known = sorted({language for folder in folders for language in folder.journey.read_in} & set(pages.words))
    preferred = pages.preferred(request)
    language = preferred if preferred in known else view.spoken(folders[0], preferred)
    groups = []
    for folder in folders:
        topics = [view.about(folder, topic, view.spoken(folder, language)) for topic in (*folder.journey.topics, OTHER)]
        groups.append((folder.worded(folder.journey.title, language), folder.journey.organisation, topics))
    return pages.page(
        "report/choose.html",
        language=language,
        headers=NOT_FOUND_ANYWHERE,
        groups=groups,
        languages=languages(pages, known, language, lambda key: f"{path}?lang={key}"),
        hours=[folder.worded(folder.journey.organisation.hours, language) for folder in folders],
    )


def _folder(house: House, journey: str) -> JourneyFolder:
    if journey not in house.journeys.names():
        raise HTTPException(404)
    return house.journeys.get(journey)


def _about(request: Request, folder: JourneyFolder, topic: str) -> About:
    if topic not in (*folder.journey.topics, OTHER):
        raise HTTPException(404)
    return view.about(folder, topic, view.spoken(folder, pages_of(request).preferred(request)))


# --- the steps ----------------------------------------------------------------------------------------------------


def get_here(
    request: Request, house: HouseHere, subject: str, step: str, *, topic: Key = OTHER, draft: Token = ""
) -> Here:
    """subject: the name of a journey."""
    about = _about(request, _folder(house, subject), topic)
    if step not in (FILES, TELL):
        raise HTTPException(404)
    if not draft:
        return Here(request, house, about, step, new_draft(house.now()))
    try:
        return Here(request, house, about, step, read_draft(draft, house))
    except DraftGone:  # sent already, or too old: the page says so, and goes on without the files
        sent = read_sent(draft, house)
        return Here(request, house, about, step, sent or new_draft(house.now()), gone=sent is None)


@router.get("/report/{subject}/{step}")
def show_step(here: Annotated[Here, Depends(get_here)]) -> HTMLResponse:
    return _show_files(here) if here.step == FILES else _show_words(here, Told())


@router.post("/report/{subject}/{step}")
async def take_step(request: Request, here: Annotated[Here, Depends(get_here)]) -> Response:
    if not from_own_page(request.headers, public_url=here.house.settings.public_url):
        raise HTTPException(403)
    try:
        body = await request.body()
    except HTTPException as error:
        if error.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        return await run_in_threadpool(_refusal, here, Told(), DraftFull())
    return await run_in_threadpool(_take, here, request.headers.get("content-type", ""), body)


def _take(here: Here, content_type: str, body: bytes) -> Response:
    """Caught here because the customer needs the page with what they typed, not a problem document."""
    form, told = Form({}, ()), Told()
    try:
        form = read_multipart(content_type, body)
        told = _told(form)
        get_gate(here.request).let_in(client_address(here.request), program=False)
        if here.gone:
            raise DraftGone  # noqa: TRY301  # as when it went between two lines of this function
        return _take_files(here, form) if here.step == FILES else _take_words(here, told)
    except (Refused, ComeBackLater, DraftFull, DraftGone, KeyReused) as refused:
        return _refusal(here, told, refused)


def _refusal(here: Here, told: Told, refused: CaseError) -> HTMLResponse:
    match refused:
        case ComeBackLater():
            problem, status = _say(here, "track.report.problem.later", seconds=refused.seconds), refused.status
        case DraftFull():
            problem, status = _say(here, "track.report.problem.too_much"), 413
        case KeyReused():
            problem, status = _say(here, "track.report.problem.sent"), 409
        case DraftGone():
            here = replace(here, draft=new_draft(here.house.now()))
            problem, status = _say(here, "track.report.problem.gone"), 410
        case _:
            problem, status = _say(here, "track.problem.refused"), 400
    if here.step == FILES:
        return _show_files(here, problem=problem, status=status)
    return _show_words(here, replace(told, problems={"": problem}), status=status)


def _say(here: Here, key: str, /, **parts: object) -> str:
    return pages_of(here.request).say(here.about.language, key, **parts)


def _show(here: Here, template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    pages, about = pages_of(here.request), here.about
    journey = about.folder.journey
    carried = {"draft": token_of(here.draft, here.house)}
    path, spoken = about.path(here.step, **carried), f"lang={about.language}"
    return pages.page(
        template,
        language=about.language,
        status=status,
        headers=NOT_FOUND_ANYWHERE,
        organisation=journey.organisation,
        hours=about.folder.worded(journey.organisation.hours, about.language),
        answer_times=answer_times(about.folder, about.language),
        title=about.title or _say(here, "track.report.other"),
        languages=languages(pages, journey.read_in, about.language, lambda key: path.replace(spoken, f"lang={key}")),
        action=about.path(here.step, **carried),
        back=_back(here, carried),
        step_no=about.steps.index(here.step) + 2 if here.step in about.steps else 2,
        step_count=len(about.steps) + 1,
        files=here.draft.files,
        gone=here.gone,
        **shown,
    )


def _back(here: Here, carried: Mapping[str, str]) -> str:
    """To the photos, and from there to the choice."""
    if here.step == TELL and FILES in here.about.steps:
        return here.about.path(FILES, **carried)
    return f"/report/{here.about.folder.name}?lang={here.about.language}"


# --- photos -------------------------------------------------------------------------------------------------------


def _show_files(here: Here, *, problem: str = "", status: int = 200) -> HTMLResponse:
    return _show(
        here,
        "report/files.html",
        status=status,
        hints=view.photo_hints(here.about),
        document=bool(here.about.wanted.documents),
        problem=problem,
    )


def _take_files(here: Here, form: Form) -> Response:
    if form.fields.get("remove"):
        draft = without_file(here.draft, form.fields["remove"], here.house)
        return _led(here, FILES, draft)
    usable = [file for file in form.files if sniff(file.data, file.name)[0] in (FileKind.PHOTO, FileKind.DOCUMENT)]
    draft = add_files(here.draft, usable, here.house) if usable else here.draft
    refused = [file for file in form.files if file not in usable]
    if refused:
        return _show_files(replace(here, draft=draft), problem=_unusable(here, refused), status=400)
    return _led(here, TELL, draft)


def _unusable(here: Here, files: Sequence[Attachment]) -> str:
    return _say(here, "track.report.problem.file", names=", ".join(file.name for file in files))


def _led(here: Here, step: str, draft: Draft) -> RedirectResponse:
    path = here.about.path(step, draft=token_of(draft, here.house))
    return RedirectResponse(path, 303, headers=NOT_FOUND_ANYWHERE)


# --- words, and the end -------------------------------------------------------------------------------------------


def _told(form: Form) -> Told:
    fields = form.fields
    return Told(
        text=clean_text(fields.get("text", "")).strip(),
        name=clean_line(fields.get("name", ""), 120),
        sender=clean_line(fields.get("sender", ""), 200),
        answers={
            name.removeprefix(_ANSWER): clean_line(value, 200)
            for name, value in fields.items()
            if name.startswith(_ANSWER)
        },
    )


def _show_words(here: Here, told: Told, *, status: int = 200) -> HTMLResponse:
    pages = pages_of(here.request)
    return _show(
        here,
        "report/tell.html",
        status=status,
        told=told,
        questions=view.questions(here.about, told),
        emergencies=view.emergencies(here.about, told.text, pages),
        promise=view.promise(here.about, pages, here.house.now()),
        most_words=MOST_WORDS,
    )


def _take_words(here: Here, told: Told) -> Response:
    sent = receipt(here.draft.id, here.house)
    if sent is None:
        problems = dict(_problems(here, told))
        if problems:
            return _show_words(here, replace(told, problems=problems), status=400)
        sent = send_report(here.draft, _fields(here.about, told), here.house)
    return _show_end(here, told, sent)


def _problems(here: Here, told: Told) -> Sequence[tuple[str, str]]:
    found = []
    if not told.text and not here.draft.files:
        found.append(("text", _say(here, "track.report.problem.text")))
    elif len(told.text) > MOST_WORDS:
        found.append(("text", _say(here, "track.report.problem.long", most=MOST_WORDS)))
    if not _reaches(told.sender):
        found.append(("sender", _say(here, "track.report.problem.sender")))
    return found


def _reaches(sender: str) -> bool:
    """One mail address, or a telephone number."""
    if "@" in sender:
        return mailbox(sender) is not None
    return len(re.sub(r"\D", "", sender)) >= LEAST_DIGITS and not re.search(r"[^\d\s()+./-]", sender)


def _fields(about: About, told: Told) -> Sequence[tuple[str, str]]:
    return (
        ("journey", about.folder.name),
        ("language", about.language),
        ("sender", told.sender),
        ("name", told.name),
        ("subject", about.title),
        ("text", view.message_of(about, told)),
    )


def _show_end(here: Here, told: Told, sent: Accepted) -> HTMLResponse:
    """The link is shown to the request that opened the case, and by mail; not by going to an address."""
    pages, path = pages_of(here.request), sent.tracking_path or ""
    opened = open_case(here.house, path.rpartition("/")[2], language=here.about.language) if path else None
    return _show(
        here,
        "report/sent.html",
        reference=sent.reference,
        link=here.house.settings.public_url.rstrip("/") + path if opened else "",
        open_at=path if opened else "",
        next=opened.view.next if opened else "",
        received=[file.name for file in sent.files],
        mailed=told.sender if "@" in told.sender else "",
        emergencies=view.emergencies(here.about, told.text, pages),
        promise=view.promise(here.about, pages, here.house.now()),
    )
