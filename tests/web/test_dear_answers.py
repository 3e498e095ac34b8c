"""Answers that took long are kept for a while, quick ones never."""

from api.pages.dear_answers import LONG, MOST, TIMES, DearAnswers


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """Finds its number of the asking, and takes so long over it."""

    def __init__(self, clock: Seconds, takes: float) -> None:
        self.clock, self.takes, self.times = clock, takes, 0

    def __call__(self) -> int:
        self.clock.now += self.takes
        self.times += 1
        return self.times


def test_what_took_long_is_kept_twenty_times_as_long() -> None:
    clock = Seconds()
    answers, ask = DearAnswers[int](clock), Asked(clock, LONG)

    first = answers.get("a", ask)
    clock.now += TIMES * LONG - 0.01
    again = answers.get("a", ask)
    clock.now += 0.01

    assert (first, again, answers.get("a", ask)) == (1, 1, 2)


def test_what_is_found_soon_is_always_asked_anew() -> None:
    clock = Seconds()
    answers, ask = DearAnswers[int](clock), Asked(clock, LONG - 0.01)

    assert [answers.get("a", ask) for _ in range(3)] == [1, 2, 3]


def test_who_asks_something_else_gets_another_answer_and_the_oldest_makes_room() -> None:
    clock = Seconds()
    answers, ask = DearAnswers[int](clock), Asked(clock, LONG)
    answers.get("oldest", Asked(clock, LONG * 1000))

    for key in range(MOST - 1):
        answers.get(key, ask)
    assert answers.get("oldest", ask) == 1
    answers.get("one more", ask)

    assert answers.get("one more", ask) == MOST
    assert answers.get("oldest", ask) == MOST + 1
