from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cases import events as e
from cases.facts import ModelScore, Probability, Score

KINDS = get_args(e.Written)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
JSON = st.dictionaries(
    st.from_regex(r"[a-z]{1,5}", fullmatch=True), TEXT | WHOLE | st.booleans() | st.none(), max_size=3
)


def of(hint: Any) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911  # one kind of field a line
    if hint is Probability:
        return st.integers(0, 10**6).map(lambda n: n / 10**6)
    if hint is Score:
        return st.integers(-(10**9), 10**9).map(lambda n: round(n / 10**6, 6))
    if hint is e.SurveyScore:
        return st.integers(1, 5)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return of(args[0])
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.one_of(*(of(arg) for arg in args))
    if origin is tuple:
        if args[-1] is ...:
            return st.lists(of(args[0]), max_size=2).map(tuple)
        return st.tuples(*(of(arg) for arg in args))
    if origin is dict:
        return JSON
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return st.builds(hint, **{field.name: of(hints[field.name]) for field in fields(hint)})
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {
        str: TEXT, int: WHOLE, bool: st.booleans(), datetime: MOMENTS, date: st.dates(), type(None): st.none(),
    }[hint]  # fmt: skip


def numbers_in(value: Any) -> Iterator[float]:
    match value:
        case float():
            yield value
        case dict():
            for part in value.values():
                yield from numbers_in(part)
        case list():
            for part in value:
                yield from numbers_in(part)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_event_is_written_as_rfc_8785_says_without_floats_and_reads_back_equal(kind: type[Any], data: Any) -> None:
    event = data.draw(of(kind))

    body = e.write_event(event)

    assert body.encode() == rfc8785.dumps(orjson.loads(body))
    assert not list(numbers_in(orjson.loads(body)))
    assert e.read_event(event.kind, e.schema_of(event.kind), body) == event


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_not_written_because_it_could_never_be_read(number: float) -> None:
    sign = e.DangerSign(e.Danger.GAS, "gas", ModelScore("danger", "1", number))
    event = e.Understood("m", "en", "j", "d", "t", 0.5, e.Scope.IN, 0.1, "text", "1", dangers=(sign,))

    with pytest.raises(ValueError, match=r"cannot be stored|finite|must"):
        e.write_event(event)


@pytest.mark.parametrize("number", ["true", "[]", "null", '"1.5"', '"-0.1"'])
def test_a_probability_outside_nought_and_one_or_of_another_type_is_not_read(number: str) -> None:
    written = e.write_event(e.Understood("m", "en", "j", "d", "t", 0.5, e.Scope.IN, 0.1, "text", "1"))

    with pytest.raises(ValidationError):
        e.read_event("understood", 1, written.replace('"confidence":"0.500000"', f'"confidence":{number}'))


def test_an_event_without_body_reads_as_erased() -> None:
    assert e.read_event("message_added", 1, None) == e.Erased("message_added")


@pytest.mark.parametrize(("kind", "schema"), [("teleported", 1), ("note_added", 2)])
def test_an_event_of_a_newer_version_reads_as_unknown(kind: str, schema: int) -> None:
    assert e.read_event(kind, schema, '{"by":"x"}') == e.Unknown(kind, '{"by":"x"}')


@pytest.fixture
def third_schema() -> Iterator[None]:
    """`note_added` as if it had changed twice: its author was called `who`, then `author`."""
    e.SCHEMAS["note_added"] = 3
    e.UPCASTERS["note_added", 1] = lambda body: {"kind": body["kind"], "text": body["text"], "author": body["who"]}
    e.UPCASTERS["note_added", 2] = lambda body: {"kind": body["kind"], "text": body["text"], "by": body["author"]}
    yield
    del e.SCHEMAS["note_added"], e.UPCASTERS["note_added", 1], e.UPCASTERS["note_added", 2]


@pytest.mark.usefixtures("third_schema")
@pytest.mark.parametrize(("schema", "name"), [(1, "who"), (2, "author"), (3, "by")])
def test_an_older_body_is_lifted_one_schema_at_a_time(schema: int, name: str) -> None:
    body = f'{{"kind":"note_added","text":"called","{name}":"anna"}}'

    assert e.read_event("note_added", schema, body) == e.NoteAdded("called", "anna")
