"""What customers are told of why: whether it fits the journey's tables, and whether a row that may close has a reason.

A lint as those in pipelines.plain_words: a service runs with all of it unmended, since tables are published without it.
"""

from collections.abc import Iterator

from cases.journey_folder import JourneyFolder
from cases.rules.problems import Problem, instead_of
from cases.rules.table import Input
from cases.vocabulary import Step


def explanation_problems(folder: JourneyFolder) -> Iterator[Problem]:
    yield from _unknown(folder)
    yield from _sensitive(folder)
    said = folder.journey.explanation.reasons
    for row in (*folder.root.rows, folder.root.otherwise):
        if row.outputs.get("step") == Step.AUTO_CLOSE and row.id not in said:
            what = f"row {row.id} may close a case, and its customer is not told why"
            yield _problem(
                folder, f"reasons.{row.id}", what, "say in their words why the row says so, in each language"
            )


def _unknown(folder: JourneyFolder) -> Iterator[Problem]:
    told = folder.journey.explanation
    rows = [row.id for table in folder.tables.values() for row in (*table.rows, table.otherwise)]
    inputs = list(_inputs(folder))
    for group, named in (("reasons", told.reasons), ("changes", told.changes)):
        for row in named:
            if row not in rows:
                yield _problem(folder, f"{group}.{row}", f"there is no row {row!r}", instead_of(row, rows))
    for name in told.facts:
        if name not in inputs:
            yield _problem(folder, f"facts.{name}", f"no table reads {name!r}", instead_of(name, inputs))
    for row, by_input in told.changes.items():
        for name in by_input:
            if name not in inputs:
                yield _problem(folder, f"changes.{row}.{name}", f"no table reads {name!r}", instead_of(name, inputs))


def _sensitive(folder: JourneyFolder) -> Iterator[Problem]:
    for name in folder.journey.explanation.facts:
        column = _inputs(folder).get(name)
        root, _, rest = column.source.partition(".") if column is not None else ("", "", "")
        fact = folder.journey.facts.get(rest) if root == "fact" else None
        if fact is not None and fact.sensitive:
            yield _problem(folder, f"facts.{name}", f"{rest!r} is sensitive", "leave it out: letters travel by mail")


def _inputs(folder: JourneyFolder) -> dict[str, Input]:
    return {column.name: column for table in folder.tables.values() for column in table.inputs}


def _problem(folder: JourneyFolder, place: str, what: str, mend: str) -> Problem:
    return Problem(f"{folder.name}/journey.yaml", None, f"explanation.{place}", what, mend)
