"""`casewright …`: every way in from the command line."""

import typer

from api.commands import (
    cases,
    demo,
    doctor,
    history,
    ingest,
    journeys,
    models,
    rules,
    serve,
    timers,
    users,
    verify,
    work,
    worker,
)
from pipelines.watching.logs import configure_logs

app = typer.Typer(
    name="casewright", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Case management that decides what it can prove and prepares what it cannot.",
)  # fmt: skip
app.command()(demo.demo)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(timers.timers)
app.command()(ingest.ingest)
app.command()(verify.verify)
app.command()(doctor.doctor)
app.command()(doctor.migrate)
app.command()(cases.erase)
for group in (cases, history, journeys, models, rules, users, work):
    app.add_typer(group.app)


def main() -> None:
    configure_logs("warning")
    app()
