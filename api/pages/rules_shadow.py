"""A draft in the shadow, and what it says beside the version in force; the folder's file, waiting to be taken up."""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from api.deps import Fields
from api.pages.rules_asked import TABLE, Opened, TableToChange, Visit
from api.pages.rules_report import step_words
from api.pages.spoken import Spoken
from api.security import Operation, may
from cases.rules.differ import differences
from pipelines.house import House
from pipelines.rulebook.drafts import DraftRefused, save_draft
from pipelines.rulebook.shadow_tables import agreement, begin_shadow, end_shadow

router = APIRouter(include_in_schema=False)
_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class SaidOtherwise:
    """A case of which the shadow says otherwise. href: of the case, for those who may see it."""

    reference: str
    href: str
    was: str
    shadow: str


@dataclass(frozen=True, slots=True)
class ShadowShown:
    about: str
    agreed: str
    others: tuple[SaidOtherwise, ...]


@dataclass(frozen=True, slots=True)
class OfferShown:
    """What the folder's file changes in the newest version."""

    changes: tuple[str, ...]


def shadow_of(house: House, opened: Opened, spoken: Spoken) -> ShadowShown | None:
    """None while nothing runs in the shadow."""
    said = agreement(house, opened.folder.name, opened.name)
    if said is None:
        return None
    say, sees = spoken.say, may(opened.user, Operation.READ_CASES)
    with house.database.reading() as store:
        names = store.watch.references([one.case for one in said.differing])
    return ShadowShown(
        about=say("rules.shadow.since", digest=said.digest[:12], at=spoken.moment(said.since), name=said.by),
        agreed=say("rules.shadow.agreed", n=said.agreed, of=said.answered),
        others=tuple(
            SaidOtherwise(
                reference=names[one.case],
                href=f"/cases/{names[one.case]}" if sees else "",
                was=_answer(one.step, one.option, one.row, spoken),
                shadow=_answer(one.shadow_step, one.shadow_option, one.shadow_row, spoken),
            )
            for one in said.differing
            if one.case in names
        ),
    )


def _answer(step: str, option: str, row: str, spoken: Spoken) -> str:
    if not step:
        return spoken.say("rules.shadow.silent")
    return f"{step_words(f'{step} {option}'.strip(), spoken)} ({row})" if row else step_words(step, spoken)


def offer_of(house: House, opened: Opened) -> OfferShown | None:
    """None when the file says what some version says, or there is a draft already."""
    table = house.journeys.offered(opened.folder.name).get(opened.name)
    if table is None or opened.draft is not None:
        return None
    words = (change.words for change in differences(opened.newest.table, table))
    return OfferShown(tuple(list(words)[:_MOST_CHANGES]))


@router.post(f"{TABLE}/shadow")
def begin(visit: TableToChange, _: Fields) -> Response:
    """Let the draft as it is now run in the shadow."""
    opened = visit.opened
    try:
        begin_shadow(visit.house, opened.folder.name, opened.name, by=visit.session.user.name)
    except DraftRefused as refused:  # caught because only the page can show it beside the draft
        return _again(visit, refused)
    return RedirectResponse(f"{opened.path}?done=shadowed#shadow", 303)


@router.post(f"{TABLE}/shadow/end")
def end(visit: TableToChange, _: Fields) -> Response:
    opened = visit.opened
    try:
        end_shadow(visit.house, opened.folder.name, opened.name, by=visit.session.user.name)
    except DraftRefused as refused:
        return _again(visit, refused)
    return RedirectResponse(f"{opened.path}?done=shadow_ended#shadow", 303)


@router.post(f"{TABLE}/take-up")
def take_up(visit: TableToChange, _: Fields) -> Response:
    """Make a draft of the folder's file."""
    opened = visit.opened
    table = visit.house.journeys.offered(opened.folder.name).get(opened.name)
    if table is None:
        raise HTTPException(422, "the folder's file says nothing new; change rules/*.yaml first, or the table here")
    by = visit.session.user.name
    save_draft(visit.house, opened.folder.name, opened.name, table.as_dict(), by=by, base=opened.seen)
    return RedirectResponse(f"{opened.path}?done=saved", 303)


def _again(visit: Visit, refused: DraftRefused) -> Response:
    from api.pages.rules import table_page  # noqa: PLC0415  # that page shows this part: neither comes before the other

    return table_page(visit, problem=str(refused), status=409)
