"""What a journey folder says, typed: the organisation's promise to its customers as data.

`journey.yaml` is validated into `Journey`; decision tables and letters are added by the loader in
`pipelines.journeys`. Everything here is frozen and holds no code.

Longer than other files on purpose: it is the one description of journey.yaml, and is read beside it.
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from babel.localedata import exists
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from cases.exact_numbers import exact
from cases.vocabulary import Danger, Effect, Help, RequestKind, Role, Status

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
#: One wording per language of the journey.
Wording = Mapping[Language, Annotated[str, Field(min_length=1, max_length=2000)]]


Share = Annotated[Decimal, PlainSerializer(str, when_used="json")]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Place = Annotated[str, Field(pattern=r"^(fact\.[a-z0-9_]+|register\.[a-z0-9_]+\.[a-z0-9_]+)$")]


class CoverCheck(Part):
    """A term of the policy, held against what a case knows; shown to people, decides nothing (cases.cover).

    reads, at_least: fact.NAME, register.NAME.FIELD or register.NAME.found. one_of: what it must say, big and small
    letters alike. at_least: what it must not be under, or not before. Neither: it is a yes or no, and must be yes.
    """

    label: Wording
    reads: _Place
    one_of: tuple[str, ...] = ()
    at_least: _Place | None = None
    topics: tuple[Key, ...] = ()  # empty: all

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "CoverCheck":
        if self.one_of and self.at_least is not None:
            raise ValueError("one_of: and at_least: do not go together; make two checks of them")
        return self


class Organisation(Part):
    """Who the customer deals with, and how to reach a person there. Shown on every page and letter."""

    name: str = Field(min_length=1)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    phone: str = Field(min_length=3)
    hours: Wording
    complaints: Wording = {}


class Topic(Part):
    title: Wording
    description: Wording
    photos: Literal["needed", "useful", "none"] = "useful"


class PhotoLabel(Part):
    """What a photo model may see in a photo, in words, and the topics that go with it."""

    title: Wording
    topics: tuple[Key, ...] = ()  # empty: goes with any


class TakenAround(Part):
    """Photos should be taken about the day a fact of type date names. Days between the two days, by the camera."""

    fact: Key
    days_before: int = Field(default=1, ge=0, le=36_500)
    days_after: int = Field(default=60, ge=0, le=36_500)


class TakenNear(Part):
    """Photos should be taken within `km` of a place: fact.NAME or register.NAME.FIELD, that reads "52.37, 4.89"."""

    place: str = Field(pattern=r"^(fact\.[a-z0-9_]+|register\.[a-z0-9_]+\.[a-z0-9_]+)$")
    km: int = Field(default=50, ge=1, le=20_000)


class PhotoChecks(Part):
    """What the camera wrote into a photo, held against what was told; a difference is shown to a person."""

    taken_around: TakenAround | None = None
    taken_near: TakenNear | None = None


class FactSpec(Part):
    """A fact to look for in messages. `near`: words within 40 characters that make a candidate more certain."""

    label: Wording
    type: Literal["text", "money", "date", "integer", "boolean"]
    reader: Literal[
        "amount",
        "date",
        "licence_plate",
        "iban",
        "phone",
        "email",
        "address",
        "postcode",
        "pattern",
        "number",
        "none",
    ] = "none"
    pattern: str | None = Field(default=None, max_length=200)
    near: tuple[str, ...] = ()
    sensitive: bool = False

    @model_validator(mode="after")
    def _pattern_goes_with_reader(self) -> "FactSpec":
        if (self.reader == "pattern") != (self.pattern is not None):
            raise ValueError("reader: pattern needs a pattern, and a pattern needs reader: pattern")
        return self


class RegisterSpec(Part):
    """A register to consult, and the facts to look a customer up by, in order. `sender` is the mail address."""

    label: Wording
    keys: Mapping[Key, str] = Field(min_length=1)  # fact name (or sender) -> column of the register
    fields: Mapping[Key, Literal["text", "money", "date", "integer", "boolean"]]
    labels: Mapping[Key, Wording] = {}


class RequestSpec(Part):
    """Something we may ask the customer for."""

    kind: RequestKind
    title: Wording
    text: Wording
    fact: Key | None = None
    choices: Mapping[Key, Wording] = {}
    #: What a request for a signature asks to agree to. Left out of the snapshot of all others, as in Promises.
    statement: Wording | None = Field(default=None, exclude_if=lambda statement: statement is None)

    @model_validator(mode="after")
    def _a_signature_has_something_to_agree_to(self) -> "RequestSpec":
        if (self.statement is not None) != (self.kind is RequestKind.SIGNATURE):
            raise ValueError("a request of kind signature has a statement, and no other has one")
        return self


class StatusWords(Part):
    """What the customer reads while a case has this status: where it stands, and what happens next."""

    heading: Wording
    next: Wording


class Milestone(Part):
    """A step in the customer's words. Each status of a case stands under exactly one milestone."""

    label: Wording
    explain: Wording  # one line under the label
    statuses: Mapping[Status, StatusWords]
    outcomes: Mapping[Key, StatusWords] = {}  # instead of the status's words, by the option that was carried out


class Option(Part):
    """What can be done with a case: by the machine where a rule names it, by a person always."""

    title: Wording
    consequence: Wording
    letter: Key
    closes: bool = False
    handover: str | None = None  # kind of order that the organisation's own system receives
    third_party: bool = False  # afterwards we wait for somebody else
    topics: tuple[Key, ...] = ()  # offered for these topics only; empty: all
    opposite_of: Key | None = None


#: What a person's choice says of the advice; own: there was none to see. See cases.reasons.
Verdict = Literal["agree", "change", "need_more", "own"]


class Block(Part):
    """Words that people often need: put into a letter of free words, where they may be changed. May name facts."""

    title: Wording
    text: Wording


def _team_lead(role: Any) -> Any:
    return Role.LEAD if role == "team_lead" else role


#: The role of who reads a letter before it leaves; team_lead may be written for lead.
Approval = Annotated[Literal[Role.EXPERT, Role.LEAD], BeforeValidator(_team_lead)]


class Letter(Part):
    """touchpoint: the moment at which it reaches the customer; without one it leaves at once (cases.attention).

    category: a commercial one is never sent while the customer waits for us. approval: of which role a colleague reads
    it before it leaves. All three left out of the snapshot while they are the default, as in Promises.
    """

    effect: Effect
    subject: Wording
    free_text: bool = False  # holds words that a person types
    touchpoint: Key | None = Field(default=None, exclude_if=lambda key: key is None)
    category: Literal["service", "commercial"] = Field(default="service", exclude_if=lambda one: one == "service")
    approval: Approval | None = Field(default=None, exclude_if=lambda role: role is None)


#: For example 4 working hours, or 1 working day.
ReplyTime = Annotated[str, Field(pattern=r"^[1-9]\d? working (hour|day)s?$")]


class Promises(Part):
    """What the customer is promised, in working hours and working days of the calendar."""

    first_response_hours: int = Field(ge=1, le=240)
    decision_days: int = Field(ge=1, le=90)
    answer_days: int = Field(ge=1, le=60)  # how long the customer has to answer a request
    visit_days: int = Field(default=5, ge=1, le=60)
    #: What is left of a decision's clock at least when it goes on after a wait. Left out of the snapshot while it is
    #: the default, so that the digests of journeys that never name it stay as they are.
    warning_hours: int = Field(default=2, ge=1, le=40, exclude_if=lambda hours: hours == 2)  # noqa: PLR2004  # the default
    #: So many days after asking the customer is reminded, by the letter `reminder`. Left out as above; so the next two.
    reminder_days: tuple[Annotated[int, Field(ge=1, le=60)], ...] = Field(default=(), exclude_if=lambda days: not days)
    #: By when who is put off by the letter `still_busy` hears from us, and how often in a row that may be.
    later_days: int = Field(default=2, ge=1, le=30, exclude_if=lambda days: days == 2)  # noqa: PLR2004  # the default
    most_put_off: int = Field(default=2, ge=1, le=9, exclude_if=lambda times: times == 2)  # noqa: PLR2004  # the default
    #: By channel, within what time a message is answered: published, and compared with what happens. Left out as above.
    reply: Mapping[Key, ReplyTime] = Field(default={}, exclude_if=lambda reply: not reply)

    @model_validator(mode="after")
    def _reminders_before_the_date(self) -> "Promises":
        days = self.reminder_days
        if list(days) != sorted(set(days)) or (days and days[-1] >= self.answer_days):
            raise ValueError("reminder_days: each must be later than the one before, and all before answer_days")
        return self


Period = Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")]
_Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEK = get_args(_Day)


def _day_of_week(day: Any) -> Any:
    """1 to 7 for mon to sun, which may be written instead."""
    return _WEEK.index(day) + 1 if day in _WEEK else day


Weekday = Annotated[int, Field(ge=1, le=7), BeforeValidator(_day_of_week, json_schema_input_type=int | _Day)]


def _each_day_once(hours: Any) -> Any:
    days = [str(_day_of_week(day)) for day in hours] if isinstance(hours, Mapping) else []
    if len(set(days)) != len(days):
        raise ValueError("a day stands there twice, by name and by number; write it once")
    return hours


class Calendar(Part):
    """Opening hours in one time zone: the same on every working day, or day by day with breaks in between."""

    time_zone: str = "Europe/Amsterdam"
    opens: str = Field(default="08:00", pattern=r"^\d\d:\d\d$")
    closes: str = Field(default="18:00", pattern=r"^\d\d:\d\d$")
    #: ISO: Monday is 1; or mon, tue, …
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = (1, 2, 3, 4, 5)
    #: Once a day is named here, the days that are not are closed, and opens, closes and weekdays do not count.
    hours: Annotated[Mapping[Weekday, tuple[Period, ...]], BeforeValidator(_each_day_once)] = {}
    holidays: tuple[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")], ...] = ()
    #: Days with hours of their own, as the 24th of December; outweighs all the others.
    special_days: Mapping[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")], tuple[Period, ...]] = {}

    @model_validator(mode="after")
    def _can_be_counted(self) -> "Calendar":
        """Promises are counted with it while cases are decided: what cannot be counted is refused when read."""
        if time.fromisoformat(self.opens) >= time.fromisoformat(self.closes):
            raise ValueError("opens: must lie before closes:, both between 00:00 and 23:59")
        for day, periods in (*self.hours.items(), *self.special_days.items()):
            _check_periods(str(day), periods)
        for day in (*self.holidays, *self.special_days):
            date.fromisoformat(day)
        if self.hours and not any(self.hours.values()):
            raise ValueError('hours: must open on some day; write for example {mon: ["08:00-12:30", "13:00-17:00"]}')
        if self.time_zone not in available_timezones():
            raise ValueError(f"there is no time zone {self.time_zone!r}; name one like Europe/Amsterdam")
        return self


def _check_periods(day: str, periods: tuple[str, ...]) -> None:
    ends = [time.fromisoformat(end) for period in periods for end in period.split("-")]
    if any(before >= after for before, after in pairwise(ends)):
        raise ValueError(f"the periods of {day} must follow one another, each from opening to closing: 08:00-12:30")


class AutoClose(Part):
    """The guarantee asked for: of the cases closed by themselves at most `alpha` is wrong, with confidence 1-delta."""

    alpha: Annotated[Share, Field(gt=0, le=Decimal("0.2"))] = Decimal("0.01")
    delta: Annotated[Share, Field(gt=0, le=Decimal("0.5"))] = Decimal("0.05")
    topics: tuple[Key, ...] = ()
    audit_share: Annotated[Share, Field(ge=Decimal("0.1"), le=1)] = Decimal("0.3")


class Oversight(Part):
    """How it is watched that people judge for themselves. Shares of the cases that go to a person with advice.

    blind_share: decided without seeing it. planted_share: shown advice that is wrong on purpose; who agrees is told,
    and nothing is done. override_rate: the share of advice that people change when they judge for themselves, which
    what they do is held against; without it no alarm is raised.
    """

    blind_share: Annotated[Share, Field(ge=0, le=Decimal("0.5"))] = Decimal(0)
    planted_share: Annotated[Share, Field(ge=0, le=Decimal("0.1"))] = Decimal(0)
    override_rate: Annotated[Share, Field(ge=Decimal("0.01"), le=Decimal("0.9"))] | None = None


class Touchpoint(Part):
    """A moment of contact, for the journey map. Letters that name it go by it (cases.attention).

    attention: spare: it may wait for others, so that the customer is disturbed once; seize: it leaves at once.
    human_required: only a person writes then. approval: as of a letter, for all that name it.
    """

    title: Wording
    department: Key
    phase: Literal[
        "acquisition", "onboarding", "use", "support", "retention", "renewal", "upsell", "end", "compliance"
    ] = "support"
    attention: Literal["spare", "seize"] = "spare"
    human_required: bool = False
    approval: Approval | None = Field(default=None, exclude_if=lambda role: role is None)


class Attention(Part):
    """How letters that spare the customer's attention wait. quiet_from, quiet_until: hours of the customer's day, in
    which nothing leaves that the clock or the machine writes and that can wait; the same hour twice: none are quiet.
    """

    window_hours: int = Field(default=24, ge=0, le=240)
    quiet_from: int = Field(default=21, ge=0, le=23)
    quiet_until: int = Field(default=8, ge=0, le=23)


class Retention(Part):
    days: int = Field(ge=1)
    why: Wording


def _languages_once(languages: tuple[str, ...]) -> tuple[str, ...]:
    for language in languages:
        if not exists(language):
            raise ValueError(f"there is no language {language!r}; name one by its two letters, like nl")
    if len(set(languages)) != len(languages):
        raise ValueError("each language stands once")
    return languages


_Languages = Annotated[tuple[Language, ...], AfterValidator(_languages_once)]


class Explanation(Part):
    """What customers may be told of why something was decided; what is not named here stays inside.

    reasons: by row of the decision tables, why it says what it says. facts: what an input of theirs is called, whose
    value may be told. changes: by row and input, what would have been otherwise had that input fitted that row.
    """

    reasons: Mapping[str, Wording] = {}
    facts: Mapping[str, Wording] = {}
    changes: Mapping[str, Mapping[str, Wording]] = {}


class Survey(Part):
    """How the customer is asked how it went, by the letter `survey`: so many days after an outcome."""

    after_days: int = Field(ge=1, le=60)


class Assistance(Part):
    """What a language model may do in this journey; nobody is asked to decide by it.

    consent: that customers were told, and that there is a ground for it (GDPR articles 6 and 13): without it nothing
    leaves. regions: where the endpoint may work. helps: what it is asked for; one left out is off, shadow: asked and
    measured, shown to nobody. tone: of drafts. long_case: from so many messages on a case has a summary.
    """

    consent: bool = False
    regions: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = ()
    helps: Mapping[Help, Literal["show", "shadow"]] = {}
    tone: Wording = {}
    long_case: int = Field(default=4, ge=1, le=100)


class Emergency(Part):
    """What somebody in danger does at once, and whom they call."""

    text: Wording
    phone: str = Field(min_length=3)


class Journey(Part):
    """One journey, as its folder says it."""

    name: Key
    title: Wording
    languages: Annotated[_Languages, Field(min_length=1)]
    #: Spoken by customers' pages only (words/<language>.yaml). Left out of the snapshot while there are none.
    page_languages: _Languages = Field(default=(), exclude_if=lambda languages: not languages)
    organisation: Organisation
    line_of_business: Key = "general"
    case_name: Wording = {}  # what a case is called for the customer, for example "claim"
    topics: Mapping[Key, Topic] = Field(min_length=1)
    topic_floor: Annotated[Share, Field(ge=0, le=1)] = Decimal("0.5")  # under this score a person reads the case
    danger: Mapping[str, Mapping[Language, tuple[str, ...]]] = {}
    #: Told at once by the form to who writes of that danger, instead of the usual words. Left out of the snapshot
    #: while there are none, as in Promises.
    emergency: Mapping[Danger, Emergency] = Field(default={}, exclude_if=lambda emergency: not emergency)
    facts: Mapping[Key, FactSpec] = {}
    registers: Mapping[Key, RegisterSpec] = {}
    #: Left out of the snapshot while there are none, as in Promises.
    cover: Mapping[Key, CoverCheck] = Field(default={}, exclude_if=lambda cover: not cover)
    requests: Mapping[Key, RequestSpec] = {}
    milestones: Mapping[Key, Milestone] = Field(min_length=2)
    options: Mapping[Key, Option] = Field(min_length=1)
    letters: Mapping[Key, Letter] = Field(min_length=1)
    #: Left out of the snapshot while there are none, as in Promises.
    blocks: Mapping[Key, Block] = Field(default={}, exclude_if=lambda blocks: not blocks)
    #: Why people decide so, to choose from, each a code with its words; a verdict left out has the usual ones
    #: (cases.reasons). Left out of the snapshot while there are none, as in Promises.
    reasons: Mapping[Verdict, Annotated[Mapping[Key, Wording], Field(min_length=1, max_length=12)]] = Field(
        default={}, exclude_if=lambda reasons: not reasons
    )
    #: Left out of the snapshot while nobody is asked, as in Promises.
    survey: Survey | None = Field(default=None, exclude_if=lambda survey: survey is None)
    #: Left out of the snapshot while there is none, as in Promises.
    assistant: Assistance | None = Field(default=None, exclude_if=lambda switch: switch is None)
    #: Left out of the snapshot while nothing is said, as in Promises.
    explanation: Explanation = Field(default=Explanation(), exclude_if=lambda said: said == Explanation())
    promises: Promises
    calendar: Calendar = Calendar()
    auto_close: AutoClose = AutoClose()
    #: Left out of the snapshot while nothing is asked for, as in Promises.
    oversight: Oversight = Field(default=Oversight(), exclude_if=lambda oversight: oversight == Oversight())
    departments: Mapping[Key, Wording] = {}
    #: For so long what a person decides or writes waits, and can be taken back; 0: it leaves at once. Left out of the
    #: snapshot while it is the default, as in Promises.
    undo_seconds: int = Field(default=10, ge=0, le=3600, exclude_if=lambda seconds: seconds == 10)  # noqa: PLR2004  # the default
    as_of: Key = "receipt"  # the day whose tables decide: of receipt, or that a fact of type date names
    authority: Mapping[Role, int] = {}  # largest amount that a role may grant, in whole euros
    amount_fact: Key | None = None  # the fact that says what a case is worth
    #: For so long an equal amount for the same customer or the same thing counts as possibly paid twice; 0: never. Left
    #: out of the snapshot while it is the default, as in Promises.
    double_payment_days: int = Field(default=30, ge=0, le=3660, exclude_if=lambda days: days == 30)  # noqa: PLR2004  # the default
    photo_labels: Mapping[str, PhotoLabel] = {}  # of the journey's photo model; a topic's key needs no entry
    photo_checks: PhotoChecks = PhotoChecks()
    photo_limits: Mapping[Key, Wording] = {}  # what a photo cannot show, told in the decision file
    touchpoints: Mapping[Key, Touchpoint] = {}
    #: Left out of the snapshot while it is the default, as in Promises.
    attention: Attention = Field(default=Attention(), exclude_if=lambda attention: attention == Attention())
    retention: Retention

    @property
    def read_in(self) -> tuple[str, ...]:
        """Every language in which customers may read their page; the journey's own come first."""
        return tuple(dict.fromkeys((*self.languages, *self.page_languages)))

    @model_validator(mode="before")
    @classmethod
    def _exact_numbers(cls, data: Any) -> Any:
        """YAML reads 0.05 as a float; the decimal that was written is meant."""
        return exact(data)
