"""Who acts for a customer: whose link reaches how far, and what they get a copy of. Pure."""

from collections.abc import Sequence
from datetime import datetime

from cases import events as e
from cases.case import Case


def living(case: Case, at: datetime) -> tuple[e.RepresentativeNamed, ...]:
    """Those whose access is not over, in the order in which they were named."""
    return tuple(one for one in case.representatives if one.until > at)


def acting(case: Case, link_id: str, at: datetime) -> e.RepresentativeNamed | None:
    """Who holds this link; None when it is nobody's, or not any more."""
    return next((one for one in living(case, at) if one.link_id == link_id), None)


def over(case: Case, at: datetime) -> list[e.RepresentativeWithdrawn]:
    """Takes those off the list whose time has passed: their place, and their address, are free again."""
    return [e.RepresentativeWithdrawn(one.representative, "over") for one in case.representatives if one.until <= at]


def moved(case: Case, by: str) -> list[e.RepresentativeWithdrawn]:
    """Nobody acts for the customer in a case that goes on elsewhere: they are named there anew."""
    return [e.RepresentativeWithdrawn(one.representative, "moved", by) for one in case.representatives]


def copies(case: Case, sent: Sequence[str], at: datetime) -> list[e.CopyAsked]:
    """Of letters (ids) that were sent to the customer, for those who get copies."""
    return [e.CopyAsked(one.representative, letter) for letter in sent for one in living(case, at) if one.copies]
