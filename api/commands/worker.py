"""casewright worker: Celery processes that do the work of an installation with a broker."""

import os
from typing import Annotated

import typer

from api.commands.common import fail, told
from configs.settings import Settings
from pipelines.doorbell import Bell
from pipelines.usable import refuse_unusable
from pipelines.watching.logs import log_service

ALL = ",".join(Bell)


def worker(
    concurrency: Annotated[
        int | None, typer.Option("-c", "--concurrency", min=1, help="How many processes; else one a processor.")
    ] = None,
    queues: Annotated[str, typer.Option("--queues", "-Q", help="Classes of work, separated by commas.")] = ALL,
) -> None:
    """Work on what comes in whenever the broker tells that there is something. Needs CASEWRIGHT_BROKER_URL."""
    from pipelines.broker import NoBroker  # noqa: PLC0415  # Celery costs 0.2 s, which all other commands save
    from pipelines.tasks import work  # noqa: PLC0415

    bells, settings = chosen(queues), Settings()
    with told():
        refuse_unusable(settings)
    log_service()
    with told():
        try:
            code = work(settings, processes=concurrency or len(os.sched_getaffinity(0)), bells=bells)
        except NoBroker as error:
            fail(str(error))
    raise typer.Exit(code)


def chosen(queues: str) -> list[Bell]:
    """The classes named, each once; ends with a sentence for a name that is none."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = [name for name in names if name not in list(Bell)]
    if unknown or not names:
        fail(f"--queues: {', '.join(unknown) or 'nothing'} is no class of work; choose from {ALL}")
    return [bell for bell in Bell if bell in names]
