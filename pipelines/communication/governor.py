"""Before a letter leaves: whether it may ask for the customer's attention now (cases.attention), on the case as it is.

One place for all letters, whoever wrote them and by whichever channel they leave.
"""

from collections.abc import Sequence
from datetime import datetime

from cases import attention
from cases import events as e
from cases.case import Case
from cases.vocabulary import Status
from pipelines.house import House


def govern(
    case: Case, letter: e.LetterWritten, house: House, *, written_at: datetime, at: datetime
) -> Sequence[e.Written]:
    """What is written instead of sending the letter now; nothing when it leaves now, by itself."""
    folder = house.journeys.folders.get(case.journey or "")
    if folder is None:
        return []
    waits = attention.is_offer(letter, folder.journey) and _waits_elsewhere(case, house)
    move = attention.next_move(case, letter, folder.journey, written_at=written_at, at=at, waits_elsewhere=waits)
    return attention.instead(move, letter)


def _waits_elsewhere(case: Case, house: House) -> bool:
    """Whether another case of this customer is open."""
    with house.database.reading() as store:
        others = store.queue.others_of_sender(case.sender, besides=case.id)
    return any(one.status != Status.CLOSED for one in others)
