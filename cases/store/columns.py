"""Column types: moments are UTC on every database, amounts are whole cents."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator


class NaiveMoment(ValueError, DontWrapMixin):
    """A datetime without a time zone came to the database."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(f"{moment.isoformat()} has no time zone; give it one, for example datetime.now(UTC)")
        self.moment = moment


def in_utc(moment: datetime) -> datetime:
    """The same instant in UTC; NaiveMoment without a time zone."""
    if moment.tzinfo is None:
        raise NaiveMoment(moment)
    return moment.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """An instant, to the microsecond: UTC going in and coming out; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else in_utc(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value
        # SQLite keeps no zone; what went in was UTC.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def storable(text: str) -> str:
    """PostgreSQL text holds no NUL; what somebody typed or sent with one is kept with a sign in its place."""
    return text.replace("\x00", "\ufffd")


class Words(TypeDecorator[str]):
    """Text as people and programs send it. On PostgreSQL also a question with a NUL in it is a question."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """None, so that nothing is called at all, where text may hold anything."""
        return _without_nul if dialect.name == "postgresql" else None


def _without_nul(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


class Cents(TypeDecorator[Decimal]):
    """An amount of money with two places, kept as whole cents: exact and sortable on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int(value.scaleb(2).to_integral_value())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value).scaleb(-2)
