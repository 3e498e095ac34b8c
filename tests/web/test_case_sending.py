"""What people send from a case over its page and by calls: undone until it leaves, in the words that were shown."""

import html
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from web_house import Clock, form_token_of, report, signed_in, token_in

from cases.letters import STANDING, TRACKING_LINK
from cases.store.queue import CaseLine
from pipelines.house import House
from pipelines.runner import drain


@pytest.fixture
def reference(house: House, stranger: TestClient) -> str:
    answer = report(stranger, name="Piet")
    drain(house)
    return answer["reference"]


def line_of(house: House, reference: str) -> CaseLine:
    with house.database.reading() as store:
        line = store.queue.line(reference)
    assert line is not None
    return line


def refuse(expert: TestClient, reference: str) -> dict[str, object]:
    version = expert.get(f"/api/cases/{reference}").json()["version"]
    sent = {"choice": "refuse", "reason": "article 4", "message": "Dit is niet verzekerd.", "version": version}
    answer: dict[str, object] = expert.post(f"/api/cases/{reference}/decisions", json=sent).json()
    return answer


def later(house: House, clock: Clock, **span: float) -> None:
    clock.ahead += timedelta(**span)
    drain(house)


def typed(expert: TestClient, reference: str, **fields: str) -> dict[str, str]:
    return {"csrf": form_token_of(expert.get(f"/cases/{reference}").text), **fields}


def test_a_decision_by_a_call_says_until_when_it_can_be_taken_back(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    answer = refuse(expert, reference)

    assert answer["held"] == answer["version"]
    assert answer["leaves_at"] is not None
    undone = expert.post(f"/api/cases/{reference}/undo", json={"held": answer["held"]})
    again = expert.post(f"/api/cases/{reference}/undo", json={"held": answer["held"]})
    assert undone.json() == again.json() == {"reference": reference, "version": line_of(house, reference).version}
    later(house, clock, seconds=11)
    assert line_of(house, reference).outcome is None


def test_what_has_left_is_no_more_undone_and_the_answer_says_so(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    refuse(expert, reference)
    later(house, clock, seconds=11)

    answer = expert.post(f"/api/cases/{reference}/undo", json={})

    assert answer.status_code == 409
    assert "it has left the house" in answer.json()["detail"]
    assert line_of(house, reference).outcome == "refuse"


def test_the_page_offers_undo_without_a_script_and_hides_the_form_to_decide(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    refuse(expert, reference)
    page = expert.get(f"/cases/{reference}").text
    held = re.search(r'name="held" value="(\d+)"', page)

    assert held is not None
    assert "Leaves at" in page
    assert 'name="choice"' not in page
    sent = {"csrf": form_token_of(page), "held": held.group(1)}
    assert expert.post(f"/cases/{reference}/undo", data=sent).headers["location"].endswith("?done=undone")
    back = expert.get(f"/cases/{reference}?done=undone").text
    assert "Nothing was sent" in back
    assert 'name="choice"' in back


def test_a_letter_that_is_taken_back_stands_in_the_composer_again_with_what_it_asked(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    words = "Kunt u ons de foto nog eens sturen?"
    asked = next(iter(house.journeys.get("motor_claim").journey.requests))
    sent = typed(expert, reference, text=words, letter="", **{f"ask_{asked}": "1"})
    assert expert.post(f"/cases/{reference}/messages", data=sent).headers["location"].endswith("?done=written")
    held = re.search(r'name="held" value="(\d+)"', expert.get(f"/cases/{reference}").text)
    assert held is not None
    meanwhile = {"fields": {"text": "En nog iets."}, "opened_at": house.now().isoformat()}
    kept = expert.put(f"/api/cases/{reference}/drafts/reply", json=meanwhile)

    expert.post(f"/cases/{reference}/undo", data=typed(expert, reference, held=held.group(1)))

    composer = expert.get(f"/cases/{reference}").text.split('id="write"', 1)[1].split("</section>", 1)[0]
    assert kept.status_code < 300
    assert f"{words}\n\nEn nog iets.</textarea>" in composer
    assert f'name="ask_{asked}" value="1" checked' in composer
    assert '<details class="fold in" open>' in composer


def test_a_letter_that_another_took_back_stands_in_nobodys_form(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    expert.post(f"/cases/{reference}/messages", data=typed(expert, reference, text="Wij kijken ernaar.", letter=""))
    held = re.search(r'name="held" value="(\d+)"', expert.get(f"/cases/{reference}").text)
    assert held is not None
    lead = signed_in(house, "noor")

    lead.post(f"/cases/{reference}/undo", data=typed(lead, reference, held=held.group(1)))

    assert "Wij kijken ernaar.</textarea>" not in lead.get(f"/cases/{reference}").text


def test_the_customers_page_tells_nothing_before_it_left(house: House, stranger: TestClient, clock: Clock) -> None:
    opened = report(stranger, name="Gerda")
    drain(house)
    url = f"/api/tracking/{token_in(opened)}"
    before = stranger.get(url).json()

    refuse(signed_in(house, "anouk"), opened["reference"])

    assert stranger.get(url).json() == before
    later(house, clock, seconds=11)
    assert stranger.get(url).json()["milestones"] != before["milestones"]


def test_a_message_is_previewed_in_the_very_words_that_leave(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    words = "Uw garage mag beginnen."
    preview = expert.post(f"/cases/{reference}/preview", data=typed(expert, reference, text=words, preview="1")).text
    composer = preview.split('id="write"', 1)[1]
    shown = html.unescape(composer.split("<pre>", 1)[1].split("</pre>", 1)[0])

    answer = expert.post(f"/cases/{reference}/messages", data=typed(expert, reference, text=words))
    later(house, clock, seconds=11)

    assert answer.headers["location"].endswith("?done=written")
    letter = expert.get(f"/api/cases/{reference}/letters").json()[-1]
    assert letter["approved_by"] == "anouk"
    assert words in letter["body"]
    told_later = {"[link to the customer's page]": TRACKING_LINK, "[where it stands when this letter leaves]": STANDING}
    for shown_as, place in told_later.items():
        assert shown_as in shown
        shown = shown.replace(shown_as, place)
    assert shown.split() == letter["body"].split()


def test_a_message_that_lacks_something_is_refused_with_what_was_typed(expert: TestClient, reference: str) -> None:
    words = "Het gaat om [Kenteken?]."

    page = expert.post(f"/cases/{reference}/messages", data=typed(expert, reference, text=words))
    call = expert.post(f"/api/cases/{reference}/messages", json={"text": ""})

    assert page.status_code == call.status_code == 409
    assert "fill in first: Kenteken" in page.text
    assert words in html.unescape(page.text)
    assert "fill in first: text" in call.json()["detail"]


def test_a_message_may_ask_for_something_and_leave_later(
    house: House, expert: TestClient, clock: Clock, reference: str
) -> None:
    send_at = (clock() + timedelta(hours=2)).isoformat()
    sent = {"requests": ["damage_photos"], "send_at": send_at}

    answer = expert.post(f"/api/cases/{reference}/messages", json=sent).json()
    later(house, clock, hours=1)
    early = line_of(house, reference).waiting_on
    later(house, clock, hours=1, seconds=1)

    assert (answer["leaves_at"][:16], early) == (send_at[:16], "us")
    assert line_of(house, reference).waiting_on == "customer"


@pytest.mark.parametrize(("send_at", "status"), [("tomorrow", 422), ("2999-01-01T10:00", 409)])
def test_a_time_that_cannot_be_is_refused(expert: TestClient, reference: str, send_at: str, status: int) -> None:
    data = typed(expert, reference, text="Dag", send_at=send_at)

    assert expert.post(f"/cases/{reference}/messages", data=data).status_code == status


# --- notes -----------------------------------------------------------------------------------------------------------


def test_a_note_stands_apart_from_messages_and_never_reaches_the_customer(
    house: House, stranger: TestClient, expert: TestClient
) -> None:
    opened = report(stranger, name="Truus")
    drain(house)
    url = f"/cases/{opened['reference']}"

    expert.post(f"{url}/notes", data=typed(expert, opened["reference"], text="Called the garage, <b>closed</b>."))

    page = expert.get(url).text
    notes = page.split('id="notes"', 1)[1].split("</section>", 1)[0]
    assert "only colleagues see this" in notes
    assert "Called the garage, &lt;b&gt;closed&lt;/b&gt;." in notes
    assert "Called the garage" not in stranger.get(f"/t/{token_in(opened)}?page=1").text


def test_a_colleague_who_is_called_finds_the_case_until_it_is_opened(
    house: House, expert: TestClient, reference: str
) -> None:
    noor = signed_in(house, "noor")

    expert.post(f"/api/cases/{reference}/notes", json={"text": "@Noor, can you look? Mail me at a@noor.nl"})

    assert f"anouk calls you to {reference}" in noor.get("/queue").text
    assert f"calls you to {reference}" not in expert.get("/queue").text
    noor.get(f"/cases/{reference}")
    assert f"calls you to {reference}" not in noor.get("/queue").text


@pytest.mark.parametrize("name", ["nobody", "sam"])  # sam sees housing only
def test_calling_somebody_who_does_not_see_the_case_is_refused_with_who_does(
    expert: TestClient, reference: str, name: str
) -> None:
    page = expert.post(f"/cases/{reference}/notes", data=typed(expert, reference, text=f"@{name} look"))

    assert page.status_code == 409
    assert f"calling @{name}" in page.text
    assert "@noor" in page.text
    assert f"@{name} look" in page.text


# --- snooze, plan and parties ----------------------------------------------------------------------------------------


def test_a_snoozed_case_says_what_it_waits_for_and_what_woke_it(
    house: House, expert: TestClient, stranger: TestClient, clock: Clock
) -> None:
    opened = report(stranger, name="Joke")
    drain(house)
    reference, day = opened["reference"], (clock() + timedelta(days=9)).date().isoformat()

    expert.post(f"/cases/{reference}/snooze", data=typed(expert, reference, until=day, wakes="reply"))
    asleep = expert.get(f"/cases/{reference}").text
    stranger.post(f"/t/{token_in(opened)}/messages", files={"text": (None, "Hier ben ik weer.")})
    drain(house)

    assert "Snoozed until the customer answers" in asleep
    assert line_of(house, reference).woke == "reply"
    assert "the customer has answered" in expert.get(f"/cases/{reference}").text
    assert "Customer answered" in expert.get("/queue", params={"view": "all", "q": reference}).text


@pytest.mark.parametrize(
    ("until", "wakes", "status"), [("2020-01-01", "date", 409), ("soon", "date", 422), ("2999-01-01", "never", 422)]
)
def test_a_snooze_that_cannot_be_is_refused(
    expert: TestClient, reference: str, until: str, wakes: str, status: int
) -> None:
    data = typed(expert, reference, until=until, wakes=wakes)

    assert expert.post(f"/cases/{reference}/snooze", data=data).status_code == status


def test_the_page_shows_the_work_plan_and_who_takes_part(expert: TestClient, reference: str) -> None:
    page = expert.get(f"/cases/{reference}").text

    plan = page.split('id="plan"', 1)[1].split("</section>", 1)[0]
    parties = page.split('id="parties"', 1)[1].split("</section>", 1)[0]
    assert "Message received" in plan
    assert "Customer" in plan
    assert "fatima@example.org" in parties
    assert "writes by webform" in parties


def test_the_customers_view_is_the_page_that_the_customer_reads(
    house: House, expert: TestClient, stranger: TestClient
) -> None:
    opened = report(stranger, name="Wil")
    drain(house)

    theirs = stranger.get(f"/t/{token_in(opened)}?page=1").text
    ours = expert.get(f"/cases/{opened['reference']}/customer").text

    sentence = re.search(r"<h1[^>]*>(.*?)</h1>", theirs, re.DOTALL)
    assert sentence is not None
    assert sentence.group(1) in ours
    assert "<form" not in ours
