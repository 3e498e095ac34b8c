"""Where a case stands is told in the same words wherever it is told: page, program, mail, text, print and phone."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from cases import events as e
from cases.case import Case, Entry
from cases.composing import Draft
from cases.vocabulary import Status
from pipelines import hand
from pipelines.channels.print.letter import printed
from pipelines.channels.sms.channel import text_of
from pipelines.channels.sms.segments import plain
from pipelines.communication.channel import Outgoing
from pipelines.hand import Decision
from pipelines.house import House
from pipelines.reading_room import read_case, standing_of
from pipelines.runner import drain
from pipelines.writing import write
from tests.web.web_house import Clock, clock, decoder, house, report, signed_in, texts, token_in

__all__ = ["clock", "decoder", "house", "texts"]

ENGLISH = (
    "Good afternoon, yesterday a stone hit my windscreen on the motorway and now there is a crack of 20 cm in it. "
    "My number plate is GX-482-B. Can you help me? Kind regards, Fatima"
)
STORIES = {"nl": {}, "en": {"text": ENGLISH, "subject": "Crack in windscreen"}}
TAGS = re.compile(r"<[^>]+>")


def ask(house: House, reference: str) -> None:
    _, case = last(house, reference)
    if case.status is not Status.WAITING_CUSTOMER:
        decide(house, reference, "need_more", requests=("accident_form",))


def take_up(house: House, reference: str) -> None:
    decide(house, reference, "escalate")
    write(house, reference, Draft("We look at your windscreen today."), person="anouk")


def refuse(house: House, reference: str) -> None:
    decide(house, reference, "refuse", message="The contract does not cover this.")


def decide(house: House, reference: str, choice: str, *, message: str = "", requests: tuple[str, ...] = ()) -> None:
    _, case = last(house, reference)
    decision = Decision(choice, "because", case.version, message=message, requests=requests)
    hand.decide_by_hand(house, reference, decision, person="anouk")


STEPS: list[tuple[Status, Callable[[House, str], None]]] = [
    (Status.WAITING_CUSTOMER, ask),
    (Status.WITH_EXPERT, take_up),
    (Status.CLOSED, refuse),
]


def last(house: House, reference: str) -> tuple[list[Entry], Case]:
    case, entries = read_case(house, reference)
    return list(entries), case


def words(html: str) -> str:
    return " ".join(unescape(TAGS.sub(" ", html)).split())


def sentences(text: str) -> list[str]:
    return [one.strip(". ") for one in re.split(r"(?<=[.?!])\s", " ".join(text.split()))]


def on_the_page(page: str) -> list[str]:
    """The sentences of the page's head, as they stand under each other."""
    head = page.split('id="status"', 1)[1].split("</h1>", 1)[0].split(">", 1)[1]
    promise = page.split('data-part="promise"', 1)[1].split("</section>", 1)[0]
    parts = re.findall(r"<p[^>]*>(.*?)</p>", promise, re.DOTALL)
    return [words(head), *map(words, parts)]


def on_the_screen(page: str) -> list[str]:
    block = page.split('data-part="standing"', 1)[1].split("</section>", 1)[0]
    return [words(one) for one in re.findall(r"<(?:h1|p class=\"big\")[^>]*>(.*?)</(?:h1|p)>", block, re.DOTALL)]


def mailed(house: House, letter_id: str) -> str:
    for path in house.settings.home.rglob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if letter_id in path.name or letter_id in str(mail["Message-ID"]):
            return " ".join(mail.get_content().split())
    raise AssertionError(f"no mail of {letter_id} in {[path.name for path in house.settings.home.rglob('*.eml')]}")


def printed_words(house: House, case: Case, letter: e.LetterWritten) -> str:
    """What stands on the letter as it is laid for the post."""
    standing = standing_of(house, case, language=letter.language).text
    outgoing = Outgoing(case, letter, "Fatima El Amrani\nVoorbeeldstraat 1\n1234 AB  UTRECHT", house.now(), standing)
    opened = pypdfium2.PdfDocument(printed(outgoing, house))
    try:
        pages = [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()
    return " ".join("\n".join(pages).split())


def texted(house: House, case: Case, letter: e.LetterWritten) -> str:
    standing = standing_of(house, case, language=letter.language).text
    return text_of(Outgoing(case, letter, "+31612345678", house.now(), standing), house)


@pytest.mark.parametrize("language", STORIES)
def test_one_case_says_the_same_in_every_rendering_at_every_milestone(
    house: House, clock: Clock, language: str
) -> None:
    stranger = TestClient(create_app(house))
    opened = report(stranger, **STORIES[language])
    drain(house)
    reference, token = opened["reference"], token_in(opened)

    for status, step in STEPS:
        step(house, reference)
        drain(house)
        clock.ahead += timedelta(days=1)  # what may wait for others has left by then
        drain(house)

        entries, case = last(house, reference)
        assert case.status is status
        told = stranger.get(f"/api/tracking/{token}").json()
        standing = told["standing"]
        parts = [part for part in (told["status_sentence"], told["hear_by"], told["next"]) if part]
        sent = [one.event for one in entries if isinstance(one.event, e.LetterSent)][-1]
        letter = next(one for one in case.letters if one.letter_id == sent.letter_id)
        assert letter.language == language
        assert sentences(standing) == sentences(". ".join(part.rstrip(".") for part in parts))
        assert sent.standing == standing
        assert standing in mailed(house, letter.letter_id)
        text = texted(house, case, letter)
        short = text.rpartition(" http")[0]
        assert short
        assert plain(standing).startswith(plain(short))
        assert standing in printed_words(house, case, letter)
        assert on_the_page(stranger.get(f"/t/{token}?page=1").text)[: len(parts)] == parts
        assert on_the_screen(signed_in(house, "anouk").get(f"/cases/{reference}/call").text) == parts


@pytest.mark.parametrize("language", ["fr", "de"])
def test_languages_that_only_pages_speak_say_the_same_on_page_screen_and_to_programs(
    house: House, language: str
) -> None:
    stranger = TestClient(create_app(house))
    opened = report(stranger, name=language)
    drain(house)
    reference, token = opened["reference"], token_in(opened)

    told = stranger.get(f"/api/tracking/{token}?lang={language}").json()

    parts = [part for part in (told["status_sentence"], told["hear_by"], told["next"]) if part]
    assert told["language"] == language
    assert on_the_page(stranger.get(f"/t/{token}?page=1&lang={language}").text)[: len(parts)] == parts
    screen = signed_in(house, "anouk").get(f"/cases/{reference}/call?lang={language}").text
    assert on_the_screen(screen) == parts
