"""The versions of a table: which decided when, what one changes in another, and letting an older one decide again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Fields
from api.pages.desk import desk_of
from api.pages.rules_asked import TABLE, Opened, TableHere, TableToChange, Visit
from api.pages.spoken import Spoken
from cases.rules import Table
from cases.rules.differ import differences
from pipelines.rulebook.publishing import PublishRefused, roll_back
from pipelines.rulebook.versions import Version

router = APIRouter(include_in_schema=False)
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """backward: it may be let decide again."""

    key: str
    digest: str
    span: str
    by: str
    drafted: str
    at: str
    report: str
    note: str
    state: str
    backward: bool


@dataclass(frozen=True, slots=True)
class Compared:
    older: str
    newer: str
    changes: tuple[str, ...]


@router.get(f"{TABLE}/history")
def show_history(
    visit: TableHere,
    older: Annotated[str, Query(alias="from", max_length=80)] = "",
    newer: Annotated[str, Query(alias="to", max_length=80)] = "",
) -> HTMLResponse:
    """Every version, newest first, and the differences between any two; between the newest two when none is named."""
    return _history_page(visit, older=older, newer=newer)


@router.post(f"{TABLE}/rollback")
def let_decide_again(visit: TableToChange, fields: Fields) -> Response:
    """Publish a version that was in force before; what stands against it is told on the page."""
    opened, by = visit.opened, visit.session.user.name
    try:
        roll_back(
            visit.house, opened.folder.name, opened.name, to=fields.get("to", ""), by=by, why=fields.get("why", "")
        )
    except PublishRefused as refused:  # caught because only the page can show it beside the versions
        return _history_page(visit, problem="\n".join(reason.words for reason in refused.reasons), status=409)
    return RedirectResponse(f"{opened.path}?done=rolled_back", 303)


def _history_page(
    visit: Visit, *, older: str = "", newer: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    opened, spoken = visit.opened, visit.spoken
    versions = tuple(reversed(opened.book.versions))
    lines = [_line(opened, version, spoken) for version in versions]
    choices = [(line.key, line.digest) for line in lines]
    if opened.draft is not None and opened.draft.read is not None:
        choices.insert(0, (DRAFT, spoken.say("rules.history.draft")))
    keys = [key for key, _ in choices]
    to = newer if newer in keys else keys[0]
    start = older if older in keys else keys[min(1, len(keys) - 1)]
    return visit.pages.page(
        "desk/rules/history.html",
        status=status,
        desk=desk_of(visit.house, visit.session),
        section="rules",
        opened=opened,
        title=opened.name.replace("_", " ").capitalize(),
        lines=lines,
        choices=choices,
        older=start,
        newer=to,
        compared=_compared(opened, dict(choices), start, to),
        editing=opened.may_draft,
        problem=problem,
    )


def _line(opened: Opened, version: Version, spoken: Spoken) -> VersionLine:
    say, today = spoken.say, opened.now
    state = say("rules.history.now") if version is today else ""
    newest = opened.newest
    if version is newest and version is not today:
        state = say("rules.history.ahead")
    span = version.effective_from.isoformat()
    if version.until is not None:
        span = f"{span} {say('rules.history.until')} {version.until.isoformat()}"
    return VersionLine(
        key=version.digest,
        digest=version.digest[:12],
        span=span,
        by=version.by or say("rules.history.folder"),
        drafted=version.drafted_by,
        at=spoken.moment(version.published_at),
        report=version.report[:12] or say("rules.history.no_report"),
        note=version.note,
        state=state,
        backward=opened.may_draft and version.digest != newest.digest,
    )


def _compared(opened: Opened, names: dict[str, str], older: str, newer: str) -> Compared | None:
    """None while there is only one version."""
    if older == newer and len(names) == 1:
        return None
    tables: Sequence[Table] = [_table(opened, key) for key in (older, newer)]
    return Compared(names[older], names[newer], tuple(one.words for one in differences(*tables)))


def _table(opened: Opened, key: str) -> Table:
    if key == DRAFT and opened.draft is not None and opened.draft.read is not None:
        return opened.draft.read
    version = opened.book.of(key)
    return version.table if version is not None else opened.now.table
