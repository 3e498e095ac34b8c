"""Publishing: a draft becomes the version that decides, with a replay report before it and by a second person.

Everything that stands against it is told at once. Decisions made stay as they are: a version begins today or later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from cases import events as e
from cases.case import Entry
from cases.errors import CaseError
from cases.inputs import always_known
from cases.journey_folder import ROOT_TABLE, JourneyFolder
from cases.rules import Table
from cases.rules.verify import verify
from cases.store.certificates import Certificate
from cases.store.store import Store
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.rulebook.drafts import Draft, opened_draft, problems_within
from pipelines.rulebook.owners import folder_with, owner
from pipelines.rulebook.versions import Book, Version, book_of, books, stream_of
from pipelines.standing import rules_digest

LEAST_DIGEST = 8  # signs of a digest that name a version


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a draft is not published. key: what kind of reason it is; words: it and its mend, in a sentence."""

    key: str
    words: str


class PublishRefused(CaseError, ValueError):
    """The draft does not become a version; every reason is named, and nothing was changed."""

    def __init__(self, what: str, reasons: Sequence[Reason]) -> None:
        super().__init__(f"{what} was refused:\n" + "\n".join(f"  {reason.words}" for reason in reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Published(Version):
    """certificates: those that stood for the version before it, and do not for this one."""

    certificates: tuple[Certificate, ...] = ()


def publish(
    house: House, journey: str, table: str, *, report: str, by: str, effective_from: date | None = None,
    accept_unknown: bool = False,
) -> Published:  # fmt: skip
    """Let the draft decide, from today or a later day. Where no day is named: that of the draft, if it is to come.

    accept_unknown: publish although the verification did not come to an end. Raises PublishRefused, NotAllowed,
    NoSuchTable.
    """
    folder = folder_with(house, journey, table)
    what = f"publishing {journey}/{table}"
    with house.database.reading() as store:
        owner(store, folder, by)
        seen = book_of(store, journey, table).draft
    draft = opened_draft(folder, table, seen) if seen is not None else None
    proof = _proof(draft, accept_unknown=accept_unknown)  # may take seconds, so before the transaction

    def write(store: Store) -> e.TablePublished:
        actor = owner(store, folder, by)
        entries = store.history(stream_of(journey))
        book = books(entries).get(table, Book())
        if book.draft != seen:
            raise PublishRefused(what, [Reason("changed", "the draft was changed just now; read it and publish then")])
        day = _day(draft, effective_from, today=house.now().date())
        reasons = [*_against(house, folder, draft, book, entries, report=report, by=by, day=day), *proof]
        if reasons or draft is None or draft.read is None:
            raise PublishRefused(what, reasons)
        event = _published(draft, draft.read, day=day, report=report, unknown=accept_unknown)
        store.append(stream_of(journey), [(event, actor)], at=house.now())
        return event

    event = write_in_turn(house.database, write)
    return _in_force(house, folder, event)


def roll_back(house: House, journey: str, table: str, *, to: str, by: str, why: str) -> Published:
    """Publish a version again that was in force before, from today on; a version that waits for its day is withdrawn.

    to: its digest, or eight signs of it and more. One journey owner is enough, and no report: it has been in force.
    Raises PublishRefused, NotAllowed, NoSuchTable.
    """
    folder = folder_with(house, journey, table)

    def write(store: Store) -> e.TablePublished:
        actor = owner(store, folder, by)
        book = book_of(store, journey, table)
        version, reasons = _earlier(book, to, today=house.now().date())
        if not why.strip():
            reasons.append(Reason("why", "nobody says why; give the reason, it is kept in the log"))
        if version is not None:
            reasons += _problems(problems_within(folder, version.table))
        if reasons or version is None:
            raise PublishRefused(f"rolling back {journey}/{table}", reasons)
        event = e.TablePublished(
            journey, table, version.digest, version.table.as_dict(), house.now().date(),
            drafted_by=version.drafted_by, note=f"rolled back: {why.strip()}",
        )  # fmt: skip
        store.append(stream_of(journey), [(event, actor)], at=house.now())
        return event

    return _in_force(house, folder, write_in_turn(house.database, write))


def reasons_against(
    house: House, journey: str, table: str, *, report: str, by: str, effective_from: date | None = None,
    accept_unknown: bool = False,
) -> tuple[Reason, ...]:  # fmt: skip
    """What stands against publishing the draft now; () when nothing does. Raises NotAllowed, NoSuchTable."""
    folder = folder_with(house, journey, table)
    with house.database.reading() as store:
        owner(store, folder, by)
        entries = store.history(stream_of(journey))
    book = books(entries).get(table, Book())
    draft = opened_draft(folder, table, book.draft) if book.draft is not None else None
    day = _day(draft, effective_from, today=house.now().date())
    found = _against(house, folder, draft, book, entries, report=report, by=by, day=day)
    return (*found, *_proof(draft, accept_unknown=accept_unknown))


def ending_certificates(house: House, journey: str, table: Table) -> tuple[Certificate, ...]:
    """Those that stand for the rules in force today and would not with this table: their topics would close no more."""
    folder = folder_with(house, journey, table.id)
    return _ending(house, folder, table)


def _against(
    house: House, folder: JourneyFolder, draft: Draft | None, book: Book, entries: Sequence[Entry], *,
    report: str, by: str, day: date,
) -> Iterator[Reason]:  # fmt: skip
    """All that can be told without proving anything."""
    if draft is None:
        yield Reason("no_draft", "there is no draft of this table; save one first")
        return
    if draft.by == by:
        yield Reason("second_person", f"{by} wrote this draft; another journey owner has to publish it")
    newest = book.newest()
    if newest is not None and newest.digest == draft.digest:
        yield Reason("same", "the draft says what the newest version says; change it, or drop it")
    elif newest is not None and newest.digest != draft.base:
        yield Reason(
            "stale_base",
            f"the draft starts from version {draft.base[:12]}, and {newest.digest[:12]} was published since;"
            " read what changed and save the draft on that version",
        )
    yield from _days_against(book, day, today=house.now().date())
    yield from _problems(draft.problems)
    if draft.table in (ROOT_TABLE, *folder.upstream):
        yield from _report_against(house, draft, book, entries, report)
    else:
        words = f"no decision rests on {draft.table}, so nothing can be replayed; let {ROOT_TABLE} read it first"
        yield Reason("no_replay", words)


def _days_against(book: Book, day: date, *, today: date) -> Iterator[Reason]:
    if day < today:
        yield Reason(
            "past", f"{day} is past, and decisions made are not rewritten; name today ({today}) or a later day"
        )
    newest = book.newest()
    if newest is not None and len(book.versions) > 1 and today < newest.effective_from and day < newest.effective_from:
        yield Reason(
            "another_waits",
            f"version {newest.digest[:12]} waits for {newest.effective_from}; name that day or a later one, or withdraw"
            " it by rolling back to the version in force",
        )


def _report_against(house: House, draft: Draft, book: Book, entries: Sequence[Entry], report: str) -> Iterator[Reason]:
    mend = f"replay it: casewright rules replay {draft.journey}/{draft.table}"
    if not report:
        yield Reason("no_report", f"no replay report is named; {mend}")
        return
    made = [x for x in entries if isinstance(x.event, e.ReplayReported) and x.event.report == report]
    noted = [(x.event, x.at) for x in made if isinstance(x.event, e.ReplayReported) and x.event.table == draft.table]
    if not noted:
        yield Reason("no_report", f"no replay of this table gave a report {report[:12]!r}; {mend}")
        return
    event, at = noted[-1]
    if event.digest != draft.digest:
        yield Reason("other_report", f"report {report[:12]} is about another draft ({event.digest[:12]}); {mend}")
    current = book.on(house.now().date())
    if current is not None and event.base != current.digest:
        yield Reason(
            "stale_report", f"report {report[:12]} compares with {event.base[:12]}, which is not in force; {mend}"
        )
    elif at < house.now() - timedelta(hours=house.settings.report_hours):
        yield Reason("stale_report", f"report {report[:12]} is of {_minute(at)}: cases were decided since; {mend}")


def _proof(draft: Draft | None, *, accept_unknown: bool) -> list[Reason]:
    """What the verification says against it: gaps and conflicts, or that it did not come to an end."""
    if draft is None or draft.read is None:
        return []
    found = verify(draft.read, always=always_known(draft.read))
    reasons = [Reason("verification", f"{words}; change the rows") for words in found.refusals]
    if found.verdict == "unknown" and not accept_unknown:
        reasons.append(
            Reason("unknown", f"the verification did not come to an end ({found.covered}); make the table smaller, or"
                   " take that on: --accept-unknown")
        )  # fmt: skip
    return reasons


def _problems(problems: Sequence[object]) -> list[Reason]:
    return [Reason("problem", str(problem)) for problem in problems]


def _earlier(book: Book, to: str, *, today: date) -> tuple[Version | None, list[Reason]]:
    """The version that is meant, if it was in force before and is not now."""
    named = [one for one in book.versions if len(to) >= LEAST_DIGEST and one.digest.startswith(to)]
    newest = book.newest()
    if len({one.digest for one in named}) != 1:
        mend = "name one by its digest: casewright rules history"
        return None, [Reason("no_version", f"{to!r} names {'several versions' if named else 'no version'}; {mend}")]
    if not any(_was_in_force(book, one, today) for one in named):
        return None, [Reason("never", f"version {to[:12]} was never in force; publish it as a draft, with a report")]
    if newest is not None and newest.digest == named[-1].digest:
        return None, [Reason("same", f"version {to[:12]} is in force; there is nothing to roll back")]
    return named[-1], []


def _was_in_force(book: Book, version: Version, today: date) -> bool:
    """Whether its day had come before another version took its place."""
    after = book.versions[book.versions.index(version) + 1 :]
    replaced = next((one.published_at.date() for one in after if one.effective_from <= version.effective_from), today)
    return version is book.versions[0] or version.effective_from <= replaced


def _day(draft: Draft | None, named: date | None, *, today: date) -> date:
    if named is not None:
        return named
    return max(today, draft.read.effective_from) if draft is not None and draft.read is not None else today


def _published(draft: Draft, table: Table, *, day: date, report: str, unknown: bool) -> e.TablePublished:
    return e.TablePublished(
        journey=draft.journey,
        table=draft.table,
        digest=draft.digest,
        document=table.as_dict(),
        effective_from=day,
        report=report,
        drafted_by=draft.by,
        note=draft.note,
        unknown_accepted=unknown,
    )


def _in_force(house: House, folder: JourneyFolder, event: e.TablePublished) -> Published:
    """The version as it stands in its book now; this process goes by it at once, others within seconds."""
    with house.database.reading() as store:
        version = book_of(store, event.journey, event.table).of(event.digest)
    if version is None:  # it was written a moment ago, and nothing is taken out of a log
        raise LookupError(event.digest)
    ending = _ending(house, folder, version.table)
    house.journeys.look_again(house.now())
    return Published(**{one.name: getattr(version, one.name) for one in fields(Version)}, certificates=ending)


def _ending(house: House, before: JourneyFolder, table: Table) -> tuple[Certificate, ...]:
    after = JourneyFolder(before.journey, {**before.tables, table.id: table}, before.letters, before.words)
    with house.database.reading() as store:
        standing = [one for one in store.certificates.all() if one.journey == before.name and one.shut_at is None]
    topics = before.journey.auto_close.topics
    return tuple(
        one
        for one in standing
        if one.topic in topics and one.rules_digest == rules_digest(before, one.topic) != rules_digest(after, one.topic)
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
