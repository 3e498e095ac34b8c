"""What a form asks about a topic is what the rules would come to ask for, and no more."""

from dataclasses import replace

import pytest
from builders import shipped

from cases.asking import Wanted, wanted
from cases.rules import Hit


def test_what_the_rules_of_a_topic_ask_for_is_wanted_with_the_photos_worded_for_it() -> None:
    folder = shipped("motor_claim")

    assert wanted(folder, "windscreen") == Wanted(
        photos=("windscreen_photo",), answers=("policy_number", "licence_plate")
    )
    assert wanted(folder, "collision") == Wanted(
        photos=("damage_photos",),
        documents=("accident_form",),
        answers=("policy_number", "licence_plate", "loss_date"),
    )


def test_the_row_that_asks_for_the_most_photos_words_them_among_equals() -> None:
    assert wanted(shipped("complaint"), "damaged_or_wrong").photos == ("photo_item", "photo_parcel")


def test_a_fact_that_is_only_looked_at_is_wanted_where_a_request_words_it() -> None:
    heating = wanted(shipped("home_repair"), "heating_or_hot_water")

    assert heating == Wanted(answers=("contract_number", "loss_date"))


def test_what_a_register_is_asked_by_is_wanted_where_a_row_looks_into_it() -> None:
    assert wanted(shipped("motor_claim"), "breakdown_help").answers == ("policy_number", "licence_plate")


@pytest.mark.parametrize(
    ("journey", "topic"),
    [("motor_claim", "policy_question"), ("home_repair", "lift_or_intercom"), ("complaint", "privacy")],
)
def test_nothing_is_wanted_below_the_row_that_takes_all_of_a_topic(journey: str, topic: str) -> None:
    assert wanted(shipped(journey), topic) == Wanted()


def test_a_table_in_which_every_row_counts_is_read_to_its_end() -> None:
    folder = shipped("home_repair")
    collecting = replace(folder, tables={"next_step": replace(folder.root, hit=Hit.COLLECT)})

    assert wanted(collecting, "lift_or_intercom").answers == ("contract_number",)
    assert wanted(collecting, "pests") == wanted(folder, "pests")
