"""How many chats one person answers in holds also when they press "take" in two windows at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pipelines.channels.chat import answering
from pipelines.channels.chat.taking import Said, say
from pipelines.house import House
from tests.pipelines.given import BAS, Clock, by_form, case_of, until_quiet


def waiting_chat(house: House, number: int) -> str:
    reference = str(by_form(house, f"Bericht {number} over mijn voorruit").reference)
    say(house, case_of(house, reference).id, Said("Is daar iemand?", f"k-{number}", "link:test", BAS, "Bas", "nl"))
    return reference


def test_of_two_chats_taken_at_once_for_the_last_place_one_is_refused(house: House, clock: Clock) -> None:
    references = [waiting_chat(house, number) for number in range(house.settings.chats_at_once + 1)]
    until_quiet(house, clock)
    for reference in references[2:]:
        answering.take(house, reference, person="anouk")
    together = Barrier(2)

    def take(reference: str) -> bool:
        together.wait()
        try:
            answering.take(house, reference, person="anouk")
        except answering.ChatsFull:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, references[:2]))

    assert sorted(taken) == [False, True]
    held = [case_of(house, reference).chat.holder for reference in references]
    assert held.count("anouk") == house.settings.chats_at_once
