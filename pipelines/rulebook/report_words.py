"""A replay report in plain lines of at most 80 characters, for a terminal and wherever else text will do."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

WIDTH = 80
MOST_CELLS, MOST_ROWS = 40, 12
Json = Mapping[str, Any]


def lines(report: Json) -> list[str]:
    return [line for part in _parts(report) for line in part]


def _parts(report: Json) -> Iterator[list[str]]:
    yield _about(report)
    yield _matrix(report)
    yield _moves(report)
    yield _closing(report)
    yield _rows(report)
    yield _groups(report)
    yield _certificates(report)
    yield [line for warning in report["warnings"] for line in _wrapped(f"Note: {warning}.")]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False)


def _about(report: Json) -> list[str]:
    draft, base = report["digest"][:12], report["base"][:12]
    found = [
        f"Replay of {report['journey']}/{report['table']}: {draft} in place of {base}",
        f"  {report['decisions']} decisions over {report['days']} days, {report['moved']} with another answer",
    ]
    imported = report["imported"]
    if imported:
        found.append(f"  {imported} of them imported: compared with what {base} says of them")
    found += [
        f"  {version['decisions']} by {version['digest'][:12]} before it: {version['moved']} differ"
        for version in report["versions"]
        if version["is"] == "earlier"
    ]
    found += [f"  {n} left out: {why}" for why, n in report["not_replayed"].items()]
    if report["held"]:
        kept = ", ".join(f"{why} {n}" for why, n in report["held"].items())
        found += _wrapped(f"whatever the table says, by its guard: {kept}", "  ")
    if report["read_anew"]:
        found += _wrapped(f"not recorded, read from the cases: {', '.join(report['read_anew'])}", "  ")
    return found


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _matrix(report: Json) -> list[str]:
    """Every step before with every step after; those that move first, the largest of them on top."""
    cells = sorted(report["matrix"], key=lambda cell: (cell["before"] == cell["after"], -cell["decisions"]))
    head = f"{'before':<27} {'after':<27} {'decisions':>9} {'amount':>13}"
    found = ["", head]
    for cell in cells[:MOST_CELLS]:
        after = "the same" if cell["before"] == cell["after"] else cell["after"]
        amount = _cut(cell["amount"], 13)
        found.append(f"{_cut(cell['before'], 27):<27} {_cut(after, 27):<27} {cell['decisions']:>9} {amount:>13}")
    if len(cells) > MOST_CELLS:
        found.append(f"… and {len(cells) - MOST_CELLS} more; see --json")
    return found


def _moves(report: Json) -> list[str]:
    found: list[str] = []
    for cell in report["matrix"]:
        if cell["before"] == cell["after"]:
            continue
        found += ["", *_wrapped(f"{cell['before']} -> {cell['after']}: {cell['decisions']}"), *_error(cell)]
        for read in cell["read"]:
            found += _wrapped(f"{read['decision']}: {read['why']}", "  ")
    return found


def _error(cell: Json) -> list[str]:
    error = cell["error_after"]
    if not error["labelled"]:
        return ["  nobody has judged these"] if cell["after"].startswith(("auto_close", "appoint", "request")) else []
    wrong, upper = error["wrong"], float(error["upper"])
    text = (
        f"people chose otherwise in {wrong} of {error['labelled']} that they judged ({error['blind']} blind):"
        f" at most {upper:.1%}"
    )
    return _wrapped(text, "  ")


def _closing(report: Json) -> list[str]:
    new, old = report["newly_closed"], report["no_longer_closed"]
    more = f"{new['decisions']} more ({new['amount']}), {old['decisions']} no longer ({old['amount']})"
    return ["", *_wrapped(f"Closed by the rules now: {more}")]


def _rows(report: Json) -> list[str]:
    changed = [row for row in report["rows"] if row["before"] != row["after"]]
    changed.sort(key=lambda row: -abs(row["after"] - row["before"]))
    found = [f"  {_cut(row['row'], 30):<30} {row['before']:>9} -> {row['after']:>9}" for row in changed[:MOST_ROWS]]
    return ["", "Rows that are met by other numbers of cases", *found] if found else []


def _groups(report: Json) -> list[str]:
    found: list[str] = []
    for group, names in report["groups"].items():
        moved = [name for name in names if name["moved"]]
        found += [
            f"  {group:<9} {_cut(one['name'] or '-', 24):<24} {one['moved']:>7} of {one['decisions']:<8}"
            f" closed {one['closed_before']} -> {one['closed_after']}"
            for one in moved
        ]
    return ["", "Whom it concerns", *found] if found else []


def _certificates(report: Json) -> list[str]:
    found: list[str] = []
    for one in report["certificates"]:
        if not one["changes"]:
            continue
        found += _wrapped(f"{one['topic']}: its rows change; {_ending(one)}", "  ")
    return ["", "Certificates", *found] if found else []


def _ending(one: Json) -> str:
    if one["stands"]:
        return f"certificate {', '.join(one['stands'])} stands for them already"
    if not one["ends"]:
        return "it had no certificate to lose"
    days = "" if one["days"] is None else f", {one['days']} days at the present volume"
    return (
        f"certificate {', '.join(one['ends'])} ends, and it closes nothing until it is certified again:"
        f" {one['needs']} more correct blind verdicts at the least{days}"
    )
