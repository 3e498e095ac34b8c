"""What a case tells of cases that somebody may not see: that there are some, and not which."""

import re
from typing import Any

from api.deps import Caller
from api.security import sees_line
from cases.case import Case
from pipelines.house import House

MARK = "C-****"


def hidden_references(house: House, caller: Caller, case: Case) -> tuple[str, ...]:
    """References in this case of cases of other lines of business: of those that hold the same photo, and of the one
    that it may belong to.
    """
    named = {one for file in case.files if file.findings for one in file.findings.reused_from}
    named |= {case.may_belong_to} if case.may_belong_to else set()
    named |= {one.reference for group in (case.ties.joined, case.ties.linked, case.ties.splits) for one in group}
    if caller.session is None or not named:
        return ()
    user = caller.session.user
    with house.database.reading(user.lines_seen) as store:
        known = store.queue.of_references(named)
    seen = {reference for reference, line in known.items() if sees_line(user, line.line_of_business)}
    return tuple(sorted(named - seen))


def without_references(document: Any, references: tuple[str, ...]) -> Any:
    """A copy of a JSON document with a mark in place of each of these."""
    if not references:
        return document
    return _walk(document, re.compile("|".join(rf"\b{re.escape(one)}\b" for one in references)))


def _walk(value: Any, named: re.Pattern[str]) -> Any:
    match value:
        case str():
            return named.sub(MARK, value)
        case dict():
            return {key: _walk(inner, named) for key, inner in value.items()}
        case list() | tuple():
            return [_walk(inner, named) for inner in value]
        case _:
            return value
