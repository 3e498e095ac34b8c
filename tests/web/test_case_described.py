"""What a language model made of photos and messages stands below them: marked, and not for who judges blind."""

import re
from dataclasses import replace

import pytest
import queue_house
from assistant_house import DRAWS, asking, drawn_as, overseen_house
from builders import photo
from fastapi.testclient import TestClient
from queue_house import DIGEST, add_case
from web_house import signed_in

from api.pages.case_described import Part, Translation, as_fits
from cases.events import AssistantSaid, CaseOpened, SaidLine, StepDecided, Written
from cases.facts import MessageSpan, PhotoRegion
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Help, Step, Why
from pipelines.house import House

__all__ = ["overseen_house"]
HOSTILE = '"><script>alert(1)</script>'
TEXT = "Er zit een ster in de ruit.\n\nHet bedrag is 250 euro.\n\nGroet, Fatima"
MARK = "Written by a language model; check it"


def said(task: Help, question: str, *lines: SaidLine, shadow: bool = False) -> AssistantSaid:
    """Of a message or a photo."""
    name = f"s-{question}"
    return AssistantSaid(name, task, "tester", "p.1", question, "en", lines, question=question, shadow=shadow)


def translated(message_id: str, *parts: tuple[str, str], text: str = TEXT, shadow: bool = False) -> AssistantSaid:
    """Of each part of the message its translation."""
    spans = [(text.index(original), text.index(original) + len(original), words) for original, words in parts]
    lines = [SaidLine(words, (MessageSpan(message_id, start, end),), message_id) for start, end, words in spans]
    return said(Help.TRANSLATION, message_id, *lines, shadow=shadow)


def described(file_id: str, text: str, writing: str) -> AssistantSaid:
    source = (PhotoRegion(file_id),)
    lines = (SaidLine(text, source, file_id), SaidLine(writing, source, "text in picture"))
    return said(Help.PHOTOS, file_id, *lines)


@pytest.fixture(scope="module")
def told(house: House, opened: dict[str, str]) -> str:
    """A case with three photos, two of them the same, and three messages, whose first was translated but for a part."""
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    assert old.understood is not None
    assert old.step is not None
    files = (photo(id="ph-1"), photo(id="ph-2", sha256="f" * 64), photo(id="ph-3"))
    first = replace(old.messages[0], message_id="m-1", text=TEXT, files=files)
    second, third = (replace(first, message_id=id_, text="Dank u wel.", files=()) for id_ in ("m-2", "m-3"))
    parts = (("Er zit een ster in de ruit.", f"There is a star in the glass. {HOSTILE}"), ("Groet, Fatima", "Regards"))
    hidden = translated("m-2", ("Dank u wel.", "Said in shadow."), text="Dank u wel.", shadow=True)
    with house.database.writing() as store:
        reference = store.open_reference(house.now().year)
        opening = CaseOpened(reference, "m-1", "webform", "a@b.nl", journey=old.journey, language="nl")
        events: list[tuple[Written, Actor]] = [
            (opening, CUSTOMER),
            *((one, CUSTOMER) for one in (first, second, third)),
            (replace(old.understood, message_id="m-1", language="nl"), MACHINE),
            (replace(old.step, step=Step.EXPERT), MACHINE),
            (translated("m-1", *parts), MACHINE),
            (hidden, MACHINE),
            (described("ph-1", f"A car with a star in the glass. {HOSTILE}", f"PAY NOW {HOSTILE}"), MACHINE),
        ]
        store.append(f"case-{reference.lower()}", events, at=house.now())
    return reference


def message_in(page: str, message_id: str) -> str:
    return page.split(f'id="message-{message_id}"', 1)[1].split("</article>", 1)[0]


@pytest.mark.parametrize("path", ["", "/conversation"])
def test_a_translation_folds_out_below_the_original_and_tells_what_it_left(
    expert: TestClient, told: str, path: str
) -> None:
    page = expert.get(f"/cases/{told}{path}").text
    original, translation = message_in(page, "m-1").split('<details class="translation">', 1)

    assert "Er zit een ster in de ruit." in original
    assert MARK in translation
    assert '<p class="words" lang="en">There is a star in the glass. &#34;&gt;&lt;script&gt;' in translation
    assert '<p class="words soft" lang="nl">Het bedrag is 250 euro.</p>' in translation
    assert "This part is not translated:" in translation
    assert "Said in shadow" not in page
    assert "<script>alert" not in page


def test_nothing_in_the_original_is_marked_as_evidence_of_its_translation(expert: TestClient, told: str) -> None:
    page = expert.get(f"/cases/{told}/conversation").text

    assert "<mark" not in message_in(page, "m-1").split("Het bedrag", 1)[1]


def test_a_photo_has_its_description_in_its_place_and_below_it_also_where_it_was_sent_twice(
    expert: TestClient, told: str
) -> None:
    page = expert.get(f"/cases/{told}").text
    figures = {id_: page.split(f'<figure id="photo-{id_}">', 1)[1].split("</figure>", 1)[0] for id_ in ("ph-1", "ph-2")}

    alt = re.search(r'alt="([^"]*)"', figures["ph-1"])
    assert alt is not None
    assert alt[1].startswith("Photo 1: A car with a star in the glass.")
    assert alt[1].endswith("Described by a language model.")
    assert "<p>A car with a star in the glass." in figures["ph-1"]
    assert "<q>PAY NOW &#34;&gt;&lt;script&gt;" in figures["ph-1"]
    assert MARK in figures["ph-1"]
    assert MARK not in figures["ph-2"]
    assert "Photo 3: A car with a star in the glass." in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["photos/ph-1/view", "compare?photo=ph-1&photo=ph-2"])
def test_a_photo_is_described_wherever_it_is_shown_large(expert: TestClient, told: str, path: str) -> None:
    page = expert.get(f"/cases/{told}/{path}").text

    assert page.count('alt="Photo 1: A car with a star') == 1
    assert page.count('<div class="told">') == 1


def test_who_may_not_see_customers_reads_neither(house: House, told: str) -> None:
    page = signed_in(house, "ada").get(f"/cases/{told}").text

    assert "There is a star" not in page
    assert "A car with a star" not in page


def test_a_message_without_a_translation_says_so_only_where_one_may_be_expected(house: House, told: str) -> None:
    assert "Not translated" not in signed_in(house, "anouk").get(f"/cases/{told}").text

    with asking(house) as (helped, _):
        page = signed_in(helped, "anouk").get(f"/cases/{told}").text

    assert "Not translated" in message_in(page, "m-3")
    assert "Not translated" not in message_in(page, "m-1")


def test_a_page_with_much_to_tell_is_hardly_heavier_and_says_where_the_translations_stand(
    house: House, opened: dict[str, str]
) -> None:
    client = signed_in(house, "anouk")
    plain, told = (_long_case(house, opened, assisted=assisted) for assisted in (False, True))

    light, page = (client.get(f"/cases/{reference}").text for reference in (plain, told))

    assert "What is seen" in page
    assert len(page.encode()) < len(light.encode()) + 4_000  # the history tells of each as well
    assert f'<a href="/cases/{told}/conversation?page=1#message-l-9">Translation</a>' in page
    assert "It is wet." in message_in(client.get(f"/cases/{told}/conversation").text, "l-0")


def _long_case(house: House, opened: dict[str, str], *, assisted: bool) -> str:
    """Ten messages that fill the page, the last of them with six photos; assisted: all of it told again."""
    with house.database.reading() as store:
        old = store.case(store.case_id(opened["reference"]))
    assert old.understood is not None
    text = ("Het is nat. " * 130).strip()
    messages = [replace(old.messages[0], message_id=f"l-{n}", text=text, files=()) for n in range(10)]
    photos = [photo(id=f"p-{n}", sha256=f"{n}" * 64) for n in range(6)]
    messages[-1] = replace(messages[-1], files=tuple(photos))
    words = [translated(one.message_id, (text, "It is wet. " * 130), text=text) for one in messages]
    words += [described(one.id, "What is seen. " * 28, "PAID " * 100) for one in photos]
    events: list[tuple[Written, Actor]] = [
        *((one, CUSTOMER) for one in messages),
        (replace(old.understood, message_id="l-0"), MACHINE),
        *((one, MACHINE) for one in words if assisted),
    ]
    with house.database.writing() as store:
        reference = store.open_reference(house.now().year)
        opening = CaseOpened(reference, "l-0", "webform", "a@b.nl", journey=old.journey, language="nl")
        store.append(f"case-{reference.lower()}", [(opening, CUSTOMER), *events], at=house.now())
    return reference


def test_a_short_case_has_its_translations_at_hand_and_a_long_one_as_many_as_fit() -> None:
    one, none = Translation("en", "nl", (Part("x" * 400, translated=True),)), Translation("en", "nl")
    found = {"m-1": one, "m-2": none, "m-3": one, "m-4": one}

    assert as_fits(found, 1_200, str.upper) == found
    assert as_fits(found, 1_199, str.upper) == {**found, "m-1": replace(one, parts=(), href="M-1")}
    assert as_fits(found, 0, str.upper)["m-2"] == none


# --- who decides without advice -----------------------------------------------------------------------------------


def test_who_decides_without_advice_or_with_wrong_advice_is_told_nothing_that_a_model_said(
    overseen_house: House,
) -> None:
    shows = {}
    for how in DRAWS:
        number = drawn_as(overseen_house, how)
        step = StepDecided(Step.EXPERT, (Why.ROW,), "motor_claim", DIGEST, "windscreen", "repair_glass")
        words = translated(f"message-{number}", ("Er is schade.", "There is damage."), text="Er is schade.")
        reference = add_case(overseen_house, number, (step, MACHINE), (words, MACHINE))
        client = queue_house.signed_in(overseen_house, "anouk")
        pages = [client.get(f"/cases/{reference}{path}").text for path in ("", "/conversation")]
        shows[how] = ["There is damage." in page for page in pages]

    assert shows == {"blind": [False, False], "planted": [False, False], "shown": [True, True]}
