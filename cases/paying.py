"""What money left before, to which account it goes, and whether the same is about to be paid twice. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from stdnum import iban

from cases import events as e
from cases.case import Case, Entry
from cases.errors import NotAllowed
from cases.facts import best
from cases.granting import amount_at_stake, grants
from cases.journey_spec import Journey
from cases.vocabulary import Status

SENDER = "sender"


class PaidBefore(NotAllowed):
    """Granting it may pay the same twice: who means it says why. references: of those that the person may see."""

    def __init__(self, *, own: bool, references: Sequence[str], hidden: int) -> None:
        told = (
            *(("this case was granted before",) if own else ()),
            *((f"the same amount was granted or is asked in {', '.join(references)}",) if references else ()),
            *((f"and in {hidden} cases that you may not see",) if hidden else ()),
        )
        super().__init__("granting", f"{'; '.join(told)}; if you mean it all the same, say why in although")
        self.own, self.references, self.hidden = own, references, hidden


@dataclass(frozen=True, slots=True)
class Given:
    """Money that was granted: by an order that nobody refused, or by a closing that needs none, as in cases that were
    imported. amount: in euros; None where nobody named one. account: that the order named, else "".
    """

    at: datetime
    amount: Decimal | None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another case of the same customer, or about the same thing. same: "sender", and names of equal facts."""

    case: Case
    given: tuple[Given, ...]
    asked: Decimal | None
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payee:
    """Where the money goes. fact: the name under which it was told; account: without spaces."""

    fact: str
    account: str
    valid: bool

    @property
    def masked(self) -> str:
        """Enough to tell two accounts apart."""
        return f"{self.account[:4]} •••• {self.account[-4:]}" if self.valid else "••••"


def given_in(case: Case, entries: Iterable[Entry], journey: Journey) -> tuple[Given, ...]:
    """All that was granted in a case, oldest first. entries: its events, of which `case` is the state."""
    orders: dict[str, Given] = {}
    closings: list[Given] = []
    for entry in entries:
        match entry.event:
            case e.HandoverAsked(id=id_, option=option, facts=facts) if grants(journey, option):
                told = dict(facts)
                account = next((told[name] for name in _account_facts(journey) if name in told), "")
                orders[id_] = Given(entry.at, _euros(told.get(_amount_fact(journey))), account)
            case e.HandoverRefused(id=id_):
                orders.pop(id_, None)
            case e.CaseClosed(outcome=outcome) if grants(journey, outcome) and not journey.options[outcome].handover:
                closings.append(Given(entry.at, asked_in(case, journey)))
            case e.CaseImported(outcome=outcome, decided_at=at, amount=amount, facts=facts) if grants(journey, outcome):
                told = dict(facts)
                account = next((told[name] for name in _account_facts(journey) if name in told), "")
                closings.append(Given(at, _euros(amount), account))
            case _:
                continue
    return tuple(sorted((*orders.values(), *closings), key=lambda given: given.at))


def elsewhere(case: Case, journey: Journey, other: Case, entries: Iterable[Entry], theirs: Journey) -> Elsewhere | None:
    """What another case, with its events and journey, has to do with this one; None when nothing."""
    mine, known = identities(case, journey), identities(other, theirs)
    same = tuple(name for name, value in mine.items() if known.get(name) == value)
    if not same or other.id == case.id or other.erased or other.ties.into is not None:
        return None
    return Elsewhere(other, given_in(other, entries, theirs), asked_in(other, theirs), same)


def identities(case: Case, journey: Journey) -> Mapping[str, str]:
    """What tells whose case it is and what it is about: the sender, and the facts by which registers are asked.

    Letters and figures only, in small letters.
    """
    names = dict.fromkeys(name for spec in journey.registers.values() for name in spec.keys)
    told = dict(case.imported.facts) if case.imported is not None else {}
    known = {name: fact.value if (fact := best(case.facts, name)) else told.get(name, "") for name in names}
    plain = {name: _plain(value) for name, value in {**known, SENDER: case.sender}.items()}
    return {name: value for name, value in plain.items() if value}


def doubles(case: Case, journey: Journey, others: Iterable[Elsewhere], *, at: datetime) -> tuple[Elsewhere, ...]:
    """Cases of the same journey and topic in which as much was granted lately, or is asked and not decided yet.

    An open one counts too, so that of two equal claims which are decided at the same moment neither is overlooked.
    """
    amount, within = asked_in(case, journey), timedelta(days=journey.double_payment_days)
    if amount is None or not within:
        return ()
    return tuple(
        other
        for other in others
        if (other.case.journey, other.case.topic) == (case.journey, case.topic)
        and any(abs(at - moment) <= within for moment in _moments(other, amount))
    )


def _moments(other: Elsewhere, amount: Decimal) -> list[datetime]:
    """When as much was granted there or, as long as nothing was and it is open, asked."""
    if other.given:
        return [given.at for given in other.given if given.amount == amount]
    opened = other.case.opened_at
    is_open = other.case.status is not Status.CLOSED
    return [opened] if is_open and opened is not None and other.asked == amount else []


def asked_in(case: Case, journey: Journey) -> Decimal | None:
    """What a case is about in money; None when nobody said, or what was said is no number."""
    try:
        return amount_at_stake(case, journey)
    except NotAllowed:
        return None


# --- the account ------------------------------------------------------------------------------------------------------


def payee_of(case: Case, journey: Journey) -> Payee | None:
    """The account that was told in the case; None where the journey asks for none, or nobody told one."""
    for name in _account_facts(journey):
        fact = best(case.facts, name)
        if fact is not None:
            return Payee(name, compact(fact.value), is_account(fact.value))
    return None


def last_account(others: Iterable[Elsewhere], own: Iterable[Given]) -> str:
    """The account to which money for this customer went last; "" when none is known."""
    given = [*own, *(one for other in others if SENDER in other.same for one in other.given)]
    newest = max((one for one in given if one.account), key=lambda one: one.at, default=None)
    return compact(newest.account) if newest else ""


def is_account(text: str) -> bool:
    """Whether this is an IBAN: length and form of its country, and the check digits of ISO 13616 (modulo 97)."""
    return bool(iban.is_valid(text, check_country=False))


def compact(account: str) -> str:
    return "".join(character for character in account if character.isalnum()).upper()


def for_order(facts: Iterable[tuple[str, str]], journey: Journey) -> tuple[tuple[str, str], ...]:
    """The facts that an order carries: an account only when it can be one."""
    accounts = _account_facts(journey)
    return tuple((name, value) for name, value in facts if name not in accounts or is_account(value))


def _account_facts(journey: Journey) -> tuple[str, ...]:
    return tuple(name for name, spec in journey.facts.items() if spec.reader == "iban")


def _amount_fact(journey: Journey) -> str:
    return journey.amount_fact or "amount"


def _euros(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _plain(value: str) -> str:
    return "".join(character for character in value.casefold() if character.isalnum())
