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

from cases.store.plain_sqlite import PlainSQLite
from cases.store.rows import CaseRow
from cases.store.search_terms import Term, terms_of
from cases.store.side_rows import SearchRow
from cases.store.word_index import Finds, Matches

#: Where the case with exactly the reference that was asked for stands in the order: before the newest.
FIRST = 2**62
#: Words that so many cases hold are common: those are read from the newest on instead of gathered.
RARE = 2_000
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
        self._rare: dict[tuple[Term, ...], bool] = {}

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
        rest = in_order(
            terms,
            within,
            columns=columns,
            conditions=[*conditions, ~named],
            after=after,
            gathered=self._are_rare(terms),
        )
        return [*first, *self._connection.execute(rest.limit(limit - len(first)))]

    def count(self, q: str, within: Within, *, conditions: Sequence[ColumnElement[bool]], limit: int) -> int:
        """How many there are; `limit` when there are more."""
        terms = terms_of(q)
        if not terms:
            return 0
        plan_each_anew(self._connection)
        found = in_order(terms, within, columns=(), conditions=conditions, after=None, gathered=self._are_rare(terms))
        found = found.order_by(None).limit(limit)  # any of them
        return self._connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()

    def _are_rare(self, terms: tuple[Term, ...]) -> bool:
        """Whether few cases hold these words; only so many are counted. Planners cannot tell: PostgreSQL's takes every
        beginning of a word for one that 0.5 % hold, SQLite's knows nothing of words.
        """
        if terms not in self._rare:
            self._rare[terms] = self._some(terms) <= RARE
        return self._rare[terms]

    def _some(self, terms: tuple[Term, ...]) -> int:
        """How many cases hold these words; RARE + 1 when there are more, or nothing is there to ask but the cases."""
        if isinstance(self._connection.dialect, PlainSQLite):
            return RARE + 1
        some = select(SearchRow.id).where(Finds(terms)).limit(RARE + 1).subquery()
        counted = select(func.count()).select_from(some)
        if self._connection.dialect.name == "sqlite":
            return self._connection.execute(counted).scalar_one()
        self._connection.execute(text("SET LOCAL enable_seqscan = off"))
        number = self._connection.execute(counted).scalar_one()
        self._connection.execute(text("SET LOCAL enable_seqscan = on"))
        return number


def plan_each_anew(connection: Connection) -> None:
    """A word in every second case and one in three cases want different plans, so none is kept for both."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def holding(q: str, within: Within) -> ColumnElement[bool]:
    """As a condition on CaseRow, for lists in another order."""
    terms = terms_of(q)
    found = CaseRow.id.in_(select(SearchRow.case_id).where(Matches(terms)))
    return and_(found, *_named(terms, within)) if terms else false()


def in_order(
    terms: tuple[Term, ...],
    within: Within,
    *,
    columns: Sequence[Any],
    conditions: Sequence[ColumnElement[bool]],
    after: int | None,
    gathered: bool,
) -> Select[Any]:
    """Newest first. gathered: all that hold the words before anything else, which is for few."""
    place: Any = SearchRow.id
    held = [Matches(terms)]
    joined = select(CaseRow.id).join(SearchRow, SearchRow.case_id == CaseRow.id)
    if gathered:
        few = select(SearchRow.id, SearchRow.case_id).where(Finds(terms)).cte("few").prefix_with("MATERIALIZED")
        place, held = few.c.id, []
        joined = select(CaseRow.id).join(few, few.c.case_id == CaseRow.id)
    found = joined.with_only_columns(*columns, place.label("place"), maintain_column_froms=True)
    found = found.where(*held, *_named(terms, within), *conditions)
    return (found if after is None else found.where(place < after)).order_by(place.desc())


def _named(terms: tuple[Term, ...], within: Within) -> list[ColumnElement[bool]]:
    """What is asked for besides the words."""
    if within is Within.ALL:
        return []
    reference = func.lower(func.replace(CaseRow.reference, "-", ""))
    return [reference.contains(term.word) for term in terms]
