"""Accepting a message: once by its key, durable before the receipt, and in the case where it belongs."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from cases import events as e
from cases.composing import Draft
from cases.errors import KeyReused, NotAllowed, NotFound
from cases.vocabulary import Status, Why
from pipelines import hand
from pipelines.channels.parsed import FieldInvalid, FieldMissing, MessageTooLarge, MultipartCutOff, NotMultipart
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.intake import MAX_BYTES, Accepted, Incoming, accept
from pipelines.links import reply_token
from pipelines.runner import drain
from pipelines.writing import write
from tests.channels import fixtures
from tests.pipelines.given import (
    BAS,
    FORM,
    MAIL,
    WINDSCREEN,
    Clock,
    OpenHouse,
    by_form,
    by_mail,
    case_of,
    entries_of,
    form,
    kinds,
    mail,
    photo,
    until_quiet,
)

STRANGER = "mallory@example.net"


def number_of_cases(house: House) -> int:
    with house.database.reading() as store:
        return len(store.case_ids())


def owners(house: House) -> set[str]:
    return set(house.blobs.stored.owners())


def replied_to(house: House, opened: Accepted) -> str:
    """Message-ID of the first letter of a case."""
    case = case_of(house, opened.reference)
    return f"<{reply_token(case.letters[0].letter_id, house.keys.reply)}@casewright.example>"


# --- once by its key --------------------


def test_the_same_key_and_body_answer_the_same_receipt_with_the_tracking_link(house: House) -> None:
    first = by_form(house, key="k-1", files=[("ruit.jpg", photo())])
    drain(house)

    again = by_form(house, key="k-1", files=[("ruit.jpg", photo())])

    assert again == first
    assert again.tracking_path
    assert number_of_cases(house) == 1


def test_the_same_key_with_another_body_is_refused_and_leaves_nothing(house: House) -> None:
    by_form(house, key="k-1")
    before = owners(house)

    with pytest.raises(KeyReused, match="use a new key"):
        by_form(house, "Iets anders", key="k-1")

    assert number_of_cases(house) == 1
    assert owners(house) == before


def test_a_key_belongs_to_its_caller(house: House) -> None:
    first = by_form(house, key="k-1", caller="one")
    other = by_form(house, "Iets anders", key="k-1", caller="other")

    assert first.reference != other.reference


def test_without_a_key_the_same_bytes_are_two_messages(house: House) -> None:
    assert by_form(house).reference != by_form(house).reference


@pytest.mark.parametrize("same_body", [True, False])
def test_two_at_once_under_one_key_open_one_case_and_leave_one_copy(house: House, *, same_body: bool) -> None:
    together = Barrier(4)

    def offer(number: int) -> Accepted | KeyReused:
        together.wait()
        try:
            return by_form(house, WINDSCREEN if same_body else f"{WINDSCREEN} {number}", key="k-1")
        except KeyReused as refused:
            return refused

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(offer, range(4)))

    receipts = [answer for answer in answers if isinstance(answer, Accepted)]
    assert len(receipts) == (4 if same_body else 1)
    assert len({receipt.message_id for receipt in receipts}) == 1
    assert len({receipt.tracking_path for receipt in receipts}) == 1
    assert number_of_cases(house) == 1
    assert len(owners(house)) == 1


# --- durable, or refused with the mend --------------------


def test_the_raw_bytes_are_on_disk_when_the_receipt_is_given(house: House) -> None:
    raw = mail(files=[("ruit.jpg", photo())])

    receipt = by_mail(house, raw)

    with house.database.reading() as store:
        record = store.messages.get(receipt.message_id)
        [work] = store.work.waiting()
    assert house.blobs.get(record.owner, record.raw_digest) == raw
    assert (work.stream, work.stage) == (receipt.message_id, "read")


def test_files_of_a_form_are_named_in_the_receipt(house: House) -> None:
    receipt = by_form(house, files=[("ruit.jpg", photo(1)), ("auto.jpg", photo(2))])

    assert [file.name for file in receipt.files] == ["ruit.jpg", "auto.jpg"]
    assert all(len(file.sha256) == 64 and file.size > 1000 for file in receipt.files)


@pytest.mark.parametrize(
    ("content_type", "raw", "refusal", "field"),
    [
        (FORM, form({"sender": BAS, "text": "hallo", "journey": "zzz"}), FieldInvalid, "journey"),
        (FORM, form({"text": "hallo"}), FieldMissing, "sender"),
        (FORM, form({"sender": "  ", "text": "hallo"}), FieldMissing, "sender"),
        (FORM, form({"sender": BAS}), FieldMissing, "text"),
        (FORM, form({"sender": "x" * 501, "text": "hallo"}), FieldInvalid, "sender"),
        (FORM, form({"sender": BAS, "text": "hallo"})[:-5], MultipartCutOff, "body"),
        (FORM, b"", MultipartCutOff, "body"),
        ("multipart/form-data", form({"sender": BAS, "text": "hallo"}), NotMultipart, "Content-Type"),
        ("text/html", b"<p>hallo", FieldInvalid, "Content-Type"),
        ("", b"hallo", FieldInvalid, "Content-Type"),
        (MAIL, b"x" * (MAX_BYTES + 1), MessageTooLarge, "body"),
    ],
)
def test_what_can_never_be_a_message_is_refused_with_its_field_and_nothing_is_kept(
    house: House, content_type: str, raw: bytes, refusal: type[FieldInvalid], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        accept(Incoming(content_type, raw, "webform", "anonymous", house.now()), house=house)

    assert refused.value.field == field
    assert number_of_cases(house) == 0
    assert owners(house) == set()


def test_an_unknown_journey_is_refused_with_the_known_ones(house: House) -> None:
    with pytest.raises(FieldInvalid, match=r"leave it out or choose one of: .*motor_claim"):
        by_form(house, journey="zzz")


# --- where it belongs --------------------


def test_a_reply_with_our_token_from_the_customer_joins_the_case(house: House, clock: Clock) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)

    reply = by_mail(house, mail("Hier is de foto.", headers={"In-Reply-To": replied_to(house, opened)}))
    until_quiet(house, clock)

    assert reply.reference == opened.reference
    assert reply.tracking_path is None
    assert [message.text for message in case_of(house, opened.reference).messages][1] == "Hier is de foto."


def test_the_token_counts_in_references_too_and_the_sender_whatever_its_capitals(house: House, clock: Clock) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)
    headers = {"References": f"<other@x.nl> {replied_to(house, opened)} <later@y.nl>"}

    reply = by_mail(house, mail("Nog iets.", sender=BAS.upper(), headers=headers))

    assert reply.reference == opened.reference


def test_a_token_in_a_strangers_hands_opens_a_new_case_that_says_where_it_may_belong(
    house: House, clock: Clock
) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)

    reply = by_mail(house, mail("Ik ben het.", sender=STRANGER, headers={"In-Reply-To": replied_to(house, opened)}))
    until_quiet(house, clock)

    assert reply.reference != opened.reference
    case = case_of(house, reply.reference)
    assert case.may_belong_to == opened.reference
    assert case.step is not None
    assert Why.BELONGS_ELSEWHERE in case.step.because
    assert "message_added" not in kinds(house, opened.reference)[2:]


def test_a_forged_token_joins_nothing(house: House, clock: Clock) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)
    token = replied_to(house, opened)
    forged = token.replace("@", ("A" if token.partition("@")[0][-1] != "A" else "B") + "@", 1)

    reply = by_mail(house, mail("Hallo", headers={"In-Reply-To": forged}))

    assert reply.reference != opened.reference
    assert case_of(house, reply.reference).may_belong_to is None


def test_a_reference_in_the_subject_alone_never_joins(house: House) -> None:
    opened = by_mail(house, mail())

    reply = by_mail(house, mail("Nog iets.", subject=f"Re: {opened.reference}"))

    assert reply.reference != opened.reference
    assert case_of(house, reply.reference).may_belong_to == opened.reference


HOST = "mx.example.org"


@pytest.mark.parametrize(
    ("results", "joins"),
    [
        ([f"{HOST}; spf=pass; dmarc=pass header.from=example.org"], True),
        ([f"{HOST.upper()} 1; dmarc = PASS"], True),
        ([f"{HOST}; dkim=pass", f"{HOST}; dmarc=pass"], True),
        ([f"{HOST}; dmarc=fail"], False),
        ([f"{HOST}; dmarc=none; spf=pass"], False),
        (["elsewhere.example; dmarc=pass"], False),
        ([f"{HOST}.evil.example; dmarc=pass"], False),
        ([f"elsewhere.example; x={HOST}; dmarc=pass"], False),
        ([f"{HOST}; dmarc=fail", f"{HOST}; dmarc=pass"], False),  # the second came in with the mail
        ([f'{HOST}; spf=fail smtp.mailfrom="x; dmarc=pass"; dmarc=fail'], False),
        ([f"{HOST}; spf=pass (because; dmarc=pass); dmarc=fail"], False),
        ([f"{HOST}; spf=pass smtp.mailfrom=dmarc=pass@evil.example"], False),
        ([], False),
    ],
)
def test_a_reference_joins_only_when_the_configured_host_vouches_for_the_customer(
    open_house: OpenHouse, results: list[str], *, joins: bool
) -> None:
    with open_house(mail_host=HOST) as house:
        opened = by_mail(house, mail())
        lines = b"".join(b"Authentication-Results: " + line.encode() + b"\r\n" for line in results)

        reply = by_mail(house, lines + mail("Nog iets.", subject=f"Re: {opened.reference}"))

        assert (reply.reference == opened.reference) is joins


def test_a_vouched_for_stranger_does_not_join(open_house: OpenHouse) -> None:
    with open_house(mail_host=HOST) as house:
        opened = by_mail(house, mail())
        raw = mail("Hoi", sender=STRANGER, subject=f"Re: {opened.reference}",
                   headers={"Authentication-Results": f"{HOST}; dmarc=pass"})  # fmt: skip

        assert by_mail(house, raw).reference != opened.reference


def test_no_host_is_trusted_unless_one_is_configured(house: House) -> None:
    opened = by_mail(house, mail())
    headers = {"Authentication-Results": "; dmarc=pass"}

    assert by_mail(house, mail(subject=str(opened.reference), headers=headers)).reference != opened.reference


def test_a_message_to_an_erased_case_opens_its_own(house: House, clock: Clock) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)
    token = replied_to(house, opened)
    erase_case(house, str(opened.reference), by="ada", why="asked")

    reply = by_mail(house, mail("Hoe staat het?", headers={"In-Reply-To": token}))

    assert reply.reference not in (None, opened.reference)
    with pytest.raises(NotFound):
        by_form(house, "Nog iets", case_id=case_id_of(house, opened.reference))


def case_id_of(house: House, reference: str | None) -> str:
    with house.database.reading() as store:
        return store.case_id(str(reference))


# --- machine mail --------------------

MACHINES = [
    ("auto_reply", mail("Ik ben er niet.", headers={"Auto-Submitted": "auto-replied"})),
    ("list", mail("Nieuwsbrief", headers={"List-Id": "<nieuws.example.org>"})),
    ("bounce", fixtures.bounce()),
    ("loop", mail("Onze brief", headers={"X-Casewright-Case": "C-2026-000001"})),
    ("loop", mail("Onze brief", headers={"Message-ID": "<x@casewright.example>"})),
]


@pytest.mark.parametrize(("kind", "raw"), MACHINES)
def test_machine_mail_is_recorded_opens_no_case_and_is_never_answered(
    house: House, clock: Clock, tmp_path: Path, kind: str, raw: bytes
) -> None:
    receipt = by_mail(house, raw, key="k-1")
    until_quiet(house, clock)

    assert (receipt.reference, receipt.tracking_path, receipt.status) == (None, None, "recorded")
    assert by_mail(house, raw, key="k-1") == receipt
    assert number_of_cases(house) == 0
    assert list(tmp_path.rglob("*.eml")) == []
    with house.database.reading() as store:
        [entry] = store.history(receipt.message_id)
        assert isinstance(entry.event, e.MessageReceived)
        assert entry.event.machine_mail == kind
        assert store.work.waiting() == []


def test_machine_mail_in_a_reply_thread_changes_nothing_in_the_case(house: House, clock: Clock, tmp_path: Path) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)
    before, letters = entries_of(house, opened.reference), list(tmp_path.rglob("*.eml"))
    headers = {"In-Reply-To": replied_to(house, opened), "Auto-Submitted": "auto-replied"}

    receipt = by_mail(house, mail("Ik ben met vakantie.", headers=headers))
    until_quiet(house, clock)

    assert receipt.reference is None
    assert entries_of(house, opened.reference) == before
    assert list(tmp_path.rglob("*.eml")) == letters


@pytest.mark.parametrize("how", ["auto_reply", "bounce", "loop"])
def test_machine_mail_about_our_letter_is_erased_with_its_case(
    house: House, clock: Clock, tmp_path: Path, how: str
) -> None:
    opened = by_mail(house, mail())
    until_quiet(house, clock)
    token = replied_to(house, opened)
    raws = {
        "auto_reply": mail("Zilverkanarie", headers={"In-Reply-To": token, "Auto-Submitted": "auto-replied"}),
        "bounce": fixtures.bounce("Zilverkanarie@example.org", token.strip("<>")),
        "loop": mail("Zilverkanarie", headers={"Message-ID": token}),
    }
    by_mail(house, raws[how])
    case_id = case_id_of(house, opened.reference)
    kept = [house.blobs.get(case_id, sha256) for sha256 in house.blobs.stored.digests(case_id)]
    assert b"Zilverkanarie" in b"".join(kept)

    erase_case(house, str(opened.reference), by="ada", why="asked")

    assert holding(tmp_path, b"Zilverkanarie") == []
    assert list(house.blobs.stored.owners()) == []


def holding(folder: Path, word: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and word in file.read_bytes()]


# --- while the case lives --------------------


def test_two_messages_that_come_together_are_decided_on_once(house: House, clock: Clock) -> None:
    opened = by_mail(house, mail())
    by_form(house, "Mijn kenteken is 79-KXF-6.", case_id=case_id_of(house, opened.reference))
    by_form(house, "En ik woon in Utrecht.", case_id=case_id_of(house, opened.reference))

    until_quiet(house, clock)

    assert kinds(house, opened.reference).count("message_added") == 3
    assert kinds(house, opened.reference).count("step_decided") == 1
    assert kinds(house, opened.reference).count("letter_written") == 1


def test_a_message_cannot_be_answered_by_hand_before_it_was_read(house: House) -> None:
    opened = by_form(house, journey=None)

    reference = str(opened.reference)
    acts = (
        partial(write, house, reference, Draft("Dag"), person="ada"),
        partial(hand.state_fact, house, reference, "plate", "79-KXF-6", person="ada"),
        partial(hand.decide_by_hand, house, reference, hand.Decision("escalate", "?", 1), person="ada"),
    )

    for act in acts:
        with pytest.raises(NotAllowed, match="no journey yet"):
            act()

    assert case_of(house, opened.reference).status is Status.RECEIVED


def test_two_replies_at_once_are_two_letters_with_ids_of_their_own(house: House, clock: Clock, tmp_path: Path) -> None:
    opened = by_form(house)
    until_quiet(house, clock)
    together = Barrier(2)

    def answer(text: str) -> int:
        together.wait()
        return write(house, str(opened.reference), Draft(text), person="ada")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(answer, ["Eerste antwoord", "Tweede antwoord"]))
    until_quiet(house, clock)

    sent = "".join(file.read_text() for file in tmp_path.rglob("*.eml"))
    assert "Eerste antwoord" in sent
    assert "Tweede antwoord" in sent
