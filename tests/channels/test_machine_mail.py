import pytest

from pipelines.channels.email.machine_mail import Bounce, read_bounce
from pipelines.channels.email.reading import read_headers
from tests.channels import fixtures


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated (vacation)"}, "auto_reply"),
        ({"X_Auto_Response_Suppress": "All", "Subject": "Automatisch antwoord: Lekkage"}, "auto_reply"),
        ({"X_Auto_Response_Suppress": "OOF", "Subject": "Out of Office: back on Monday"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Precedence": "Bulk"}, "list"),
        ({"Precedence": "junk"}, "list"),
        ({"List_Id": "<nieuws.example.nl>"}, "list"),
        ({"List_Unsubscribe": "<mailto:x@y.nl>"}, "list"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "Mail Delivery <MAILER-DAEMON@mx.nl>"}, "bounce"),
        ({"From": "postmaster@mx.nl"}, "bounce"),
        ({"X_Loop": "jan@example.nl"}, "loop"),
        ({"X_Casewright_Letter": "7"}, "loop"),
        ({"Message_ID": "<letter-7@Casewright.Example>"}, "loop"),
    ],
)
def test_a_header_that_only_machines_write_marks_the_mail(headers: dict[str, str], kind: str) -> None:
    machine = read_headers(fixtures.plain(**headers), own_domain="casewright.example").machine

    assert machine is not None
    assert machine.kind == kind
    assert machine.because


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No; owner=x"},
        {"Precedence": "first-class"},
        {"X_Auto_Response_Suppress": "None"},
        {"X_Auto_Response_Suppress": "All"},  # Exchange writes it on mail of people
        {"X_Auto_Response_Suppress": "None", "Subject": "Automatisch antwoord"},
        {"Return_Path": "<jan@example.nl>"},
        {"Subject": "Out of office: afwezig"},
        {"Subject": "Automatisch antwoord"},
        {"From": "Piet Postmaster <piet@example.nl>"},
        {"In_Reply_To": "<letter-7@casewright.example>"},
    ],
)
def test_a_person_is_not_taken_for_a_machine(headers: dict[str, str]) -> None:
    assert read_headers(fixtures.plain(**headers), own_domain="casewright.example").machine is None


def test_a_delivery_report_names_who_was_not_reached_and_by_which_letter() -> None:
    raw = fixtures.bounce("weg@example.org", "letter-7@casewright.example")

    machine = read_headers(raw).machine

    assert machine is not None
    assert machine.kind == "bounce"
    assert read_bounce(raw) == Bounce("weg@example.org", "letter-7@casewright.example", "5.1.1", "failed")


def test_a_read_receipt_is_a_report_and_no_bounce() -> None:
    raw = fixtures.multipart(fixtures.part("gelezen"), kind="report; report-type=disposition-notification")

    machine = read_headers(raw).machine

    assert machine is not None
    assert machine.kind == "report"


def test_returned_headers_and_the_failed_recipients_header_are_enough() -> None:
    raw = fixtures.multipart(
        fixtures.part("Message-ID: <letter-8@casewright.example>\r\n", "text/rfc822-headers"),
        head="X-Failed-Recipients: weg@example.org, b@c.nl\r\n",
    )

    assert read_bounce(raw) == Bounce("weg@example.org", "letter-8@casewright.example", None)


def test_a_report_that_says_nothing_readable_is_none() -> None:
    assert read_bounce(fixtures.plain()) is None
