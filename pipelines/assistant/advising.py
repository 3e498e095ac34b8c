"""What to do with a kind of help in a journey, by what the log says of it. Pure; people switch, never the machine.

Every rule goes by an interval or an exact test, never by a share alone: with few cases it says that there are too few.
"""

from dataclasses import dataclass
from typing import Literal

from models.paired import Paired, Share

LEAST = 30  # answers or cases that something is said on
LEVEL = 0.05  # of the test of who is right more often
MOST_FAILING = 0.2  # of the calls: when surely more give nothing, the endpoint is to be mended first
MOST_DISCARDED = 0.5  # of the answers that people judged: when surely more are discarded, it costs more than it brings
LEAST_SAYING = 0.8  # of the calls for what has no twin: when surely more say something, people can judge it

Switch = Literal["show", "shadow", "off"]
Do = Literal["show", "stay", "off", "mend"]
Why = Literal[
    "failing", "few_judged", "discarded", "used", "unclear", "few_compared", "better", "worse", "no_difference",
    "few_calls", "says_something", "says_little", "is_off",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of help in one journey.

    switch: as the journey has it now. failed: calls that gave nothing. saying: calls after which a statement was left.
    discarded: answers of which people threw most away, of those that they judged. compared: in shadow, the language
    model (one) and its twin (other) against what people decided; None where there is nothing to compare.
    """

    switch: Switch
    failed: Share
    saying: Share
    discarded: Share
    compared: Paired | None


@dataclass(frozen=True, slots=True)
class Advice:
    """share: the figure that it rests on. p: of the test. needs: how many there must be, where there are too few."""

    do: Do
    why: Why
    share: Share
    other: Share | None = None
    p: float | None = None
    needs: int = 0


def advise(of: Figures) -> Advice:
    if of.switch == "off":
        return Advice("stay", "is_off", of.failed)
    if of.failed.n >= LEAST and of.failed.low > MOST_FAILING:
        return Advice("mend", "failing", of.failed)
    if of.switch == "show":
        return _of_shown(of.discarded)
    return _of_compared(of.compared) if of.compared is not None else _of_silent(of.saying)


def _of_shown(discarded: Share) -> Advice:
    if discarded.n < LEAST:
        return Advice("stay", "few_judged", discarded, needs=LEAST)
    if discarded.low > MOST_DISCARDED:
        return Advice("off", "discarded", discarded)
    return Advice("stay", "used" if discarded.high < MOST_DISCARDED else "unclear", discarded)


def _of_compared(found: Paired) -> Advice:
    if found.n < LEAST:
        return Advice("stay", "few_compared", found.one, needs=LEAST)
    if found.p >= LEVEL:
        return Advice("stay", "no_difference", found.one, found.other, found.p)
    if found.only_one > found.only_other:
        return Advice("show", "better", found.one, found.other, found.p)
    return Advice("off", "worse", found.one, found.other, found.p)


def _of_silent(saying: Share) -> Advice:
    """Shadow teaches only whether it says anything that can be shown; whether that helps, people tell who see it."""
    if saying.n < LEAST:
        return Advice("stay", "few_calls", saying, needs=LEAST)
    return Advice(*(("show", "says_something") if saying.low > LEAST_SAYING else ("stay", "says_little")), saying)
