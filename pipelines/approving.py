"""A colleague reads what was decided or written before it leaves: they let it leave, or send it back with a reason.

Until then it is held as it was written; when it leaves, its facts are looked at once more (pipelines.stages.leave).
"""

from dataclasses import dataclass

from cases import events as e
from cases.approving import may_approve, words_of
from cases.case import Case, Held
from cases.errors import NotAllowed
from cases.people import User
from cases.store.approvals import ApprovalLine
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.hand import case_of
from pipelines.house import House
from pipelines.in_turn import write_in_turn


@dataclass(frozen=True, slots=True)
class ToRead:
    """One that waits, with its letters as they would leave. own: the reader wrote it, and a colleague approves."""

    line: ApprovalLine
    case: Case
    held: Held
    letters: tuple[e.LetterWritten, ...]
    own: bool


def to_read(house: House, user: User) -> list[ToRead]:
    """What waits for a colleague of this person's roles and lines of business, the oldest first."""
    lines = user.lines_seen
    with house.database.reading(lines) as store:
        found = store.approvals.waiting([str(role) for role in user.roles], lines)
        cases = store.cases({one.case_id for one in found})
    return [
        ToRead(line, case, held, tuple(words_of(case, held, house.journeys.get(str(case.journey)))),
               held.writer == user.name)
        for line in found
        for case in [cases[line.case_id]]
        for held in case.held
        if held.seq == line.held
    ]  # fmt: skip


def approve(house: House, reference: str, *, held: int, person: str) -> int:
    """It leaves now, unless its facts changed. Returns the case's new version. Raises NotFound, NotAllowed."""
    return _read(house, reference, e.LetterApproved(held, person), person=person)


def send_back(house: House, reference: str, *, held: int, reason: str, person: str) -> int:
    """It does not leave; who wrote it reads why. Raises as above, and for a blank reason."""
    if not reason.strip():
        raise NotAllowed("sending back without a reason", "write what is to be changed")
    return _read(house, reference, e.TakenBack(held, person, "sent_back", reason.strip()), person=person)


def _read(house: House, reference: str, event: e.LetterApproved | e.TakenBack, *, person: str) -> int:
    def write(store: Store) -> int:
        case, user = case_of(store, reference), store.people.user(person)
        waiting = next((one for one in case.held if one.seq == event.held), None)
        if waiting is None or not waiting.waits_for_approval:
            raise NotAllowed("approving", "it has left, was sent back, or was taken back by who wrote it")
        if user is None or not may_approve(user, waiting, case.line_of_business):
            why = "you wrote it yourself" if waiting.writer == person else f"that takes the role {waiting.role}"
            raise NotAllowed("approving", f"{why}; a colleague looks at it")
        written = [(event, Actor("person", person))]
        return store.append(case.id, written, at=house.now(), expected=case.version)[-1].seq

    seq = write_in_turn(house.database, write)
    house.ring()
    return seq
