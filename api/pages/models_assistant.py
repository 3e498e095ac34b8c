"""What a language model was asked in a journey and what people made of it, as the page of the models shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.pages.spoken import Spoken
from api.pages.times import Pill
from pipelines.assistant.acceptance import BACK, Accepted, accepted
from pipelines.assistant.advising import Advice, Do, Switch
from pipelines.counters import LLM_CALLS
from pipelines.house import House

KEPT_FOR = timedelta(hours=1)  # reading the journey's cases takes seconds
_PILLS: dict[Switch, Pill] = {"show": Pill("", "good", "eye"), "shadow": Pill("", "now", "eye-off"), "off": Pill("")}
_DO: dict[Do, str] = {"show": "good", "stay": "", "off": "late", "mend": "soon"}


@dataclass(frozen=True, slots=True)
class HelpShown:
    name: str
    now: Pill
    calls: str
    failed: str
    kept: str
    edited: str
    discarded: str
    right: str
    cost: str
    time: str
    todo: Pill
    because: str


@dataclass(frozen=True, slots=True)
class AssistantShown:
    how: str
    rows: tuple[HelpShown, ...]


def assistant_shown(house: House, journey: str, spoken: Spoken) -> AssistantShown | None:
    """None where a language model was never asked."""
    found = lately(house, journey) if _was_asked(house) else ()
    if not found:
        return None
    return AssistantShown(
        spoken.say("models.assistant.how", days=BACK.days), tuple(help_shown(one, spoken) for one in found)
    )


def help_shown(of: Accepted, spoken: Spoken) -> HelpShown:
    say, calls, switch = spoken.say, of.calls, _PILLS[of.switch]
    seconds = "" if calls.p95 is None else say("models.assistant.seconds", n=spoken.number(calls.p95 / 1000, digits=1))
    shadow = of.compared.get("shadow")
    figures = {"model": shadow.one.k, "twin": shadow.other.k, "n": shadow.n} if shadow is not None else {}
    return HelpShown(
        name=say(f"models.assistant.of.{of.task}"),
        now=Pill(say(f"models.assistant.switch.{of.switch}"), switch.kind, switch.icon),
        calls=spoken.number(calls.n),
        failed=_share(calls.failed.value, spoken),
        kept=_share(of.share_of("kept").value, spoken),
        edited=_share(of.share_of("edited").value, spoken),
        discarded=_share(of.share_of("discarded").value, spoken),
        right=say("models.assistant.right_value", **figures) if figures else "",
        cost=spoken.number(float(calls.cost)),
        time=seconds,
        todo=Pill(say(f"models.assistant.do.{of.advice.do}"), _DO[of.advice.do]),
        because=because(of.advice, spoken),
    )


def because(advice: Advice, spoken: Spoken) -> str:
    """The reason of an advice, with its figures."""
    share, other = advice.share, advice.other
    p = "" if advice.p is None else _p(advice.p, spoken)
    return spoken.say(
        f"models.assistant.because.{advice.why}",
        share=_share(share.value, spoken),
        low=spoken.share(share.low, digits=0),
        high=spoken.share(share.high, digits=0),
        other=_share(other.value if other is not None else None, spoken),
        n=spoken.number(share.n),
        needs=advice.needs,
        p=p,
    )


def _share(value: float | None, spoken: Spoken) -> str:
    return "" if value is None else spoken.share(value, digits=0)


def _p(p: float, spoken: Spoken) -> str:
    smallest = 0.001
    return spoken.number(p, digits=3) if p >= smallest else f"< {spoken.number(smallest, digits=3)}"


def _was_asked(house: House) -> bool:
    """As the house has counted it, however long ago: most never ask, and their cases need not be read for it."""
    with house.database.reading() as store:
        return any(name.startswith(f"{LLM_CALLS.name}/") for name in store.watch.counted())


_KEPT: dict[tuple[str, str], tuple[datetime, tuple[Accepted, ...]]] = {}  # (home, journey) -> until when, and what


def lately(house: House, journey: str) -> tuple[Accepted, ...]:
    """Of the last days, as of at most an hour ago."""
    key, now = (str(house.settings.home), journey), house.now()
    kept = _KEPT.get(key)
    if kept is None or not kept[0] - KEPT_FOR <= now < kept[0]:
        _KEPT[key] = kept = (now + KEPT_FOR, tuple(accepted(house, journey)))
    return kept[1]
