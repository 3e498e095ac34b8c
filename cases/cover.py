"""What a case is insured for or entitled to, term by term, as far as it is known. Pure; decides nothing."""

from collections.abc import Callable, Iterator
from enum import StrEnum, auto

from cases.inputs import typed
from cases.journey_spec import CoverCheck, Journey
from cases.rules.domains import MISSING, Kind

#: The text that is known of a place (fact.NAME, register.NAME.FIELD); None: nobody knows, or it is told in two ways.
Known = Callable[[str], str | None]
_MEASURED = frozenset({Kind.MONEY, Kind.DATE, Kind.INTEGER})


class Held(StrEnum):
    MET = auto()
    NOT_MET = auto()
    UNKNOWN = auto()


def checks_of(journey: Journey, topic: str | None) -> Iterator[CoverCheck]:
    """Those that go with the topic, in the journey's order."""
    return (check for check in journey.cover.values() if not check.topics or topic in check.topics)


def kind_of(place: str, journey: Journey) -> Kind:
    """Of what a place holds. Raises KeyError where the journey names no such place."""
    root, _, rest = place.partition(".")
    if root == "fact":
        return Kind(journey.facts[rest].type)
    name, _, field = rest.partition(".")
    return Kind.BOOLEAN if field == "found" else Kind(journey.registers[name].fields[field])


def held(check: CoverCheck, journey: Journey, known: Known) -> Held:
    """Whether the term is met. What cannot be read as its kind counts as not known, never as not met."""
    value, kind = known(check.reads), kind_of(check.reads, journey)
    if not value:
        return Held.UNKNOWN
    if check.one_of:
        return _told(value.casefold() in {one.casefold() for one in check.one_of})
    found = typed(value, kind)
    if check.at_least is None:
        return _told(found) if isinstance(found, bool) else Held.UNKNOWN
    least = typed(known(check.at_least) or "", kind)
    if found is MISSING or least is MISSING:
        return Held.UNKNOWN
    return _told(found >= least)  # type: ignore[operator]  # both of one kind that is measured, which the check proved


def cover_problem(check: CoverCheck, journey: Journey) -> tuple[str, str] | None:
    """What is wrong with a check whose places exist, and the mend."""
    kind = kind_of(check.reads, journey)
    if check.at_least is None:
        fits = bool(check.one_of) or kind is Kind.BOOLEAN
        return None if fits else (f"{check.reads} is no yes or no", "add one_of: or at_least:")
    if kind in _MEASURED and kind_of(check.at_least, journey) is kind:
        return None
    return f"{check.reads} and {check.at_least} cannot be compared", "name two amounts, two dates or two whole numbers"


def _told(met: bool) -> Held:  # noqa: FBT001  # the answer itself
    return Held.MET if met else Held.NOT_MET
