"""A person writes to a customer: now, or held until it can no longer be taken back."""

from datetime import datetime

from cases import consequences
from cases import events as e
from cases.approving import role_asked
from cases.composing import Draft, compose
from cases.store.store import Store
from cases.vocabulary import Actor
from pipelines.assistant.helps.draft import verdict_on
from pipelines.hand import case_of, folder_of
from pipelines.house import House
from pipelines.in_turn import write_in_turn


def write(
    house: House, reference: str, draft: Draft, *, person: str, leaves_at: datetime | None = None, said_id: str = ""
) -> int:
    """Returns the case's new version. leaves_at: until then it is held (pipelines.leaving); None: it leaves at once.

    said_id: of what a language model drafted and the person began with; what they made of it is kept beside the letter.
    Why something is asked whose answer the file holds is kept as a note. Raises NotFound, NotAllowed, LetterLacks when
    something is still to be filled in, and HeldAlready when the file holds the answer.
    """

    def store_it(store: Store) -> int:
        case = case_of(store, reference)
        written = compose(case, folder_of(house, case), draft, by=person, leaves_at=leaves_at or house.now())
        waits = leaves_at is not None or role_asked(written, folder_of(house, case).journey) is not None
        events: list[e.Written] = [written] if waits else consequences.of_letter(case, written)
        by = Actor("person", person)
        if draft.although.strip():
            events.insert(0, e.NoteAdded(draft.although.strip(), person))
        if (verdict := verdict_on(case, said_id, draft.message, by=person)) is not None:
            events.insert(0, verdict)
        entries = store.append(case.id, [(one, by) for one in events], at=house.now(), expected=case.version)
        return entries[-1].seq

    seq = write_in_turn(house.database, store_it)
    house.ring()
    return seq
