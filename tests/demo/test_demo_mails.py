from pathlib import Path

import pypdfium2
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from tracing import Tracer

from configs.settings import Settings
from models.examples import read_examples
from models.reuse import ReuseLedger
from pipelines.channels.email.machine_mail import read_bounce
from pipelines.channels.email.reading import read_email, read_headers
from pipelines.demo.expected import ExpectedRefused, read_expected
from pipelines.demo.mails import DemoMail, LetterMissing, build, demo_mails, message_id
from pipelines.demo.papers import one_page
from pipelines.journeys import Journeys, load_journeys
from pipelines.reading.danger import find_danger
from pipelines.registers import CsvRegisters

MAILS = {mail.id: mail for mail in demo_mails()}
LETTERS = {mail.after: message_id(f"letter-{mail.after}") for mail in MAILS.values() if mail.after}
LONG = "<case-1c9d646160d74feb9fff278996e4494e.1.DdK6-px9RSs82Xj6gWyC95@casewright.invalid>"


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    return load_journeys(Settings())


def written(mail: DemoMail) -> str:
    parsed = read_email(build(mail, LETTERS))
    return f"{parsed.subject}\n{parsed.text}"


def test_there_are_enough_mails_over_the_three_journeys() -> None:
    per_journey = {name: sum(mail.expected.journey == name for mail in MAILS.values()) for name in
                   ("motor_claim", "home_repair", "complaint")}  # fmt: skip

    assert len(MAILS) >= 64
    assert per_journey["motor_claim"] >= 26
    assert per_journey["home_repair"] >= 20
    assert per_journey["complaint"] >= 18


def test_expected_journeys_and_topics_exist(journeys: Journeys) -> None:
    for mail in MAILS.values():
        expected = mail.expected

        if expected.journey:
            assert expected.topic in ("", *journeys.get(expected.journey).journey.topics), mail.id
        else:
            assert not expected.topic


def test_the_rules_make_of_each_mail_what_is_expected(journeys: Journeys) -> None:
    tracer = Tracer(dict(journeys.folders), CsvRegisters(Settings().registers), ReuseLedger(), {})
    made = {}

    for mail in (mail for mail in MAILS.values() if mail.expected.topic):
        step = tracer.trace(mail).step
        assert step is not None
        made[mail.id] = "expert" if step.shadow else step.step.value

    assert made == {mail.id: mail.expected.step for mail in MAILS.values() if mail.expected.topic}


def test_each_certified_topic_has_mails_that_close_by_themselves() -> None:
    for topic in ("windscreen", "drain_blocked", "praise"):
        closing = [m for m in MAILS.values() if m.expected.topic == topic and m.expected.step == "auto_close"]

        assert len(closing) >= 3


def test_danger_is_in_mails_of_both_languages_and_always_for_a_person() -> None:
    dangerous = [mail for mail in MAILS.values() if mail.expected.why.startswith("danger")]

    assert len(dangerous) >= 6
    for mail in dangerous:
        assert find_danger(written(mail)), mail.id
        assert mail.expected.step == "expert"


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
def test_a_mail_is_the_same_bytes_each_time_and_reads_as_it_was_written(mail: DemoMail) -> None:
    raw = build(mail, LETTERS)

    parsed = read_email(raw)

    assert raw == build(mail, LETTERS)
    assert parsed.notes == ()
    assert parsed.sender == mail.spec.sender
    assert parsed.sender_name == mail.spec.name
    assert "\ufffd" not in parsed.text
    assert (
        "".join(parsed.text.split())[:40] == "".join(mail.spec.text.split())[: len("".join(parsed.text.split())[:40])]
    )
    if mail.spec.shape != "bounce":
        assert len(parsed.attachments) == len(mail.spec.photos) + len(mail.spec.documents)


def test_mails_have_ids_of_their_own_and_dates_in_the_past() -> None:
    heads = [read_headers(build(mail, LETTERS)) for mail in MAILS.values()]

    assert len({head.message_id for head in heads}) == len(heads)
    assert all(head.date and head.date < "2026-11-22" for head in heads)


def test_only_machine_mail_is_recorded_and_each_kind_is_there() -> None:
    kinds = {
        mail.id: read_headers(build(mail, LETTERS), own_domain="casewright.invalid").machine for mail in MAILS.values()
    }

    assert {mail for mail, machine in kinds.items() if machine} == {
        mail.id for mail in MAILS.values() if mail.expected.step == "recorded"
    }
    assert {machine.kind for machine in kinds.values() if machine} == {"loop", "bounce", "auto_reply", "list"}


def test_the_bounce_names_whom_it_missed_and_which_letter() -> None:
    bounce = read_bounce(build(MAILS["x-02"], {"m-16": LONG}))

    assert bounce is not None
    assert (bounce.recipient, bounce.status) == ("oude.adres@example.net", "5.1.1")
    assert f"<{bounce.message_id}>" == LONG


def test_a_reply_names_our_letter_whatever_its_length() -> None:
    head = read_headers(build(MAILS["m-07"], {"m-06": LONG}))

    assert f"<{head.in_reply_to}>" == LONG
    assert head.references == (head.in_reply_to,)


def test_a_reply_cannot_be_built_before_the_letter_it_answers() -> None:
    with pytest.raises(LetterMissing, match=r"m-07 answers our letter about m-06"):
        build(MAILS["m-07"], {})


def test_a_mail_that_names_another_case_takes_its_reference() -> None:
    head = read_headers(build(MAILS["h-27"], {}, {"h-20": "C-2026-000321"}))

    assert head.subject == "Aanvulling bij C-2026-000321"


def test_what_must_come_first_stands_first() -> None:
    order = list(MAILS)

    assert all(mail.after is None or order.index(mail.after) < order.index(mail.id) for mail in MAILS.values())


def test_mails_are_nobodys_training_examples(journeys: Journeys) -> None:
    examples = [
        text
        for name in journeys.names()
        for path in journeys.examples(name)
        for part in [read_examples(path)]
        for text in (*part.texts, *part.outsiders)
    ]
    mails = [written(mail) for mail in MAILS.values() if mail.expected.step != "recorded"]

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(examples)
    likeness = (words.transform(mails) @ words.transform(examples).T).toarray()

    assert float(likeness.max()) < 0.5
    known = {sentence for text in examples for sentence in sentences(text)}
    assert not [s for text in mails for s in sentences(text) if s in known]


def sentences(text: str) -> list[str]:
    flat = " ".join(text.lower().split())
    for mark in "!?":
        flat = flat.replace(mark, ".")
    return [part.strip() for part in flat.split(".") if len(part.split()) >= 5]


def test_a_drawn_form_is_a_pdf_whose_words_can_be_read() -> None:
    pdf = pypdfium2.PdfDocument(one_page(["Accident statement (A)", "Voertuig: 18-NPF-7"]))

    text = pdf[0].get_textpage().get_text_range()

    assert len(pdf) == 1
    assert "Accident statement (A)" in text
    assert "18-NPF-7" in text


def test_expected_steps_are_checked_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "expected.csv"
    path.write_text("id,journey,topic,step,why\nm-01,motor_claim,windscreen,close,-\n", encoding="utf-8")

    with pytest.raises(ExpectedRefused, match="line 2: no step 'close'"):
        read_expected(path)
