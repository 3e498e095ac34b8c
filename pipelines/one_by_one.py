"""The same for many cases, each in its own transaction: what is wrong with one of them holds up none of the others."""

from collections.abc import Callable, Iterable

import structlog

from cases.store.away import DatabaseAway

log = structlog.get_logger()


def one_by_one(case_ids: Iterable[str], do: Callable[[str], bool], *, failed: str) -> int:
    """In how many of them `do` did something. failed: the line of the log for a case in which it broke.

    Raises DatabaseAway, which is wrong with all of them.
    """
    return sum(_done(case_id, do, failed) for case_id in case_ids)


def _done(case_id: str, do: Callable[[str], bool], failed: str) -> bool:
    try:
        return do(case_id)
    except DatabaseAway:
        raise
    except Exception:  # a case's edge: the duty goes on with the next
        log.exception(failed, case=case_id)
        return False
