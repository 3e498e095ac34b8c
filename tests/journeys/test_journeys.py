"""From a message to what the customer, the organisation and the expert see of it; one story a test."""

import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import orjson
import pytest

from api.pages.tracking import signed_form
from cases import events as e
from cases.answering import HeldAlready
from cases.case import Case
from cases.errors import NotAllowed, StaleVersion
from cases.vocabulary import Effect, Role, Status, Step, Why
from models.certify import in_reserve
from pipelines import hand
from pipelines.audit import verify_all
from pipelines.erasing import erase_customer
from pipelines.evidence import gather
from pipelines.hand import Decision, UnknownChoice, decide_by_hand
from pipelines.history import HistoryLine, import_history
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept
from pipelines.links import case_of_token
from pipelines.reading_room import customer_view, decision_file, letters, timeline
from pipelines.reading_room import photo as shown_photo
from tests.pipelines.given import (
    BAS,
    FORM,
    WINDSCREEN,
    Clock,
    by_form,
    by_mail,
    case_of,
    certify,
    dark_photo,
    entries_of,
    form,
    kinds,
    mail,
    photo,
    seen_before,
    until_quiet,
)

AALTJE = "aaltje.de.boer@example.net"
SINK = (
    "Goedemorgen,\n\nDe gootsteen in mijn keuken is verstopt, het afwaswater blijft staan tot de rand. De ontstopper "
    "uit de kast heeft niet geholpen. Mijn contractnummer is HW-40213. Wanneer kan er iemand komen doorspuiten?"
)
PRAISE = (
    "Even iets leuks tussen alle klachten door: wat ben ik goed geholpen door de jongeman aan jullie chat! Binnen twee "
    "minuten wist ik welke thermosfles in mijn fietstas past.\nAnouk"
)
ONE_PHOTO = [("ruit.jpg", photo(1))]
CERTIFIED = {"motor_claim": "windscreen", "home_repair": "drain_blocked", "complaint": "praise"}
STORIES: dict[str, tuple[str, Callable[[House], Accepted]]] = {
    "motor_claim": ("repair_glass", lambda house: by_form(house, files=ONE_PHOTO)),
    "home_repair": (
        "order_drain_service",
        lambda house: by_mail(house, mail(SINK, sender=AALTJE, subject="Gootsteen verstopt", files=ONE_PHOTO)),
    ),
    "complaint": (
        "thank",
        lambda house: by_mail(
            house, mail(PRAISE, sender="anouk.maassen@example.org", subject="compliment", files=ONE_PHOTO)
        ),
    ),
}


@pytest.fixture(autouse=True)
def everything_verifies_afterwards(house: House) -> Iterator[None]:
    yield
    found = verify_all(house)
    assert found.differences == ()
    with house.database.reading() as store:
        assert store.work.waiting() == [], "something was left undone or parked"


def closed(house: House, clock: Clock) -> Accepted:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(house, files=ONE_PHOTO)
    until_quiet(house, clock)
    assert case_of(house, receipt.reference).status is Status.CLOSED
    return receipt


def with_expert(house: House, clock: Clock, **fields: str) -> Accepted:
    receipt = by_form(house, files=[("ruit.jpg", photo(7))], **fields)
    until_quiet(house, clock)
    return receipt


def because(house: House, receipt: Accepted) -> tuple[Step, tuple[Why, ...]]:
    step = case_of(house, receipt.reference).step
    assert step is not None
    return step.step, step.because


def case_id_of(house: House, receipt: Accepted) -> str:
    with house.database.reading() as store:
        return store.case_id(str(receipt.reference))


def token_of(receipt: Accepted) -> str:
    return str(receipt.tracking_path).removeprefix("/t/")


# --- closed by the machine --------------------


@pytest.mark.parametrize("journey", list(STORIES))
def test_a_message_with_a_photo_is_closed_under_a_certificate(
    house: House, clock: Clock, tmp_path: Path, journey: str
) -> None:
    option, send = STORIES[journey]
    certify(house, journey, CERTIFIED[journey])

    receipt = send(house)
    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    assert (case.journey, case.status, case.outcome) == (journey, Status.CLOSED, option)
    assert because(house, receipt) == (Step.AUTO_CLOSE, (Why.ROW,))
    assert case.step is not None
    assert case.step.certificate == f"{journey}.{CERTIFIED[journey]}.1"

    order = house.journeys.get(journey).journey.options[option].handover
    orders = [json.loads(file.read_bytes()) for file in (tmp_path / "handover").rglob("*.json")]
    assert [(one["order"], one["option"], one["reference"]) for one in orders] == (
        [(order, option, receipt.reference)] if order else []
    )

    [file] = (tmp_path / "outbox").rglob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["To"] == case.sender
    assert str(receipt.reference) in letter["Subject"]
    text = letter.get_content()
    link = next(word for word in text.split() if "/t/" in word).rstrip(".,")
    with house.database.reading() as store:
        assert case_of_token(store, link.rpartition("/t/")[2], key=house.keys.link, now=clock()) == case.id
    assert link.endswith(str(receipt.tracking_path))

    view = customer_view(house, case.id)
    assert {milestone.state for milestone in view.milestones} <= {"done", "skipped"}
    assert (view.milestones[0].state, view.milestones[-1].state) == ("done", "done")
    assert view.closed
    assert shown_photo(house, str(receipt.reference), case.files[0].id, thumbnail=True).startswith(b"\xff\xd8")


def test_the_link_in_the_letter_is_the_one_of_the_receipt_and_is_stored_nowhere(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    receipt = closed(house, clock)

    for file in tmp_path.rglob("*"):
        if file.is_file() and file.suffix != ".eml":
            assert token_of(receipt).encode() not in file.read_bytes(), file


# --- asking --------------------


def asked_for_a_photo(house: House, clock: Clock) -> Accepted:
    certify(house, "motor_claim", "windscreen")
    receipt = by_mail(house, mail())
    until_quiet(house, clock)
    assert because(house, receipt) == (Step.REQUEST_INFO, (Why.ROW,))
    assert [one.item.key for one in case_of(house, receipt.reference).open_requests] == ["windscreen_photo"]
    return receipt


Answer = Callable[[House, Clock, Accepted], None]


def by_tracking_post(house: House, clock: Clock, receipt: Accepted) -> None:
    with house.database.reading() as store:
        case_id = case_of_token(store, token_of(receipt), key=house.keys.link, now=clock())
    raw = signed_form(FORM, form({"text": ""}, ONE_PHOTO), sender=BAS, name="Bas Veenstra")
    accept(Incoming(FORM, raw, "webform", "link:1", clock(), case_id=case_id), house=house)


def by_reply(house: House, clock: Clock, receipt: Accepted) -> None:
    [sent] = [x.event for x in entries_of(house, receipt.reference) if isinstance(x.event, e.LetterSent)]
    by_mail(house, mail("Hier is hij.", files=ONE_PHOTO, headers={"In-Reply-To": sent.message_id}))


@pytest.mark.parametrize("answer", [by_tracking_post, by_reply])
def test_the_photo_that_was_asked_for_answers_the_request_and_the_case_goes_on(
    house: House, clock: Clock, answer: Answer
) -> None:
    receipt = asked_for_a_photo(house, clock)
    assert [one.key for one in customer_view(house, case_id_of(house, receipt)).requests]

    answer(house, clock, receipt)
    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    assert case.open_requests == ()
    assert (case.status, case.outcome) == (Status.CLOSED, "repair_glass")
    assert kinds(house, receipt.reference).count("request_made") == 1
    assert letters(house, str(receipt.reference))[0]["letter"] == "ask"


def test_an_unusable_photo_is_asked_for_again_once_and_then_a_person_looks(house: House, clock: Clock) -> None:
    receipt = by_form(house, files=[("donker.jpg", dark_photo())])
    until_quiet(house, clock)
    assert because(house, receipt) == (Step.REQUEST_INFO, (Why.UNUSABLE_FILE,))
    assert [file.reason for file in case_of(house, receipt.reference).files] == ["dark"]

    by_form(house, "", case_id=case_id_of(house, receipt), files=[("weer.jpg", dark_photo())])
    until_quiet(house, clock)

    assert because(house, receipt)[0] is Step.EXPERT
    assert case_of(house, receipt.reference).status is Status.WITH_EXPERT
    asked = [x.event for x in entries_of(house, receipt.reference) if isinstance(x.event, e.RequestMade)]
    assert [item.key for request in asked for item in request.items] == ["better_photo"]


# --- to a person --------------------


def test_a_photo_of_another_case_is_a_question_to_a_person(house: House, clock: Clock) -> None:
    first = closed(house, clock)

    second = by_form(house, sender="liam.oconnor@example.org", files=[("mijn.jpg", photo(1))])
    until_quiet(house, clock)

    assert because(house, second) == (Step.EXPERT, (Why.REUSED_PHOTO,))
    assert seen_before(case_of(house, second.reference)) == [(first.reference,)]


def test_what_no_journey_knows_goes_to_a_person(house: House, clock: Clock) -> None:
    certify(house, "motor_claim", "windscreen")
    receipt = by_form(
        house,
        "Kunt u mij het recept van uw appeltaart sturen? Mijn nicht bakt zondag voor de kerk en zoekt iets met kaneel.",
        files=ONE_PHOTO,
    )
    until_quiet(house, clock)

    step, why = because(house, receipt)
    assert step is Step.EXPERT
    assert set(why) & {Why.OUT_OF_SCOPE, Why.UNCERTAIN_TOPIC}


@pytest.mark.parametrize("files", [[], ONE_PHOTO])
def test_danger_goes_to_a_person_at_once_and_is_never_asked_for_anything(
    house: House, clock: Clock, files: list[tuple[str, bytes]]
) -> None:
    certify(house, "home_repair", "drain_blocked")
    receipt = by_form(house, f"{SINK} En ik ruik gas in de berging.", sender=AALTJE, journey="home_repair", files=files)
    until_quiet(house, clock)

    step, why = because(house, receipt)
    assert (step, why[0]) == (Step.EXPERT, Why.DANGER)
    assert "request_made" not in kinds(house, receipt.reference)
    assert decision_file(house, str(receipt.reference)) is not None


def test_danger_in_a_later_message_stops_what_was_asked(house: House, clock: Clock) -> None:
    receipt = asked_for_a_photo(house, clock)

    by_form(house, "Er kruipt een kind in de auto en het bloedt.", case_id=case_id_of(house, receipt), files=ONE_PHOTO)
    until_quiet(house, clock)

    assert because(house, receipt)[1][0] is Why.DANGER
    assert case_of(house, receipt.reference).status is Status.WITH_EXPERT


# --- shadow, and a person's decision --------------------


def shadowed(house: House, clock: Clock) -> Accepted:
    """A case that the rules would close, of a customer whose verdicts count for certificates."""
    receipt = with_expert(house, clock, sender=reserved(house))
    case = case_of(house, receipt.reference)
    assert case.step is not None
    assert case.step.shadow
    return receipt


def reserved(house: House) -> str:
    return next(sender for n in range(1000) if in_reserve(house.keys.reserve, sender := f"klant{n}@example.org"))


def decide(house: House, receipt: Accepted, choice: str, **more: object) -> Case:
    version = case_of(house, receipt.reference).version
    decision = Decision(choice, str(more.pop("reason", "zo gezien")), version, **more)  # type: ignore[arg-type]
    decide_by_hand(house, str(receipt.reference), decision, person="anouk")
    return case_of(house, receipt.reference)


def test_without_a_certificate_a_closing_case_is_decided_blind_and_counts_as_a_label(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    receipt = shadowed(house, clock)
    case = case_of(house, receipt.reference)
    assert case.status is Status.WITH_EXPERT
    advice = orjson.dumps(decision_file(house, str(receipt.reference)))
    assert b'"blind":true' in advice
    assert not list((tmp_path / "handover").rglob("*.json"))
    assert gather(house, "motor_claim").rows == ()

    decide(house, receipt, "repair_glass")
    until_quiet(house, clock)

    [decided] = [x.event for x in entries_of(house, receipt.reference) if isinstance(x.event, e.HumanDecided)]
    assert decided.blind
    [row] = gather(house, "motor_claim").rows
    assert (row.topic, row.wrong) == ("windscreen", False)
    assert case_of(house, receipt.reference).status is Status.CLOSED
    assert len(list((tmp_path / "handover").rglob("*.json"))) == 1


def test_a_person_who_decides_otherwise_is_an_error_of_the_machine(house: House, clock: Clock) -> None:
    receipt = shadowed(house, clock)

    decide(house, receipt, "refuse", message="De ruit valt buiten de dekking.")
    until_quiet(house, clock)

    [row] = gather(house, "motor_claim").rows
    assert row.wrong


def test_a_refusal_by_a_person_goes_out_under_their_name(house: House, clock: Clock, tmp_path: Path) -> None:
    receipt = with_expert(house, clock)
    with pytest.raises(NotAllowed, match="write the message"):
        decide(house, receipt, "refuse")

    decide(house, receipt, "refuse", message="De ruit valt helaas buiten de dekking.")
    until_quiet(house, clock)

    refusal = next(x.event for x in entries_of(house, receipt.reference)
                   if isinstance(x.event, e.LetterWritten) and x.event.effect is Effect.ADVERSE)  # fmt: skip
    assert refusal.approved_by == "anouk"
    assert any("buiten de dekking" in file.read_text() for file in tmp_path.rglob("*.eml"))
    assert (case_of(house, receipt.reference).status, case_of(house, receipt.reference).outcome) == (
        Status.CLOSED, "refuse",
    )  # fmt: skip
    assert customer_view(house, case_id_of(house, receipt)).second_look_possible


def test_need_more_asks_the_customer_and_the_answer_comes_back_to_a_person(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)
    with pytest.raises(NotAllowed, match="name requests or write a message"):
        decide(house, receipt, "need_more")
    with pytest.raises(HeldAlready, match="the file says"):
        decide(house, receipt, "need_more", requests=("licence_plate",))

    asked = decide(house, receipt, "need_more", requests=("licence_plate",), although="het staat niet bij de RDW")
    assert asked.status is Status.WAITING_CUSTOMER
    until_quiet(house, clock)
    by_form(house, "Het kenteken is 79-KXF-6.", case_id=case_id_of(house, receipt))
    until_quiet(house, clock)

    case = case_of(house, receipt.reference)
    assert case.open_requests == ()
    assert case.status is Status.WITH_EXPERT
    assert because(house, receipt) == (Step.EXPERT, (Why.PERSON_INVOLVED,))


def test_escalating_passes_the_case_on_and_closes_nothing(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)
    with house.database.writing() as store:
        store.people.add_user("anouk", [Role.EXPERT], "no password fits", at=house.now(), lines=("*",))
    hand.assign(house, str(receipt.reference), "anouk", person="anouk")
    before = len(letters(house, str(receipt.reference)))

    case = decide(house, receipt, "escalate")
    until_quiet(house, clock)

    assert (case.status, case.assignee) == (Status.WITH_EXPERT, None)
    assert len(letters(house, str(receipt.reference))) == before


def test_a_decision_on_an_old_version_is_refused_and_names_both(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)
    seen = case_of(house, receipt.reference).version
    hand.state_fact(house, str(receipt.reference), "phone", "0612345678", person="noor")

    with pytest.raises(StaleVersion) as stale:
        decide_by_hand(house, str(receipt.reference), Decision("escalate", "x", seen), person="anouk")

    assert (stale.value.seen, stale.value.now) == (seen, seen + 1)
    until_quiet(house, clock)


def test_an_unknown_choice_is_refused_with_the_known_ones(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)

    with pytest.raises(UnknownChoice, match=r"choose one of: .*repair_glass"):
        decide(house, receipt, "zzz")
    with pytest.raises(NotAllowed, match="give a reason"):
        decide(house, receipt, "repair_glass", reason=" ")


# --- closed, and back --------------------


@pytest.mark.parametrize("answer", [by_tracking_post, by_reply])
def test_a_reply_to_a_closed_case_reopens_it_for_a_person_and_it_is_never_closed_by_the_machine_again(
    house: House, clock: Clock, answer: Answer
) -> None:
    receipt = closed(house, clock)

    for _ in range(2):
        answer(house, clock, receipt)
        until_quiet(house, clock)
        case = case_of(house, receipt.reference)
        assert case.status is Status.WITH_EXPERT
        assert because(house, receipt)[0] is Step.EXPERT
        assert Why.REOPENED in because(house, receipt)[1]
        assert kinds(house, receipt.reference).count("case_closed") == 1


def test_a_second_look_reopens_a_refused_case(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)
    decide(house, receipt, "refuse", message="Nee.")
    until_quiet(house, clock)

    assert hand.reopen(house, case_id_of(house, receipt), because="second_look", at=clock())
    assert not hand.reopen(house, case_id_of(house, receipt), because="second_look", at=clock())
    until_quiet(house, clock)

    assert case_of(house, receipt.reference).status in (Status.REOPENED, Status.WITH_EXPERT)
    assert case_of(house, receipt.reference).package is not None


def test_a_second_look_is_another_persons(house: House, clock: Clock) -> None:
    receipt = with_expert(house, clock)
    decide(house, receipt, "refuse", message="De ruit valt helaas buiten de dekking.")
    until_quiet(house, clock)
    hand.reopen(house, case_id_of(house, receipt), because="second_look", at=clock())
    until_quiet(house, clock)
    version = case_of(house, receipt.reference).version
    again = Decision("pay_claim", "toch gedekt", version, "Wij vergoeden uw ruit toch.")

    with pytest.raises(NotAllowed, match="a colleague looks again"):
        decide_by_hand(house, str(receipt.reference), again, person="anouk")
    decide_by_hand(house, str(receipt.reference), again, person="noor")
    until_quiet(house, clock)

    assert case_of(house, receipt.reference).outcome == "pay_claim"


def test_the_timeline_tells_everything_in_order(house: House, clock: Clock) -> None:
    receipt = closed(house, clock)

    told = timeline(house, str(receipt.reference))

    assert [one["seq"] for one in told] == list(range(1, len(told) + 1))
    assert told[0]["kind"] == "case_opened"


# --- history --------------------


def past(number: int, **changed: object) -> HistoryLine:
    line = {
        "id": f"H-{number}", "received_at": "2026-03-01T09:00:00Z", "decided_at": "2026-03-02T09:00:00Z",
        "journey": "motor_claim", "text": f"{WINDSCREEN} Het is de {number}e keer.",
        "outcome": "repair_glass", "decided_by": "ina", "blind": True, "customer": f"oud{number}@example.org",
        "topic": "windscreen",
    }  # fmt: skip
    return HistoryLine.model_validate({**line, **changed})


def test_a_second_import_of_the_same_history_changes_nothing_and_past_cases_are_found(
    house: House, clock: Clock
) -> None:
    lines = [past(n) for n in range(3)]
    first = import_history(house, iter(lines))
    until_quiet(house, clock)
    with house.database.reading() as store:
        before = {case_id: store.history(case_id) for case_id in store.case_ids()}

    second = import_history(house, iter([*lines, lines[0]]))
    until_quiet(house, clock)

    assert ((first.new, first.known), (second.new, second.known)) == ((3, 0), (0, 4))
    with house.database.reading() as store:
        assert {case_id: store.history(case_id) for case_id in store.case_ids()} == before
    receipt = with_expert(house, clock)
    enriched = case_of(house, receipt.reference).enriched
    assert enriched is not None
    assert {near.outcome for near in enriched.similar} == {"repair_glass"}


def test_a_past_case_that_was_erased_does_not_come_back_with_the_next_import(house: House, clock: Clock) -> None:
    import_history(house, iter([past(1)]))
    until_quiet(house, clock)
    erase_customer(house, "oud1@example.org", by="ada", why="asked")

    again = import_history(house, iter([past(1)]))

    assert (again.new, again.known) == (0, 1)
