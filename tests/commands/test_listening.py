"""The place where the server listens, and its end."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.commands.listening import CannotListen, ended_in_order, listening
from tests.servers import free_port, wait_until

ENDS = [signal.SIGTERM, signal.SIGINT]


def test_a_place_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        home = tmp_path / "home"

        ended = CliRunner().invoke(app, ["serve", "--port", str(port)], env={"CASEWRIGHT_HOME": str(home)})

    assert ended.exit_code == 2, ended.output
    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in ended.stderr
    assert not home.exists()


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_named_with_the_mend(host: str) -> None:
    with pytest.raises(CannotListen, match=f"cannot listen on {host}, port 8000: .*choose another --host"):
        listening(host, 8000).__enter__()


def test_the_place_is_free_again_at_the_end() -> None:
    port = free_port()
    with listening("127.0.0.1", port):
        pass

    with listening("127.0.0.1", port) as [held]:
        assert held.getsockname() == ("127.0.0.1", port)


def test_sigterm_ends_what_is_within_in_order() -> None:
    ended: list[str] = []

    with pytest.raises(SystemExit) as over:
        _told_to_end(ended)

    assert over.value.code == 0
    assert ended == ["the batch at hand"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def _told_to_end(ended: list[str]) -> None:
    with ended_in_order(), ExitStack() as within:
        within.callback(ended.append, "the batch at hand")
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("end", ENDS)
def test_a_server_that_is_told_to_end_closes_its_house_and_says_that_all_is_well(
    tmp_path: Path, trained: Path, end: signal.Signals
) -> None:
    port = free_port()
    env = {**os.environ, "CASEWRIGHT_HOME": str(tmp_path / "home"), "CASEWRIGHT_MODELS": str(trained)}
    env.pop("CASEWRIGHT_DATABASE_URL", None)
    with subprocess.Popen([sys.executable, "-m", "api", "serve", "--port", str(port)], env=env) as server:
        try:
            wait_until(lambda: lives(port), "the server does not answer")

            server.send_signal(end)

            assert server.wait(timeout=60) == 0
        finally:
            server.kill()
    # SQLite empties its log of writes when the last connection is closed in order.
    assert not (tmp_path / "home" / "casewright.db-wal").exists()


def lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        time.sleep(0.1)
        return False
