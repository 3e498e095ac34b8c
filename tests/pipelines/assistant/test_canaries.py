"""What is sent out about one case holds nothing of another one, and of its own nothing that is masked."""

import pytest

from cases.vocabulary import Help
from pipelines import hand
from pipelines.assistant.calling import answer, view_of
from pipelines.assistant.helps import SPECS
from pipelines.assistant.prompts import prompt_of
from pipelines.house import House
from pipelines.reading_room import read_case
from tests.llm_server import Asked, LlmServer
from tests.pipelines.given import Clock, OpenHouse, by_mail, mail, photo, until_quiet

pytestmark = pytest.mark.once  # no different on another database
CASES = 12
#: A word of each case that stands nowhere else, and how its customer gives themself away.
WORDS = [f"kanarie{chr(97 + number)}{chr(98 + number)}geel" for number in range(CASES)]
TEXT = (
    "Goedemorgen, er kwam een steentje tegen mijn voorruit, een ster zo groot als een {word}. Mijn rekening is {iban}, "
    "mijn nummer {phone}, kenteken {plate}.\n\nMet vriendelijke groet,\nPietertje Zwaardemaker-{number}"
)
IBANS = ("NL91ABNA0417164300", "NL20INGB0001234567", "NL44RABO0123456789")


def given_away(number: int) -> dict[str, str]:
    return {
        "iban": IBANS[number % 3], "phone": f"06-1234{number:04d}", "plate": f"{number:02d}-KXF-6",
        "sender": f"zwaan{number}@example.org",
    }  # fmt: skip


def ask_everything(house: House, reference: str) -> None:
    """Every help that there is, also those that only people ask for."""
    assert house.assistant is not None
    case, entries = read_case(house, reference)
    view = view_of(house, case, entries)
    assert view is not None
    first = case.messages[0].message_id
    questions = {
        Help.QUESTION: "Wat vroeg de klant?", Help.TRANSLATION: first, Help.DRAFT: first, Help.PHOTOS: case.files[0].id,
    }  # fmt: skip
    for task, spec in SPECS.items():
        answer(house.assistant, view, spec, now=house.now(), question=questions.get(task, ""))


def of_one_case(asked: Asked) -> set[str]:
    return {word for word in WORDS if word in str(asked.body)}


def test_no_prompt_holds_a_word_of_another_case_or_what_gives_its_customer_away(
    open_house: OpenHouse, endpoint: LlmServer, clock: Clock
) -> None:
    limits = {"llm_day_tokens": 10**9, "llm_case_tokens": 10**9, "desk_language": "en"}
    with open_house(**endpoint.settings, **limits) as house:
        receipts = []
        for number, word in enumerate(WORDS):
            gives = given_away(number)
            text = TEXT.format(word=word, number=number, **gives)
            files = [(f"{word}-{gives['sender']}.jpg", photo(number + 1))]
            receipts.append(by_mail(house, mail(text, sender=gives["sender"], subject=f"Ruit {word}", files=files)))
        until_quiet(house, clock)
        references = [str(receipt.reference) for receipt in receipts]
        for number, reference in enumerate(references):
            hand.add_note(house, reference, f"Collega: lijkt op {WORDS[number]}", person="anna")
            ask_everything(house, reference)

    assert _tasks(endpoint) == set(Help)
    assert set().union(*map(of_one_case, endpoint.asked)) == set(WORDS)
    for asked in endpoint.asked:
        words = of_one_case(asked)
        assert len(words) <= 1, words
        sent = str(asked.body["messages"])
        for number in range(CASES):
            for kind, value in given_away(number).items():
                assert value not in sent, (kind, value)
        assert "Zwaardemaker" not in sent
        assert ".jpg" not in sent


def _tasks(endpoint: LlmServer) -> set[Help]:
    """What was asked for, by what was told."""
    return {task for asked in endpoint.asked for task in SPECS if prompt_of(task).told in asked.told}
