from typing import Any

import pytest
from builders import ANNA, case, chosen, enriched, entries, opened, photo, said, shipped, step, understood

from cases import events as e
from cases.automatic import automatic_parts
from cases.journey import tracking
from cases.vocabulary import Effect

FOUND = e.RegisterAnswer("policy", "plate", "GX-482-B", found=True)
ASKED = e.LetterWritten("l-1", "ask", Effect.ASK, "en", "jo@example.org", "One question", "Which date?")
TOLD = e.LetterWritten("l-1", "received", Effect.INFORM, "en", "jo@example.org", "Got it", "Thank you.")
SIGNED = e.LetterWritten(
    "l-1", "free", Effect.INFORM, "en", "jo@example.org", "Hello", "I will call.", approved_by="anna"
)
UNKNOWN = e.RegisterAnswer("policy", "plate", "GX-482-B", found=False)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], []),
        ([said()], []),
        ([said(files=[photo()]), understood()], ["read what you wrote", "photos"]),
        ([said(), understood(), e.Enriched((UNKNOWN,))], ["read what you wrote"]),
        ([said(), understood(), e.Enriched((FOUND,))], ["read what you wrote", "our own records"]),
        ([said(), ASKED], ["asked you"]),
        ([said(), TOLD], ["sent you a message"]),
        ([said(), (SIGNED, ANNA)], []),
    ],
)
def test_only_what_a_computer_did_in_this_case_is_told_of(events: list[Any], told: list[str]) -> None:
    parts = automatic_parts(shipped(), case(opened(), *events), "en")

    assert len(parts) == len(told)
    assert all(words in part for words, part in zip(told, parts, strict=True))


def test_the_customer_reads_it_in_their_own_language() -> None:
    events = (opened(), said(), understood(), enriched(), step(), chosen())

    view = tracking(shipped(), case(*events), entries(*events), language="nl")

    assert "Een computer las wat u schreef en zocht daarin het onderwerp en de gegevens." in view.automatic_parts
