"""How a customer chooses to hear from us: offered is what reaches them, kept is what they want, promises always go."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from web_house import report, token_in

from cases import events as e
from cases.attention import STAYS_ON_PAGE, StaysOnPage, instead, next_move
from cases.case import Case
from cases.consequences import Occasion, write_letter
from pipelines.communication.channel import Channel, Delivery, Sending
from pipelines.communication.service import channels, in_order, reaching
from pipelines.house import House
from pipelines.journeys import load_words
from pipelines.runner import drain

LANGUAGES = ("nl", "en", "fr", "de")


@pytest.fixture
def case(house: House, stranger: TestClient) -> dict[str, str]:
    opened = report(stranger)
    drain(house)
    return opened


def folded(house: House, case: dict[str, str]) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(case["reference"]))


def test_the_page_offers_what_reaches_the_customer_and_says_what_is_always_sent(
    stranger: TestClient, case: dict[str, str]
) -> None:
    page = stranger.get(f"/t/{token_in(case)}/choices?lang=en")

    assert page.status_code == 200
    assert page.text.count('name="channel"') == 1
    assert 'value="email" checked' in page.text
    assert "what we promised" in page.text


def test_a_choice_is_kept_shown_again_and_written_once(
    house: House, stranger: TestClient, case: dict[str, str]
) -> None:
    before = folded(house, case).version
    wanted = {"channel": "email", "often": "important", "language": "en"}

    answers = [stranger.post(f"/t/{token_in(case)}/choices", data=wanted) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    now = folded(house, case)
    assert (now.version, now.language) == (before + 1, "en")
    assert now.notices == e.NoticesChosen("email", "important", "en")
    page = stranger.get(f"/t/{token_in(case)}/choices")
    assert 'value="important" checked' in page.text
    assert f"/t/{token_in(case)}/choices" in stranger.get(f"/t/{token_in(case)}?page=1").text


@pytest.mark.parametrize(
    ("field", "value"), [("channel", "sms"), ("channel", "pigeon"), ("often", "never"), ("language", "xx")]
)
def test_what_is_not_offered_is_refused_and_nothing_is_written(
    house: House, stranger: TestClient, case: dict[str, str], field: str, value: str
) -> None:
    before = folded(house, case).version

    answer = stranger.post(f"/t/{token_in(case)}/choices", data={field: value})

    assert answer.status_code == 422
    assert folded(house, case).version == before


def test_a_stranger_finds_no_choices(stranger: TestClient) -> None:
    assert stranger.get("/t/choices").status_code != 200
    assert stranger.post("/t/no-such-token/choices", data={"often": "important"}).status_code != 303


def test_who_wants_important_news_only_reads_the_rest_on_the_page(house: House, case: dict[str, str]) -> None:
    folder, now = house.journeys.get("motor_claim"), house.now()
    chosen = replace(folded(house, case), notices=e.NoticesChosen(often="important"))

    for key, goes in (("status_answer", False), ("received", True), ("ask", True), ("still_busy", True)):
        letter = write_letter(chosen, folder, key, Occasion(now, by=now))
        found = next_move(chosen, letter, folder.journey, written_at=now, at=now, waits_elsewhere=False)
        assert (found == StaysOnPage()) is not goes, key
    letter = write_letter(chosen, folder, "status_answer", Occasion(now))
    assert instead(StaysOnPage(), letter) == [e.LetterWithheld(letter.letter_id, STAYS_ON_PAGE)]


def test_the_chosen_way_is_tried_first_and_the_others_in_their_order() -> None:
    def channel(name: str, rank: int | None) -> Channel:
        sending = None if rank is None else Sending(rank, lambda *_: "", lambda *_: Delivery("", ""))
        return Channel(name, receives=True, ready=lambda _: True, sending=sending)

    known = [channel("post", 30), channel("web", None), channel("email", 10), channel("sms", 20)]

    assert [one.name for one in in_order(known)] == ["email", "sms", "post"]
    assert [one.name for one in in_order(known, first="post")] == ["post", "email", "sms"]
    assert [one.name for one in in_order(known, first="gone")] == ["email", "sms", "post"]


def test_every_way_out_that_reaches_a_customer_has_words_in_every_language(house: House, case: dict[str, str]) -> None:
    words = load_words(LANGUAGES)

    for name in ("email", "sms", "print"):
        assert all(f"track.choices.channel.{name}" in words[language] for language in LANGUAGES)
    assert set(reaching(folded(house, case), house)) <= {"email", "sms", "print"} & channels().keys()
