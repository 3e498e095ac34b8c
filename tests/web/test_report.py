"""The web form: a customer says what it is about, adds photos, tells what happened and gets a page to follow it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from web_house import Clock, photo

from api.app import create_app
from cases.case import Case, fold
from pipelines.house import House
from pipelines.runner import drain

WINDSCREEN = "/report/motor_claim?topic=windscreen&lang=nl"
WORDS = "Gisteren kwam er een steentje tegen mijn voorruit. Er zit een ster in."
Files = Sequence[tuple[str, tuple[str, bytes, str]]]
NO_FILES: Files = [("photos", ("", b"", "application/octet-stream"))]  # what browsers send for a file field left empty


def form_of(page: str) -> str:
    """Where the form that goes on leads to."""
    return unescape(re.findall(r'<form method="post" action="([^"]+)"', page)[-1])


def send(client: TestClient, action: str, files: Files = NO_FILES, **fields: str) -> Response:
    """As a browser sends a form of several parts."""
    named = [(name.replace("answer_", "answer."), (None, value)) for name, value in fields.items()]
    return client.post(action, files=[*named, *files])


def picture(name: str = "ruit.jpg") -> Files:
    return [("photos", (name, photo(), "image/jpeg"))]


def tell_form(client: TestClient, path: str = WINDSCREEN, *, photos: bool = True) -> str:
    """Go as far as the words; where their form leads to."""
    first = client.get(path, follow_redirects=True)
    if "/files?" not in str(first.url):
        return form_of(first.text)
    led = send(client, form_of(first.text), picture() if photos else NO_FILES)
    assert led.status_code == 303
    return form_of(client.get(led.headers["location"]).text)


def case_in(house: House, page: str) -> Case:
    reference = re.findall(r"C-\d{4}-\d{6}", page)[0]
    with house.database.reading() as store:
        case_id = store.case_id(reference)
        return fold(case_id, store.history(case_id))


def test_the_first_page_names_what_may_be_wrong_in_the_customers_words(stranger: TestClient) -> None:
    page = stranger.get("/report", headers={"accept-language": "nl"})

    assert page.status_code == 200
    for words in ("Waar gaat het over?", "Ruitschade", "Lekkage", "Bestelling te laat of kwijt", "Iets anders"):
        assert words in page.text
    assert "Bel dan eerst 112" in page.text
    assert "windscreen</a>" not in page.text


def test_an_organisation_can_lead_to_its_own_journey_only(stranger: TestClient) -> None:
    page = stranger.get("/report/home_repair?lang=en").text

    assert "Leak" in page
    assert "Windscreen damage" not in page
    assert stranger.get("/report/nowhere").status_code == 404
    assert stranger.get("/report/motor_claim?topic=leak").status_code == 404
    assert stranger.get("/report/motor_claim/other_step?topic=windscreen").status_code == 404


@pytest.mark.parametrize(
    ("topic", "first", "steps"), [("windscreen", "files", 3), ("theft", "tell", 2), ("other", "files", 3)]
)
def test_photos_come_first_where_the_topic_is_seen_on_them(
    stranger: TestClient, topic: str, first: str, steps: int
) -> None:
    led = stranger.get(f"/report/motor_claim?topic={topic}&lang=en")

    assert urlsplit(led.headers["location"]).path == f"/report/motor_claim/{first}"
    assert f"Step 2 of {steps}" in stranger.get(led.headers["location"]).text


def test_a_report_takes_three_steps_and_ends_with_number_promise_and_link(house: House, stranger: TestClient) -> None:
    action = tell_form(stranger)

    end = send(
        stranger, action, text=WORDS, sender="bas.veenstra@example.org", name="Bas", answer_licence_plate="79-KXF-6"
    )

    assert end.status_code == 200
    drain(house)
    case = case_in(house, end.text)
    assert (case.channel, case.journey, case.sender, case.sender_name, case.language) == (
        "webform", "motor_claim", "bas.veenstra@example.org", "Bas", "nl"
    )  # fmt: skip
    assert case.messages[0].text == f"Ruitschade\n\n{WORDS}\n\nHet kenteken van uw auto: 79-KXF-6"
    assert [file.name for file in case.messages[0].files] == ["ruit.jpg"]
    assert [fact.value for fact in case.facts if fact.name == "licence_plate"] == ["79KXF6"]
    assert "U hoort uiterlijk" in end.text
    assert "bas.veenstra@example.org" in end.text
    link = re.findall(r'value="(http://testserver/t/[^"]+)"', end.text)[0]
    assert case.reference in stranger.get(link + "?page=1").text


def test_only_what_the_rules_of_the_topic_need_is_asked(stranger: TestClient) -> None:
    asked = {
        topic: set(re.findall(r'name="answer\.(\w+)"', stranger.get(f"/report/motor_claim/tell?topic={topic}").text))
        for topic in ("theft", "policy_question", "other")
    }

    assert asked == {
        "theft": {"policy_number", "licence_plate", "police_report"},
        "policy_question": set(),
        "other": set(),
    }


def test_a_form_with_a_mistake_comes_back_with_everything_that_was_given(stranger: TestClient) -> None:
    action = tell_form(stranger)

    page = send(
        stranger, action, text=WORDS + " <b>", name="Bas", sender="bas at example", answer_policy_number="POL-1"
    )

    assert page.status_code == 400
    assert unescape(page.text).count(WORDS + " <b>") == 1
    assert "<b>Bas" not in page.text
    assert 'value="bas at example"' in page.text
    assert 'value="POL-1"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Foto&#39;s en bestanden toegevoegd: 1" in page.text
    sent = send(stranger, form_of(page.text), text=WORDS, sender="06 12 34 56 78")
    assert "ruit.jpg" in sent.text
    assert "niet mailen" in sent.text


@pytest.mark.parametrize("sender", ["", "bas", "a@b.nl, c@d.nl", "12345", "06-1234567 of mail", "bas@"])
def test_an_address_that_no_answer_reaches_is_refused_at_once(stranger: TestClient, sender: str) -> None:
    page = send(stranger, tell_form(stranger, photos=False), text=WORDS, sender=sender)

    assert page.status_code == 400
    assert "naam@voorbeeld.nl" in page.text


def test_a_report_needs_words_or_a_photo_and_one_of_them_is_enough(house: House, stranger: TestClient) -> None:
    assert send(stranger, tell_form(stranger, photos=False), sender="a@example.org").status_code == 400
    assert send(stranger, tell_form(stranger), sender="a@example.org").status_code == 200


def test_a_file_that_is_no_photo_is_named_and_the_others_are_kept(stranger: TestClient) -> None:
    first = stranger.get(WINDSCREEN, follow_redirects=True)
    files = [*picture("goed.jpg"), ("photos", ("<i>.exe", b"MZ\x90\x00", "image/jpeg"))]

    page = send(stranger, form_of(first.text), files)

    assert page.status_code == 400
    assert "niet gebruiken: &lt;i&gt;.exe" in page.text
    assert "goed.jpg" in page.text
    led = send(stranger, form_of(page.text))
    assert "toegevoegd: 1" in stranger.get(led.headers["location"]).text


def test_going_back_finds_the_photos_and_one_of_them_can_be_removed(stranger: TestClient) -> None:
    back = tell_form(stranger).replace("/tell?", "/files?")
    page = stranger.get(back).text
    assert "ruit.jpg" in page

    removed = send(stranger, form_of(page), [], remove=re.findall(r'name="remove" value="(\w+)"', page)[0])

    assert "ruit.jpg" not in stranger.get(removed.headers["location"]).text
    assert "ruit.jpg" in stranger.get(back).text


def test_a_report_that_is_sent_twice_opens_one_case_and_shows_the_same_page(house: House, stranger: TestClient) -> None:
    action = tell_form(stranger)
    first = send(stranger, action, text=WORDS, sender="twice@example.org")
    second = send(stranger, action, text=WORDS + " Nog iets.", sender="twice@example.org")

    assert re.findall(r"C-\d{4}-\d{6}", first.text)[0] == re.findall(r"C-\d{4}-\d{6}", second.text)[0]
    with house.database.reading() as store:
        assert len(store.queue.of_sender("twice@example.org")) == 1


def test_danger_is_answered_at_once_and_the_report_is_taken_all_the_same(house: House, stranger: TestClient) -> None:
    action = tell_form(stranger, "/report/home_repair?topic=heating_or_hot_water&lang=nl", photos=False)

    with_mistake = send(stranger, action, text="Ik ruik gas bij de ketel")
    sent = send(stranger, form_of(with_mistake.text), text="Ik ruik gas bij de ketel", sender="a@example.org")

    for page in (with_mistake, sent):
        assert "Ga nu naar buiten" in page.text
        assert 'href="tel:08009009"' in page.text
    assert "een medewerker leest hem als eerste" not in with_mistake.text
    assert "een medewerker leest hem als eerste" in sent.text
    drain(house)
    assert case_in(house, sent.text).dangers


@pytest.mark.parametrize(
    ("words", "phone"),
    [
        ("Er zit iemand opgesloten in de lift", "112"),
        ("Ik wil niet meer leven", "113"),
        ("Mijn moeder zit in een rolstoel", "0850001122"),
    ],
)
def test_whom_to_call_goes_by_the_danger_the_journeys_own_words_first(
    stranger: TestClient, words: str, phone: str
) -> None:
    page = send(stranger, tell_form(stranger, "/report/home_repair?topic=lift_or_intercom&lang=nl"), text=words)

    assert re.findall(r'class="button main wide" href="tel:(\d+)"', page.text) == [phone]


def test_after_an_hour_nothing_that_was_typed_is_lost_and_it_is_sent_with_the_next_press(
    clock: Clock, stranger: TestClient
) -> None:
    action = tell_form(stranger)
    clock.ahead = timedelta(hours=1, seconds=2)
    try:
        late = send(stranger, action, text=WORDS, sender="late@example.org")
        assert (late.status_code, WORDS in late.text) == (410, True)

        assert send(stranger, form_of(late.text), text=WORDS, sender="late@example.org").status_code == 200
    finally:
        clock.ahead = timedelta()


def test_the_link_of_a_report_shows_only_to_who_sent_it_and_never_by_an_address(stranger: TestClient) -> None:
    action = tell_form(stranger)
    assert "/t/" in send(stranger, action, text=WORDS, sender="a@example.org").text

    page = stranger.get(action)

    assert "/t/" not in page.text
    assert not re.search(r"C-\d{4}-\d{6}", page.text)


def test_a_token_that_was_spoiled_says_that_the_photos_are_gone_and_goes_on(stranger: TestClient) -> None:
    action = tell_form(stranger)
    token = parse_qs(urlsplit(action).query)["draft"][0]

    page = stranger.get(action.replace(token, "0" + token[1:]))

    assert page.status_code == 200
    assert "langer dan een uur" in page.text


def test_a_form_from_another_site_and_a_broken_one_open_nothing(stranger: TestClient) -> None:
    action = tell_form(stranger)

    foreign = stranger.post(action, files={"text": (None, "x")}, headers={"sec-fetch-site": "cross-site"})
    cut_off = stranger.post(action, content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=x"})
    plain = stranger.post(action, data={"text": WORDS})

    assert [answer.status_code for answer in (foreign, cut_off, plain)] == [403, 400, 400]
    assert "C-20" not in foreign.text + cut_off.text + plain.text


def test_who_sends_too_much_is_told_when_to_go_on_and_loses_nothing(house: House) -> None:
    narrow = replace(house, settings=house.settings.model_copy(update={"anonymous_per_minute": 1}))
    with TestClient(create_app(narrow), follow_redirects=False) as client:
        action = tell_form(client, "/report/motor_claim?topic=theft&lang=nl")
        send(client, action, text=WORDS)

        page = send(client, action, text=WORDS, sender="bas@example.org")

    assert page.status_code == 429
    assert WORDS in page.text
    assert re.search(r"over \d+ seconden opnieuw", page.text)


def test_too_large_a_form_says_so_on_the_page_itself(stranger: TestClient) -> None:
    first = stranger.get(WINDSCREEN, follow_redirects=True)

    page = send(stranger, form_of(first.text), [("photos", ("a.jpg", b"\xff\xd8\xff" + bytes(26 << 20), "image/jpeg"))])

    assert page.status_code == 413
    assert "samen 25 MB" in page.text


def test_the_form_is_kept_out_of_caches_search_and_referrers(stranger: TestClient) -> None:
    page = stranger.get(tell_form(stranger))

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", page.text)
