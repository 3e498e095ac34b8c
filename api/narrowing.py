"""The filters of the queue as an address holds them; an empty field of a form narrows nothing."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import Depends, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.security import searched_by
from cases.people import User
from cases.store.narrowing import Band, Filters
from cases.store.queue import Question
from cases.store.rows import WaitingOn
from cases.vocabulary import View


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


Word = Annotated[str, Query(max_length=200)]
Euros = Annotated[Decimal, Field(ge=0, le=10**12, max_digits=14, decimal_places=2)]
Money = Annotated[Euros | None, BeforeValidator(_blank_is_none)]
Waiting = Annotated[WaitingOn | None, BeforeValidator(_blank_is_none)]
Certainty = Annotated[Band | None, BeforeValidator(_blank_is_none)]
Only = Annotated[bool, BeforeValidator(lambda value: False if value == "" else value)]


def narrowed_by(
    *,
    topic: Word = "",
    waiting: Annotated[Waiting, Query()] = None,
    assignee: Word = "",
    language: Word = "",
    band: Annotated[Certainty, Query()] = None,
    amount_from: Annotated[Money, Query()] = None,
    amount_to: Annotated[Money, Query()] = None,
    channel: Word = "",
    unread: Annotated[Only, Query()] = False,
) -> Filters:
    """assignee: a user's name, or "-" for nobody. band: of the machine's certainty about the topic. unread: only cases
    in which something came in since you opened them.
    """
    return Filters(topic, waiting, assignee, language, band, amount_from, amount_to, channel, unread)


NarrowedBy = Annotated[Filters, Depends(narrowed_by)]


class Asked(BaseModel):
    """One list of the queue: a view and what narrows it. Its address is the whole of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    view: View = View.US
    journey: Annotated[str, Field(max_length=60)] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    topic: Annotated[str, Field(max_length=200)] = ""
    waiting: Waiting = None
    assignee: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(max_length=200)] = ""
    band: Certainty = None
    amount_from: Money = None
    amount_to: Money = None
    channel: Annotated[str, Field(max_length=200)] = ""
    unread: Only = False

    @classmethod
    def of(cls, view: View, journey: str, q: str, filters: Filters) -> "Asked":
        return cls(view=view, journey=journey, q=q.strip(), **{name: getattr(filters, name) for name in NARROWING})

    @classmethod
    def read(cls, query: str) -> "Asked":
        """From the query of an address, as links carry it. Raises ValueError when it is none of ours: what is done to
        a whole list must not be done to another.
        """
        named = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        unknown = named.keys() - cls.model_fields.keys() - {"cursor"}
        if unknown:
            raise ValueError(f"{min(unknown)}: is no filter of the queue; open the list again and take its address")
        try:
            return cls.model_validate(named)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            raise ValueError(f"{wrong['loc'][0]}: {wrong['msg']}") from error

    @property
    def filters(self) -> Filters:
        return Filters(**{name: getattr(self, name) for name in NARROWING})

    @property
    def chosen(self) -> Mapping[str, str]:
        """The filters that narrow this list, by name."""
        values = {name: getattr(self, name) for name in ("journey", *NARROWING, "q")}
        chosen = {name: "yes" if value is True else value for name, value in values.items() if value is not False}
        return {name: str(value) for name, value in chosen.items() if value not in ("", None)}

    def question(self, user: User, *, now: datetime) -> Question:
        """As the store is asked it for this person."""
        within, lines = searched_by(user), user.lines_seen
        return Question(self.view, user.name, now, self.journey or None, self.q, lines, self.filters, within)

    def query(self, **other: str) -> str:
        """What stands after the ? of its address; `other` replaces parts, and "" leaves them out."""
        parts = {"view": str(self.view), **self.chosen, **other}
        return urlencode({name: value for name, value in parts.items() if value})

    def href(self, **other: str) -> str:
        return f"/queue?{self.query(**other)}"


NARROWING = tuple(Filters.__dataclass_fields__)
