"""`casewright …`: every way in from the command line."""

import sys

import structlog
import typer

from api.commands import cases, demo, history, ingest, journeys, models, rules, serve, users, verify

app = typer.Typer(
    name="casewright", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Case management that decides what it can prove and prepares what it cannot.",
)  # fmt: skip
app.command()(demo.demo)
app.command()(serve.serve)
app.command()(ingest.ingest)
app.command()(verify.verify)
app.command()(verify.doctor)
app.command()(cases.erase)
for group in (cases, history, journeys, models, rules, users):
    app.add_typer(group.app)


def main() -> None:
    log_to_stderr()
    app()


def log_to_stderr() -> None:
    """One JSON line an event, without customers' words; standard output stays clean for --json."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
    )
