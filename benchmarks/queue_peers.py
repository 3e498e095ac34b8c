"""The list pages of django-helpdesk and roundup over as many open tickets, for benchmarks.queue --peers.

Runs under the Python of an environment of its own (`pip install django-helpdesk roundup`) and imports nothing of ours.
Both stand as they come: SQLite, their own users, templates and page sizes. Prints a JSON line for each.

    VENV/bin/python -P benchmarks/queue_peers.py --cases N --requests N
"""

import argparse
import base64
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

AT_ONCE = 5000
APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "sites", "humanize", "staticfiles")
MIDDLE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def measured(ask: Callable[[], object], cpu: Callable[[], float], requests: int) -> dict[str, Any]:
    """Milliseconds of `requests` calls after two to warm up; cpu: seconds of the server's process so far."""
    for _ in range(2):
        ask()
    walls, begun = [], cpu()
    for _ in range(requests):
        start = time.perf_counter()
        ask()
        walls.append(1000 * (time.perf_counter() - start))
    return {
        "cpu_mean_ms": round(1000 * (cpu() - begun) / requests, 1),
        "wall_p50_ms": round(median(walls), 1),
        "wall_p95_ms": round(quantiles(walls, n=20)[-1], 1),
    }


def helpdesk(home: Path, cases: int, requests: int) -> dict[str, Any]:
    """The list of open tickets: the page, and the rows that it asks for at once (25, newest first)."""
    import_module("django.conf").settings.configure(
        SECRET_KEY="benchmark", DEBUG=False, ALLOWED_HOSTS=["*"], USE_TZ=True, SITE_ID=1, STATIC_URL="/static/",
        ROOT_URLCONF="helpdesk_urls", MIDDLEWARE=MIDDLE, HELPDESK_TEAMS_MODE_ENABLED=False,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "rest_framework", "helpdesk"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "helpdesk.db")}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": CONTEXT}}],
    )  # fmt: skip
    (home / "helpdesk_urls.py").write_text(
        "from django.urls import include, path\n"
        "urlpatterns = [path('', include('helpdesk.urls', namespace='helpdesk'))]\n"
    )
    sys.path.insert(0, str(home))
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0)
    models, client = import_module("helpdesk.models"), import_module("django.test").Client()
    person = import_module("django.contrib.auth").get_user_model().objects.create_superuser("ann", "a@b.example", "x")
    queue = models.Queue.objects.create(title="Claims", slug="claims")
    now = import_module("django.utils.timezone").now()
    for start in range(0, cases, AT_ONCE):
        models.Ticket.objects.bulk_create(
            models.Ticket(
                title=f"Water in the kitchen {i}", queue=queue, submitter_email=f"c{i}@b.example", status=1,
                description="The hose came loose.", priority=1 + i % 5, created=now, modified=now,
            )
            for i in range(start, min(start + AT_ONCE, cases))
        )  # fmt: skip
    client.force_login(person)
    asked = {"filtering": {"status__in": [1, 2]}, "sorting": "created", "search_string": "", "sortreverse": False}
    rows = f"/datatables_ticket_list/{base64.b64encode(json.dumps(asked).encode()).decode()}?draw=1&start=0&length=25"

    def ask() -> None:
        page, listed = client.get("/tickets/"), client.get(rows)
        assert page.status_code == listed.status_code == 200
        assert listed.json()["recordsTotal"] == cases

    return measured(ask, time.process_time, requests)


def roundup(home: Path, cases: int, requests: int) -> dict[str, Any]:
    """The classic tracker's index of issues, 50 of them, over HTTP on loopback."""
    tracker, tools = home / "tracker", Path(sys.executable).parent
    known = "tracker_web=http://127.0.0.1/desk/,mail_domain=b.example,mail_host=127.0.0.1"
    for said in (["install", "classic", "sqlite", known], ["initialise", "secret"]):
        subprocess.run([tools / "roundup-admin", "-i", tracker, *said], check=True, capture_output=True)
    with sqlite3.connect(tracker / "db" / "db") as database:
        titles = ((f"Water in the kitchen {i}", i) for i in range(1, cases + 1))
        database.executemany(
            "INSERT INTO _issue (_title, id, _activity, _creation, _creator, _actor, _status, _priority, __retired__)"
            " VALUES (?, ?, '20261101120000.000', '20261101120000.000', 1, 1, 1, 3, 0)",
            titles,
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plain: list[str] = []
    if os.geteuid() == 0:  # it refuses to serve as root
        subprocess.run(["chown", "-R", "nobody", home], check=True)
        plain = ["-u", "nobody"]
    words = [str(tools / "roundup-server"), "-p", str(port), "-n", "127.0.0.1", *plain, f"desk={tracker}"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    columns = "id,activity,title,creator,assignedto,status"
    url = f"http://127.0.0.1:{port}/desk/issue?@columns={columns}&@sort=-activity&@filter=status&status=1&@pagesize=50"
    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(url, timeout=60).read()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

        def ask() -> None:
            assert b"Water in the kitchen" in urllib.request.urlopen(url, timeout=60).read()

        return measured(ask, lambda: _seconds(server.pid), requests)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _seconds(pid: int) -> float:
    """CPU of a process and its ended children so far (proc(5): utime to cstime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=20)
    given = parser.parse_args()
    for name, of in (("django-helpdesk", helpdesk), ("roundup", roundup)):
        home = Path(tempfile.mkdtemp(prefix="peer-"))
        try:
            figures = of(home, given.cases, given.requests)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        line = {"peer": name, "version": version(name), "page": "list", "cases": given.cases, **figures}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
