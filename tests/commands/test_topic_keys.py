import re

from hypothesis import given
from hypothesis import strategies as st

from models.labels import alike, topic_key

KEY = re.compile(r"[a-z][a-z0-9_]{0,47}")


@given(st.text(max_size=80))
def test_every_label_becomes_a_key_that_stays_itself(label: str) -> None:
    key = topic_key(label)

    assert KEY.fullmatch(key)
    assert topic_key(key) == key


def test_case_accents_and_punctuation_of_a_label_go() -> None:
    assert topic_key("Refund_not_showing_up") == "refund_not_showing_up"
    assert topic_key("reverted_card_payment?") == "reverted_card_payment"
    assert topic_key("alarm/Modify alarm") == "alarm_modify_alarm"
    assert topic_key("Geïnd bedrag") == "geind_bedrag"
    assert topic_key("24h service") == "topic_24h_service"
    assert topic_key("oos") == "oos"


def test_labels_that_differ_only_where_a_key_would_lose_it_stay_apart() -> None:
    long = "a" * 60

    assert topic_key(long) != topic_key(long + "b")
    assert topic_key("退款") != topic_key("付款")
    assert len(topic_key(long)) == 48


def test_labels_meet_the_known_ones_by_spelling_or_by_key() -> None:
    known = ["card_lost", "Pin?"]

    assert alike(["card_lost", "Card-Lost", "pin", "other"], known) == {
        "card_lost": "card_lost",
        "Card-Lost": "card_lost",
        "pin": "Pin?",
        "other": "other",
    }
