"""The parts of the decision file's page with which people work on a case, beside what it says."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.case_composer import Composer, composer_of
from api.pages.templating import Pages
from api.security import Operation, may
from cases.case import Case
from cases.store.people import User
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class SendingParts:
    """composer: None for who may not write, and before the case has a journey."""

    composer: Composer | None = None


def sending_parts(house: House, pages: Pages, case: Case, user: User, *, typed: Mapping[str, str]) -> SendingParts:
    folder = house.journeys.folders.get(case.journey or "")
    if folder is None or case.erased or not may(user, Operation.DECIDE):
        return SendingParts()
    return SendingParts(composer=composer_of(house, pages, case, folder, by=user.name, typed=typed))
