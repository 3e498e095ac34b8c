"""casewright serve: the web, with the in-process runner where no broker is configured."""

import threading
from collections.abc import Callable
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.commands.common import PATIENCE, err, told
from configs.settings import Settings
from pipelines.house import House
from pipelines.runner import Runner
from pipelines.watching.logs import configure_logs, log_uncaught
from pipelines.wiring import opened


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the pages and the HTTP interface, and work on what comes in: itself, or by workers with a broker."""
    settings = reached_at(Settings(), host, port)
    bell = threading.Event() if settings.broker_url is None else None
    with told(), opened(settings, bell=bell, patience=PATIENCE) as house:
        run(house, bell, host=host, port=port)


def reached_at(settings: Settings, host: str, port: int) -> Settings:
    """Links lead to where we listen, unless CASEWRIGHT_PUBLIC_URL says how customers come in."""
    if "public_url" in settings.model_fields_set:
        return settings
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not listened on
    return settings.model_copy(update={"public_url": f"http://{shown}:{port}"})


def run(
    house: House, bell: threading.Event | None, *, host: str, port: int, ready: Callable[[], None] = lambda: None
) -> None:
    """Serve until interrupted; the batch at hand is finished before the end. Without a bell others do the work."""
    configure_logs("info")
    log_uncaught()
    runner = Runner(house, bell) if bell else None
    if runner:
        runner.start()
    try:
        err.print(f"Casewright listens on http://{host}:{port}", markup=False)
        ready()
        app = create_app(house)
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(house.settings.trusted_proxies),
            forwarded_allow_ips=house.settings.trusted_proxies,
        )
    finally:
        if runner:
            runner.stop()
