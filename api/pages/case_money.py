"""What a handler must know before money leaves: what was paid before, to which account, and what such cases cost."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from statistics import quantiles

from api.pages.case_view import FileReader
from api.pages.case_weighing import Evidence
from api.pages.queue_view import outcome_title
from api.pages.templating import Pages
from api.security import sees_line
from cases.case import Case, Entry
from cases.journey_folder import JourneyFolder
from cases.paying import SENDER, Elsewhere, Given, doubles, given_in, last_account, payee_of
from cases.store.people import User
from cases.wording import shown_value
from pipelines.house import House
from pipelines.paying import cases_of_the_same

PAID_SHOWN = 8
TELLING = 3  # amounts; of fewer no range is told


@dataclass(frozen=True, slots=True)
class Paid:
    """href: blank for the case itself. state: granted, or asked and not decided yet, in words. double: see Paying."""

    reference: str
    href: str
    about: str
    amount: str
    at: str
    state: str
    double: bool = False


@dataclass(frozen=True, slots=True)
class Paying:
    """told: sums in words. double: granting it may pay the same twice, so that it takes a reason of its own.

    account: masked; wrong: it can be none; changed: money for this customer went to another one before.
    """

    paid: Sequence[Paid] = ()
    told: Sequence[str] = ()
    double: bool = False
    account: str = ""
    wrong: bool = False
    changed: str = ""
    estimate: str = ""
    against: Sequence[Evidence] = ()


def paying_of(
    house: House,
    reader: FileReader,
    case: Case,
    entries: Sequence[Entry],
    folder: JourneyFolder | None,
    *,
    user: User,
    blind: bool,
    near: Collection[str],
) -> Paying:
    """For who sees customers. blind: what was granted in this very case is left out, as it tells what the machine did.

    near: references of the similar cases that this person may see. A few statements, however many cases there are.
    """
    if folder is None:
        return Paying()
    with house.database.reading() as store:
        others = cases_of_the_same(store, house, case, folder)
    own = () if blind else given_in(case, entries, folder.journey)
    twice = {one.case.id for one in doubles(case, folder.journey, others, at=house.now())}
    lines = [*_own(reader, case, own), *_elsewhere(house, reader, others, twice, user)]
    payee = payee_of(case, folder.journey)
    before = last_account(others, own)
    changed = payee is not None and payee.valid and before not in ("", payee.account)
    last = f"{before[:4]} •••• {before[-4:]}" if changed else ""
    return Paying(
        paid=sorted(lines, key=lambda one: not one.double)[:PAID_SHOWN],
        told=tuple(_sums(reader, own, others, user)),
        double=bool(own or twice),
        account=payee.masked if payee else "",
        wrong=payee is not None and not payee.valid,
        changed=last,
        estimate="" if blind else _estimate(reader, near),
        against=tuple(_against(reader, payee.fact, last)) if payee is not None and changed else (),
    )


def although_in_words(pages: Pages, fields: Mapping[str, str]) -> str:
    """Why it is granted all the same, as it stays readable beside a reason; blank where nothing was written."""
    why = fields.get("although", "")
    return pages.desk_say()("case.although_said", why=why) if why else ""


def _own(reader: FileReader, case: Case, own: Sequence[Given]) -> Iterator[Paid]:
    for given in reversed(own):
        yield Paid(
            case.reference, "", reader.say("case.paid.here"), _euros(reader, given.amount),
            reader.moment(given.at.isoformat()), reader.say("case.paid.granted"), double=True,
        )  # fmt: skip


def _elsewhere(
    house: House, reader: FileReader, others: Sequence[Elsewhere], twice: Collection[str], user: User
) -> Iterator[Paid]:
    """What may be read of other cases: what was granted, and what is asked where it may be the same."""
    for other in others:
        if not sees_line(user, other.case.line_of_business):
            continue
        double, about = other.case.id in twice, _about(house, reader, other)
        href = f"/cases/{other.case.reference}"
        for given in reversed(_told(other)):
            yield Paid(
                other.case.reference, href, about, _euros(reader, given.amount), reader.moment(given.at.isoformat()),
                outcome_title(house, other.case.journey, other.case.last_option, reader.pages.desk_language)
                or reader.say("case.paid.granted"), double,
            )  # fmt: skip
        if double and not _told(other):
            at = other.case.opened_at
            yield Paid(
                other.case.reference, href, about, _euros(reader, other.asked),
                reader.moment(at.isoformat()) if at else "", reader.say("case.paid.asked"), double,
            )  # fmt: skip


def _told(other: Elsewhere) -> Sequence[Given]:
    """What was granted there, unless a person is to judge that without knowing."""
    return () if other.case.awaits_audit else other.given


def _about(house: House, reader: FileReader, other: Elsewhere) -> str:
    """Its topic, and how it is known to go with this one."""
    folder = house.journeys.folders[str(other.case.journey)]
    topic = folder.journey.topics.get(other.case.topic or "")
    title = folder.worded(topic.title, reader.pages.desk_language) if topic else ""
    same = reader.say("case.paid.same_customer" if SENDER in other.same else "case.paid.same_thing")
    return f"{title}, {same}" if title else same


def _sums(reader: FileReader, own: Sequence[Given], others: Sequence[Elsewhere], user: User) -> Iterator[str]:
    """What was granted in all that the person may see, and in what they may not."""
    seen = [one for other in others if sees_line(user, other.case.line_of_business) for one in _told(other)]
    for key, given in (
        ("case.paid.sum", [*own, *seen]),
        (
            "case.paid.hidden",
            [one for other in others if not sees_line(user, other.case.line_of_business) for one in _told(other)],
        ),
    ):
        if given:
            total = sum((one.amount for one in given if one.amount is not None), Decimal())
            yield reader.say(key, n=len(given), amount=_euros(reader, total))


def _against(reader: FileReader, fact: str, before: str) -> Iterator[Evidence]:
    """Another account than last time, as evidence that contradicts."""
    for told in reader.file["facts"]:
        if told["name"] == fact:
            yield Evidence(
                reader.say("case.account_changed", before=before), "contradicts", reader.cite(told["sources"])
            )


def _estimate(reader: FileReader, near: Collection[str]) -> str:
    """Between what the middle half of the similar cases lies; blank for too few."""
    named = {one["reference"]: one["amount"] for one in reader.file["similar"] if one["reference"] in near}
    amounts = sorted(amount for text in named.values() if (amount := _amount(text)) is not None)
    if len(amounts) < TELLING:
        return ""
    low, _, high = quantiles(amounts, n=4, method="inclusive")
    return reader.say("case.estimate", low=_euros(reader, low), high=_euros(reader, high), n=len(amounts))


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _euros(reader: FileReader, amount: Decimal | None) -> str:
    return "" if amount is None else shown_value(f"{amount:.2f}", "money", reader.pages.desk_language)
