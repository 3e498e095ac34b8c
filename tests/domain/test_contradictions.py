"""What stands against what in a case, how it is worded, and that it goes to a person."""

from dataclasses import replace
from typing import Any

import pytest
from builders import CASE_ID, NOW, answer, enriched, entries, fact, opened, photo, read_case, said, shipped, understood
from dossiers import file, texts
from hypothesis import given
from hypothesis import strategies as st

from cases import events as e
from cases.case import Case, fold
from cases.contradictions import (
    ShowsOtherwise,
    TakenAnotherDay,
    TakenElsewhere,
    ToldTwice,
    contradictions,
    kilometres,
    topics_of,
)
from cases.facts import ModelScore, PhotoRegion, RegisterEntry
from cases.journey_folder import JourneyFolder
from cases.journey_spec import PhotoChecks, PhotoLabel, TakenAround, TakenNear
from cases.rules import FORBIDDEN_ELSE, Table, read_table
from cases.steps import Certificate, next_step, would_close
from cases.vocabulary import Scope, Step, Why

LABELS = {
    "glass": PhotoLabel(title={"en": "a damaged window", "nl": "een beschadigde ruit"}, topics=("windscreen",)),
    "rear_bumper": PhotoLabel(title={"en": "the rear bumper", "nl": "de bumper"}, topics=("collision", "parking")),
    "whole_car": PhotoLabel(title={"en": "the whole car", "nl": "de hele auto"}),
}
AMSTERDAM, ROTTERDAM = (52.3702, 4.8952), (51.9225, 4.4792)


def seen(label: str = "rear_bumper", *, file_id: str = "m-1.f1", **changed: Any) -> e.PhotoSeen:
    one = e.PhotoSeen(
        file_id, label, 0.97, abstains=False, scope=Scope.IN, model="photo/motor_claim", model_version="p"
    )
    return replace(one, **changed)


def without_a_row_for_them(table: Table) -> Table:
    """The table as if nobody had thought of contradictions."""
    data = table.as_dict()
    rows = [row for row in data["rows"] if row["id"] != "R-120"]
    for row in rows:
        row["when"].pop("contradictions", None)
    return read_table({**data, "rows": rows, "examples": []}, file="t", lines={}, forbidden_else=FORBIDDEN_ELSE)


def folder(*, checks: PhotoChecks | None = None, topic: dict[str, Any] | None = None) -> JourneyFolder:
    """The motor journey with labels for photos, and checks of them."""
    whole = shipped()
    changed: dict[str, Any] = {"photo_labels": LABELS, "photo_checks": checks or PhotoChecks()}
    if topic:
        topics = whole.journey.topics
        changed["topics"] = {**topics, "windscreen": topics["windscreen"].model_copy(update=topic)}
    tables = {"next_step": without_a_row_for_them(whole.root)}
    return JourneyFolder(whole.journey.model_copy(update=changed), tables, whole.letters, whole.words)


def with_photos(*photos: e.PhotoSeen, topic: str = "windscreen", **read: Any) -> Case:
    files = [photo(id=one.file_id) for one in photos]
    return read_case(files=files, photos=photos, topic=topic, **read)


def test_a_confident_photo_of_another_topic_stands_against_the_text() -> None:
    case = with_photos(seen())

    [found] = contradictions(case, folder().journey)

    assert found == ShowsOtherwise(case.files[0], seen())
    assert found.sources == (PhotoRegion("m-1.f1"), ModelScore("photo/motor_claim", "p", 0.97))


@pytest.mark.parametrize(
    "photos",
    [
        (),
        (seen("glass"),),
        (seen("whole_car"),),
        (seen("a label that nobody knows"),),
        (seen("windscreen"),),
        (seen(abstains=True),),
        (seen(scope=Scope.OUT),),
        (seen(), seen("glass", file_id="m-1.f2")),
    ],
)
def test_photos_that_fit_say_nothing_or_are_unsure_stand_against_nothing(photos: tuple[e.PhotoSeen, ...]) -> None:
    assert contradictions(with_photos(*photos), folder().journey) == ()


def test_a_topic_that_needs_no_photo_and_a_person_who_named_the_topic_are_not_contradicted() -> None:
    case = with_photos(seen())

    assert contradictions(case, folder(topic={"photos": "none"}).journey) == ()
    assert contradictions(replace(case, corrected_topic="windscreen"), folder().journey) == ()
    assert contradictions(replace(case, understood=None), folder().journey) == ()
    assert contradictions(with_photos(seen(), topic="gone"), folder().journey) == ()


def test_a_photo_that_is_no_longer_in_the_case_stands_against_nothing() -> None:
    assert contradictions(read_case(photos=(seen(),)), folder().journey) == ()


def test_a_label_goes_with_the_topics_it_names_else_with_the_topic_of_its_name() -> None:
    journey = folder().journey

    assert topics_of("rear_bumper", journey) == ("collision", "parking")
    assert topics_of("whole_car", journey) == ()
    assert topics_of("theft", journey) == ("theft",)
    assert topics_of("nobody", journey) == ()


AROUND = PhotoChecks(taken_around=TakenAround(fact="loss_date", days_before=1, days_after=60))


def dated(taken_at: str | None, told: str | None = "2026-11-20") -> Case:
    findings = replace(photo().findings, taken_at=taken_at)
    facts = () if told is None else (fact("loss_date", told),)
    return read_case(files=[photo(findings=findings), photo(id="m-1.f2", findings=None)], facts=facts)


@pytest.mark.parametrize(
    ("taken_at", "found"),
    [
        ("2026-11-18T23:59:59", True),
        ("2026-11-19T00:00:00", False),
        ("2026-11-20T12:00:00", False),
        ("2027-01-19T08:00:00", False),
        ("2027-01-20T08:00:00", True),
        (None, False),
        ("rubbish", False),
    ],
)
def test_a_photo_stands_against_the_day_from_its_edges_on(taken_at: str | None, *, found: bool) -> None:
    case = dated(taken_at)

    against = contradictions(case, folder(checks=AROUND).journey)

    assert [type(one) for one in against] == ([TakenAnotherDay] if found else [])
    if found:
        assert against[0].sources == (PhotoRegion("m-1.f1"), *case.facts[0].sources)


@pytest.mark.parametrize("told", [None, "last week"])
def test_a_day_that_is_not_known_is_not_contradicted(told: str | None) -> None:
    assert contradictions(dated("2020-01-01T00:00:00", told), folder(checks=AROUND).journey) == ()


def placed(place: tuple[float, float] | None, *answers: e.RegisterAnswer, **read: Any) -> Case:
    latitude, longitude = place or (None, None)
    findings = replace(photo().findings, latitude=latitude, longitude=longitude)
    files = [photo(findings=findings), photo(id="m-1.f2", findings=None)]
    return read_case(*answers, files=files, **read)


def near(place: str, km: int = 50) -> PhotoChecks:
    return PhotoChecks(taken_near=TakenNear(place=place, km=km))


def test_a_photo_taken_far_from_the_place_in_the_register_is_told_with_the_distance() -> None:
    home = answer(fields=(("position", "52.3702, 4.8952"),))
    journey = folder(checks=near("register.policy.position")).journey

    [found] = contradictions(placed(ROTTERDAM, home), journey)

    assert isinstance(found, TakenElsewhere)
    assert found.km == 57
    assert found.sources == (PhotoRegion("m-1.f1"), RegisterEntry("policy", "POL-123456", "position"))
    assert contradictions(placed(ROTTERDAM, home), folder(checks=near("register.policy.position", 57)).journey) == ()
    assert contradictions(placed(AMSTERDAM, home), journey) == ()
    assert contradictions(placed(None, home), journey) == ()


@pytest.mark.parametrize("field", ["", "somewhere", "1,2,3", "95, 4", "52, 181", "nan, 4"])
def test_a_place_that_is_not_on_earth_contradicts_nothing(field: str) -> None:
    home = answer(fields=(("position", field),))

    assert contradictions(placed(ROTTERDAM, home), folder(checks=near("register.policy.position")).journey) == ()


def test_the_place_may_be_a_fact_and_may_be_unknown() -> None:
    journey = folder(checks=near("fact.place")).journey
    told = (fact("place", "52.3702, 4.8952"),)

    [found] = contradictions(placed(ROTTERDAM, facts=told), journey)

    assert found.sources == (PhotoRegion("m-1.f1"), *told[0].sources)
    assert contradictions(placed(ROTTERDAM), journey) == ()
    elsewhere = folder(checks=near("register.other.position")).journey
    assert contradictions(placed(ROTTERDAM), elsewhere) == ()
    assert contradictions(replace(placed(ROTTERDAM), enriched=None), elsewhere) == ()


PLACE = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(PLACE, PLACE)
def test_distances_are_those_of_a_globe(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert kilometres(one, one) == pytest.approx(0, abs=1e-3)
    assert 0 <= kilometres(one, other) <= 20_016
    assert kilometres(one, other) == pytest.approx(kilometres(other, one), abs=1e-3)
    assert kilometres((90, 0), (-90, 0)) == pytest.approx(20_015.1, abs=0.1)


def test_what_a_case_says_twice_comes_first() -> None:
    case = with_photos(seen(), facts=(fact("amount", "1.00"), fact("amount", "2.00")))

    told, shown = contradictions(case, folder().journey)

    assert isinstance(told, ToldTwice)
    assert told.sources == (*case.facts[0].sources, *case.facts[1].sources)
    assert isinstance(shown, ShowsOtherwise)


def test_a_case_that_would_close_goes_to_a_person_when_its_photo_shows_otherwise() -> None:
    certificate = Certificate("motor_claim.windscreen.1", 0.5)
    against, fits = with_photos(seen()), with_photos(seen("glass"))

    step = next_step(against, folder(), certificate=certificate, at=NOW)

    assert (step.step, step.because, step.shadow) == (Step.EXPERT, (Why.CONTRADICTION,), False)
    assert would_close(against, folder()) is None
    assert would_close(fits, folder()) == "repair_glass"
    closing = next_step(fits, folder(), certificate=certificate, at=NOW)
    assert (closing.step, closing.score) == (Step.AUTO_CLOSE, 0.93)


def test_the_decision_file_tells_each_contradiction_in_words_with_its_evidence() -> None:
    checks = PhotoChecks(taken_around=AROUND.taken_around, taken_near=TakenNear(place="register.policy.position"))
    motor = folder(checks=checks)
    findings = replace(
        photo().findings,
        taken_at="2026-09-01T10:00:00", latitude=ROTTERDAM[0], longitude=ROTTERDAM[1],
    )  # fmt: skip
    events = (
        opened(), said(files=[photo(findings=findings)]),
        understood(photos=(seen(box=(10, 20, 300, 400)),), facts=(fact("loss_date", "2026-11-20"),)),
        enriched(answer(fields=(*answer().fields, ("position", "52.3702, 4.8952")))),
    )  # fmt: skip
    follows = next_step(fold(CASE_ID, entries(*events)), motor, certificate=Certificate("c", 0.5), at=NOW)

    document = file(entries(*events, follows), folder=motor)

    flags = document["headline"]["flags"]
    assert texts(flags) == [
        "The text is about: Windscreen damage; glass.jpg shows: the rear bumper",
        "glass.jpg was taken on 1 September 2026 by its camera; Day of the damage: 20 November 2026",
        "glass.jpg was taken 57 km from the place that is known",
    ]
    assert {flag["key"] for flag in flags} == {"contradiction"}
    assert flags[0]["sources"][0] == {"type": "photo", "file_id": "m-1.f1", "box": [10, 20, 300, 400]}
    [because] = document["recommendation"]["because"]
    assert {source["type"] for source in because["sources"]} == {"photo", "model", "message", "register", "event"}
    assert "Shows: the rear bumper (97 % certain)" in texts(document["files"][0]["findings"])


def test_a_photo_that_the_model_cannot_tell_is_told_so_and_labels_are_worded() -> None:
    events = (opened(), said(files=[photo(), photo(id="m-1.f2")]))
    read = understood(photos=(seen(abstains=True), seen("windscreen", file_id="m-1.f2")))

    first, second = file(entries(*events, read), folder=folder())["files"]

    assert texts(first["findings"])[-1] == "The photo model cannot tell what this shows"
    assert texts(second["findings"])[-1] == "Shows: Windscreen damage (97 % certain)"
    strange = understood(photos=(seen("thing"),))
    assert "Shows: thing" in texts(file(entries(*events, strange), folder=folder())["files"][0]["findings"])[-1]


def test_what_text_and_photos_say_together_stands_beside_the_texts_own_confidence() -> None:
    together = e.Combined("windscreen", 0.41, 0.5)
    events = (opened(), said(files=[photo()]), understood(photos=(seen(),), combined=together))

    topic = file(entries(*events), folder=folder())["topic"]

    assert topic["confidence"] == 0.93
    assert (topic["combined"]["probability"], topic["combined"]["pairs"]) == (0.41, 0)
    assert [source["model"] for source in topic["combined"]["sources"]] == ["text/motor_claim", "photo/motor_claim"]


def test_a_reading_from_before_photos_were_seen_is_read_as_one_without_any() -> None:
    body = e.write_event(understood())
    older = body.replace('"photos":[],', "").replace('"combined":null,', "")
    assert older != body

    assert e.read_event("understood", 1, older) == understood()
    assert e.read_event("understood", 2, body) == understood()
