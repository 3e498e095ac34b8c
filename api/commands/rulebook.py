"""casewright rules draft, publish, rollback, shadow, history: the versions of the tables, and what becomes one."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import AsJson, emit, fail, out, plain_problems, show, the_house, told
from cases.rules.differ import differences
from pipelines.exchange.imported import table_document, yaml_text
from pipelines.house import House
from pipelines.rulebook.drafts import Draft, draft_of, drop_draft, save_draft
from pipelines.rulebook.owners import folder_with
from pipelines.rulebook.publishing import Published, publish, roll_back
from pipelines.rulebook.shadow_tables import Agreement, agreement, begin_shadow, end_shadow
from pipelines.rulebook.versions import Version, book_of, history
from pipelines.yaml_lines import FileRefused, read_yaml

SHORT = 12  # signs of a digest that people are shown; a rollback takes them
TableName = Annotated[str, typer.Argument(metavar="JOURNEY/TABLE")]
By = Annotated[str, typer.Option(help="Who does this: a journey owner, as in users list.")]
Day = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (UTC) whose cases it decides.")
]


def draft(
    table: TableName,
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="YAML, as rules/*.yaml are; else it is shown.")
    ] = None,
    *,
    by: By = "",
    note: Annotated[str, typer.Option(help="Why, for whoever publishes it.")] = "",
    base: Annotated[str, typer.Option(help="Digest of what the file was written from, else of what is there.")] = "",
    from_folder: Annotated[
        bool, typer.Option("--from-folder", help="Take up the file of the journey's folder.")
    ] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Give the draft up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the draft of a table, save a file as the draft, or drop it. A draft decides nothing."""
    with told(), the_house() as house:
        journey, name = _named(table, house)
        if drop:
            drop_draft(house, journey, name, by=by, why=note)
            out.print(f"{table}: the draft is dropped.", markup=False)
            return
        if file is None and not from_folder:
            found = draft_of(house, journey, name)
        else:
            document = _offered(house, journey, name) if file is None else _document(file)
            seen = base or _base(house, journey, name, by=by)
            found = save_draft(house, journey, name, document, by=by, note=note, base=seen)
    if found is None:
        fail(f"{table} has no draft; save one: casewright rules draft {table} FILE --by NAME")
    _show_draft(found, as_json=as_json)


def publish_(
    table: TableName,
    *,
    report: Annotated[str, typer.Option(help="Hash of the draft's replay report: rules replay prints it.")],
    by: By,
    from_: Day = None,
    accept_unknown: Annotated[
        bool, typer.Option("--accept-unknown", help="Although the verification did not come to an end.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let the draft of a table decide, from today or a later day. Whoever drafted it cannot publish it."""
    with told(), the_house() as house:
        journey, name = _named(table, house)
        day = from_.date() if from_ else None
        version = publish(house, journey, name, report=report, by=by, effective_from=day, accept_unknown=accept_unknown)
    _show_published(version, as_json=as_json)


def rollback(
    table: TableName,
    digest: Annotated[str, typer.Argument(help="Of a version that was in force: eight signs of it or more.")],
    *,
    by: By,
    why: Annotated[str, typer.Option(help="Kept in the log.")],
    as_json: AsJson = False,
) -> None:
    """Let an earlier version decide again, from today; a version that waits for its day is withdrawn."""
    with told(), the_house() as house:
        journey, name = _named(table, house)
        version = roll_back(house, journey, name, to=digest, by=by, why=why)
    _show_published(version, as_json=as_json)


def shadow(
    table: TableName,
    *,
    by: By = "",
    end: Annotated[bool, typer.Option("--end", help="Let it answer no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the draft answer every case beside the table in force: noted, and deciding nothing. Without --by: show."""
    with told(), the_house() as house:
        journey, name = _named(table, house)
        if end:
            found: Agreement | None = end_shadow(house, journey, name, by=by)
        else:
            if by:
                begin_shadow(house, journey, name, by=by)
            found = agreement(house, journey, name)
    if found is None:
        fail(f"{table} has no shadow; begin one with its draft: casewright rules shadow {table} --by NAME")
    _show_shadow(found, as_json=as_json)


def show_(
    table: TableName,
    digest: Annotated[str, typer.Argument(help="Of another version: eight signs of it or more.")] = "",
    *,
    as_draft: Annotated[bool, typer.Option("--draft", help="The draft, as it was typed.")] = False,
) -> None:
    """The version that decides today, as a YAML file to change and to save as a draft; or another version."""
    with told(), the_house() as house:
        journey, name = _named(table, house)
        document = _drafted(house, journey, name) if as_draft else _version(house, journey, name, digest)
    sys.stdout.write(yaml_text(document))


def history_(
    table: Annotated[str | None, typer.Argument(metavar="[JOURNEY/TABLE]", help="All tables when left out.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """The versions of a table, newest first, with what each changed; its draft, its shadow, and its file's news."""
    with told(), the_house() as house:
        known = [(one.name, name) for one in house.journeys.folders.values() for name in one.tables]
        chosen = known if table is None else [_named(table, house)]
        books = [_book(house, journey, name, changes=table is not None) for journey, name in chosen]
    if as_json:
        for book in books:
            emit(book)
        return
    for book in books:
        _show_book(book)


def _drafted(house: House, journey: str, table: str) -> Mapping[str, Any]:
    found = draft_of(house, journey, table)
    if found is None:
        fail(f"{journey}/{table} has no draft")
    return found.document


def _version(house: House, journey: str, table: str, digest: str) -> Mapping[str, Any]:
    with house.database.reading() as store:
        book = book_of(store, journey, table)
    named = [one for one in book.versions if one.digest.startswith(digest)] if digest else [book.on(house.now().date())]
    if len({one.digest for one in named if one is not None}) != 1 or named[0] is None:
        fail(f"{digest!r} names no version, or several; see casewright rules history {journey}/{table}")
    return table_document(named[0].table)


def _named(table: str, house: House) -> tuple[str, str]:
    journey, _, name = table.partition("/")
    folder_with(house, journey, name)
    return journey, name


def _document(file: Path) -> dict[str, Any]:
    """As it stands in the file; what is wrong with it as a table is told of the draft."""
    try:
        data = read_yaml(file, name=str(file)).data
    except FileRefused as refused:
        fail(str(refused.problem))
    if not isinstance(data, dict):
        fail(f"{file} is not a list of keys; begin with table: and description:")
    return data


def _offered(house: House, journey: str, table: str) -> dict[str, Any]:
    offered = house.journeys.offered(journey).get(table)
    if offered is None:
        fail(f"the file of {journey}/{table} says nothing new; name a file, or change that one and begin again")
    return offered.as_dict()


def _base(house: House, journey: str, table: str, *, by: str) -> str:
    """One's own draft is written on; of another's one has to say that one has read it."""
    there = draft_of(house, journey, table)
    if there is not None and there.by == by:
        return there.digest
    with house.database.reading() as store:
        return history(store, journey, table)[0].digest


def _show_draft(found: Draft, *, as_json: bool) -> None:
    told_as = {"table": f"{found.journey}/{found.table}", "digest": found.digest, "base": found.base, "by": found.by,
               "at": found.at, "note": found.note, "problems": plain_problems(found.problems)}  # fmt: skip
    if as_json:
        emit({**told_as, "document": found.document})
        return
    out.print(f"{told_as['table']}: draft {found.digest[:SHORT]} by {found.by} of {found.at:%Y-%m-%d %H:%M} UTC, on"
              f" version {found.base[:SHORT]}. {found.note}".rstrip(), markup=False)  # fmt: skip
    for problem in found.problems:
        out.print(f"  {problem}", markup=False)
    if not found.problems:
        out.print(f"Next: casewright rules replay {told_as['table']}", markup=False)


def _show_published(version: Published, *, as_json: bool) -> None:
    if as_json:
        ending = [{"topic": one.topic, "certificate": one.id} for one in version.certificates]
        emit({**_plain(version), "certificates_ending": ending})
        return
    name = f"{version.journey}/{version.table.id}"
    out.print(f"{name}: version {version.digest[:SHORT]} decides cases from {version.effective_from} on.", markup=False)
    for one in version.certificates:
        out.print(
            f"{one.topic} closes no more by itself under the new rows until it is certified again ({one.id}).",
            markup=False,
        )


def _show_shadow(found: Agreement, *, as_json: bool) -> None:
    if as_json:
        emit(_plain_shadow(found))
        return
    out.print(_shadow_words(_plain_shadow(found)), markup=False)
    columns = ("case", "row", "step", "option", "shadow_row", "shadow_step", "shadow_option")
    show(columns, [[getattr(one, column) for column in columns] for one in found.differing])


def _book(house: House, journey: str, table: str, *, changes: bool) -> dict[str, Any]:
    with house.database.reading() as store:
        versions = history(store, journey, table)
    today, found = house.now().date(), draft_of(house, journey, table)
    said = agreement(house, journey, table)
    plain = [{**_plain(one), "decides_today": one.decides_on(today)} for one in versions]
    if changes:
        for newer, older, shown in zip(versions, versions[1:], plain, strict=False):
            shown["changes"] = [change.words for change in differences(older.table, newer.table)]
    return {
        "table": f"{journey}/{table}",
        "versions": plain,
        "draft": {"digest": found.digest, "by": found.by, "at": found.at, "problems": len(found.problems)}
        if found
        else None,
        "shadow": _plain_shadow(said) if said else None,
        "file_differs": table in house.journeys.offered(journey),
    }


def _plain(version: Version) -> dict[str, Any]:
    return {
        "table": f"{version.journey}/{version.table.id}",
        "digest": version.digest,
        "effective_from": version.effective_from,
        "until": version.until,
        "published_at": version.published_at,
        "by": version.by,
        "drafted_by": version.drafted_by,
        "report": version.report,
        "note": version.note,
        "unknown_accepted": version.unknown_accepted,
    }


def _plain_shadow(found: Agreement) -> dict[str, Any]:
    return {"digest": found.digest, "by": found.by, "since": found.since, "answered": found.answered,
            "agreed": found.agreed, "differing": [one.case for one in found.differing]}  # fmt: skip


def _shadow_words(said: dict[str, Any]) -> str:
    return (
        f"In shadow since {said['since']:%Y-%m-%d}: {said['digest'][:SHORT]} by {said['by']}, the same answer in"
        f" {said['agreed']} of {said['answered']} cases."
    )


def _show_book(book: dict[str, Any]) -> None:
    out.print(f"{book['table']}", markup=False)
    columns = ("version", "from", "until", "published by", "drafted by", "report", "note")
    rows = [
        (one["digest"][:SHORT], one["effective_from"], one["until"] or "", one["by"] or "folder", one["drafted_by"],
         one["report"][:SHORT], one["note"])
        for one in book["versions"]
    ]  # fmt: skip
    show(columns, rows)
    for one in book["versions"]:
        for words in one.get("changes", ()):
            out.print(f"  {one['digest'][:SHORT]}: {words}", markup=False)
    if book["draft"]:
        found = book["draft"]
        out.print(f"Draft {found['digest'][:SHORT]} by {found['by']}, {found['problems']} problems.", markup=False)
    if book["shadow"]:
        out.print(_shadow_words(book["shadow"]), markup=False)
    if book["file_differs"]:
        out.print(f"Its file says what was never published and decides nothing: casewright rules draft {book['table']}"
                  " --from-folder --by NAME", markup=False)  # fmt: skip
