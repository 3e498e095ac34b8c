"""Mail in, from a real IMAP server and over real LMTP: taken in once, told only when durable, and nothing stops it."""

import smtplib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from cases.errors import NotFound
from cases.store.away import DatabaseAway, Trouble
from pipelines.channels.email.imap import ImapUnusable, Reader, connected, read_account
from pipelines.channels.email.lmtp import Listener
from pipelines.channels.email.smtp import SmtpPost
from pipelines.channels.email.taking import take
from pipelines.house import House
from tests.dovecot import BINARY, Dovecot
from tests.mail_servers import answer, mail_server, report
from tests.pipelines.given import BAS, Clock, by_form, case_of, kinds, mail, until_quiet
from tests.servers import free_port, wait_until

imap = pytest.mark.skipif(BINARY is None, reason="dovecot is not installed: apt-get install dovecot-imapd")
UNREADABLE = b"X-Long: " + b"x" * 70_000 + b"\r\nFrom: a@example.org\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def user(tmp_path: Path) -> str:
    """A mailbox of its own for each test."""
    return tmp_path.name.replace("_", "").lower()[:40]


@pytest.fixture
def lmtp(house: House) -> Iterator[smtplib.LMTP]:
    with listening(house) as port, smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
        yield client


class listening:  # noqa: N801  # used as a context
    def __init__(self, house: House) -> None:
        self._listener = Listener(house, "127.0.0.1", free_port())

    def __enter__(self) -> int:
        self._listener.start()
        return int(self._listener.port)

    def __exit__(self, *_: object) -> None:
        self._listener.stop()


def away() -> datetime:
    """The clock of a house whose database is away: the first thing that it is asked for."""
    raise DatabaseAway(Trouble.UNREACHABLE)


def is_there(house: House, reference: str) -> bool:
    try:
        return case_of(house, reference).reference == reference
    except NotFound:
        return False


def delivered(client: smtplib.LMTP, raw: bytes, *to: str, sender: str = BAS) -> dict[str, tuple[int, bytes]]:
    return client.sendmail(sender, to or ("cases@casewright.example",), raw)


# --- LMTP --------------------


def test_a_mail_is_kept_before_it_is_answered_and_opens_one_case_for_all_its_recipients(
    house: House, lmtp: smtplib.LMTP, clock: Clock
) -> None:
    raw = mail()

    refused = delivered(lmtp, raw, "cases@casewright.example", "claims@casewright.example")

    assert (refused, lmtp.getreply()[0]) == ({}, 250)  # an answer for each
    until_quiet(house, clock)
    case = case_of(house, "C-2026-000001")
    assert (case.channel, case.sender) == ("email", BAS)
    assert not is_there(house, "C-2026-000002")


def test_a_mail_that_is_delivered_again_after_a_lost_answer_is_the_same_case(house: House, lmtp: smtplib.LMTP) -> None:
    for _ in range(2):
        delivered(lmtp, mail())
    delivered(lmtp, mail("Iets anders: mijn fiets is gestolen."))

    assert case_of(house, "C-2026-000002").reference
    assert not is_there(house, "C-2026-000003")


def test_a_mail_that_can_never_be_read_is_refused_and_the_next_one_is_taken(house: House, lmtp: smtplib.LMTP) -> None:
    with pytest.raises(smtplib.SMTPDataError) as refused:
        delivered(lmtp, UNREADABLE)
    assert refused.value.smtp_code == 554

    delivered(lmtp, mail())

    assert case_of(house, "C-2026-000001").sender == BAS


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(lmtp: smtplib.LMTP) -> None:
    lmtp.ehlo_or_helo_if_needed()

    code, _ = lmtp.mail(BAS, ["SIZE=99000000"])

    assert code == 552


def test_while_the_house_is_away_the_mail_server_is_asked_to_come_again(house: House) -> None:
    absent = replace(house, now=away)
    with (
        listening(absent) as port,
        smtplib.LMTP("127.0.0.1", port, timeout=30) as client,
        pytest.raises(smtplib.SMTPDataError) as later,
    ):
        delivered(client, mail())
    assert later.value.smtp_code == 451

    with listening(house) as port, smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
        delivered(client, mail())

    assert case_of(house, "C-2026-000001").sender == BAS


def test_a_report_finds_its_letter_by_the_envelope_alone(house: House, clock: Clock, lmtp: smtplib.LMTP) -> None:
    with mail_server() as (box, url):
        there = replace(house, post=SmtpPost(url))
        reference = by_form(there).reference
        until_quiet(there, clock)
        there.post.close()
    said = report(box.received[-1], "undisclosed-recipients:;", carries=False).partition(b"\r\n")[2]

    delivered(lmtp, said, box.senders[-1], sender="")
    until_quiet(house, clock)

    assert "letter_bounced" in kinds(house, reference)


# --- IMAP --------------------


def read(house: House, server: Dovecot, user: str, **options: str) -> int:
    account = read_account(server.url(user, **options))
    with connected(account) as box:
        return Reader(house, account).read(box)


@imap
def test_unread_mails_are_taken_in_once_and_marked_as_read(house: House, server: Dovecot, user: str) -> None:
    server.put(user, mail(), mail("Mijn fiets is gestolen."))

    assert (read(house, server, user), read(house, server, user)) == (2, 0)

    assert all("\\Seen" in flags for flags in server.flags(user))
    assert case_of(house, "C-2026-000002").channel == "email"


@imap
def test_a_mail_that_was_taken_before_its_reader_died_opens_no_second_case(
    house: House, server: Dovecot, user: str
) -> None:
    server.put(user, mail())
    account = read_account(server.url(user))
    with connected(account) as box:
        _, found = box.client.uid("fetch", "1", "(BODY.PEEK[])")
    first = take(found[0][1], house, caller="imap")

    assert read(house, server, user) == 1

    assert first.reference == "C-2026-000001"
    assert not is_there(house, "C-2026-000002")


@imap
def test_a_mail_that_cannot_be_read_is_set_aside_and_stops_no_other(house: House, server: Dovecot, user: str) -> None:
    server.put(user, UNREADABLE, mail())

    assert (read(house, server, user), read(house, server, user)) == (1, 0)

    first, second = server.flags(user)
    assert "\\Flagged" in first
    assert "\\Flagged" not in second
    assert case_of(house, "C-2026-000001").sender == BAS


@imap
def test_what_was_taken_is_moved_to_the_folder_for_it(house: House, server: Dovecot, user: str) -> None:
    server.put(user, UNREADABLE, mail())

    read(house, server, user, done="Done")

    assert len(server.flags(user)) == 1
    assert len(server.flags(user, "Done")) == 1


@imap
def test_while_the_house_is_away_mails_stay_unread(house: House, server: Dovecot, user: str) -> None:
    server.put(user, mail())

    with pytest.raises(DatabaseAway):
        read(replace(house, now=away), server, user)

    assert "\\Seen" not in server.flags(user)[0]
    assert read(house, server, user) == 1


@imap
def test_a_persons_answer_joins_its_case_and_machines_are_never_answered(
    house: House, clock: Clock, server: Dovecot, user: str
) -> None:
    with mail_server() as (box, url):
        there = replace(house, post=SmtpPost(url))
        reference = by_form(there).reference
        until_quiet(there, clock)
        letter, back_to, before = box.received[-1], box.senders[-1], len(box.received)
        server.put(
            user, answer(letter, "Ik ben er niet.", Auto_Submitted="auto-replied"), letter,
            answer(letter, "Nieuws!", Precedence="bulk"), report(letter, back_to, action="delayed", status="4.4.1"),
        )  # fmt: skip
        read(there, server, user)
        until_quiet(there, clock)
        assert len(box.received) == before
        there.post.close()

    server.put(user, answer(letter, "Het was gisteren om tien uur."))
    read(house, server, user)
    until_quiet(house, clock)

    said = [one.text for one in case_of(house, reference).messages]
    assert "Het was gisteren om tien uur." in said[-1]
    assert len(said) == 2


@imap
def test_a_reader_goes_on_when_its_server_was_killed(house: House, user: str) -> None:
    stopping = threading.Event()
    with Dovecot() as server:
        reader = Reader(house, read_account(server.url(user)))
        thread = threading.Thread(target=reader.run, args=(stopping,))
        thread.start()
        server.put(user, mail())
        wait_until(lambda: is_there(house, "C-2026-000001"), "the first mail was not read")
        server.kill()
        server.start()
        server.put(user, mail("Mijn fiets is gestolen."))
        wait_until(lambda: is_there(house, "C-2026-000002"), "the second mail was not read")
        stopping.set()
        thread.join(timeout=60)

    assert not thread.is_alive()


@pytest.mark.parametrize(
    "url", ["imaps://host/INBOX", "http://a:b@host/", "imaps://a:b@host:99999/", "imaps://", "INBOX"]
)
def test_an_address_that_is_no_mailbox_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(ImapUnusable, match="must read imaps://user:password@host/FOLDER"):
        read_account(url)
