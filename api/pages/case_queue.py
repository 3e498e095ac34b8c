"""Where a case stands in the list that it was opened from: the way back, its neighbours, and why it is one's next."""

from dataclasses import dataclass

from fastapi import Request

from api.narrowing import Asked
from api.pages.clocks import face_of, row_pill
from api.pages.queue_view import case_href
from api.pages.templating import Pages
from api.security import Operation, may
from cases.people import User
from cases.store.queue import CaseLine
from pipelines.assigning import Reason, reasons_for
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class Place:
    """before, after: addresses of the neighbours; "" at the ends. why: "" unless the case was just given."""

    back: str
    before: str
    after: str
    why: str
    may_act: bool


def place_of(house: House, pages: Pages, request: Request, user: User, line: CaseLine) -> Place:
    """By the list that the address names, else by what waits for us."""
    asked = _list_of(request)
    question = asked.question(user, now=house.local_now())
    with house.database.reading(question.lines) as store:
        before, after = store.queue.beside(question, line.id)
    within = request.query_params.get("in", "") and asked.query()
    return Place(
        back=asked.href(),
        before=case_href(before, within) if before else "",
        after=case_href(after, within) if after else "",
        why=why_given(house, pages, user, line) if "given" in request.query_params else "",
        may_act=may(user, Operation.ASSIGN_SELF),
    )


def _list_of(request: Request) -> Asked:
    try:
        return Asked.read(request.query_params.get("in", ""))
    except ValueError:  # somebody changed the address: the case itself is shown all the same
        return Asked()


def why_given(house: House, pages: Pages, user: User, line: CaseLine) -> str:
    """As a sentence: due in 2 h, your skill."""
    say = pages.desk_say()
    due = row_pill(line, face_of(house, pages, line.journey))
    left = due.text if due else ""
    reasons = reasons_for(line, user, now=house.now())
    parts = [say(f"queue.because.{reason}", left=left) for reason in reasons if reason is not Reason.YOURS]
    return say("queue.given", why=", ".join(parts))
