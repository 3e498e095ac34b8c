"""The parts of the decision file's page with which people work on a case, beside what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from api.pages.case_composer import Composer, composer_of
from api.pages.case_notes import Notes, notes_of
from api.pages.case_plan import PartyLine, PlanLine, parties_of, plan_of
from api.pages.case_representatives import RepresentativesForm, representatives_form
from api.pages.case_told import ToldForm, told_form
from api.pages.desk import back_on
from api.pages.templating import Pages
from api.pages.times import shown_moment
from api.security import Operation, may
from cases.case import Case, Entry
from cases.store.people import User
from cases.vocabulary import Status
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class SendingParts:
    """composer, notes, told: None for who may not write or read them, and before the case has a journey.

    sleep: until when the case is snoozed, or what woke it; blank for neither. back_on: until
    when it would sleep, by default. typed: of a form that was refused.
    """

    composer: Composer | None = None
    notes: Notes | None = None
    told: ToldForm | None = None
    representatives: RepresentativesForm | None = None
    plan: tuple[PlanLine, ...] = ()
    parties: tuple[PartyLine, ...] = ()
    sleep: str = ""
    back_on: str = ""
    awake: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)


def sending_parts(
    house: House,
    pages: Pages,
    case: Case,
    entries: Sequence[Entry],
    user: User,
    *,
    typed: Mapping[str, str],
    blind: bool,
) -> SendingParts:
    """blind: what colleagues said and did is left out, for a person whose own judgement is wanted."""
    folder = house.journeys.folders.get(case.journey or "")
    if folder is None or case.erased:
        return SendingParts()
    zone = ZoneInfo(folder.journey.calendar.time_zone)
    sees, writes = may(user, Operation.SEE_CUSTOMERS), may(user, Operation.DECIDE)
    with house.database.reading() as store:
        colleagues = [one for one in store.people.users() if one.sees(case.line_of_business)] if writes else []
    return SendingParts(
        composer=composer_of(house, pages, case, folder, by=user.name, typed=typed, hides_machine=blind)
        if writes
        else None,
        notes=notes_of(pages, () if blind else entries, zone=zone, colleagues=colleagues) if sees else None,
        told=told_form(pages, case, folder, typed=typed) if writes else None,
        representatives=representatives_form(pages, case, folder, typed=typed) if writes else None,
        plan=() if blind else plan_of(pages, case, entries, folder),
        parties=parties_of(pages, case, folder) if sees else (),
        back_on=back_on(house, case.journey).isoformat(),
        sleep=_sleep(house, pages, case, zone),
        awake=not _sleeps(house, case),
        typed=typed,
    )


def answer_call(house: House, user: User, reference: str) -> None:
    """Who was called to a case by a note has opened it."""
    with house.database.reading() as store:
        called = any(one == reference for one, _, _ in store.mentions.of(user.name))
    if called:
        with house.database.writing() as store:
            store.mentions.seen(store.case_id(reference), user.name)


def _sleeps(house: House, case: Case) -> bool:
    return case.snoozed_until is not None and case.snoozed_until > house.now()


def _sleep(house: House, pages: Pages, case: Case, zone: ZoneInfo) -> str:
    say = pages.desk_say()
    if case.status is Status.CLOSED:
        return ""
    if case.woke:
        return say(f"case.woke.{case.woke}")
    if case.snoozed_until is None:
        return ""
    until = shown_moment(case.snoozed_until, zone=zone, language=pages.desk_language)
    return say(f"case.sleeps.{case.wakes or 'date'}", until=until) if _sleeps(house, case) else say("case.woke.date")
