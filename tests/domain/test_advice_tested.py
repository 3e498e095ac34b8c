"""A person agreed with advice that was planted: it is kept, changes nothing else, and nobody does it for another."""

import pytest
from builders import ANNA, NOW, case, opened, said, shipped, step, understood

from cases import events as e
from cases.authority import check
from cases.case import Entry, apply
from cases.errors import NotAllowed
from cases.journey_spec import Oversight
from cases.vocabulary import MACHINE, Actor, Step

READ = (opened(), said(), understood(), e.Enriched(), step(Step.EXPERT, option="repair_glass"))
TESTED = e.AdviceTested("refuse", "repair_glass", "anna", 5)


def test_a_test_that_was_not_passed_decides_nothing_and_is_remembered() -> None:
    known = case(*READ)

    after = apply(known, Entry(known.version + 1, NOW, ANNA, TESTED))

    assert (known.tested, after.tested) == (False, True)
    assert (after.status, after.human, after.human_ever, after.step) == (known.status, None, False, known.step)


def test_only_the_person_who_was_tested_is_said_to_be() -> None:
    known = case(*READ)

    check(known, TESTED, ANNA)
    for actor in (Actor("person", "bram"), MACHINE):
        with pytest.raises(NotAllowed, match="in their own name"):
            check(known, TESTED, actor)


def test_how_people_decide_is_no_event_of_a_case() -> None:
    overseen = e.DecisionOverseen("motor_claim", "d", "windscreen", "case-1", "anna", "blind", agrees=True)

    with pytest.raises(NotAllowed, match="does not happen to a case"):
        apply(case(*READ), Entry(9, NOW, ANNA, overseen))


def test_a_journey_that_asks_for_no_oversight_stays_as_it_was() -> None:
    journey = shipped().journey

    assert journey.oversight == Oversight()
    assert "oversight" not in journey.model_dump(mode="json")
