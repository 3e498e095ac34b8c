"""Publishing and rolling back: what stands against it, and what it leaves in the log."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.errors import NotAllowed
from pipelines.house import House
from pipelines.rulebook.drafts import draft_of, save_draft
from pipelines.rulebook.publishing import PublishRefused, ending_certificates, publish, reasons_against, roll_back
from pipelines.rulebook.versions import history, in_force
from tests.pipelines.given import Clock, certify
from tests.pipelines.rulebooks import (
    ADA,
    BEN,
    HANNA,
    JOURNEY,
    REPORT,
    TABLE,
    add_people,
    digest_of,
    document_of,
    drafted,
    newest,
    published,
    reported,
    without_asking,
)

TODAY = date(2026, 11, 17)  # of the tests' clock


@pytest.fixture(autouse=True)
def people(house: House) -> None:
    add_people(house)


def keys(refused: pytest.ExceptionInfo[PublishRefused]) -> list[str]:
    return [reason.key for reason in refused.value.reasons]


def test_a_replayed_draft_published_by_a_second_person_is_in_force_from_today(house: House) -> None:
    before = digest_of(house)
    draft = drafted(house)
    report = reported(house, draft)

    version = publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert (version.digest, version.by, version.drafted_by, version.report) == (draft.digest, BEN, ADA, report)
    assert (version.effective_from, version.until) == (TODAY, None)
    assert digest_of(house) == draft.digest != before
    assert draft_of(house, JOURNEY, TABLE) is None
    with house.database.reading() as store:
        new, old = history(store, JOURNEY, TABLE)
        assert (new.digest, old.digest, old.until) == (draft.digest, before, TODAY)
        assert store.verify_all() == []


def test_who_wrote_the_draft_does_not_publish_it(house: House) -> None:
    report = reported(house, drafted(house, by=ADA))

    with pytest.raises(PublishRefused, match="another journey owner") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=ADA)

    assert keys(refused) == ["second_person"]
    assert reasons_against(house, JOURNEY, TABLE, report=report, by=ADA) == refused.value.reasons
    assert reasons_against(house, JOURNEY, TABLE, report=report, by=BEN) == ()


@pytest.mark.parametrize("name", [HANNA, "nobody"])
def test_only_journey_owners_publish_and_roll_back(house: House, name: str) -> None:
    report = reported(house, drafted(house))

    with pytest.raises(NotAllowed, match="changing the rules"):
        publish(house, JOURNEY, TABLE, report=report, by=name)
    with pytest.raises(NotAllowed, match="changing the rules"):
        roll_back(house, JOURNEY, TABLE, to=digest_of(house), by=name, why="it is wrong")


def test_an_owner_who_does_not_see_the_line_of_business_changes_nothing(house: House) -> None:
    with house.database.writing() as store:
        user = store.people.user(BEN)
        assert user is not None
        store.people.add_user("cas", user.roles, "", at=house.now(), lines=("another_line",))

    with pytest.raises(NotAllowed, match="line of business"):
        save_draft(house, JOURNEY, TABLE, {}, by="cas", base=newest(house))


@pytest.mark.parametrize("report", ["", "0" * 64, "nonsense"])
def test_without_a_report_that_was_made_nothing_is_published(house: House, report: str) -> None:
    reported(house, drafted(house))

    with pytest.raises(PublishRefused, match="casewright rules replay motor_claim/next_step") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert keys(refused) == ["no_report"]


def test_a_report_of_an_earlier_draft_does_not_publish_a_later_one(house: House) -> None:
    report = reported(house, drafted(house))
    drafted(house, without_asking(document_of(house), "Said otherwise."))

    with pytest.raises(PublishRefused, match="is about another draft") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert keys(refused) == ["other_report"]


def test_a_report_against_a_version_that_is_not_in_force_is_stale(house: House) -> None:
    report = reported(house, drafted(house), base="0" * 64)

    with pytest.raises(PublishRefused, match="which is not in force") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert keys(refused) == ["stale_report"]


@pytest.mark.parametrize(("hours", "stale"), [(24, False), (24.01, True)])
def test_a_report_is_stale_after_a_day(house: House, clock: Clock, hours: float, *, stale: bool) -> None:
    report = reported(house, drafted(house))

    clock.forward(hours=hours)

    found = [reason.key for reason in reasons_against(house, JOURNEY, TABLE, report=report, by=BEN)]
    assert found == (["stale_report"] if stale else [])


def test_without_a_draft_there_is_nothing_to_publish(house: House) -> None:
    with pytest.raises(PublishRefused) as refused:
        publish(house, JOURNEY, TABLE, report=REPORT, by=BEN)

    assert keys(refused) == ["no_draft"]


def test_a_draft_that_changes_nothing_is_not_published(house: House) -> None:
    report = reported(house, drafted(house, document_of(house)))

    with pytest.raises(PublishRefused) as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert keys(refused) == ["same"]


def with_row(document: dict[str, Any], row: str, **then: object) -> dict[str, Any]:
    rows = [{**one, "then": {**one["then"], **then}} if one["id"] == row else one for one in document["rows"]]
    return {**document, "rows": rows}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"hit": "SOMETIMES"}, "is no hit policy"),
        ({"hit": "UNIQUE"}, "contradict each other"),
    ],
)
def test_what_is_no_whole_table_is_not_published(house: House, changed: dict[str, Any], says: str) -> None:
    report = reported(house, drafted(house, {**without_asking(document_of(house)), **changed}))

    with pytest.raises(PublishRefused, match=says):
        publish(house, JOURNEY, TABLE, report=report, by=BEN)

    assert digest_of(house) == newest(house)


def test_a_table_that_says_it_is_complete_and_is_not_is_not_published(house: House) -> None:
    document = without_asking(document_of(house))
    rows = [row for row in document["rows"] if row["id"] != "R-150"]
    report = reported(house, drafted(house, {**document, "rows": rows, "examples": [], "complete": True}))

    with pytest.raises(PublishRefused, match="no row fits"):
        publish(house, JOURNEY, TABLE, report=report, by=BEN)


def test_an_else_row_that_closes_is_not_published(house: House) -> None:
    document = document_of(house)
    document["else"]["then"] = {**document["else"]["then"], "step": "auto_close", "option": "tell_status"}
    report = reported(house, drafted(house, document))

    with pytest.raises(PublishRefused, match="the else row may not give auto_close"):
        publish(house, JOURNEY, TABLE, report=report, by=BEN)


def test_a_row_that_leads_where_the_machine_may_not_go_is_not_published(house: House) -> None:
    document = with_row(without_asking(document_of(house)), "R-140", option="send_assessor")
    report = reported(house, drafted(house, document))

    with pytest.raises(PublishRefused, match="auto_close needs an option that closes"):
        publish(house, JOURNEY, TABLE, report=report, by=BEN)


def test_a_table_that_does_not_keep_its_examples_is_not_published(house: House) -> None:
    document = with_row(document_of(house), "R-110", step="expert", requests=[])
    example = {"id": "asks", "given": {"topic": "windscreen", "known": True, "active": True, "paid": True,
               "glass": True, "photos": 0, "asked": 0}, "expect": {"outputs": {"step": "request_info"}}}  # fmt: skip
    report = reported(house, drafted(house, {**without_asking(document), "examples": [example]}))

    with pytest.raises(PublishRefused, match=r"examples\[asks\]"):
        publish(house, JOURNEY, TABLE, report=report, by=BEN)


def test_every_reason_is_told_at_once(house: House) -> None:
    drafted(house, {**without_asking(document_of(house)), "hit": "UNIQUE"})

    with pytest.raises(PublishRefused) as refused:
        publish(house, JOURNEY, TABLE, report="", by=ADA, effective_from=TODAY - timedelta(days=1))

    assert {"second_person", "past", "no_report", "verification"} <= set(keys(refused))


def test_no_version_begins_in_the_past(house: House) -> None:
    report = reported(house, drafted(house))

    with pytest.raises(PublishRefused, match="decisions made are not rewritten") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN, effective_from=TODAY - timedelta(days=1))

    assert keys(refused) == ["past"]


def test_a_version_for_a_later_day_waits_for_it(house: House, clock: Clock) -> None:
    before = digest_of(house)

    version = published(house, effective_from=TODAY + timedelta(days=14))

    assert digest_of(house) == before
    with house.database.reading() as store:
        eve = in_force(store, JOURNEY, TABLE, TODAY + timedelta(days=13))
        day = in_force(store, JOURNEY, TABLE, TODAY + timedelta(days=14))
    assert eve is not None
    assert day is not None
    assert (eve.digest, eve.until, day.digest) == (before, TODAY + timedelta(days=14), version.digest)
    clock.forward(days=14)
    house.journeys.look(clock())
    assert digest_of(house) == version.digest


def test_nothing_is_published_before_a_version_that_waits_for_its_day(house: House) -> None:
    published(house, effective_from=TODAY + timedelta(days=14))
    report = reported(house, drafted(house, without_asking(document_of(house), "A hurried change.")))

    with pytest.raises(PublishRefused, match="withdraw it by rolling back") as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN, effective_from=TODAY + timedelta(days=13))

    assert keys(refused) == ["another_waits"]
    later = publish(house, JOURNEY, TABLE, report=report, by=BEN, effective_from=TODAY + timedelta(days=14))
    with house.database.reading() as store:
        assert [one.until for one in history(store, JOURNEY, TABLE)] == [
            None, TODAY + timedelta(days=14), TODAY + timedelta(days=14),
        ]  # fmt: skip
        day = in_force(store, JOURNEY, TABLE, TODAY + timedelta(days=14))
    assert day is not None
    assert day.digest == later.digest


def test_a_rollback_takes_one_owner_and_no_report_and_says_why(house: House) -> None:
    first = digest_of(house)
    published(house)

    back = roll_back(house, JOURNEY, TABLE, to=first[:12], by=ADA, why="it asked nobody for photos")

    assert (digest_of(house), back.digest, back.by, back.report) == (first, first, ADA, "")
    assert back.note == "rolled back: it asked nobody for photos"
    with house.database.reading() as store:
        assert [one.digest for one in history(store, JOURNEY, TABLE)][::2] == [first, first]


def test_a_rollback_withdraws_a_version_that_waits(house: House, clock: Clock) -> None:
    first = digest_of(house)
    published(house, effective_from=TODAY + timedelta(days=14))

    roll_back(house, JOURNEY, TABLE, to=first, by=BEN, why="not this year")

    clock.forward(days=20)
    house.journeys.look(clock())
    assert digest_of(house) == first


def test_a_rollback_may_be_rolled_back_on_the_same_day(house: House) -> None:
    first = digest_of(house)
    second = published(house).digest
    roll_back(house, JOURNEY, TABLE, to=first, by=ADA, why="a doubt")

    roll_back(house, JOURNEY, TABLE, to=second, by=BEN, why="there is none")

    assert digest_of(house) == second


def test_an_open_draft_survives_a_rollback_and_is_saved_on_top_of_it_before_it_is_published(house: House) -> None:
    first = digest_of(house)
    published(house)
    draft = drafted(house, without_asking(document_of(house), "Half done."))
    roll_back(house, JOURNEY, TABLE, to=first, by=BEN, why="a doubt")
    report = reported(house, draft)

    with pytest.raises(PublishRefused) as refused:
        publish(house, JOURNEY, TABLE, report=report, by=BEN)
    assert keys(refused) == ["stale_base"]

    again = save_draft(house, JOURNEY, TABLE, draft.document, by=ADA, base=first)
    assert publish(house, JOURNEY, TABLE, report=reported(house, again), by=BEN).digest == draft.digest


@pytest.mark.parametrize(
    ("to", "why", "key"),
    [("f" * 64, "x", "no_version"), ("", "x", "no_version"), ("first", " ", "why"), ("second", "x", "same"),
     ("later", "x", "never")],
)  # fmt: skip
def test_only_a_version_that_was_in_force_and_is_not_is_rolled_back_to(
    house: House, to: str, why: str, key: str
) -> None:
    named = {"first": digest_of(house)}
    named["second"] = published(house).digest
    if key == "never":
        other = without_asking(document_of(house), "For later.")
        named["later"] = published(house, other, effective_from=TODAY + timedelta(days=30)).digest

    with pytest.raises(PublishRefused) as refused:
        roll_back(house, JOURNEY, TABLE, to=named.get(to, to), by=BEN, why=why)

    assert keys(refused) == [key]


def test_publishing_tells_which_certificates_stop_to_count(house: House) -> None:
    for topic in ("windscreen", "claim_status"):
        certify(house, JOURNEY, topic)
    draft = drafted(house)
    assert draft.read is not None

    foreseen = ending_certificates(house, JOURNEY, draft.read)
    version = publish(house, JOURNEY, TABLE, report=reported(house, draft), by=BEN)

    assert [one.topic for one in foreseen] == ["windscreen"]
    assert version.certificates == foreseen
