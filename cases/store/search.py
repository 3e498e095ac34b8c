"""Full-text search: which words each case holds, written with its events, and asked together with who may see it.

`search` itself is held by no wall of PostgreSQL: with one, no index could be asked first (@@ is not leakproof). So it
is never read alone, but joined to `cases`, which has its wall.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    false,
    func,
    literal,
    select,
    text,
)

from cases.store.rows import CaseRow
from cases.store.search_terms import Term, terms_of
from cases.store.side_rows import SearchRow
from cases.store.word_index import Matches

#: Where the case with exactly the reference that was asked for stands in the order: before the newest.
FIRST = 2**62
_PUT = {
    name: f"INSERT INTO search (case_id, words) VALUES {values} ON CONFLICT (case_id)"  # noqa: S608  # words of ours
    " DO UPDATE SET words = excluded.words WHERE search.words <> excluded.words"
    for name, values in (("sqlite", "(?, ?)"), ("postgresql", "(%s, array_to_tsvector(%s::text[]))"))
}
_FILL = {
    name: f"INSERT INTO search (id, case_id, words) VALUES {values} ON CONFLICT (case_id) DO NOTHING"  # noqa: S608
    for name, values in (("sqlite", "(?, ?, ?)"), ("postgresql", "(%s, %s, array_to_tsvector(%s::text[]))"))
}


class Within(StrEnum):
    """What is searched. REFERENCES: for those who may not see customers, and must not learn of them by asking."""

    ALL = auto()
    REFERENCES = auto()


class Search:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- writing ----------------------------------------------------------------------------------------------------

    def put(self, words: Mapping[str, Sequence[str]]) -> None:
        """The words of these cases, instead of those that they had."""
        if words:
            rows = [(case_id, self._stored(of_case)) for case_id, of_case in words.items()]
            self._connection.exec_driver_sql(_PUT[self._connection.dialect.name], rows)

    def fill(self, words: Mapping[str, Sequence[str]]) -> None:
        """Words of cases that are not here yet, the newest first; all of them came before those that are here."""
        if words:
            lowest = self._connection.execute(select(func.coalesce(func.min(SearchRow.id), 1))).scalar_one()
            rows = [
                (lowest - 1 - place, case_id, self._stored(of_case))
                for place, (case_id, of_case) in enumerate(words.items())
            ]
            self._connection.exec_driver_sql(_FILL[self._connection.dialect.name], rows)

    def missing(self) -> list[str]:
        """Ids of all cases that are not here, the newest first; erased ones are left out. In memory, and a scan."""
        left_out = (
            select(CaseRow.id)
            .outerjoin(SearchRow, SearchRow.case_id == CaseRow.id)
            .where(SearchRow.id.is_(None), CaseRow.erased.is_(False))
            .order_by(CaseRow.opened_at.desc(), CaseRow.id)
        )
        return list(self._connection.scalars(left_out))

    def forget(self, case_id: str) -> None:
        self._connection.execute(delete(SearchRow).where(SearchRow.case_id == case_id))

    def _stored(self, words: Sequence[str]) -> Any:
        return " ".join(words) if self._connection.dialect.name == "sqlite" else list(words)

    # --- reading ----------------------------------------------------------------------------------------------------

    def newest(
        self,
        q: str,
        within: Within,
        *,
        columns: Sequence[Any],
        conditions: Sequence[ColumnElement[bool]],
        after: int | None,
        limit: int,
    ) -> list[Row[Any]]:
        """Rows of `columns` and, as `place`, where each stands: the reference asked for, then the newest cases.

        conditions: on CaseRow; who may see what is among them. after: the place of the last one of the page before.
        """
        terms = terms_of(q)
        if not terms:
            return []
        plan_each_anew(self._connection)
        named = CaseRow.reference.in_((q.strip(), q.strip().upper()))
        first: list[Row[Any]] = []
        if after is None:
            exact = select(*columns, literal(FIRST, BigInteger).label("place")).where(named, *conditions)
            first = list(self._connection.execute(exact.limit(limit)))
        rest = in_order(terms, within, columns=columns, conditions=[*conditions, ~named], after=after)
        return [*first, *self._connection.execute(rest.limit(limit - len(first)))]

    def count(self, q: str, within: Within, *, conditions: Sequence[ColumnElement[bool]], limit: int) -> int:
        """How many there are; `limit` when there are more."""
        terms = terms_of(q)
        if not terms:
            return 0
        plan_each_anew(self._connection)
        found = _joined(select(SearchRow.id)).where(_found(terms, within), *conditions).limit(limit)
        return self._connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def plan_each_anew(connection: Connection) -> None:
    """A word in every second case and one in three cases want different plans, so none is kept for both."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def holding(q: str, within: Within) -> ColumnElement[bool]:
    """As a condition on CaseRow, for lists in another order."""
    terms = terms_of(q)
    return CaseRow.id.in_(select(SearchRow.case_id).where(_found(terms, within))) if terms else false()


def in_order(
    terms: tuple[Term, ...],
    within: Within,
    *,
    columns: Sequence[Any],
    conditions: Sequence[ColumnElement[bool]],
    after: int | None,
) -> Select[Any]:
    """Newest first."""
    found = _joined(select(*columns, SearchRow.id.label("place"))).where(_found(terms, within), *conditions)
    if after is not None:
        found = found.where(SearchRow.id < after)
    return found.order_by(SearchRow.id.desc())


def _joined(found: Select[Any]) -> Select[Any]:
    return found.select_from(CaseRow).join(SearchRow, SearchRow.case_id == CaseRow.id)


def _found(terms: tuple[Term, ...], within: Within) -> ColumnElement[bool]:
    if within is Within.ALL:
        return Matches(terms)
    reference = func.lower(func.replace(CaseRow.reference, "-", ""))
    return and_(Matches(terms), *(reference.contains(term.word) for term in terms))
