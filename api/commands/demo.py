"""casewright demo: a department in a box, from e-mails with photos to decided cases, in one command."""

import secrets
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from api.commands.common import err, out, show, told
from api.commands.listening import ended_in_order, listening
from api.commands.serve import reached_at, run
from api.signing_in import hash_password, login_path
from cases.case import Case, fold
from cases.events import LetterSent
from cases.vocabulary import Role, Step
from configs.settings import Settings
from pipelines.certificates import try_certify
from pipelines.demo.mails import DemoMail, build, demo_mails
from pipelines.demo.simulated import simulated_history
from pipelines.history import import_history
from pipelines.house import House
from pipelines.ingest import MAIL, Offered, offer, result_of
from pipelines.intake import Accepted, Incoming
from pipelines.runner import drain, warm
from pipelines.wiring import opened

#: Wider than any journey's own: the simulated history is small, and says so.
DEMO_ALPHA = Decimal("0.15")
PEOPLE = {
    "hanna": Role.HANDLER,
    "emre": Role.EXPERT,
    "lotte": Role.LEAD,
    "joris": Role.JOURNEY_OWNER,
    "mila": Role.JOURNEY_OWNER,  # tables are published by two
    "dana": Role.DATA_SCIENTIST,
    "arthur": Role.AUDITOR,
    "ada": Role.ADMINISTRATOR,
}
TOPICS_RIGHT = 0.85


@dataclass(frozen=True, slots=True)
class _Row:
    """One mail: what was expected of it beside what it got."""

    mail: DemoMail
    reference: str
    journey: str
    topic: str
    step: str
    confidence: float | None
    danger: bool

    @property
    def topic_right(self) -> bool:
        return not self.mail.expected.topic or self.topic == self.mail.expected.topic

    @property
    def step_right(self) -> bool:
        return self.step == self.mail.expected.step


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the table.")] = False,  # noqa: FBT002
    cases: Annotated[int | None, typer.Option(help="Only so many e-mails.", min=1)] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Build the demo: train, import simulated history, certify, take in e-mails, show what became of them."""
    bell = threading.Event()
    settings = reached_at(Settings(), "127.0.0.1", port)
    if settings.auto_close_alpha is None:
        settings = settings.model_copy(update={"auto_close_alpha": DEMO_ALPHA})
    place = nullcontext(()) if no_serve else listening("127.0.0.1", port)
    with told(), ended_in_order(), place as sockets, opened(settings, bell=bell) as house:
        rows = _build(house, demo_mails()[:cases])
        _tell(rows)
        _people(house)
        if not no_serve:
            run(house, bell, sockets, ready=lambda: _links(house, port))
        if not _holds(rows):
            raise typer.Exit(1)


def _build(house: House, mails: tuple[DemoMail, ...]) -> list[_Row]:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Training models", total=4 + len(mails))
        warm(house)
        progress.update(task, advance=2, description="Importing simulated history")
        import_history(house, simulated_history(house.journeys, seed=1))
        drain(house)
        progress.update(task, advance=2, description="Certifying")
        for journey in house.journeys.names():
            try_certify(house, journey)
        taken: dict[str, Accepted | str] = {}
        for wave in _waves(mails):
            progress.update(task, description="Reading e-mails")
            letters, references = _letters(house, taken)
            for mail in wave:
                raw = build(mail, letters, references)
                incoming = Incoming(MAIL, raw, "email", "demo", house.now(), f"demo:{mail.id}")
                taken[mail.id] = offer(Offered(mail.id, incoming), house)
                progress.advance(task)
            drain(house)
    with house.database.writing() as store:
        store.seal(house.now())
    return [_row(mail, taken[mail.id], house) for mail in mails]


def _waves(mails: tuple[DemoMail, ...]) -> list[list[DemoMail]]:
    """Mails that answer nothing first, then those that answer them, and so on."""
    depth: dict[str, int] = {}
    for mail in mails:
        depth[mail.id] = depth.get(mail.after, 0) + 1 if mail.after else 0
    return [[mail for mail in mails if depth[mail.id] == level] for level in sorted(set(depth.values()))]


def _letters(house: House, taken: dict[str, Accepted | str]) -> tuple[dict[str, str], dict[str, str]]:
    """By mail id: the Message-ID of the first letter sent in its case, and the case's reference."""
    letters, references = {}, {}
    for mail_id, accepted in taken.items():
        if isinstance(accepted, str) or accepted.reference is None:
            continue
        references[mail_id] = accepted.reference
        with house.database.reading() as store:
            entries = store.history(store.case_id(accepted.reference))
        sent = [entry.event for entry in entries if isinstance(entry.event, LetterSent)]
        if sent:
            letters[mail_id] = sent[0].message_id
    return letters, references


def _case(house: House, accepted: Accepted | str) -> Case | None:
    if isinstance(accepted, str) or accepted.reference is None:
        return None
    with house.database.reading() as store:
        case_id = store.case_id(accepted.reference)
        return fold(case_id, store.history(case_id))


def _row(mail: DemoMail, accepted: Accepted | str, house: House) -> _Row:
    result = result_of(house, mail.id, accepted)
    case = _case(house, accepted)
    return _Row(
        mail=mail,
        reference=result["reference"] or "",
        journey=result.get("journey") or "",
        topic=result["topic"] or "",
        step=result["step"] or result["status"],
        confidence=result["confidence"],
        danger=bool(case and case.dangers),
    )


def _tell(rows: list[_Row]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("e-mail", "case", "topic expected", "topic got", "", "step expected", "step got", "", "score"):
        table.add_column(column, overflow="fold")
    for row in rows:
        expected = row.mail.expected
        score = "" if row.confidence is None else f"{row.confidence:.2f}"
        table.add_row(
            row.mail.id, row.reference, expected.topic, row.topic, _mark(right=row.topic_right),
            expected.step, row.step, _mark(right=row.step_right), score,
        )  # fmt: skip
    out.print(table)
    counts = {step: sum(row.step == step for row in rows) for step in (*Step, "recorded")}
    out.print("  ".join(f"{step} {count}" for step, count in counts.items()))
    with_topic = [row for row in rows if row.mail.expected.topic]
    right, steps = sum(row.topic_right for row in with_topic), sum(row.step_right for row in rows)
    closed = [row for row in rows if row.step == Step.AUTO_CLOSE]
    out.print(
        f"Topics right: {right} of {len(with_topic)} ({right / max(1, len(with_topic)):.0%}). "
        f"Steps as expected: {steps} of {len(rows)}. "
        f"Closed by themselves: {len(closed)}, of which right: {sum(row.step_right for row in closed)}. "
        f"Danger closed or asked: {sum(_mishandled(row) for row in rows)}.",
        style="bold",
    )


def _mark(*, right: bool) -> str:
    return "[green]✓[/]" if right else "[red]✗[/]"


def _mishandled(row: _Row) -> bool:
    return (row.danger or row.mail.expected.why.startswith("danger")) and row.step in (
        Step.AUTO_CLOSE,
        Step.REQUEST_INFO,
    )


def _holds(rows: list[_Row]) -> bool:
    """What the demo promises: topics, every closing right, no danger closed or asked."""
    with_topic = [row for row in rows if row.mail.expected.topic]
    topics = sum(row.topic_right for row in with_topic) >= TOPICS_RIGHT * len(with_topic)
    closed = all(row.step_right for row in rows if row.step == Step.AUTO_CLOSE)
    return topics and closed and not any(_mishandled(row) for row in rows)


def _people(house: House) -> None:
    """One account a role. Their passwords are random and told to nobody: the one-time links open the door."""
    lines = sorted({"general", *(f.journey.line_of_business for f in house.journeys.folders.values())})
    with house.database.writing() as store:
        for name, role in PEOPLE.items():
            if store.people.user(name) is None:
                hashed = hash_password(secrets.token_urlsafe(24))
                store.people.add_user(name, [role], hashed, at=house.now(), lines=lines)


def _links(house: House, port: int) -> None:
    rows = [(name, role, f"http://127.0.0.1:{port}{login_path(house, name)}") for name, role in PEOPLE.items()]
    show(("name", "role", "signs in once, within half an hour"), rows)
