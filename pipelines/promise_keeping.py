"""No open case goes silent: a date that passed is followed by a word or a call, and open requests are reminded of.

Duties and no timer of each case: what is written is decided on the case as it stands in that same transaction, so that
two who do it at once, or one that died half-way, write it once.
"""

from collections.abc import Sequence
from functools import partial

from cases.case import fold
from cases.keeping import due_word
from cases.store.store import Store
from cases.vocabulary import MACHINE
from pipelines.doorbell import Bell
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.one_by_one import one_by_one
from pipelines.reading_room import folder_of_customer


def keep_promises(house: House) -> int:
    """Say something in open cases whose promised date has passed; returns in how many. Safe beside everything."""
    with house.database.reading() as store:
        passed = store.queue.promise_passed(house.now())
    return _say(passed, house)


def remind(house: House) -> int:
    """Remind customers of what was asked of them; returns how many. Safe beside everything."""
    with house.database.reading() as store:
        waiting = store.queue.waiting_for_customer()
    return _say(waiting, house)


def _say(case_ids: Sequence[str], house: House) -> int:
    def say(case_id: str) -> bool:
        return write_in_turn(house.database, partial(_say_in, case_id=case_id, house=house))

    said = one_by_one(case_ids, say, failed="promise.not_kept")
    if said:
        house.ring(Bell.MAIL, Bell.FAST)
    return said


def _say_in(store: Store, *, case_id: str, house: House) -> bool:
    entries, at = store.history(case_id), house.now()
    case = fold(case_id, entries)
    events = due_word(case, entries, folder_of_customer(house, case), at=at)
    if events:
        store.append(case_id, [(event, MACHINE) for event in events], at=at, expected=case.version)
    return bool(events)
