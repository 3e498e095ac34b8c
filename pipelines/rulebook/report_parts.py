"""From what a replay counted to the plain data of its report."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cases.rules import Row, RowTrace, Table, Verdict, table_digest
from cases.vocabulary import Step
from models.certify import clopper_pearson_upper
from pipelines.rulebook.asked import Asked
from pipelines.rulebook.certified_again import consequences
from pipelines.rulebook.replay_history import Question
from pipelines.rulebook.tally import GROUPS, Cell, Pair, Sample, Tally, name_of

FORM = 1
DELTA = 0.05  # each bound holds with 95 %, by itself
FEW_LABELS, FEW_DECISIONS, FEW_DAYS = 30, 100, 28
UNLIKE_SHOWN = 20
Json = dict[str, Any]


def assembled(asked: Question, tally: Tally) -> Json:
    """The report as plain data: no float, no clock but the history's own, everything in a fixed order."""
    olds, new = asked.versions, asked.draft
    cells = sorted(tally.cells.items())
    last = tally.last or asked.until
    parts = {
        "form": FORM,
        "journey": asked.folder.name,
        "table": asked.new.id,
        "base": asked.base_digest,
        "digest": table_digest(asked.new),
        "since": None if asked.since is None else _moment(asked.since),
        "first": None if tally.first is None else _moment(tally.first),
        "through": _moment(last),
        "days": 0 if tally.first is None else (last - tally.first).days + 1,
        "decisions": tally.decisions,
        "imported": sum(cell.imported for _, cell in cells),
        "moved": tally.moved,
        "held": dict(sorted(tally.held.items())),
        "versions": [_version(digest, counts, asked) for digest, counts in sorted(tally.versions.items())],
        "not_reproducible": {"decisions": len(tally.unlike), "first": sorted(tally.unlike)[:UNLIKE_SHOWN]},
        "not_replayed": dict(sorted(tally.skipped.items())),
        "matrix": [_cell(pair, cell, olds, new) for pair, cell in cells],
        "newly_closed": _closing(cells, before=False),
        "no_longer_closed": _closing(cells, before=True),
        "rows": [
            {"row": row, "before": tally.rows[row][0], "after": tally.rows[row][1]} for row in _row_order(asked, tally)
        ],
        "groups": {group: _group(cells, group) for group in GROUPS},
        "read_anew": [] if asked.through_cases else _read_anew(olds, new, tally),
        "certificates": consequences(asked, tally.labels),
    }
    return {**parts, "warnings": list(_warnings(parts))}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _version(digest: str, counts: list[int], asked: Question) -> Json:
    """Of the deciding table, which is mostly the one that is tried."""
    what = "imported" if not digest else "in force" if digest == asked.root_digest else "earlier"
    return {"digest": digest, "is": what, "decisions": counts[0], "moved": counts[1]}


def _cell(pair: Pair, cell: Cell, olds: Mapping[str, Asked], new: Asked) -> Json:
    before, after = pair
    found = {
        "before": before,
        "after": after,
        "decisions": cell.decisions,
        "imported": cell.imported,
        "amount": _euros(cell.amount),
        "with_amount": cell.with_amount,
        "reopened": cell.reopened,
        "error_before": _rate(cell.wrong_before, cell.labelled_before),
        "error_after": {**_rate(cell.wrong_after, cell.labelled), "blind": cell.blind},
        **{group: dict(sorted(cell.groups[group].items())) for group in GROUPS},
    }
    if before == after:
        return found
    return {**found, "cases": sorted(cell.cases), "read": [_to_read(sample, olds, new) for sample in cell.draw]}


def _euros(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01")), "f")


def _rate(wrong: int, labelled: int) -> Json:
    """Of the labelled ones the share where people chose otherwise, and its 95 % Clopper-Pearson bound from above."""
    if not labelled:
        return {"labelled": 0, "wrong": 0, "observed": None, "upper": None}
    upper = clopper_pearson_upper(wrong, labelled, DELTA)
    return {"labelled": labelled, "wrong": wrong, "observed": f"{wrong / labelled:.6f}", "upper": f"{upper:.6f}"}


# --- cases to read ---------------------------------------------------------------------------------------------------


def _to_read(sample: Sample, olds: Mapping[str, Asked], new: Asked) -> Json:
    decision = sample.decision
    if sample.why:
        return {"case": decision.reference, "decision": name_of(decision), "why": sample.why}
    old = olds[decision.digest]
    then, now = old.verdict(sample.inputs), new.verdict(sample.inputs)
    return {
        "case": decision.reference,
        "decision": name_of(decision),
        "rows_before": list(then.fired),
        "rows_after": list(now.fired),
        "missing": list(now.missing),
        "why": why(old.table, then, new.table, now),
    }


def why(old: Table, then: Verdict, new: Table, now: Verdict) -> str:
    """One line: what the row that decided asks now, and why the row that decides did not do so before."""
    said = [_lost(row, new, now) for row in then.fired if row != old.otherwise.id]
    said += [_won(row, old, then) for row in now.fired if row != new.otherwise.id]
    if now.kind == "missing":
        said.append(f"{', '.join(now.missing)} is not known")
    if now.kind == "invalid":
        said.append(f"{', '.join(one.input for one in now.invalid)} lies outside its column")
    if now.kind == "else":
        said.append("no row meets it")
    return "; ".join(part for part in said if part)


def _lost(row: str, new: Table, now: Verdict) -> str:
    if row in now.fired:
        return f"{row} says something else"
    if row not in _ids(new):
        return f"{row} is gone"
    failing = _failing(row, now.traces)
    return f"{row} asks {failing}" if failing else f"another row comes before {row}"


def _won(row: str, old: Table, then: Verdict) -> str:
    if row in then.fired:
        return ""
    if row not in _ids(old):
        return f"{row} is new"
    failing = _failing(row, then.traces)
    return f"{row} asked {failing}" if failing else f"{row} comes first now"


def _ids(table: Table) -> set[str]:
    return {row.id for row in table.rows}


def _failing(row: str, traces: Iterable[RowTrace]) -> str:
    """The first cell of that row that was not met, without the case's value; "" when all were."""
    trace = next((one for one in traces if one.row == row), None)
    return f"{trace.failing.input} {trace.failing.cell}" if trace is not None and trace.failing is not None else ""


# --- sums over cells -------------------------------------------------------------------------------------------------


def _closes(step: str) -> bool:
    return step.startswith(Step.AUTO_CLOSE)


def _closing(cells: Iterable[tuple[Pair, Cell]], *, before: bool) -> Json:
    """What closes by the rules on one side of the change only; before: on the old side."""
    found = [cell for pair, cell in cells if (_closes(pair[0]), _closes(pair[1])) == (before, not before)]
    return {
        "decisions": sum(cell.decisions for cell in found),
        "amount": _euros(sum((cell.amount for cell in found), Decimal())),
        "cases": sorted(name for cell in found for name in cell.cases),
    }


def _group(cells: Iterable[tuple[Pair, Cell]], group: str) -> list[Json]:
    """For each language, channel or topic: how many there are, how many move, and how many close before and after."""
    sums: dict[str, list[int]] = {}
    for (before, after), cell in cells:
        for name, n in cell.groups[group].items():
            sums_of = sums.setdefault(name, [0, 0, 0, 0])
            for place, counts in enumerate((True, before != after, _closes(before), _closes(after))):
                sums_of[place] += n * counts
    columns = ("decisions", "moved", "closed_before", "closed_after")
    return [{"name": name, **dict(zip(columns, sums[name], strict=True))} for name in sorted(sums)]


def _row_order(asked: Question, tally: Tally) -> list[str]:
    """In the new version's order, then what only older versions have; rows that nothing met are listed too."""
    order: list[Row] = [*asked.new.rows, asked.new.otherwise, *asked.base.rows, asked.base.otherwise]
    known = list(dict.fromkeys(row.id for row in order))
    for row in known:
        tally.rows.setdefault(row, [0, 0])
    return [*known, *sorted(tally.rows.keys() - set(known))]


def _read_anew(olds: Mapping[str, Asked], new: Asked, tally: Tally) -> list[str]:
    """Inputs of the new version that no record held, so that they were read from the cases as they stood."""
    decided = [olds[digest].places for digest in tally.versions if digest]
    return [
        column.name
        for column, place in zip(new.table.inputs, new.places, strict=True)
        if any(place not in places for places in decided)
    ]


def _warnings(report: Json) -> Iterable[str]:
    unlike = report["not_reproducible"]["decisions"]
    if unlike:
        yield f"{unlike} decisions are not given again by the very version that made them; see not_reproducible"
    if report["decisions"] < FEW_DECISIONS:
        yield f"only {report['decisions']} decisions were replayed; what is rare was perhaps never among them"
    if report["decisions"] and report["days"] < FEW_DAYS:
        yield f"the history is {report['days']} days long; a month is the least that says something of seasons"
    for cell in report["matrix"]:
        labelled = cell["error_after"]["labelled"]
        if cell["before"] != cell["after"] and _closes(cell["after"]) and labelled < FEW_LABELS:
            yield f"{cell['before']} -> {cell['after']}: people judged {labelled} of {cell['decisions']}"
