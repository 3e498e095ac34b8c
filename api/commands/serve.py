"""casewright serve: the web, with the in-process runner where no broker is configured."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.commands.common import PATIENCE, err, told
from api.commands.listening import ended_in_order, listening
from configs.settings import Settings
from pipelines.house import House
from pipelines.runner import Runner
from pipelines.watching.logs import log_service
from pipelines.wiring import opened

#: Seconds. Longer than a proxy (nginx: 60) or a client keeps an idle connection, so that none of their requests
#: meets one that is just being closed.
KEEP_ALIVE = 75


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the pages and the HTTP interface, and work on what comes in: itself, or by workers with a broker."""
    settings = reached_at(Settings(), host, port)
    bell = threading.Event() if settings.broker_url is None else None
    with (
        told(),
        ended_in_order(),
        listening(host, port) as sockets,
        opened(settings, bell=bell, patience=PATIENCE) as house,
    ):
        run(house, bell, sockets)


def reached_at(settings: Settings, host: str, port: int) -> Settings:
    """Links lead to where we listen, unless CASEWRIGHT_PUBLIC_URL says how customers come in."""
    if "public_url" in settings.model_fields_set:
        return settings
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not listened on
    return settings.model_copy(update={"public_url": f"http://{shown}:{port}"})


def run(
    house: House,
    bell: threading.Event | None,
    sockets: Sequence[socket.socket],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted; the batch at hand is finished before the end. Without a bell others do the work."""
    log_service()
    config = _config(house)  # before anything begins: it ends with a sentence where settings do not fit
    runner = Runner(house, bell) if bell else None
    if runner:
        runner.start()
    try:
        for one in sockets:
            host, port = one.getsockname()[:2]
            err.print(f"Casewright listens on http://{f'[{host}]' if ':' in host else host}:{port}", markup=False)
        ready()
        with suppress(KeyboardInterrupt):  # raised again by uvicorn, once its part is ended
            Server(config).run(sockets=list(sockets))
    finally:
        if runner:
            runner.stop()


class Server(uvicorn.Server):
    """Open pages listen without end: they are let go first, and come back to the next process."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.live.close()
        await super().shutdown(sockets)


def _config(house: House) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(house),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        proxy_headers=bool(house.settings.trusted_proxies),
        forwarded_allow_ips=house.settings.trusted_proxies,
    )
