"""Which cases somebody picked, for what: from the boxes of a list, or all that match it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from api.deps import HouseHere, SessionHere, read_fields
from api.narrowing import Asked
from api.security import Operation, form_token_fits, may
from cases.people import User
from pipelines.bulk import MOST, Hand, Item, Picked, Result
from pipelines.house import House

#: A box of a list is named so, then the reference; its value is the version that was shown.
BOX = "c."
MOST_BOXES = 300


async def get_picking(request: Request, house: HouseHere, session: SessionHere) -> Mapping[str, str]:
    """The fields of a form over a list, with its boxes; from our page, with this session's form token."""
    fields = await read_fields(request, house, most=MOST_BOXES)
    if not form_token_fits(fields.get("csrf", ""), session.secret, house.keys.session):
        raise HTTPException(403, "the form token is missing or old; open the page again and send its form")
    return fields


Picking = Annotated[Mapping[str, str], Depends(get_picking)]


def hand_of(user: User) -> Hand:
    return Hand(user, leads=may(user, Operation.ASSIGN_OTHERS))


def boxed(fields: Mapping[str, str]) -> list[Picked]:
    """The boxes that were ticked."""
    return [Picked(name.removeprefix(BOX), version_of(value)) for name, value in fields.items() if name.startswith(BOX)]


def listed(text: str) -> list[Picked]:
    """From "C-2026-000001@5 C-2026-000002": references, each with the version that was shown, where it was."""
    parts = (one.partition("@") for one in text.split())
    return [Picked(reference, version_of(version)) for reference, _, version in parts]


def worth_doing(picked: Sequence[Picked], items: Sequence[Item]) -> list[Picked]:
    """What a confirmation is about: what was found to stand against a case is not tried again."""
    doable = {item.reference for item in items if item.result is Result.DONE}
    return [one for one in picked if one.reference in doable]


def written(picked: list[Picked]) -> str:
    """As `listed` reads it."""
    return " ".join(one.reference if one.version is None else f"{one.reference}@{one.version}" for one in picked)


def version_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004  # fits int64


def matching(house: House, user: User, asked: Asked) -> tuple[list[Picked], int]:
    """All cases of a list, at most a thousand, and how many more there are at least."""
    question = asked.question(user, now=house.local_now())
    with house.database.reading(question.lines) as store:
        lines = store.queue.matching(question, limit=MOST)
        total = store.queue.count(question).value if len(lines) == MOST else len(lines)
    return [Picked(line.reference, line.version) for line in lines], total - len(lines)
