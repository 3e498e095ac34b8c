from dataclasses import replace
from typing import Any

import pytest
from builders import (
    NOW,
    answer,
    case,
    chosen,
    enriched,
    fact,
    opened,
    photo,
    read_case,
    said,
    shipped,
    sign,
    step,
    understood,
)

from cases import events as e
from cases.case import Case
from cases.rules import FORBIDDEN_ELSE, read_table
from cases.steps import Certificate, next_step, would_close
from cases.vocabulary import FileKind, FileStatus, RequestKind, Scope, Step, Why

CERTIFICATE = Certificate("motor_claim.windscreen.1", 0.9)
REUSED = photo(findings=e.PhotoFindings(800, 600, 200.0, 90.0, blurred=False, dark=False, reused_from=("C-1",)))
BLURRED = photo(status=FileStatus.UNUSABLE, reason="blurred", findings=None)
NUMBERED = (fact("policy_number", "POL-123456"),)


def follows(known: Case, certificate: Certificate | None = CERTIFICATE) -> e.StepDecided:
    return next_step(known, shipped(), certificate=certificate, at=NOW)


def closing(**read: Any) -> Case:
    """A windscreen with a photo, covered: a closing row fires."""
    return read_case(files=[photo()], **read)


def test_a_certified_case_whose_row_says_so_closes_by_itself() -> None:
    decided = follows(closing())

    assert (decided.step, decided.because, decided.option) == (Step.AUTO_CLOSE, (Why.ROW,), "repair_glass")
    assert (decided.certificate, decided.threshold, decided.score, decided.shadow) == (CERTIFICATE.id, 0.9, 0.93, False)
    assert decided.read is not None
    assert decided.read.fired == ("R-130",)


@pytest.mark.parametrize(
    ("score", "kind", "why"),
    [(0.9, Step.AUTO_CLOSE, Why.ROW), (0.899999, Step.EXPERT, Why.BELOW_THRESHOLD), (1.0, Step.AUTO_CLOSE, Why.ROW)],
)
def test_a_score_at_the_threshold_closes_and_one_just_below_does_not(score: float, kind: Step, why: Why) -> None:
    decided = follows(closing(confidence=score))

    assert (decided.step, decided.because, decided.option) == (kind, (why,), "repair_glass")
    assert decided.certificate == (CERTIFICATE.id if kind is Step.AUTO_CLOSE else None)


@pytest.mark.parametrize(("score", "audit", "shadow"), [(0.9, True, False), (0.899999, False, True)])
def test_a_drawn_case_is_judged_blind_after_it_closed_or_instead_of_closing_below_the_threshold(
    score: float, *, audit: bool, shadow: bool
) -> None:
    drawn = next_step(closing(confidence=score), shipped(), certificate=CERTIFICATE, at=NOW, drawn=True)
    other = next_step(closing(confidence=score), shipped(), certificate=CERTIFICATE, at=NOW)

    assert (drawn.step, drawn.audit, drawn.shadow) == (Step.AUTO_CLOSE, audit, shadow)
    assert (other.audit, other.shadow) == (False, False)


def test_without_a_certificate_nothing_is_drawn_since_everything_is_judged_blind() -> None:
    drawn = next_step(closing(), shipped(), certificate=None, at=NOW, drawn=True)

    assert (drawn.audit, drawn.shadow) == (False, True)


def test_without_a_certificate_a_person_decides_blind() -> None:
    decided = follows(closing(), None)

    assert (decided.step, decided.shadow, decided.because) == (Step.AUTO_CLOSE, True, (Why.NOT_CERTIFIED,))


def test_a_topic_that_is_not_to_close_goes_to_a_person() -> None:
    folder = shipped()
    shut = folder.journey.model_copy(update={"auto_close": folder.journey.auto_close.model_copy(update={"topics": ()})})

    decided = next_step(closing(), replace(folder, journey=shut), certificate=CERTIFICATE, at=NOW)

    assert (decided.step, decided.because, decided.shadow) == (Step.EXPERT, (Why.NOT_CERTIFIED,), False)


def test_a_case_that_says_two_things_is_not_closed() -> None:
    two = closing(facts=(fact("loss_date", "2026-11-20"), fact("loss_date", "2026-11-21")))
    folder = shipped()
    rows = tuple(row for row in folder.root.rows if row.id != "R-120")
    blind_table = replace(folder, tables={"next_step": _with_rows(folder.root, rows)})

    decided = next_step(two, blind_table, certificate=CERTIFICATE, at=NOW)

    assert (decided.step, decided.because, decided.option) == (Step.EXPERT, (Why.CONTRADICTION,), "")
    assert would_close(two, blind_table) is None


def _with_rows(table: Any, rows: Any) -> Any:
    data = table.as_dict()
    kept = [row for row in data["rows"] if row["id"] in {row.id for row in rows}]
    for row in kept:
        row["when"].pop("contradictions", None)
    return read_table({**data, "rows": kept, "examples": []}, file="t", lines={}, forbidden_else=FORBIDDEN_ELSE)


@pytest.mark.parametrize(
    ("known", "whys"),
    [
        (closing(dangers=(sign(),)), (Why.DANGER,)),
        (closing(scope=Scope.OUT), (Why.OUT_OF_SCOPE,)),
        (case(opened(), said()), (Why.OUT_OF_SCOPE,)),
        (closing(confidence=0.499999), (Why.UNCERTAIN_TOPIC,)),
        (read_case(files=[REUSED]), (Why.REUSED_PHOTO,)),
        (replace(closing(), reopened=True), (Why.REOPENED,)),
        (replace(closing(), may_belong_to="C-7"), (Why.BELONGS_ELSEWHERE,)),
        (replace(closing(), human_ever=True), (Why.PERSON_INVOLVED,)),
        (replace(closing(), step=step(Step.APPOINT)), (Why.PERSON_INVOLVED,)),
        (replace(closing(), parked=(e.WorkParked("enrich", "OSError"),)), (Why.COULD_NOT_BE_PROCESSED,)),
        (replace(closing(dangers=(sign(),)), reopened=True), (Why.DANGER, Why.REOPENED)),
    ],
)
def test_a_guard_sends_a_case_to_a_person_whatever_the_table_says(known: Case, whys: tuple[Why, ...]) -> None:
    decided = follows(known)

    assert (decided.step, decided.because, decided.option) == (Step.EXPERT, whys, "")
    assert would_close(known, shipped()) is None


@pytest.mark.parametrize("known", [closing(confidence=0.5), replace(closing(), step=step(Step.REQUEST_INFO))])
def test_at_the_edge_of_a_guard_the_table_decides(known: Case) -> None:
    assert follows(known, Certificate("c", 0.5)).step is Step.AUTO_CLOSE
    assert would_close(known, shipped()) == "repair_glass"


def test_a_past_case_without_messages_is_in_the_population_when_a_row_would_close_it() -> None:
    past = case(opened(), understood("claim_status", message_id=""), enriched(_running()))

    assert past.all_read
    assert would_close(past, shipped()) == "tell_status"


def _running() -> e.RegisterAnswer:
    return answer(fields=tuple((name, "true" if name == "open_claim" else value) for name, value in answer().fields))


def test_what_would_not_close_is_not_in_the_population() -> None:
    assert would_close(read_case(topic="theft"), shipped()) is None
    assert would_close(read_case(files=[BLURRED]), shipped()) is None


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        ([BLURRED], ("better_photo",)),
        ([replace(BLURRED, kind=FileKind.DOCUMENT)], ("readable_file",)),
        ([BLURRED, replace(BLURRED, kind=FileKind.OTHER), BLURRED], ("better_photo", "readable_file")),
    ],
)
def test_a_better_copy_of_an_unusable_file_is_asked_once(files: list[e.FileSeen], asked: tuple[str, ...]) -> None:
    known = read_case(files=files)

    first = follows(known)

    assert (first.step, first.because, first.requests) == (Step.REQUEST_INFO, (Why.UNUSABLE_FILE,), asked)
    items = tuple(e.RequestItem(key, RequestKind.PHOTO) for key in asked)
    again = case(opened(), said(files=files), understood(), enriched(), first, e.RequestMade(items, NOW.date()))
    assert follows(again).because != (Why.UNUSABLE_FILE,)


def test_only_the_newest_message_is_looked_through_for_unusable_files() -> None:
    later = case(opened(), said(files=[BLURRED]), said(id_="m-2", files=[photo()]), understood(), enriched())

    assert follows(later).step is Step.AUTO_CLOSE


def test_we_ask_what_the_rules_want_and_the_file_does_not_hold() -> None:
    stranger = answer(found=False, fields=())

    nothing_known = follows(read_case(stranger, topic="collision"))
    number_known = follows(read_case(stranger, topic="collision", facts=NUMBERED))

    assert nothing_known.requests == ("policy_number", "licence_plate", "damage_photos")
    assert number_known.requests == ("licence_plate", "damage_photos")


def test_nothing_is_asked_twice() -> None:
    stranger = answer(found=False, fields=())
    asked = e.RequestMade((e.RequestItem("claim_number", RequestKind.FACT, "claim_number"),), NOW.date())
    known = case(
        opened(), said(), understood("claim_status", facts=(fact("licence_plate", "AB-123-C"),)), enriched(stranger)
    )
    folder = shipped()
    always = replace(folder, tables={"next_step": _ask_always(folder.root)})

    first = next_step(known, always, certificate=None, at=NOW)
    second = next_step(replace(known, requests=case(opened(), asked).requests), always, certificate=None, at=NOW)

    assert first.requests == ("claim_number",)
    assert (second.step, second.because) == (Step.EXPERT, (Why.ASKED_BEFORE,))


def _ask_always(table: Any) -> Any:
    data = table.as_dict()
    kept = [row for row in data["rows"] if row["id"] == "R-040"]
    kept[0]["when"].pop("asked")
    return read_table({**data, "rows": kept, "examples": []}, file="t", lines={})


def test_a_row_may_route_or_appoint() -> None:
    routed = follows(read_case(topic="policy_question"))
    appointed = follows(read_case(topic="breakdown_help"))

    assert (routed.step, routed.department, routed.because) == (Step.ROUTE, "customer_service", (Why.ROW,))
    assert (appointed.step, appointed.option) == (Step.APPOINT, "send_roadside_help")


def test_the_else_row_goes_to_a_person() -> None:
    uncertain = tuple((name, value) for name, value in answer().fields if name != "roadside")
    folder = shipped()
    rows = tuple(row for row in folder.root.rows if row.id == "R-700")
    only = replace(folder, tables={"next_step": _with_rows(folder.root, rows)})

    decided = next_step(read_case(answer(fields=uncertain)), only, certificate=None, at=NOW)

    assert (decided.step, decided.because) == (Step.EXPERT, (Why.ELSE_ROW,))


def test_what_a_rule_must_know_and_nobody_said_goes_to_a_person() -> None:
    fields = tuple((name, value) for name, value in answer().fields if name != "active")

    decided = follows(read_case(answer(fields=fields)))

    assert (decided.step, decided.because) == (Step.EXPERT, (Why.MISSING_INPUT,))
    assert decided.read is not None
    assert decided.read.missing == ("active",)


def test_rows_that_contradict_each_other_go_to_a_person() -> None:
    folder = shipped()
    data = folder.root.as_dict()
    two = [
        {"id": "A", "description": "a", "when": {"photos": ">= 0"}, "then": {"step": "expert"}},
        {
            "id": "B",
            "description": "b",
            "when": {"photos": ">= 0"},
            "then": {"step": "route", "department": "assessors"},
        },
    ]
    rows = [{**row, "then": {"option": "", "requests": [], "department": "", **row["then"]}} for row in two]
    table = read_table({**data, "hit": "UNIQUE", "rows": rows, "examples": []}, file="t", lines={})

    decided = next_step(closing(), replace(folder, tables={"next_step": table}), certificate=None, at=NOW)

    assert (decided.step, decided.because) == (Step.EXPERT, (Why.CONFLICT,))


def test_a_person_corrects_the_topic_and_later_words_do_not_undo_it() -> None:
    corrected = case(
        opened(), said(), understood(), step(), chosen("need_more", corrected_topic="theft"), said(id_="m-2")
    )

    assert (corrected.topic, replace(corrected, understood=understood("animal")).topic) == ("theft", "theft")
