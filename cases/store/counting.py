"""How long lists are: many in one statement, none beyond 10,000, and those that are longer only once a minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select, func, select

from cases.store.narrowing import Filters
from cases.store.rows import CaseRow
from cases.store.views import PLACE, Conditions, Question, conditions, whole_view
from cases.vocabulary import View

#: Longer lists are not counted to their end.
COUNTED = 10_000
#: A list that was longer is taken for longer until then: reading 10,000 entries of an index is most of a page's cost.
STAYS_LONG = timedelta(minutes=1)
_MOST_KNOWN = 1_000
_Key = tuple[View, str, str | None, frozenset[str] | None, Filters]
_LONG: WeakKeyDictionary[Engine, dict[_Key, datetime]] = WeakKeyDictionary()  # until when, for each database


@dataclass(frozen=True, slots=True)
class Count:
    """Exact up to 10,000; above that value is 10,000 and exact False."""

    value: int
    exact: bool


MANY = Count(COUNTED, exact=False)


class Counting:
    """Of one transaction: what was counted in it is not counted again. Questions without words only.

    The connection must not be walled in to fewer lines of business than a question names.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[_Key, Count] = {}
        self._long = _LONG.setdefault(connection.engine, {})

    def of(self, questions: Sequence[Question]) -> list[Count]:
        """In order; one statement, or none."""
        keyed = {_key(asked): asked for asked in questions}
        new = {key: asked for key, asked in keyed.items() if key not in self._known and not self._is_long(key, asked)}
        if new:
            for key, number in zip(new, self._numbers(list(new.values())), strict=True):
                self._known[key] = as_count(number)
                if number > COUNTED:
                    self._note(key, new[key].now)
        return [self._known.get(_key(asked), MANY) for asked in questions]

    def _is_long(self, key: _Key, asked: Question) -> bool:
        until = self._long.get(key)
        return until is not None and asked.now < until <= asked.now + STAYS_LONG

    def _note(self, key: _Key, now: datetime) -> None:
        if len(self._long) >= _MOST_KNOWN:
            self._long.clear()
        self._long[key] = now + STAYS_LONG

    def _numbers(self, questions: Sequence[Question]) -> Sequence[int]:
        in_order = self._connection.dialect.name == "sqlite"
        one = questions[0]
        if not all(asked.is_whole_view and _asks_as(asked, one) for asked in questions):
            columns = [counted(asked.view, conditions(asked), in_order=in_order) for asked in questions]
            return self._connection.execute(select(*columns)).one()
        lines = None if one.lines is None else len(one.lines)
        statement = _plain(tuple(asked.view for asked in questions), lines, in_order=in_order)
        return self._connection.execute(statement, one.bound()).one()


def counted(view: View, wanted: Conditions, *, in_order: bool) -> Any:
    """As a column. in_order: makes SQLite's planner take the index of the view; else it may scan another one whole."""
    found = select(CaseRow.id).where(*wanted).limit(COUNTED + 1)
    if in_order and view is not View.DUE_TODAY:
        found = found.order_by(*PLACE)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


@lru_cache(maxsize=256)
def _plain(views: tuple[View, ...], lines: int | None, *, in_order: bool) -> Select[Any]:
    """Of whole views."""
    return select(*(counted(view, whole_view(view, lines), in_order=in_order) for view in views))


def _key(asked: Question) -> _Key:
    lines = None if asked.lines is None else frozenset(asked.lines)
    personal = asked.view is View.MINE or asked.filters.unread
    return asked.view, asked.who if personal else "", asked.journey, lines, asked.filters


def _asks_as(asked: Question, other: Question) -> bool:
    """The same person, at the same moment."""
    return (asked.who, asked.now, asked.lines) == (other.who, other.now, other.lines)


def as_count(number: int) -> Count:
    return Count(min(number, COUNTED), exact=number <= COUNTED)
