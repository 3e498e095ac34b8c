"""django-helpdesk taking in mails, run by the Python of a venv of its own: `helpdesk_mails.py DATABASE PORT FOLDER`.

Each line on standard input names the mails to take, as JSON paths; each answer is the CPU seconds they took.
"""

import json
import logging
import sys
import time
import types
from pathlib import Path

import django
from django.conf import settings


def set_up(database: str, port: str, media: str) -> None:
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites",
            "django.contrib.admin", "django.contrib.messages", "django.contrib.humanize", "rest_framework", "helpdesk",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql", "NAME": database, "USER": "casewright",
                "HOST": "127.0.0.1", "PORT": port, "CONN_MAX_AGE": None,
            }
        },
        SITE_ID=1,
        SECRET_KEY="benchmark",
        USE_TZ=True,
        MEDIA_ROOT=media,
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        ROOT_URLCONF="rival_urls",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_KANBAN_ENABLED=False,
    )  # fmt: skip
    django.setup()
    from django.urls import include, path

    addresses = types.ModuleType("rival_urls")
    addresses.urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
    sys.modules["rival_urls"] = addresses


def main() -> None:
    set_up(*sys.argv[1:4])
    from django.core.management import call_command
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import Queue

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(title="Claims", slug="claims", allow_email_submission=True)
    log = logging.getLogger("rival")
    log.setLevel(logging.ERROR)
    print("ready", flush=True)
    for line in sys.stdin:
        mails = [Path(path).read_text(encoding="utf-8") for path in json.loads(line)]
        begun = time.process_time()
        for mail in mails:
            extract_email_metadata(mail, queue, log)
        print(json.dumps(time.process_time() - begun), flush=True)


main()
