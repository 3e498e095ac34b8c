"""Who acts for the customer of a case, as a list and a form: for who asks by phone, by letter or at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.queue_view import Choice
from api.pages.templating import Pages
from cases.case import Case
from cases.events import StatementSigned
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Access, ActsAs
from pipelines.stages.represent import last_day

TYPED = "rep_name"  # a field that only this form has


@dataclass(frozen=True, slots=True)
class Acting:
    id: str
    name: str
    tell: str


@dataclass(frozen=True, slots=True)
class RepresentativesForm:
    people: tuple[Acting, ...]
    kinds: tuple[Choice, ...]
    accesses: tuple[Choice, ...]
    is_open: bool
    signed: tuple[StatementSigned, ...] = ()


def representatives_form(
    pages: Pages, case: Case, folder: JourneyFolder, *, typed: Mapping[str, str]
) -> RepresentativesForm:
    say = pages.desk_say()
    people = tuple(
        Acting(
            one.representative,
            one.name,
            say(
                "case.rep.tell",
                kind=say(f"case.rep.kind.{one.acts_as}"),
                access=say(f"case.rep.access.{one.access}"),
                address=one.address,
                until=last_day(one.until, folder, pages.desk_language),
                by=say("case.rep.by", name=one.by) if one.by else say("case.rep.by_customer"),
            ),
        )
        for one in case.representatives
    )
    kinds = tuple(Choice(kind, say(f"case.rep.kind.{kind}")) for kind in ActsAs)
    accesses = tuple(Choice(access, say(f"case.rep.access.{access}")) for access in Access)
    return RepresentativesForm(people, kinds, accesses, TYPED in typed, case.signed)


def naming_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of the desk's form under the names that the customer's form has."""
    return {name.removeprefix("rep_"): value for name, value in fields.items()}
