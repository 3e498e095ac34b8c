"""The index that cases are searched by: filled with the cases that were here before it, and made anew.

While it serves, the words of a case are written with its events; see cases.store.search.
"""

from collections.abc import Sequence

from cases.store.search_terms import words_of
from cases.store.store import Store
from pipelines.house import House

AT_ONCE = 200  # cases of one transaction: about 50 ms


def fill_words(house: House) -> int:
    """Put in the cases that are left out, the newest first; returns how many there were. Safe beside everything."""
    with house.database.reading() as store:
        missing = store.search.missing()
    for start in range(0, len(missing), AT_ONCE):
        with house.database.writing() as store:
            store.search.fill(_words_held(store, missing[start : start + AT_ONCE]))
    return len(missing)


def rebuild_words(house: House) -> int:
    """Read the words of every case anew, then build the database's own index of them; returns how many cases.

    The former goes on beside everything. The latter holds up all writers of SQLite for some 2 s a 100,000 cases;
    PostgreSQL does it beside them, for the owner of its tables only: TablesOutOfReach for others.
    """
    fill_words(house)
    with house.database.reading() as store:
        case_ids = store.case_ids()
    for start in range(0, len(case_ids), AT_ONCE):
        with house.database.writing() as store:
            store.search.put(_words_held(store, case_ids[start : start + AT_ONCE]))
    house.database.renew_word_index()
    return len(case_ids)


def _words_held(store: Store, case_ids: Sequence[str]) -> dict[str, list[str]]:
    """To be written in this transaction: nothing is added to the cases meanwhile, and none is erased."""
    for case_id in sorted(case_ids):
        store.hold(case_id)
    cases = store.cases(case_ids)
    return {id_: words_of(cases[id_]) for id_ in case_ids if id_ in cases and not cases[id_].erased}
