"""How much money a person may grant in a case, and who decides above that. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from cases.case import Case
from cases.errors import NotAllowed
from cases.facts import best
from cases.journey_spec import Journey
from cases.people import User, decides, limit_of, may_grant
from cases.vocabulary import Effect, Role

NAMED = 3  # colleagues whom a refusal names


class AboveAuthority(NotAllowed):
    """A second person, whose limit is high enough, decides. limit: of whoever asked. others: names of who may."""

    def __init__(self, amount: Decimal, limit: Decimal, others: Sequence[str]) -> None:
        who = f"{' or '.join(others[:NAMED])} may" if others else "nobody here may; an administrator sets limits"
        super().__init__(f"granting {amount:f}", f"you may grant up to {limit:f} euros here; choose escalate: {who}")
        self.amount, self.limit, self.others = amount, limit, others


@dataclass(frozen=True, slots=True)
class Stake:
    """What granting a case would cost, and what this person may grant, in euros; None: unknown, and without limit."""

    amount: Decimal | None
    limit: Decimal | None

    @property
    def left(self) -> Decimal | None:
        """Of the limit after granting; below zero a second person decides. None where there is nothing to tell."""
        return None if self.amount is None or self.limit is None else self.limit - self.amount


def stake_of(case: Case, journey: Journey, user: User) -> Stake:
    """NotAllowed when the case names an amount that is no number."""
    return Stake(amount_at_stake(case, journey), limit_of(user, journey.authority))


def amount_at_stake(case: Case, journey: Journey) -> Decimal | None:
    """What the case is about in money; None when nobody has said. NotAllowed when what was said is no number."""
    name = journey.amount_fact or "amount"
    fact = best(case.facts, name)
    text = fact.value if fact else case.imported.amount if case.imported else None
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise NotAllowed("granting", f"the fact {name} reads {text!r}; correct it to a number first")
    return amount


def grants(journey: Journey, choice: str) -> bool:
    """Whether money may go out by this choice: its letter grants, or it ends the case with an order, as a part paid."""
    option = journey.options.get(choice)
    if option is None:
        return False
    return journey.letters[option.letter].effect is Effect.GRANT or (option.closes and option.handover is not None)


def who_may_grant(users: Iterable[User], case: Case, journey: Journey, amount: Decimal, *, now: datetime) -> list[str]:
    """Names of those who are here and may decide this case, the lowest limit first: no more authority than it takes."""
    limits = journey.authority
    fit = [
        user
        for user in users
        if decides(user, case.line_of_business) and not user.is_away(now) and may_grant(user, amount, limits)
    ]
    return [user.name for user in sorted(fit, key=lambda user: (_limit(user, limits), user.name))]


def _limit(user: User, limits: Mapping[Role, int]) -> Decimal:
    limit = limit_of(user, limits)
    return Decimal("Infinity") if limit is None else limit
