"""The case that a message names, while there is anything of it to join."""

from cases.case import Case
from cases.errors import NotFound
from cases.store.store import Store


def case_of_id(store: Store, case_id: str) -> Case | None:
    """None for an unknown case and for an erased one."""
    case = store.cases([case_id]).get(case_id)
    return None if case is None or case.erased else case


def case_of_reference(store: Store, reference: str) -> Case | None:
    """As case_of_id, by the reference that people write."""
    try:
        return case_of_id(store, store.case_id(reference))
    except NotFound:
        return None
