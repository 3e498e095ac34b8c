"""casewright mail: says what it needs, takes mail in as a process of its own, and ends in order."""

import os
import signal
import smtplib
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from configs.settings import Settings
from pipelines.wiring import opened
from tests.servers import answers, free_port, wait_until

MAIL = b"From: bas@example.org\r\nSubject: Voorruit\r\n\r\nEr zit een ster in mijn voorruit.\r\n"


def test_without_a_place_to_take_mail_from_it_names_the_settings() -> None:
    told = CliRunner().invoke(app, ["mail"])

    assert told.exit_code == 2
    assert "set CASEWRIGHT_IMAP_URL or CASEWRIGHT_LMTP_LISTEN" in told.output


@pytest.mark.parametrize(
    ("name", "value"), [("LMTP_LISTEN", "2424"), ("LMTP_LISTEN", "host:x"), ("IMAP_URL", "https://host/")]
)
def test_a_setting_that_is_no_place_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path))
    monkeypatch.setenv(f"CASEWRIGHT_{name}", value)

    told = CliRunner().invoke(app, ["mail"])

    assert told.exit_code == 2
    assert f"CASEWRIGHT_{name}" in told.output


def test_it_keeps_what_is_delivered_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "CASEWRIGHT_HOME": str(tmp_path), "CASEWRIGHT_LMTP_LISTEN": f"127.0.0.1:{port}"}
    with subprocess.Popen([sys.executable, "-m", "api", "mail"], env=environment) as process:
        wait_until(lambda: answers(port), "casewright mail does not listen")
        with smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail("bas@example.org", ["cases@example.org"], MAIL)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)

    with opened(Settings(home=tmp_path)) as house, house.database.reading() as store:
        case = store.case(store.case_id(f"C-{datetime.now(UTC).year}-000001"))
    assert code == 0
    assert (case.channel, case.sender) == ("email", "bas@example.org")
