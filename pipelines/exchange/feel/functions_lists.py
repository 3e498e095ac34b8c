"""The built-in functions of FEEL for lists."""

import statistics
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cmp_to_key
from itertools import pairwise
from typing import Final

from pipelines.exchange.feel.declared import declared, spread
from pipelines.exchange.feel.values import NUMBERS, FeelRefused, Function, Value, both, either, equal, kind_of, less

_PLAIN: Final = frozenset({"null", "boolean", "number", "string", "date"})
_MOST_OTHERS: Final = 1000


def _contains(items: list[Value], element: Value) -> Value:
    return any(equal(item, element) is True for item in items)


def _least(items: list[Value]) -> Value:
    return _extreme(items, less)


def _most(items: list[Value]) -> Value:
    return _extreme(items, lambda one, other: less(other, one))


def _extreme(items: list[Value], better: Callable[[Value, Value], bool | None]) -> Value:
    if not items or less(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        answer = better(item, best)
        if answer is None:
            return None
        best = item if answer else best
    return best


def _numbers(items: list[Value]) -> list[Decimal]:
    """Raises ValueError when there is none, or something else among them."""
    if not items or any(kind_of(item) != "number" for item in items):
        raise ValueError("numbers")
    return items


def _sum(items: list[Value]) -> Value:
    total = Decimal(0)
    for item in _numbers(items):
        total = NUMBERS.add(total, item)
    return total


def _product(items: list[Value]) -> Value:
    total = Decimal(1)
    for item in _numbers(items):
        total = NUMBERS.multiply(total, item)
    return total


def _mean(items: list[Value]) -> Value:
    return NUMBERS.divide(_sum(items), Decimal(len(items)))


def _median(items: list[Value]) -> Value:
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _deviation(items: list[Value]) -> Value:
    mean, count = _mean(items), Decimal(len(items))
    squares = [NUMBERS.power(NUMBERS.subtract(item, mean), 2) for item in items]
    return NUMBERS.sqrt(NUMBERS.divide(_sum(squares), NUMBERS.subtract(count, Decimal(1))))


def _mode(items: list[Value]) -> Value:
    return sorted(statistics.multimode(_numbers(items))) if items else []


def _all(items: list[Value]) -> Value:
    answer: bool | None = True
    for item in items:
        answer = both(answer, item)
    return answer


def _any(items: list[Value]) -> Value:
    answer: bool | None = False
    for item in items:
        answer = either(answer, item)
    return answer


def _place(position: Decimal, count: int) -> int:
    """1 is the first and -1 the last. Raises ValueError outside."""
    if position != position.to_integral_value() or not 1 <= abs(position) <= count:
        raise ValueError("position")
    return int(position) - 1 if position > 0 else count + int(position)


def _sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first = _place(start, len(items))
    return items[first:] if length is None else items[first : first + max(int(length), 0)]


def _inserted(items: list[Value], position: Decimal, new: Value) -> Value:
    first = _place(position, len(items))
    return [*items[:first], new, *items[first:]]


def _removed(items: list[Value], position: Decimal) -> Value:
    first = _place(position, len(items))
    return [*items[:first], *items[first + 1 :]]


def _replaced(items: list[Value], which: Value, new: Value) -> Value:
    if isinstance(which, Function):
        return [new if which.call([item, new]) is True else item for item in items]
    first = _place(which, len(items))
    return [*items[:first], new, *items[first + 1 :]]


def _index_of(items: list[Value], match: Value) -> Value:
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match) is True]


def _distinct(items: list[Value]) -> list[Value]:
    kept: list[Value] = []
    plain: set[tuple[str, Value]] = set()
    others: list[Value] = []
    for item in items:
        kind = kind_of(item)
        if kind in _PLAIN:
            if (kind, item) not in plain:
                plain.add((kind, item))
                kept.append(item)
        elif not _contains(others, item):
            if len(others) > _MOST_OTHERS:
                raise FeelRefused(f"more than {_MOST_OTHERS} different lists or contexts", "compare fewer of them")
            others.append(item)
            kept.append(item)
    return kept


def _flat(items: list[Value]) -> list[Value]:
    return [one for item in items for one in (_flat(item) if isinstance(item, list) else [item])]


def _sorted(items: list[Value], precedes: Function | None = None) -> Value:
    if precedes is None:
        if any(less(one, other) is None for one, other in pairwise(items)):
            return None
        return sorted(items, key=cmp_to_key(lambda one, other: -1 if less(one, other) else int(bool(less(other, one)))))
    return sorted(items, key=cmp_to_key(lambda one, other: -1 if precedes.call([one, other]) is True else 1))


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _appended(given: list[Value]) -> Value:
    return [*_listed(given[0]), *given[1:]]


def _joined(given: list[Value]) -> list[Value]:
    return [item for one in given for item in _listed(one)]


LIST_FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for function in (
        declared("list contains(list: list, element: Any)", _contains),
        spread("count", lambda items: Decimal(len(items))),
        spread("min", _least),
        spread("max", _most),
        spread("sum", _sum),
        spread("product", _product),
        spread("mean", _mean),
        spread("median", _median),
        spread("stddev", _deviation),
        spread("mode", _mode),
        spread("all", _all),
        spread("any", _any),
        declared("sublist(list: list, start position: number, length?: number)", _sublist),
        Function("append", lambda given: _appended(list(given)) if given else None, (("list", "item"),)),
        Function("concatenate", lambda given: _joined(list(given)), (("list",),)),
        Function("union", lambda given: _distinct(_joined(list(given))), (("list",),)),
        declared("insert before(list: list, position: number, new item: Any)", _inserted),
        declared("remove(list: list, position: number)", _removed),
        declared("list replace(list: list, position: number|function, new item: Any)", _replaced),
        declared("reverse(list: list)", lambda items: items[::-1]),
        declared("index of(list: list, match: Any)", _index_of),
        declared("distinct values(list: list)", _distinct),
        declared("flatten(list: list)", _flat),
        declared("sort(list: list, precedes?: function)", _sorted),
    )
}
