"""From a draft to the version in force: replay, what stands in the way, a second person, the shadow, and giving up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from api.deps import Fields
from api.pages.rules_asked import TABLE, Opened, TableToChange, Visit
from api.pages.rules_report import ReportShown, report_shown
from api.pages.spoken import Spoken
from api.security import Operation, may
from cases import events as e
from cases.rules.differ import differences
from cases.vocabulary import Actor
from pipelines.house import House
from pipelines.rulebook.drafts import drop_draft
from pipelines.rulebook.publishing import PublishRefused, Reason, publish, reasons_against
from pipelines.rulebook.report import kept, report_of
from pipelines.rulebook.versions import stream_of

router = APIRouter(include_in_schema=False)
_MOST_CHANGES: Final = 60
#: What stands in the way until a person does the next step; told as that step, not as something wrong.
_STEPS: Final = frozenset({"no_report", "second_person", "unknown"})
_TOLD: Final = frozenset({"stale_report", "other_report", "problem"})


@dataclass(frozen=True, slots=True)
class Publishing:
    """What the page shows below the table.

    changes: the draft against the version it starts from, in words. obstacles: what has to be mended first.
    other: somebody else has to publish. unknown: the verification did not come to an end. ready: nothing is missing
    but the button. today: the first day that a version may begin.
    """

    draft: bool
    changes: tuple[str, ...] = ()
    more: int = 0
    report: ReportShown | None = None
    elsewhere: str = ""
    stale: bool = False
    obstacles: tuple[str, ...] = ()
    other: str = ""
    unknown: bool = False
    ready: bool = False
    today: str = ""


def publishing_of(house: House, opened: Opened, spoken: Spoken) -> Publishing:
    draft = opened.draft
    if draft is None:
        return Publishing(draft=False)
    noted = _noted(house, opened)
    name = noted.report if noted is not None else ""
    report = kept(house, name) if name else None
    changes = [one.words for one in differences(opened.newest.table, draft.read)] if draft.read is not None else []
    reasons = reasons_against(house, draft.journey, draft.table, report=name, by=opened.user.name) if (
        opened.may_draft
    ) else ()  # fmt: skip
    keys = {reason.key for reason in reasons}
    return Publishing(
        draft=True,
        changes=tuple(changes[:_MOST_CHANGES]),
        more=max(0, len(changes) - _MOST_CHANGES),
        report=report_shown(report.data, name, spoken, cases=may(opened.user, Operation.READ_CASES))
        if report
        else None,
        elsewhere=name if name and report is None else "",
        stale=bool(keys & {"stale_report", "other_report"}),
        obstacles=tuple(_obstacles(reasons, spoken)),
        other=draft.by if "second_person" in keys else "",
        unknown="unknown" in keys,
        ready=opened.may_draft and not keys - {"unknown"},
        today=house.now().date().isoformat(),
    )


def _obstacles(reasons: Sequence[Reason], spoken: Spoken) -> Iterator[str]:
    """What has to be mended; problems of cells and examples are told where they stand, so here only that there are."""
    if problems := sum(reason.key == "problem" for reason in reasons):
        yield spoken.say("rules.publish.problems", n=problems)
    yield from (reason.words for reason in reasons if reason.key not in _STEPS | _TOLD)


def _noted(house: House, opened: Opened) -> e.ReplayReported | None:
    """The newest replay of this draft, else of the table as it was drafted before."""
    with house.database.reading() as store:
        entries = store.history(stream_of(opened.folder.name))
    made = [
        entry.event
        for entry in entries
        if isinstance(entry.event, e.ReplayReported)
        and entry.event.table == opened.name
        and entry.at >= (opened.newest.published_at)
    ]
    mine = [event for event in made if opened.draft is not None and event.digest == opened.draft.digest]
    found = mine or made
    return found[-1] if found else None


@router.post(f"{TABLE}/replay")
def replay(visit: TableToChange, fields: Fields) -> Response:
    """Replay the draft over what was decided since a day, or ever; the report stands on the page then."""
    draft = visit.opened.draft
    if draft is None or draft.read is None:
        raise HTTPException(422, "the draft cannot be read as a table; mend its cells and save it, then replay it")
    by = Actor("person", visit.session.user.name)
    report_of(visit.house, draft.journey, draft.read, since=_day(fields.get("since", ""), "since"), by=by)
    return RedirectResponse(f"{visit.opened.path}?done=replayed#publish", 303)


@router.post(f"{TABLE}/publish")
def publish_draft(visit: TableToChange, fields: Fields) -> Response:
    """Let the draft decide. What stands in the way is told on the page, and nothing is changed then."""
    opened = visit.opened
    try:
        publish(
            visit.house,
            opened.folder.name,
            opened.name,
            report=fields.get("report", ""),
            by=visit.session.user.name,
            effective_from=_day(fields.get("effective_from", ""), "effective_from"),
            accept_unknown=fields.get("accept_unknown") == "yes",
        )
    except PublishRefused as refused:  # caught because only the page can show it beside the draft
        return _again(visit, refused)
    return RedirectResponse(f"{opened.path}?done=published", 303)


@router.post(f"{TABLE}/discard")
def discard(visit: TableToChange, fields: Fields) -> Response:
    """Give the draft up; it stays in the log."""
    opened = visit.opened
    drop_draft(visit.house, opened.folder.name, opened.name, by=visit.session.user.name, why=fields.get("why", ""))
    return RedirectResponse(f"{opened.path}?done=dropped", 303)


def _again(visit: Visit, refused: PublishRefused) -> Response:
    from api.pages.rules import table_page  # noqa: PLC0415  # that page shows this part: neither comes before the other

    return table_page(visit, problem="\n".join(reason.words for reason in refused.reasons), status=409)


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, f"{field}: write a day as 2026-11-24, or leave it empty") from error
