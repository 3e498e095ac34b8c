"""Debian's Chromium, and a server on loopback for it: for the pictures in docs and for the tests of pages."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from api.commands.serve import Server

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
READY_SECONDS = 60


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def served(app: FastAPI, port: int) -> Iterator[str]:
    """The address, which answers by now. Ends as `casewright serve` does, whatever pages still listen."""
    url = f"http://127.0.0.1:{port}"
    server = Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + READY_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    if not server.started:
        raise TimeoutError(f"the server on {url} did not start within {READY_SECONDS} s")
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(timeout=READY_SECONDS)
