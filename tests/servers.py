"""Real servers on free loopback ports: PostgreSQL, Redis and RabbitMQ, started by the tests and killed by some of them.

They come from Debian's packages and refuse to run as root, so a privileged run hands each to an unprivileged user.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil

POSTGRES_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
RABBIT_BIN = Path("/usr/lib/rabbitmq/bin")
UP_SECONDS = 90


def missing() -> list[str]:
    """Debian packages of servers that are not installed here."""
    return [
        package
        for package, there in (
            ("postgresql", POSTGRES_BIN is not None),
            ("redis-server", shutil.which("redis-server") is not None),
            ("rabbitmq-server", RABBIT_BIN.exists()),
        )
        if not there
    ]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Server:
    """One process group with a folder of its own. kill() is SIGKILL to all of it; start() again finds its files."""

    user: str
    command: list[str]

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"casewright-{type(self).__name__.lower()}-", dir="/tmp"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)

    def __enter__(self) -> Self:
        self.prepare()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self) -> None:
        """What is needed once, before the first start."""

    def environment(self) -> Mapping[str, str]:
        return {}

    def is_up(self) -> bool:
        return answers(self.port)

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_user(self.command),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment()},
                start_new_session=True,
            )
        wait_until(self.is_up, f"{type(self).__name__} does not answer; see {self.folder}/server.log")

    def kill(self) -> None:
        """All of it at once, children of other process groups too."""
        if self._process is None:
            return
        doomed = self._processes()
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(doomed, timeout=UP_SECONDS)
        self._process = None

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Its port takes connections and nobody answers them."""
        processes = self._processes()
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def _processes(self) -> list[psutil.Process]:
        if not psutil.pid_exists(self.pid):
            return []
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            self._as_user(command),
            cwd=self.folder,
            env={**os.environ, **self.environment()},
            check=True,
            capture_output=True,
            timeout=UP_SECONDS,
        )
        return done.stdout.decode()

    def _as_user(self, command: list[str]) -> list[str]:
        return (
            ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command]
            if os.geteuid() == 0
            else command
        )


def wait_until(true: Callable[[], bool], else_say: str, *, seconds: float = UP_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(else_say)
        time.sleep(0.05)


class Postgres(Server):
    """durable: with fsync, as drills need it; else as fast as a test wants."""

    user = "postgres"

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self.data = self.folder / "data"
        self.durable = durable

    @property
    def command(self) -> list[str]:  # type: ignore[override]
        fast = [] if self.durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        return [
            f"{POSTGRES_BIN}/postgres", "-D", str(self.data), "-p", str(self.port), "-k", str(self.folder),
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", *fast,
        ]  # fmt: skip

    def prepare(self) -> None:
        self.run([f"{POSTGRES_BIN}/initdb", "-D", str(self.data), "-U", "casewright", "-A", "trust", "-E", "UTF8"])

    def is_up(self) -> bool:
        ready = [f"{POSTGRES_BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def url(self, database: str = "postgres", user: str = "casewright") -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"


class Redis(Server):
    user = "redis"

    @property
    def command(self) -> list[str]:  # type: ignore[override]
        return [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--appendonly", "yes", "--save", "",
        ]  # fmt: skip

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class RabbitMq(Server):
    """One node with its own port mapper, so that several runs do not meet."""

    user = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self._mapper, self._distribution = free_port(), free_port()

    @property
    def command(self) -> list[str]:  # type: ignore[override]
        return [f"{RABBIT_BIN}/rabbitmq-server"]

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"casewright{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }

    def prepare(self) -> None:
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text("casewright")
        cookie.chmod(0o400)
        (self.folder / "enabled_plugins").write_text("[].")
        (self.folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 50MB\n")
        if os.geteuid() == 0:
            for file in self.folder.iterdir():
                shutil.chown(file, self.user)

    def kill(self) -> None:
        super().kill()
        with contextlib.suppress(subprocess.CalledProcessError, FileNotFoundError, subprocess.TimeoutExpired):
            self.run(["epmd", "-port", str(self._mapper), "-kill"])

    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"
