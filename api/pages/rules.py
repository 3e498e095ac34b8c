"""The rules: every table, and one table to read, change, try and check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Caller, HouseHere, SessionHere, line_for
from api.pages import rules_moves as moves
from api.pages.desk import desk_of, zone_of
from api.pages.rules_asked import TABLE, Opened, TableFields, TableHere, TableToChange, Visit, folders_of, open_table
from api.pages.rules_checks import checks_of
from api.pages.rules_form import Document, document_of, row_keys
from api.pages.rules_grid import grid_of
from api.pages.rules_hits import DAYS, fired_lately
from api.pages.rules_publishing import publishing_of
from api.pages.rules_reading import TypedTable, read_typed
from api.pages.rules_shadow import offer_of, shadow_of
from api.pages.rules_trying import PREFIX, example_of, given_of, try_box
from api.pages.spoken import Spoken
from api.pages.templating import Pages, pages_of
from cases.case import fold
from cases.rules.differ import differences
from pipelines.house import House
from pipelines.rulebook.drafts import StaleDraft, save_draft

router = APIRouter(include_in_schema=False)
DONE = ("saved", "unchanged", "dropped", "example", "replayed", "published", "rolled_back", "shadowed", "shadow_ended")
_EMPTY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table in the list of all."""

    title: str
    href: str
    journey: str
    description: str
    since: str
    by: str
    draft: str
    offered: bool
    rows: int
    cases: str


@router.get("/rules")
def show_rules(request: Request, house: HouseHere, session: SessionHere) -> HTMLResponse:
    """Every table of every journey that this person may read."""
    pages = pages_of(request)
    lines = [
        _line(house, pages, open_table(house, session, folder.name, name))
        for folder in folders_of(house, session.user)
        for name in folder.tables
    ]
    return pages.page("desk/rules.html", desk=desk_of(house, session), section="rules", lines=lines, days=DAYS)


def _line(house: House, pages: Pages, opened: Opened) -> TableLine:
    spoken = Spoken(pages.desk_say(), pages.desk_language, zone_of(house, opened.folder.name))
    version, fired = opened.now, fired_lately(house, opened.folder.name, opened.name)
    return TableLine(
        title=opened.name.replace("_", " ").capitalize(),
        href=opened.path,
        journey=opened.folder.worded(opened.folder.journey.title, spoken.language),
        description=version.table.description,
        since=version.effective_from.isoformat(),
        by=spoken.say("rules.by", name=version.by) if version.by else spoken.say("rules.from_folder"),
        draft=spoken.say("rules.draft_by", name=opened.draft.by) if opened.draft else "",
        offered=offer_of(house, opened) is not None,
        rows=len(version.table.rows) + 1,
        cases=spoken.number(fired.decisions, digits=0),
    )


@router.get(TABLE)
def show_table(visit: TableHere, done: str = "", case: Annotated[str, Query(max_length=60)] = "") -> HTMLResponse:
    """The draft where there is one, else the version in force. case: fills the try-it box with what it read."""
    receipt = f"rules.done.{done}" if done in DONE else ""
    return table_page(visit, tried=_of_case(visit, case) if case else _EMPTY, receipt=receipt)


@router.post(TABLE)
def change_table(visit: TableToChange, fields: TableFields) -> Response:
    """What a button of the editor asks for (`do`); `part` in the form: only the parts that change come back."""
    base = _beneath(visit.opened, fields.get("seen", ""))
    moved = _moved(document_of(fields, base), fields)
    what = fields.get("do", "check").partition(".")[0]
    if what in ("save", "example", "drop_example"):
        return _save(visit, fields, _with_example(visit.opened, moved.document, fields, what))
    return table_page(visit, document=moved.document, tried=fields, moved=moved)


def _moved(document: Document, fields: Mapping[str, str]) -> moves.Moved:
    """The document after the button; untouched for those that only look."""
    what, _, at = fields.get("do", "check").partition(".")
    position = _position(at, fields)
    match what:
        case "add":
            return moves.add_row(document, position if at else len(document["rows"]) - 1)
        case "copy" if position >= 0:
            return moves.copy_row(document, position)
        case "drop" if position >= 0:
            return moves.drop_row(document, position)
        case "up" | "down" if position >= 0:
            field = fields.get("at", "").partition(".")[2] or "says"
            return moves.move_row(document, position, -1 if what == "up" else 1, field=field)
        case "paste":
            return moves.paste(document, fields.get("paste", ""), fields.get("at", ""))
        case "add_inputs" | "add_outputs":
            return moves.add_column(document, what.removeprefix("add_"))
        case "drop_inputs" | "drop_outputs":
            return _without_column(document, what.removeprefix("drop_"), at)
        case _:
            return moves.Moved(document, "", "", {})


def _without_column(document: Document, side: str, at: str) -> moves.Moved:
    if not at.isdecimal() or int(at) >= len(document[side]):
        return moves.Moved(document, "", "", {})
    return moves.drop_column(document, side, int(at))


def _position(at: str, fields: Mapping[str, str]) -> int:
    """Where the row of this name stands in the form; -1 for none, which is above all of them."""
    keys = row_keys(fields)
    return keys.index(at) if at in keys else -1


def _with_example(opened: Opened, document: Document, fields: Mapping[str, str], what: str) -> Document:
    """The document with what the try-it box holds as an example, or without one of them."""
    if what == "drop_example":
        at = fields.get("do", "").partition(".")[2]
        return moves.drop_example(document, int(at)).document if at.isdecimal() else document
    if what != "example":
        return document
    typed = read_typed(opened.folder, opened.name, document)
    if typed.table is None:
        raise HTTPException(422, "the table cannot be read yet; mend its cells before you keep an example")
    given, wrong = given_of(typed.table, fields)
    if wrong or not given:
        raise HTTPException(422, "try: fill in at least one input, each with a value of its column")
    return moves.add_example(document, *example_of(typed.table, given)).document


def _beneath(opened: Opened, seen: str) -> Mapping[str, object]:
    """The document that the form was made of: the draft or version that was seen, else what is there now."""
    if opened.draft is not None and opened.draft.digest == seen:
        return opened.draft.document
    version = opened.book.of(seen)
    return version.table.as_dict() if version is not None else opened.document


def _save(visit: Visit, fields: Mapping[str, str], document: Document) -> Response:
    opened = visit.opened
    typed = read_typed(opened.folder, opened.name, document)
    if typed.table is not None and opened.draft is None and typed.table.as_dict() == opened.newest.table.as_dict():
        return RedirectResponse(f"{opened.path}?done=unchanged", 303)
    try:
        by, base, note = visit.session.user.name, fields.get("seen", ""), fields.get("note", "")
        save_draft(visit.house, opened.folder.name, opened.name, document, by=by, note=note, base=base)
    except StaleDraft as stale:  # caught because the page shows what was typed, which only this route has
        return _stale_page(visit, stale, typed=typed, fields=fields)
    done = "saved" if fields.get("do") == "save" else "example"
    return RedirectResponse(f"{opened.path}?done={done}", 303)


def table_page(
    visit: Visit,
    *,
    document: Mapping[str, object] | None = None,
    tried: Mapping[str, str] = _EMPTY,
    moved: moves.Moved | None = None,
    receipt: str = "",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The whole page, or with `part` in the form the parts of it that a change moves."""
    opened, spoken = visit.opened, visit.spoken
    typed = read_typed(opened.folder, opened.name, opened.document if document is None else document)
    fired = fired_lately(visit.house, opened.folder.name, opened.name)
    shown: dict[str, Any] = {
        "opened": opened,
        "grid": grid_of(typed, spoken, fired=fired.rows, before=opened.now.table),
        "checks": checks_of(typed, spoken),
        "box": try_box(typed.table, tried, spoken),
        "editing": opened.may_draft,
        "days": DAYS,
        "fired": fired,
        "note": tried.get("note", opened.draft.note if opened.draft else ""),
        "focus": moved.focus if moved else "",
        "said": spoken.say(moved.said, **moved.parts) if moved and moved.said else "",
    }
    if tried.get("part"):
        return visit.pages.page("desk/rules/_live.html", status=status, **shown)
    return visit.pages.page(
        "desk/rules/table.html",
        status=status,
        desk=desk_of(visit.house, visit.session),
        section="rules",
        head=_head(opened, spoken),
        publishing=publishing_of(visit.house, opened, spoken),
        shadow=shadow_of(visit.house, opened, spoken),
        offer=offer_of(visit.house, opened),
        unsaved=moved is not None,
        receipt=spoken.say(receipt) if receipt else "",
        problem=problem,
        **shown,
    )


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    journey: str
    draft: str
    since: str
    tell: str
    ahead: str


def _head(opened: Opened, spoken: Spoken) -> Head:
    say, version, draft = spoken.say, opened.now, opened.draft
    by = say("rules.by", name=version.by) if version.by else say("rules.from_folder")
    ahead = opened.newest if opened.newest is not version else None
    return Head(
        title=opened.name.replace("_", " ").capitalize(),
        journey=opened.folder.worded(opened.folder.journey.title, spoken.language),
        draft=say("rules.draft_by", name=draft.by) if draft else "",
        since=say("rules.since", day=version.effective_from.isoformat()),
        tell=say("rules.tell", digest=version.digest[:12], by=by, at=spoken.moment(version.published_at)),
        ahead=say("rules.ahead", day=ahead.effective_from.isoformat(), by=ahead.by) if ahead else "",
    )


def _of_case(visit: Visit, reference: str) -> Mapping[str, str]:
    """What the table read of this case when it was decided last, for the try-it box. NotFound for a foreign case."""
    opened = visit.opened
    line = line_for(visit.house, Caller(visit.session), reference)
    with visit.house.database.reading() as store:
        case = fold(line.id, store.history(line.id))
    read = case.step.read if case.step else None
    if read is None or read.table != opened.name or case.journey != opened.folder.name:
        return {}
    return {f"{PREFIX}{one.name}": "null" if one.value is None else one.value for one in read.inputs if one.present}


def _stale_page(visit: Visit, stale: StaleDraft, *, typed: TypedTable, fields: Mapping[str, str]) -> HTMLResponse:
    """Both versions: what was typed, and what somebody else made of the table meanwhile. Nothing is stored."""
    opened = visit.opened
    there = opened.draft.read if opened.draft else opened.newest.table
    left_out = ("csrf", "seen", "part", "do", "paste", "at")
    return visit.pages.page(
        "desk/rules/stale.html",
        status=409,
        desk=desk_of(visit.house, visit.session),
        section="rules",
        opened=opened,
        stale=stale,
        changes=[one.words for one in differences(there, typed.table)] if there and typed.table else [],
        compared=bool(there and typed.table),
        typed={name: text for name, text in fields.items() if name not in left_out},
    )
