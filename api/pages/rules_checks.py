"""The checks on a table as its page shows them: what must be mended, what is proved, and whether examples hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages.rules_reading import TypedTable
from api.pages.spoken import Spoken
from cases.inputs import always_known
from cases.rules import Table, evaluate, table_digest
from cases.rules.findings import Severity, Verification
from cases.rules.verify import verify

#: So that an answer comes while somebody types: at most about a second of one core. Publishing looks further.
STEPS_WHILE_TYPING: Final = 100_000
_MOST_PROVED: Final = 64
_MOST_TOLD: Final = 5
_PROVED: dict[tuple[str, int], Verification] = {}
_KINDS: Final = {"refused": ("late", "circle-x"), "warning": ("soon", "triangle-alert"), "note": ("", "info")}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the panel. kind, icon: of its pill."""

    text: str
    kind: str
    icon: str


@dataclass(frozen=True, slots=True)
class Checks:
    """first: what is seen at once; rest: what is only worth knowing, folded away. summary: for those who hear it."""

    first: tuple[Check, ...]
    rest: tuple[Check, ...]
    summary: str


def checks_of(typed: TypedTable, spoken: Spoken) -> Checks:
    say = spoken.say
    if typed.table is None:
        return _summed(list(_broken(typed, spoken)), [], spoken)
    looked = verified(typed.table)
    first = [_good(say("rules.check.reads"))]
    if typed.broken:
        first = list(_broken(typed, spoken))
    if not looked.gaps and looked.verdict == "proved":
        first.append(_good(say("rules.check.no_gap")))
    if not looked.overlaps:
        first.append(_good(say("rules.check.no_conflict")))
    first += [_of(one.severity, one.words) for one in looked.findings if one.severity != "note"]
    if looked.verdict == "unknown":
        first.append(Check(say("rules.check.unknown", covered=looked.covered), "soon", "circle-question-mark"))
    first += _examples(typed, spoken)
    notes = [_of("note", one.words) for one in looked.findings if one.severity == "note"]
    return _summed(first, notes, spoken)


def _summed(first: Sequence[Check], rest: Sequence[Check], spoken: Spoken) -> Checks:
    kinds = [check.kind for check in first]
    return Checks(
        first=tuple(first),
        rest=tuple(rest),
        summary=spoken.say("rules.check.summary", late=kinds.count("late"), soon=kinds.count("soon")),
    )


def _broken(typed: TypedTable, spoken: Spoken) -> Iterator[Check]:
    """How many problems there are, and the first of them: they may stand in cells that are out of sight."""
    yield Check(
        spoken.say("rules.check.broken_one" if typed.broken == 1 else "rules.check.broken", n=typed.broken),
        "late",
        "circle-x",
    )
    told = [*typed.others, *(one for name, one in typed.wrong.items() if typed.table is None or not _is_example(name))]
    for problem in told[:_MOST_TOLD]:
        yield Check(f"{problem.path}: {problem.what}; {problem.mend}", "", "triangle-alert")


def _is_example(name: str) -> bool:
    return name.startswith("x")


def verified(table: Table, *, steps: int = STEPS_WHILE_TYPING) -> Verification:
    """Kept by digest: most of what is typed into an editor leaves the table as it was a moment ago."""
    key = (table_digest(table), steps)
    if key not in _PROVED:
        if len(_PROVED) >= _MOST_PROVED:
            _PROVED.pop(next(iter(_PROVED)), None)
        _PROVED[key] = verify(table, budget=steps, always=always_known(table))
    return _PROVED[key]


def _good(text: str) -> Check:
    return Check(text, "good", "check")


def _of(severity: Severity, words: str) -> Check:
    kind, icon = _KINDS[severity]
    return Check(_sentence(words), kind, icon)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _examples(typed: TypedTable, spoken: Spoken) -> list[Check]:
    table = typed.table
    assert table is not None
    n = len(table.examples)
    if not n:
        return [Check(spoken.say("rules.check.no_examples"), "soon", "triangle-alert")]
    kept = n - typed.failing
    kind, icon = ("good", "check") if kept == n else ("late", "circle-x")
    shown = [Check(spoken.say("rules.check.examples", n=kept, of=n), kind, icon)]
    fired = {row for example in table.examples for row in evaluate(table, example.given).fired}
    if bare := [row.id for row in table.rows if row.id not in fired]:
        shown.append(Check(spoken.say("rules.check.uncovered", rows=", ".join(bare)), "", "info"))
    return shown
