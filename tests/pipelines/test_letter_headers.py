"""Headers that are kept between letters: the same bytes as without."""

from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from pipelines.channels.email.letter_headers import LETTERS

LONG = "Een onderwerp dat zo lang is dat het over meer dan een regel gaat en gevouwen wordt, één [C-2026-000001]"


def _mail(policy: object, sender: str, number: int) -> bytes:
    mail = EmailMessage(policy)  # type: ignore[arg-type]  # the stubs know one policy of each
    mail["From"] = sender
    mail["To"] = f"c{number}@example.org"
    mail["Subject"] = f"{LONG} {number}"
    mail["Message-ID"] = f"<case-{'0' * 60}.{number}@example.org>"
    mail["Auto-Submitted"] = "auto-replied"
    mail["Content-Language"] = "nl"
    mail.set_content(f"Beste klant,\n\nuw zaak — nummer {number}.\n" + "x" * 90 * number)
    return mail.as_bytes(policy=SMTP)


@pytest.mark.parametrize(
    "sender",
    [
        "Casewright <no-reply@example.org>",
        "Schadebehandeling Überlingen en één lange naam die niet op een enkele regel past <schade@example.org>",
        '"Team, schade; \\"auto\\"" <schade@example.org>',
    ],
)
def test_letters_with_kept_headers_are_the_same_bytes(sender: str) -> None:
    for number in (1, 2, 1, 3):
        assert _mail(LETTERS, sender, number) == _mail(default, sender, number)


def test_a_header_that_would_inject_another_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="linefeed"):
            EmailMessage(LETTERS)["From"] = "a@example.org\r\nBcc: b@example.org"
