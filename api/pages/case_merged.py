"""What a case's page shows of other cases: those that go on in it, its links, and what was split off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from api.deps import Caller
from api.foreign import hidden_references, without_references
from api.pages.templating import Pages
from api.security import Operation, may, sees_line
from cases.case import Case
from cases.decision_file import build
from cases.store.people import User
from cases.vocabulary import Status
from pipelines.house import House
from pipelines.joined import Member, members

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tied:
    """One other case. how: what is taken back of it, "merge", "split" or a relation; "" where nothing can be."""

    reference: str
    title: str
    how: str
    other_customer: bool = False
    danger: bool = False
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """into: where the case goes on; "" when by itself. may_regroup: whether it may be merged or split now.

    belongs: the case that a letter names whose writer nobody knows; "" when there is nothing to confirm.
    """

    into: str
    ties: tuple[Tied, ...]
    may_link: bool
    may_regroup: bool
    belongs: str = ""


def with_members(
    house: House, caller: Caller, case: Case, file: Json | None, *, blind: bool, language: str
) -> Json | None:
    """The file with what was said, sent and asked in the cases that go on in this one, each with where it is from.

    The same picture is shown once. Who may not see customers reads this case's own.
    """
    user = caller.session.user if caller.session else None
    if file is None or not case.ties.joined or (user is not None and not may(user, Operation.SEE_CUSTOMERS)):
        return file
    with house.database.reading(user.lines_seen if user else None) as store:
        found = members(store, case)
    for one in found:
        if user is None or sees_line(user, one.case.line_of_business):
            file = _with(house, caller, file, case, one, blind=blind, language=language)
    return file


def _with(house: House, caller: Caller, file: Json, case: Case, one: Member, *, blind: bool, language: str) -> Json:
    if one.case.journey not in house.journeys.names():
        return file
    folder = house.journeys.decided(str(one.case.journey), one.case)
    built: Json = orjson.loads(build(folder, one.case.id, one.entries, language=language))
    its = without_references(built, hidden_references(house, caller, one.case))
    reference = one.case.reference
    here = {known.sha256: known.id for known in reversed(case.files)}
    same = {known.id: here[known.sha256] for known in one.case.files if known.sha256 in here}
    said = [
        {**message, "of": reference, "files": [same.get(id_, id_) for id_ in message["files"]]}
        for message in its["messages"]
        if message["who"] == "customer" or not blind
    ]
    return {
        **file,
        "messages": sorted([*file["messages"], *said], key=lambda message: datetime.fromisoformat(message["at"])),
        "files": [*file["files"], *({**known, "of": reference} for known in its["files"] if known["id"] not in same)],
        "requests": [*file["requests"], *({**asked, "of": reference} for asked in its["requests"])],
        "merged": [*file.get("merged", ()), {"reference": reference, "facts": its["facts"]}],
    }


def together_of(house: House, pages: Pages, case: Case, file: Json, user: User) -> Together:
    """The other cases that this person may see, in the words of the desk."""
    say, ties = pages.desk_say(), case.ties
    with house.database.reading(user.lines_seen) as store:
        named = [one.reference for group in (ties.joined, ties.linked, ties.splits) for one in group]
        named += [one.reference for one in (ties.origin, ties.into) if one is not None]
        named += [case.may_belong_to] if case.may_belong_to else []
        lines = store.queue.of_references(named) if named else {}
    seen = {reference for reference, line in lines.items() if sees_line(user, line.line_of_business)}
    facts = {one["reference"]: one["facts"] for one in file.get("merged", ())}
    shown = [
        *(
            Tied(
                one.reference, say("together.merged_in"), "merge", one.other_customer, one.danger,
                tuple((fact["label"], fact["shown"]) for fact in facts.get(one.reference, ())),
            )
            for one in ties.joined
        ),
        *(Tied(one.reference, say("together.split_to"), "split") for one in ties.splits),
        *(Tied(one.reference, say("together.split_from"), "") for one in (ties.origin,) if one is not None),
        *(Tied(one.reference, say(f"together.is.{one.relation}"), one.relation) for one in ties.linked),
    ]  # fmt: skip
    decides, open_ = may(user, Operation.DECIDE), case.status is not Status.CLOSED and not case.held
    into = "" if ties.into is None else ties.into.reference
    may_confirm = decides and open_ and not into and not case.sender and case.may_belong_to in seen
    belongs = str(case.may_belong_to) if may_confirm else ""
    return Together(into, _seen(shown, seen), decides and not case.erased, decides and open_, belongs)


def _seen(ties: Sequence[Tied], seen: set[str]) -> tuple[Tied, ...]:
    return tuple(one for one in ties if one.reference in seen)
