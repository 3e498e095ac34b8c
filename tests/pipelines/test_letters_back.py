"""Letters that come back, to a real mail server: the address of each is its own, and a person is told in the end."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes

import pytest

from cases import events as e
from cases.vocabulary import Status
from pipelines.channels.email.returns import letter_of_return, return_address
from pipelines.channels.email.smtp import SmtpPost
from pipelines.house import House
from tests.mail_servers import Mailbox, answer, mail_server, report
from tests.pipelines.given import BAS, Clock, by_form, by_mail, case_of, entries_of, kinds, photo, until_quiet

KEY = b"k" * 32
LETTER = f"case-{'0a' * 16}.12"


@pytest.fixture
def server() -> Iterator[tuple[Mailbox, str]]:
    with mail_server() as running:
        yield running


@pytest.fixture
def there(house: House, server: tuple[Mailbox, str]) -> Iterator[House]:
    """The house with a mail server."""
    post = SmtpPost(server[1])
    yield replace(house, post=post)
    post.close()


@pytest.fixture
def reference(there: House, clock: Clock) -> str:
    """A case that asks its customer for photos of the damage."""
    receipt = by_form(there)
    until_quiet(there, clock)
    assert case_of(there, receipt.reference).status is Status.WAITING_CUSTOMER
    return str(receipt.reference)


def sent(server: tuple[Mailbox, str], number: int = -1) -> tuple[bytes, str]:
    """A letter as it left, and the address that it comes back to."""
    return server[0].received[number], server[0].senders[number]


def test_the_return_address_of_a_letter_fits_names_it_and_cannot_be_made_up() -> None:
    address = return_address(LETTER, "mail.example.org", key=KEY)

    assert address is not None
    local, _, domain = address.partition("@")
    assert (len(local) <= 64, local.islower(), domain) == (True, True, "mail.example.org")
    assert letter_of_return(address, key=KEY) == LETTER
    assert letter_of_return(address.upper(), key=KEY) == LETTER
    assert letter_of_return(address.replace(".12.", ".13."), key=KEY) is None
    assert letter_of_return(address, key=b"x" * 32) is None
    assert letter_of_return("bounce+x@mail.example.org", key=KEY) is None
    assert return_address("letter-1", "mail.example.org", key=KEY) is None


def test_each_letter_leaves_under_a_return_address_of_its_own(
    there: House, reference: str, server: tuple[Mailbox, str]
) -> None:
    letters = [one.event for one in entries_of(there, reference) if isinstance(one.event, e.LetterSent)]

    named = [letter_of_return(sender, key=there.keys.reply) for sender in server[0].senders]
    assert sorted(map(str, named)) == sorted(one.letter_id for one in letters)


def test_without_a_domain_of_our_own_reports_come_back_to_the_sender_of_letters(
    there: House, clock: Clock, server: tuple[Mailbox, str]
) -> None:
    settings = there.settings.model_copy(
        update={"mail_domain": "casewright.invalid", "mail_from": "Claims <claims@example.org>"}
    )
    by_form(there)

    until_quiet(replace(there, settings=settings), clock)

    assert set(server[0].senders) == {"claims@example.org"}


def test_letters_of_one_moment_leave_by_one_connection(there: House, clock: Clock, server: tuple[Mailbox, str]) -> None:
    for number in range(6):
        by_form(there, sender=f"klant{number}@example.org")

    until_quiet(there, clock)

    assert len(server[0].received) >= 6
    assert len(server[0].connections) == 1


def test_a_letter_that_the_server_took_is_not_offered_again_when_its_neighbour_fails(
    there: House, clock: Clock, server: tuple[Mailbox, str]
) -> None:
    for number in range(4):
        by_form(there, sender=f"klant{number}@example.org")
    server[0].answers = ["250 OK", "451 4.7.1 later"]

    until_quiet(there, clock)

    ids = [message_from_bytes(raw)["Message-ID"] for raw in server[0].received]
    assert len(ids) == len(set(ids)) >= 4


@pytest.mark.parametrize("carries", [True, False])
def test_a_letter_that_comes_back_for_good_is_withheld_and_a_person_reaches_the_customer(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str], *, carries: bool
) -> None:
    letter, back_to = sent(server)
    by_mail(there, report(letter, back_to, carries=carries))
    until_quiet(there, clock)

    case = case_of(there, reference)
    bounced = next(one.event for one in entries_of(there, reference) if isinstance(one.event, e.LetterBounced))
    assert (bounced.status, bounced.again_at) == ("5.1.1", None)
    assert kinds(there, reference).count("letter_withheld") == 1
    assert (case.status, case.dead_addresses) == (Status.WITH_EXPERT, (BAS,))
    assert [one.to for one in case.unreached] == [BAS]
    assert "work_parked" not in kinds(there, reference)


def test_no_later_letter_goes_to_an_address_that_brought_one_back(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    by_mail(there, report(*sent(server)))
    until_quiet(there, clock)
    before = len(server[0].received)
    by_form(there, "Ik heb nog een vraag", sender="0612345678", case_id=case_of(there, reference).id)
    until_quiet(there, clock)

    assert len(server[0].received) == before


def test_a_letter_that_does_not_arrive_for_now_is_offered_again_and_then_a_person_is_told(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    before = len(server[0].received)
    for hours in (4, 24):
        by_mail(there, report(*sent(server), status="4.2.2"))
        until_quiet(there, clock)
        assert len(server[0].received) == before
        clock.forward(hours=hours, minutes=1)
        until_quiet(there, clock)
        before += 1
        assert len(server[0].received) == before
    by_mail(there, report(*sent(server), status="4.2.2"))
    until_quiet(there, clock)

    ids = [message_from_bytes(raw)["Message-ID"] for raw in server[0].received[-3:]]
    assert len(set(ids)) == 1
    assert kinds(there, reference).count("letter_bounced") == 3
    assert case_of(there, reference).dead_addresses == (BAS,)


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0")])
def test_a_report_that_a_letter_is_late_or_has_arrived_is_kept_and_changes_nothing(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str], *, action: str, status: str
) -> None:
    before = kinds(there, reference)

    by_mail(there, report(*sent(server), action=action, status=status))
    until_quiet(there, clock)

    assert kinds(there, reference) == before


def test_a_report_that_comes_twice_counts_once(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    for _ in range(2):
        by_mail(there, report(*sent(server)))
        until_quiet(there, clock)

    assert kinds(there, reference).count("letter_bounced") == 1


def test_a_report_with_a_made_up_address_touches_no_case(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    letter, back_to = sent(server)
    forged = back_to.replace(back_to.partition("@")[0][-4:], "aaaa")

    receipt = by_mail(there, report(letter, forged, carries=False))
    until_quiet(there, clock)

    assert receipt.reference is None
    assert "letter_bounced" not in kinds(there, reference)


def test_an_address_that_is_refused_at_the_door_is_known_not_to_work(
    there: House, clock: Clock, server: tuple[Mailbox, str]
) -> None:
    server[0].answers = ["550 5.1.1 no such user"]

    receipt = by_form(there)
    until_quiet(there, clock)

    case = case_of(there, receipt.reference)
    assert case.dead_addresses == (BAS,)
    assert server[0].received == []
    assert case.unreached


def test_an_automatic_answer_is_never_answered_and_a_persons_answer_joins(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    letter, before = sent(server)[0], len(server[0].received)

    vacation = by_mail(there, answer(letter, "Ik ben er niet.", Auto_Submitted="auto-replied"))
    until_quiet(there, clock)
    ours = by_mail(there, letter)
    until_quiet(there, clock)
    assert (vacation.reference, ours.reference, len(server[0].received)) == (None, None, before)

    person = by_mail(there, answer(letter, "Hier is nog iets."))

    assert person.reference == reference


def test_a_question_that_was_answered_meanwhile_is_not_offered_again(
    there: House, clock: Clock, reference: str, server: tuple[Mailbox, str]
) -> None:
    by_mail(there, report(*sent(server), status="4.2.2"))
    until_quiet(there, clock)
    case_id = case_of(there, reference).id
    by_form(there, "Hier zijn de foto's", files=[("ruit.jpg", photo(n)) for n in range(3)], case_id=case_id)
    until_quiet(there, clock)
    assert case_of(there, reference).open_requests == ()
    asked = message_from_bytes(sent(server, 0)[0])["Message-ID"]

    clock.forward(hours=5)
    until_quiet(there, clock)

    assert [message_from_bytes(raw)["Message-ID"] for raw in server[0].received].count(asked) == 1
