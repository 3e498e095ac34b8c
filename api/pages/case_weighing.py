"""What weighs in a case: each statement with its source and which way it points, and the options side by side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from api.pages.case_view import Citation, FileReader, Json
from api.pages.times import shown_day
from cases.case import Case, Entry
from cases.errors import NotAllowed
from cases.granting import grants, stake_of
from cases.journey_folder import JourneyFolder
from cases.people import User
from cases.promises import after_choice
from cases.rules.cells import Form
from cases.statements import Basis, plain
from cases.wording import shown_value

Points = Literal["contradicts", "missing", "supports"]
AGAINST = frozenset({"contradiction", "reused_photo", "may_belong"})  # keys of flags that stand against a case
EVIDENCE_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Evidence:
    text: str
    points: Points
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class Because:
    """A reason of the advice. looked_at: what the rule that it names asked for, as it was read."""

    text: str
    citations: Sequence[Citation]
    looked_at: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """amount: what it grants, blank where it grants none or nobody knows. ended_so: similar cases, of those shown."""

    key: str
    title: str
    recommended: bool
    amount: str
    by: str
    consequence: str
    effect: str
    ended_so: int


@dataclass(frozen=True, slots=True)
class Money:
    """In words; blank where there is nothing to tell. above: granting it takes a second person."""

    amount: str = ""
    limit: str = ""
    left: str = ""
    above: bool = False
    problem: str = ""


def evidence_of(
    reader: FileReader, case: Case, entries: Sequence[Entry], folder: JourneyFolder | None, *, sees_advice: bool
) -> tuple[Evidence, ...]:
    """What contradicts first, then what is missing, then what supports the advice where a person may see it."""
    file = reader.file
    found = [*_against(reader, file), *(_told(reader, one, "missing") for one in file["missing"])]
    if sees_advice and folder is not None:
        of = Basis(folder, case, entries, reader.pages.desk_language)
        fired = of.read.fired if of.read else ()
        found += [Evidence(text, "supports", reader.cite(sources)) for text, sources in _read_by_the_rule(of, fired)]
    return tuple(found)


def _against(reader: FileReader, file: Json) -> Iterator[Evidence]:
    for flag in file["headline"]["flags"]:
        if flag["key"] in AGAINST:
            yield _told(reader, flag, "contradicts")


def _told(reader: FileReader, said: Json, points: Points) -> Evidence:
    return Evidence(said["text"], points, reader.cite(said["sources"]))


def because_of(
    reader: FileReader, case: Case, entries: Sequence[Entry], folder: JourneyFolder | None, *, sees_facts: bool
) -> tuple[Because, ...]:
    """The reasons of the advice; of a rule that fits its own words, and what it looked at where that may be seen."""
    advice = reader.file["recommendation"]
    if advice is None:
        return ()
    words = {row["row"]: row["description"] for row in advice["fired"]}
    of = Basis(folder, case, entries, reader.pages.desk_language) if sees_facts and folder is not None else None
    return tuple(one for said in advice["because"] for one in _named(reader, said, words, of))


def _named(reader: FileReader, said: Json, words: Mapping[str, str], of: Basis | None) -> Iterator[Because]:
    rows = [one for one in said["sources"] if one["type"] == "rule" and words.get(one["row"])]
    others = [one for one in said["sources"] if one not in rows]
    for source in rows:
        looked_at = [
            Evidence(text, "supports", reader.cite(sources))
            for text, sources in (_read_by_the_rule(of, [source["row"]]) if of is not None else ())
        ]
        yield Because(words[source["row"]], reader.cite([source, *others]), looked_at)
    if not rows:
        yield Because(said["text"], reader.cite(said["sources"]))


def _read_by_the_rule(of: Basis, rows: Sequence[str]) -> Iterator[tuple[str, Iterable[Json]]]:
    """Each input that these rows ask for, with what was read and from where."""
    for read in of.read.inputs if of.read else ():
        asked = [found for row in rows if (found := of.asked(row, read.name)) is not None]
        if read.value is None or not read.sources or all(cell.form is Form.ANY for _, cell in asked):
            continue
        shown = shown_value(read.value, asked[0][0].domain.kind.value, of.language)
        answer = {"true": of.say("file.yes"), "false": of.say("file.no")}.get(shown, shown)
        text = of.topic_title(read.value) if asked[0][0].source == "topic" else answer
        yield f"{of.input_label(read.name)}: {text}", (plain(source) for source in read.sources)


def options_of(
    reader: FileReader, folder: JourneyFolder | None, money: Money, *, ended: Mapping[str, int], now: datetime
) -> tuple[Compared, ...]:
    """The options of the file, each with the day by which the customer would hear when it is chosen now.

    ended: option -> similar cases that ended so.
    """
    if folder is None:
        return ()
    language, zone = reader.pages.desk_language, ZoneInfo(folder.journey.calendar.time_zone)
    return tuple(
        Compared(
            option["key"],
            option["title"],
            option["recommended"],
            money.amount if grants(folder.journey, option["key"]) else "",
            shown_day(
                after_choice(option["key"], folder.journey, at=now).astimezone(zone).date().isoformat(),
                language=language,
            ),
            option["consequence"],
            reader.say(f"case.effect.{option['effect']}"),
            ended.get(option["key"], 0),
        )
        for option in reader.file["options"]
        if option["key"] in folder.journey.options
    )


def money_of(reader: FileReader, case: Case, folder: JourneyFolder | None, user: User) -> Money:
    if folder is None:
        return Money()

    def euros(amount: Decimal | None) -> str:
        return "" if amount is None else shown_value(str(amount), "money", reader.pages.desk_language)

    try:
        stake = stake_of(case, folder.journey, user)
    except NotAllowed as wrong:  # the page opens all the same: the fact is corrected on it
        return Money(problem=str(wrong))
    above = stake.left is not None and stake.left < 0
    return Money(euros(stake.amount), euros(stake.limit), "" if above else euros(stake.left), above)
