"""A replay report as its page shows it: what would have been decided otherwise, for whom, and which cases to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from api.pages.spoken import Spoken
from api.pages.times import Pill

Json = Mapping[str, Any]
_MOST_CELLS: Final = 40
_MOST_ROWS: Final = 12


@dataclass(frozen=True, slots=True)
class CaseToRead:
    """href: of the case, for those who may see it."""

    name: str
    href: str
    why: str


@dataclass(frozen=True, slots=True)
class CellOfMatrix:
    before: str
    after: str
    moves: bool
    decisions: str
    amount: str
    error: str
    read: tuple[CaseToRead, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step before and after: shares and what changes."""

    step: str
    before: str
    after: str
    change: Pill


@dataclass(frozen=True, slots=True)
class GroupShown:
    kind: str
    name: str
    moved: str
    closed: str


@dataclass(frozen=True, slots=True)
class ReportShown:
    hash: str
    about: str
    outcomes: tuple[Outcome, ...]
    cells: tuple[CellOfMatrix, ...]
    rows: tuple[tuple[str, str, str], ...]
    groups: tuple[GroupShown, ...]
    certificates: tuple[str, ...]
    notes: tuple[str, ...]
    moved: int


def report_shown(report: Json, name: str, spoken: Spoken, *, cases: bool) -> ReportShown:
    """cases: whether its reader may open cases."""
    say = spoken.say
    key = "rules.report.about" if report["decisions"] else "rules.report.nothing"
    cells = sorted(report["matrix"], key=lambda cell: (cell["before"] == cell["after"], -cell["decisions"]))
    return ReportShown(
        hash=name,
        about=say(key, n=_n(report["decisions"], spoken), days=report["days"], moved=_n(report["moved"], spoken)),
        outcomes=tuple(_outcomes(report, spoken)),
        cells=tuple(_cell(cell, spoken, cases=cases) for cell in cells[:_MOST_CELLS]),
        rows=tuple(_rows(report["rows"], spoken)),
        groups=tuple(_groups(report["groups"], spoken)),
        certificates=tuple(_certificates(report["certificates"], spoken)),
        notes=tuple(_notes(report, spoken)),
        moved=report["moved"],
    )


def _n(number: int, spoken: Spoken) -> str:
    return spoken.number(number, digits=0)


def _outcomes(report: Json, spoken: Spoken) -> list[Outcome]:
    """How many of all decisions each step has before and after."""
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    for cell in report["matrix"]:
        for counts, side in ((before, "before"), (after, "after")):
            step = str(cell[side]).partition(" ")[0]
            counts[step] = counts.get(step, 0) + cell["decisions"]
    total = max(1, report["decisions"])
    shown = []
    for step in sorted(before.keys() | after.keys(), key=lambda one: -before.get(one, 0)):
        old, new = before.get(step, 0), after.get(step, 0)
        change = f"{new - old:+,}" if new != old else spoken.say("rules.report.same")
        kind = "good" if step == "auto_close" and new > old else ""
        share_old, share_new = (spoken.share(count / total, digits=1) for count in (old, new))
        shown.append(Outcome(step_words(step, spoken), share_old, share_new, Pill(change, kind)))
    return shown


def step_words(cell: str, spoken: Spoken) -> str:
    """A step with what goes with it: its name on the desk, then the keys as the table writes them."""
    step, _, rest = cell.partition(" ")
    key = f"desk.step.{step}"
    name = spoken.say(key)
    return f"{step if name == key else name} {rest}".strip()


def _cell(cell: Json, spoken: Spoken, *, cases: bool) -> CellOfMatrix:
    moves = cell["before"] != cell["after"]
    return CellOfMatrix(
        before=step_words(cell["before"], spoken),
        after=step_words(cell["after"], spoken) if moves else spoken.say("rules.report.same"),
        moves=moves,
        decisions=_n(cell["decisions"], spoken),
        amount=spoken.number(Decimal(cell["amount"])) if cell["with_amount"] else "",  # type: ignore[arg-type]
        error=_error(cell["error_after"], spoken) if moves else "",
        read=tuple(_to_read(one, cases=cases) for one in cell.get("read", ())),
    )


def _error(error: Json, spoken: Spoken) -> str:
    if not error["labelled"]:
        return spoken.say("rules.report.unjudged")
    upper = spoken.bound(float(error["upper"]))
    return spoken.say("rules.report.error", wrong=error["wrong"], n=error["labelled"], upper=upper)


def _to_read(one: Json, *, cases: bool) -> CaseToRead:
    return CaseToRead(one["decision"], f"/cases/{one['case']}" if cases else "", one["why"])


def _rows(rows: Sequence[Json], spoken: Spoken) -> list[tuple[str, str, str]]:
    changed = [row for row in rows if row["before"] != row["after"]]
    changed.sort(key=lambda row: -abs(row["after"] - row["before"]))
    return [(row["row"], _n(row["before"], spoken), _n(row["after"], spoken)) for row in changed[:_MOST_ROWS]]


def _groups(groups: Mapping[str, Sequence[Json]], spoken: Spoken) -> list[GroupShown]:
    say = spoken.say
    return [
        GroupShown(
            kind=say(f"rules.group.{kind}"),
            name=one["name"] or say("rules.group.none"),
            moved=say("rules.report.moved_of", n=_n(one["moved"], spoken), of=_n(one["decisions"], spoken)),
            closed=f"{_n(one['closed_before'], spoken)} → {_n(one['closed_after'], spoken)}",
        )
        for kind, names in groups.items()
        for one in names
        if one["moved"]
    ]


def _certificates(certificates: Sequence[Json], spoken: Spoken) -> list[str]:
    say, told = spoken.say, []
    for one in certificates:
        if not one["changes"]:
            continue
        if one["stands"]:
            told.append(say("rules.report.stands", topic=one["topic"], names=", ".join(one["stands"])))
        elif not one["ends"]:
            told.append(say("rules.report.none_to_lose", topic=one["topic"]))
        else:
            days = say("rules.report.days", n=one["days"]) if one["days"] is not None else ""
            ends = say("rules.report.ends", topic=one["topic"], names=", ".join(one["ends"]), needs=one["needs"])
            told.append(f"{ends} {days}".strip())
    return told


def _notes(report: Json, spoken: Spoken) -> list[str]:
    say = spoken.say
    notes = [say("rules.report.left_out", n=n, why=why) for why, n in report["not_replayed"].items()]
    if report["held"]:
        held = ", ".join(f"{say(f'rules.guard.{why}')} {n}" for why, n in report["held"].items())
        notes.append(say("rules.report.held", what=held))
    if report["read_anew"]:
        notes.append(say("rules.report.read_anew", names=", ".join(report["read_anew"])))
    return [*notes, *(f"{warning[:1].upper()}{warning[1:]}." for warning in report["warnings"])]
