"""A fake and its real twin keep the same promises."""

import base64
import csv
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from cases import events as e
from cases.vocabulary import Status
from pipelines.channels.email.composing import mailbox
from pipelines.channels.email.outbox import EmlOutbox
from pipelines.channels.email.smtp import MailServerAway, SmtpPost
from pipelines.handover import FileHandover, HandoverUnset
from pipelines.house import House
from pipelines.ports import Handover, HandoverDeclined, LetterUndeliverable, Post, Registers
from pipelines.registers import CsvRegisters
from pipelines.runner import drain
from pipelines.webhook import HandoverAway, WebhookHandover
from tests.fakes import FakeHandover, FakePost, FakeRegisters
from tests.mail_servers import Mailbox, mail_server
from tests.order_office import KEY, SECRET, OrderOffice, order_office
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, certify, entries_of, kinds, photo, until_quiet

US = "cases@casewright.example"
ORDER = e.HandoverAsked("case-1.5", "repair_glass", "glass_repair", (("plate", "79-KXF-6"),))


# --- orders --------------------


@pytest.fixture
def office() -> Iterator[OrderOffice]:
    with order_office() as running:
        yield running


@pytest.fixture
def webhook(office: OrderOffice) -> Iterator[WebhookHandover]:
    handover = WebhookHandover(office.url, SECRET)
    yield handover
    handover.close()


@pytest.fixture(params=["files", "webhook", "fake"])
def handover(request: pytest.FixtureRequest, tmp_path: Path) -> Handover:
    if request.param == "webhook":
        sent: Handover = request.getfixturevalue("webhook")
        return sent
    return FileHandover(tmp_path) if request.param == "files" else FakeHandover()


def deliver(handover: Handover) -> str:
    return handover.deliver(ORDER, case_id="case-1", reference="C-2026-000001")


def test_an_order_is_taken_once_and_a_repeat_answers_the_same_receipt(handover: Handover) -> None:
    first = deliver(handover)
    again = deliver(handover)

    assert first == again
    assert ORDER.id in first


def test_a_webhook_says_what_the_file_says_under_a_signature_that_the_receiver_checks(
    webhook: WebhookHandover, office: OrderOffice, tmp_path: Path
) -> None:
    receipt = deliver(webhook)
    deliver(FileHandover(tmp_path))

    [file] = tmp_path.rglob("*.json")
    assert office.orders == {ORDER.id: json.loads(file.read_bytes())}
    assert receipt == f"R-{ORDER.id}"
    [(headers, _)] = office.requests
    assert headers["idempotency-key"] == ORDER.id
    assert headers["webhook-id"] == "case-1_5"


def test_an_order_under_a_wrong_secret_is_not_taken_and_not_told_as_refused(office: OrderOffice) -> None:
    stranger = WebhookHandover(office.url, "whsec_" + base64.b64encode(bytes(32)).decode())

    with pytest.raises(HandoverAway, match="401"):
        deliver(stranger)

    assert (office.forged, office.orders) == (1, {})


def test_while_a_secret_is_replaced_both_sign(office: OrderOffice) -> None:
    new = "whsec_" + base64.b64encode(bytes(24)).decode()

    assert deliver(WebhookHandover(office.url, f"{new} {SECRET}")) == f"R-{ORDER.id}"


def test_the_signature_is_that_of_the_scheme(office: OrderOffice) -> None:
    """Signed again by openssl, over what Standard Webhooks 1.0.0 says is signed: id.timestamp.payload."""
    handover = WebhookHandover(office.url, SECRET, clock=lambda: 1674087231.9)
    deliver(handover)

    [(headers, body)] = office.requests
    command = ["openssl", "dgst", "-sha256", "-binary", "-mac", "HMAC", "-macopt", f"hexkey:{KEY.hex()}"]
    signed = b"case-1_5.1674087231." + body
    made = subprocess.run(command, input=signed, capture_output=True, check=True, timeout=30).stdout
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"


def test_a_repeat_after_a_lost_answer_is_one_order_at_the_receiver(
    webhook: WebhookHandover, office: OrderOffice
) -> None:
    office.answers = ["lost"]
    with pytest.raises(HandoverAway, match="does not answer"):
        deliver(webhook)

    assert deliver(webhook) == f"R-{ORDER.id}"
    assert len(office.orders) == 1
    assert len({body for _, body in office.requests}) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (422, b'{"title": "No glazier", "detail": "no glazier\\n works there\\u202e"}', "no glazier works there"),
        (403, b'{"title": "Not covered"}', "Not covered"),
        (410, b"<html>gone</html>", "the system that takes orders answers 410"),
        (422, b'{"detail": 7}', "the system that takes orders answers 422"),
        (422, b'{"detail": "' + b"x" * 400 + b'"}', "x" * 300),
        (422, b'{"detail": "' + b"x" * 70_000 + b'"}', "the system that takes orders answers 422"),
    ],
)
def test_a_refusal_has_a_reason_that_a_person_can_read(
    webhook: WebhookHandover, office: OrderOffice, status: int, body: bytes, reason: str
) -> None:
    office.answers = [(status, body, {})]

    with pytest.raises(HandoverDeclined) as declined:
        deliver(webhook)

    assert str(declined.value) == reason


@pytest.mark.parametrize(
    ("status", "body", "more"),
    [
        (500, b"", {}),
        (503, b"{}", {"Retry-After": "5"}),
        (401, b"{}", {}),
        (404, b"{}", {}),
        (409, b'{"id": "case-2.7"}', {}),
        (409, b"", {}),
        (307, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
        (200, b"{", {"Content-Length": "10"}),
    ],
)
def test_any_other_answer_is_neither_acceptance_nor_refusal_and_no_redirect_is_followed(
    webhook: WebhookHandover, office: OrderOffice, status: int, body: bytes, more: dict[str, str]
) -> None:
    office.answers = [(status, body, more)]

    with pytest.raises(HandoverAway):
        deliver(webhook)

    assert len(office.requests) == 1


@pytest.mark.parametrize("body", [b"", b"taken", b"[1]", b'{"receipt": ["R-1"]}', b'{"receipt": ""}', b"x" * 70_000])
def test_an_acceptance_without_a_receipt_of_its_own_is_known_by_the_order(
    webhook: WebhookHandover, office: OrderOffice, body: bytes
) -> None:
    office.answers = [(200, body, {})]

    assert deliver(webhook) == ORDER.id


def test_an_answer_that_never_ends_is_given_up() -> None:
    with dripping() as url, pytest.raises(HandoverAway, match="ReadTimeout"):
        deliver(WebhookHandover(url, SECRET, seconds=0.5))


@contextmanager
def dripping() -> Iterator[str]:
    """A server that answers a byte now and then, for ever."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not stopped.wait(0.05):
                    connection.sendall(b"1\r\nx\r\n")

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/orders"
        stopped.set()
        thread.join()


@pytest.mark.parametrize(
    "url", ["http://example.org/orders", "ftp://example.org", "orders", "https://user:pass@example.org/", "https://"]
)
def test_an_address_that_would_show_orders_to_others_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(HandoverUnset, match="CASEWRIGHT_HANDOVER_URL must read https://host/path"):
        WebhookHandover(url, SECRET)


@pytest.mark.parametrize("secret", ["", "   ", "secret", "whsec_c2hvcnQ=", "whsec_???", SECRET.removeprefix("whsec_")])
def test_a_secret_that_is_none_is_refused_with_the_mend(secret: str) -> None:
    with pytest.raises(HandoverUnset, match="CASEWRIGHT_HANDOVER_SECRET must be whsec_"):
        WebhookHandover("https://example.org/orders", secret)


def test_an_address_without_a_secret_opens_no_house(open_house: OpenHouse) -> None:
    with pytest.raises(HandoverUnset, match="set CASEWRIGHT_HANDOVER_SECRET"), open_house(handover_url="https://x.org"):
        pass


def test_an_order_of_a_case_reaches_the_office_and_only_then_is_told(
    open_house: OpenHouse, clock: Clock, office: OrderOffice
) -> None:
    office.answers = [(503, b"", {}), "lost"]
    with open_house(handover_url=office.url, handover_secret=SECRET) as house:
        certify(house, "motor_claim", "windscreen")
        receipt = by_form(house, files=[("ruit.jpg", photo())])

        drain(house)
        assert "letter_written" not in kinds(house, receipt.reference)
        until_quiet(house, clock)

        [(order_id, order)] = office.orders.items()
        assert (order["reference"], order["facts"]["licence_plate"]) == (receipt.reference, "79KXF6")
        [taken] = [x.event for x in entries_of(house, receipt.reference) if isinstance(x.event, e.HandedOver)]
        assert taken == e.HandedOver(order_id, f"R-{order_id}")
        assert case_of(house, receipt.reference).status is Status.CLOSED


def test_an_order_is_one_file_that_says_everything(tmp_path: Path) -> None:
    handover = FileHandover(tmp_path)
    for _ in range(2):
        handover.deliver(ORDER, case_id="case-1", reference="C-2026-000001")

    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert json.loads(file.read_bytes()) == {
        "id": "case-1.5", "order": "glass_repair", "option": "repair_glass", "reference": "C-2026-000001",
        "facts": {"plate": "79-KXF-6"},
    }  # fmt: skip


def test_a_declined_order_goes_to_a_person_with_the_reason(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    order = house.journeys.get("motor_claim").journey.options["repair_glass"].handover
    declining = replace(house, handover=FakeHandover(declines={str(order): "no glazier there"}))
    receipt = by_form(house, files=[("ruit.jpg", photo())])

    until_quiet(declining, clock)

    case = case_of(house, receipt.reference)
    assert case.status is Status.WITH_EXPERT
    assert [x.event.reason for x in entries_of(house, receipt.reference) if isinstance(x.event, e.HandoverRefused)] == [
        "no glazier there"
    ]
    assert "letter_written" not in kinds(house, receipt.reference)
    assert case.package is not None


def test_an_order_is_tried_again_until_the_back_office_is_there_and_only_then_told(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    office = FakeHandover(away=2)
    receipt = by_form(house, files=[("ruit.jpg", photo())])

    drain(replace(house, handover=office))
    assert "letter_written" not in kinds(house, receipt.reference)
    until_quiet(replace(house, handover=office), clock)

    assert len(office.orders) == 1
    assert case_of(house, receipt.reference).status is Status.CLOSED


# --- letters --------------------


@pytest.fixture
def server() -> Iterator[tuple[Mailbox, str]]:
    with mail_server() as running:
        yield running


@pytest.fixture(params=["eml", "smtp", "fake"])
def post(request: pytest.FixtureRequest, tmp_path: Path, server: tuple[Mailbox, str]) -> Post:
    ways: dict[str, Post] = {"eml": EmlOutbox(tmp_path), "smtp": SmtpPost(server[1]), "fake": FakePost()}
    return ways[request.param]


def letter(to: str = "bas@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "cases@casewright.example", to, "Uw melding – bericht"
    message["Message-ID"] = "<case-1.1.token@casewright.example>"
    message.set_content("Goedemiddag, één bericht.\n.\nEinde.\n")
    return message


def test_a_letter_is_sent_and_says_by_which_way(post: Post) -> None:
    assert post.send(letter(), sender=US, case_id="case-1", letter_id="case-1.1") in ("eml", "smtp", "fake")


def test_the_mail_on_disk_and_the_mail_on_the_wire_are_the_same(tmp_path: Path, server: tuple[Mailbox, str]) -> None:
    EmlOutbox(tmp_path).send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")
    SmtpPost(server[1]).send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")

    [file] = tmp_path.rglob("*.eml")
    [wire] = server[0].received
    assert file.read_bytes() == letter().as_bytes(policy=SMTP)
    assert wire.rstrip() == file.read_bytes().rstrip()


def test_a_repeat_writes_no_second_file(tmp_path: Path) -> None:
    outbox = EmlOutbox(tmp_path)
    for _ in range(2):
        outbox.send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")

    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "553 not here", "501 bad address"])
def test_an_address_that_does_not_exist_is_final(server: tuple[Mailbox, str], answer: str) -> None:
    server[0].answers = [answer]

    with pytest.raises(LetterUndeliverable):
        SmtpPost(server[1]).send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")


def test_a_server_that_is_busy_is_not(server: tuple[Mailbox, str]) -> None:
    server[0].answers = ["451 4.7.1 try again later"]

    with pytest.raises(MailServerAway, match="451"):
        SmtpPost(server[1]).send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")


def test_a_mail_server_that_never_comes_to_an_end_is_given_up() -> None:
    with greeting_for_ever() as url:
        post = SmtpPost(url, seconds=0.5)
        with pytest.raises(MailServerAway, match="Timeout"):
            post.send(letter(), sender=US, case_id="case-1", letter_id="case-1.1")


@contextmanager
def greeting_for_ever() -> Iterator[str]:
    """A mail server whose greeting has one more line, always."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                while not stopped.wait(0.05):
                    connection.sendall(b"220-wait\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        stopped.set()
        thread.join()


def test_an_address_of_a_scheme_that_is_no_mail_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match="must read smtp://host:port"):
        SmtpPost("http://localhost:25")


def sending(house: House, clock: Clock, url: str) -> str:
    receipt = by_form(house)
    until_quiet(replace(house, post=SmtpPost(url)), clock)
    return str(receipt.reference)


def test_a_letter_to_an_unknown_address_is_withheld_and_the_case_goes_on(
    house: House, clock: Clock, server: tuple[Mailbox, str]
) -> None:
    server[0].answers = ["550 5.1.1 no such user"]

    reference = sending(house, clock, server[1])

    assert kinds(house, reference).count("letter_withheld") == 1
    assert "letter_sent" not in kinds(house, reference)
    assert "work_parked" not in kinds(house, reference)


def test_a_letter_refused_for_what_it_says_is_withheld(house: House, clock: Clock, server: tuple[Mailbox, str]) -> None:
    server[0].data_answers = ["554 5.7.1 rejected"]

    assert "letter_withheld" in kinds(house, sending(house, clock, server[1]))


def test_a_busy_server_gets_the_letter_later_once(house: House, clock: Clock, server: tuple[Mailbox, str]) -> None:
    server[0].answers = ["451 4.7.1 try again later"]
    server[0].data_answers = ["452 4.3.1 no room"]

    reference = sending(house, clock, server[1])

    assert kinds(house, reference).count("letter_sent") == 1
    assert len(server[0].received) == 1
    [sent] = [entry.event for entry in entries_of(house, reference) if isinstance(entry.event, e.LetterSent)]
    assert sent.message_id.encode() in server[0].received[0]


def test_a_refused_connection_is_tried_again(house: House, clock: Clock, server: tuple[Mailbox, str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
        receipt = by_form(house)
        drain(replace(house, post=SmtpPost(nobody)))
    assert "letter_sent" not in kinds(house, receipt.reference)

    until_quiet(replace(house, post=SmtpPost(server[1])), clock)

    assert kinds(house, receipt.reference).count("letter_sent") == 1
    assert len(server[0].received) == 1


def test_each_letter_has_one_message_id_and_goes_to_the_address_on_file_only(
    house: House, clock: Clock, server: tuple[Mailbox, str]
) -> None:
    receipts = [by_form(house, f"Mijn voorruit is stuk, nummer {n}", sender=f"klant{n}@example.org") for n in range(12)]
    until_quiet(replace(house, post=SmtpPost(server[1])), clock)

    ids = [line for raw in server[0].received for line in raw.splitlines() if line.startswith(b"Message-ID:")]
    assert len(ids) == len(set(ids)) == len(receipts)
    assert sorted(server[0].recipients) == sorted(f"klant{n}@example.org" for n in range(12))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("jan@example.nl", "jan@example.nl"),
        (" jan+tag@Example.NL ", "jan+tag@Example.NL"),
        ("jan@exämple.nl", "jan@xn--exmple-cua.nl"),
        ("a@b.nl, c@d.nl", None),
        ("a@b.nl;c@d.nl", None),
        ("Jan <jan@x.nl>", None),
        ("jan@x.nl\r\nBcc: c@d.nl", None),
        ("=?utf-8?q?a=40b=2C?=@x.nl", None),
        ("jörg@example.nl", None),
        ("a@", None),
        ("a@[", None),
        ("@", None),
        ("a b@c.nl", None),
        ("undisclosed:;@", None),
        ("x" * 65 + "@b.nl", None),
        ("a@" + "b" * 64 + ".nl", None),
        ("a@b..nl", None),
    ],
)
def test_a_letter_goes_to_exactly_one_address_or_to_none(typed: str, written: str | None) -> None:
    assert mailbox(typed) == written


@pytest.mark.parametrize("typed", ["a@b.nl, c@d.nl", "a@[", "undisclosed:;@", "0612345678", "jörg@example.nl"])
def test_what_is_no_single_address_withholds_the_letter_and_parks_nothing(
    house: House, clock: Clock, tmp_path: Path, typed: str
) -> None:
    receipt = by_form(house, sender=typed)
    until_quiet(house, clock)

    assert kinds(house, receipt.reference).count("letter_withheld") == 1
    assert "work_parked" not in kinds(house, receipt.reference)
    assert list(tmp_path.rglob("*.eml")) == []


# --- registers --------------------

ROWS = [
    {"policy": "POL-1", "plate": "K-123-BB", "email": "Jo@Example.org", "name": "Jo"},
    {"policy": "POL-2", "plate": "GX-482-B", "email": "bo@example.org", "name": "Bo"},
    {"policy": "POL-3", "plate": "", "email": "", "name": "Nobody"},
]


@pytest.fixture(params=["csv", "csv from a spreadsheet", "fake"])
def registers(request: pytest.FixtureRequest, tmp_path: Path) -> Registers:
    if request.param == "fake":
        return FakeRegisters({"policy": ROWS})
    encoding = "utf-8-sig" if "spreadsheet" in request.param else "utf-8"
    with (tmp_path / "policy.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    return CsvRegisters(tmp_path)


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("policy", "POL-1", "Jo"),
        ("plate", "k 123 bb", "Jo"),
        ("plate", "GX482B", "Bo"),
        ("email", "JO@example.ORG", "Jo"),
        ("email", "jo@example.or", None),
        ("plate", "", None),
        ("plate", " - ", None),
        ("shoe_size", "42", None),
    ],
)
def test_a_row_is_found_whatever_the_case_spaces_and_dashes(
    registers: Registers, column: str, value: str, name: str | None
) -> None:
    row = registers.look_up("policy", column=column, value=value)

    assert (row["name"] if row else None) == name


def test_a_register_that_is_not_there_knows_nobody(registers: Registers) -> None:
    assert registers.look_up("tenant", column="email", value="jo@example.org") is None


def test_a_register_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "policy.csv"
    file.write_text("policy,name\nPOL-1,Jo\n")
    registers = CsvRegisters(tmp_path)
    assert registers.look_up("policy", column="policy", value="POL-9") is None

    file.write_text("policy,name\nPOL-1,Jo\nPOL-9,Piet\n")

    assert registers.look_up("policy", column="policy", value="POL-9") == {"policy": "POL-9", "name": "Piet"}
